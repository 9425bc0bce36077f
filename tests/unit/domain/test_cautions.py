"""What makes an estimate less reliable: words, order, one sentence."""

from __future__ import annotations

import pytest

from clinic_app.domain.cautions import CAUTIONS, NOT_FOR_MINORS, Caution, beside_estimate, in_order


def test_every_caution_has_its_words() -> None:
    assert set(CAUTIONS) == set(Caution)
    assert len(set(CAUTIONS.values())) == len(Caution)


def test_cautions_are_kept_once_and_in_the_order_they_are_asked() -> None:
    given = (Caution.AUTISM, Caution.PALSY, Caution.AUTISM)
    assert in_order(given) == (Caution.PALSY, Caution.AUTISM)


def test_the_sentence_names_every_caution_and_nothing_else() -> None:
    named = "The estimate is less reliable: facial palsy or stroke; a drooping eyelid."
    both = (Caution.EYELID, Caution.PALSY)
    assert beside_estimate(both, minor=False) == named
    assert beside_estimate(both, minor=True) == f"{NOT_FOR_MINORS} {named}"


@pytest.mark.parametrize("none", [(), frozenset()])
def test_without_a_caution_there_is_no_sentence(none: tuple[Caution, ...]) -> None:
    assert beside_estimate(none, minor=False) == ""
    assert beside_estimate(none, minor=True) == NOT_FOR_MINORS
