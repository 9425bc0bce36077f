"""The face never changes what the answers and the clinician decide.

Two clinics do the same in every respect but the picture: no picture, a face read as none, a face
read as severe, "cannot tell". Scores, safety flows, what can be finished, when, and the order of
the lists must come out the same.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from clinic_app.domain.cautions import Caution
from clinic_app.domain.errors import ClinicError
from clinic_app.domain.finding import AbstainReason, Band
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.reading import Reading
from tests.fakes.clinic import FakeClinic
from tests.fakes.clock import START
from tests.fakes.reading import reading

PICTURES: dict[str, Reading] = {
    **{band.name: reading(band) for band in Band},
    **{reason.name: reading(abstained=reason) for reason in AbstainReason},
}
ASSESSMENT = SafetyAssessment("a", "b", "c", "d", START + timedelta(days=1))
ANSWERS: tuple[tuple[int | None, ...], ...] = (
    (0,) * 9,
    (3,) * 9,
    (0,) * 8 + (1,),
    (2,) * 8 + (None,),
    (None, None, None, 1, 1, 1, 1, 1, 0),
)


def walk(
    picture: Reading | None,
    answers: tuple[int | None, ...],
    picture_first: bool,
    cautions: tuple[Caution, ...] = (),
) -> Any:
    """Everything that is decided on the way through one screening."""
    clinic = FakeClinic()
    services = clinic.services
    patient = clinic.add_patient()
    draft = services.screenings.start(patient.id)
    services.screenings.set_cautions(draft.id, cautions)
    if picture is not None and picture_first:
        services.screenings.attach(draft.id, picture)
    services.screenings.record_questionnaire(
        patient.id, InstrumentName.PHQ9, answers, AnsweredBy.PATIENT
    )
    if picture is not None and not picture_first:
        services.screenings.attach(draft.id, picture)
    seen: list[Any] = [_flow(clinic, draft.id)]
    services.screenings.judge(draft.id, ClinicianSeverity.MILD)
    if picture is not None:
        services.screenings.reveal(draft.id)
    seen.append(_flow(clinic, draft.id))
    try:
        services.screenings.finish(draft.id)
        seen.append("finished")
    except ClinicError as error:
        seen.append(type(error).__name__)
        flow = services.safety.of_screening(draft.id)
        assert flow is not None
        services.safety.assess(flow.id, ASSESSMENT)
        services.screenings.finish(draft.id)
    finished = services.screenings.get(draft.id)
    seen.append([response.score for response in finished.responses])
    seen.append(_flow(clinic, draft.id))
    return seen


def _flow(clinic: FakeClinic, draft_id: Any) -> Any:
    flow = clinic.services.safety.of_screening(draft_id)
    waiting = len(clinic.services.safety.unfinished())
    return waiting, flow and (flow.state, flow.trigger, flow.highest_item_nine)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize(("answers", "first"), list(product(ANSWERS, (True, False))))
def test_no_picture_changes_a_score_a_safety_flow_or_what_can_be_finished(
    name: str, answers: tuple[int | None, ...], first: bool
) -> None:
    assert walk(PICTURES[name], answers, first) == walk(None, answers, first)


def course(
    picture: Reading | None, steps: tuple[str | int | None, ...], cautions: tuple[Caution, ...] = ()
) -> Any:
    """The safety flows after each step: a whole PHQ-9 with this item 9, or what staff does."""
    clinic = FakeClinic()
    services = clinic.services
    patient = clinic.add_patient()
    draft = services.screenings.start(patient.id)
    services.screenings.set_cautions(draft.id, cautions)
    if picture is not None:
        services.screenings.attach(draft.id, picture)
    seen: list[Any] = []
    for step in steps:
        if step == "concern":
            services.safety.raise_concern(patient.id, draft.id)
        elif step == "assess":
            for one in services.safety.unfinished():
                services.safety.assess(one.flow.id, ASSESSMENT)
        elif step == "show":
            services.screenings.judge(draft.id, ClinicianSeverity.NONE)
            if picture is not None:
                services.screenings.reveal(draft.id)
        else:
            services.screenings.record_questionnaire(
                *(patient.id, InstrumentName.PHQ9, (0,) * 8 + (step,), AnsweredBy.PATIENT),
                replace=True,
            )
        seen.append(
            [
                (flow.state, flow.trigger, flow.highest_item_nine, [e.kind for e in flow.events])
                for flow in services.screenings.safety_flows(patient.id, draft.id)
            ]
        )
    return seen


COURSES: tuple[tuple[str | int | None, ...], ...] = (
    (1, "assess", 1, "assess", 3, "show"),
    (3, "assess", "show", 1, "assess", 0),
    (None, "show", "assess", None, "assess", 2),
    (0, "show", "concern", "assess", "concern", 2),
    ("concern", 3, "assess", "show", 1, "concern"),
)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("steps", COURSES)
def test_no_picture_changes_the_flows_of_several_administrations_and_of_the_clinician(
    name: str, steps: tuple[str | int | None, ...]
) -> None:
    without = course(None, steps)
    assert course(PICTURES[name], steps) == without
    assert course(PICTURES[name], steps, tuple(Caution)) == without


@pytest.mark.parametrize(("steps", "flows"), list(zip(COURSES, (3, 2, 3, 2, 2), strict=True)))
def test_each_of_these_courses_opens_the_flows_it_should(
    steps: tuple[str | int | None, ...], flows: int
) -> None:
    assert len(course(None, steps)[-1]) == flows


@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize("name", [None, *PICTURES])
def test_no_caution_changes_a_score_a_safety_flow_or_what_can_be_finished(
    name: str | None, answers: tuple[int | None, ...]
) -> None:
    picture = PICTURES[name] if name else None
    assert walk(picture, answers, True, tuple(Caution)) == walk(picture, answers, True)


@pytest.mark.parametrize("caution", Caution)
def test_a_caution_leaves_the_reading_of_the_picture_as_it_is(caution: Caution) -> None:
    clinic = FakeClinic()
    screenings = clinic.services.screenings
    draft = screenings.start(clinic.add_patient().id)
    screenings.set_cautions(draft.id, (caution,))
    picture = reading(Band.MODERATE)
    screenings.attach(draft.id, picture)
    screenings.judge(draft.id, ClinicianSeverity.MILD)
    assert screenings.reveal(draft.id) == picture.finding
    assert screenings.finish(draft.id).finding == picture.finding


def lists_with(pictures: tuple[Reading | None, ...], cautious: str = "") -> Any:
    """The order of every list for three patients, of whom the second has an open safety flow."""
    clinic = FakeClinic()
    services = clinic.services
    names = ("Adeyemi", "Baker", "Costa")
    for name, picture in zip(names, pictures, strict=True):
        patient = clinic.add_patient(name)
        draft = services.screenings.start(patient.id)
        if picture is not None:
            services.screenings.attach(draft.id, picture)
        services.screenings.set_cautions(draft.id, tuple(Caution) if name == cautious else ())
        item_nine = 2 if name == "Baker" else 0
        services.screenings.record_questionnaire(
            patient.id, InstrumentName.PHQ9, (1,) * 8 + (item_nine,), AnsweredBy.PATIENT
        )
    family = {row.patient.id: row.patient.family_name for row in services.patients.search("")}
    return (
        list(family.values()),
        [(row.safety_open, row.has_draft) for row in services.patients.search("")],
        [one.patient.family_name for one in services.safety.unfinished()],
        [row.patient.family_name for row in services.timeline.unfinished()],
    )


@pytest.mark.parametrize(
    "pictures",
    [
        (reading(Band.SEVERE), reading(Band.NONE), reading(Band.NONE)),
        (reading(Band.NONE), reading(Band.NONE), reading(Band.SEVERE)),
        (reading(Band.SEVERE), None, reading(abstained=AbstainReason.QUALITY)),
    ],
)
def test_no_picture_moves_anybody_on_a_list(pictures: tuple[Reading | None, ...]) -> None:
    assert lists_with(pictures) == lists_with((None, None, None))


@pytest.mark.parametrize("cautious", ["Adeyemi", "Baker", "Costa"])
def test_no_caution_moves_anybody_on_a_list(cautious: str) -> None:
    pictures = (reading(Band.SEVERE), None, reading(Band.NONE))
    assert lists_with(pictures, cautious) == lists_with(pictures)
