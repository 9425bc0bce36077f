"""What is known to make an estimate from a face less reliable; asked before the picture is taken.

Models read faces that these change worse than others (arXiv 1905.07446; PMC8062040). A caution is
said beside the estimate and changes nothing else: no band, no score, no safety step, no order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Caution(StrEnum):
    """What may apply to the person."""

    PALSY = "palsy"
    PARKINSON = "parkinson"
    SURGERY = "surgery"
    INJURY = "injury"
    MEDICATION = "medication"
    EYELID = "eyelid"
    AUTISM = "autism"


CAUTIONS: Mapping[Caution, str] = {
    Caution.PALSY: "facial palsy or stroke",
    Caution.PARKINSON: "Parkinson's or another movement disorder",
    Caution.SURGERY: "recent surgery or injections in the face",
    Caution.INJURY: "recent injury or pain in the face",
    Caution.MEDICATION: "medication that changes expression (for example antipsychotics)",
    Caution.EYELID: "a drooping eyelid",
    Caution.AUTISM: "autism, or expression that differs from most people's",
}
"""Each as it stands inside a sentence."""

LESS_RELIABLE = "The estimate is less reliable: {cautions}."
NOT_FOR_MINORS = "The estimate is not meant for people under 18: do not rely on it."
"""Beside an estimate of a minor, as the models' cards say; the date of birth tells who is one."""
OF_DIFFERENT_MODELS = (
    "These estimates are of different models: where two of them differ, it may be the models."
)
"""Beside several estimates of one person."""


def in_order(cautions: Iterable[Caution]) -> tuple[Caution, ...]:
    """Each once, in the order in which they are asked."""
    given = set(cautions)
    return tuple(caution for caution in Caution if caution in given)


def beside_estimate(cautions: Iterable[Caution], *, minor: bool) -> str:
    """What has to be said beside an estimate, in English; empty when nothing applies."""
    found = [NOT_FOR_MINORS] if minor else []
    named = "; ".join(CAUTIONS[caution] for caution in in_order(cautions))
    if named:
        found.append(LESS_RELIABLE.format(cautions=named))
    return " ".join(found)
