"""The worklist: order, reasons in plain words, filters, pages, and independence from the face."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput
from clinic_app.domain.finding import AbstainReason, Band
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.safety import SafetyAssessment
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.worklist import PHQ_RANKS, WorklistFilter, WorklistReason, WorklistRow
from clinic_app.services.reading import Reading
from clinic_app.services.tasks import NewTask
from clinic_app.services.worklist import first_reason, reasons
from tests.fakes.clinic import FakeClinic
from tests.fakes.clock import START, FakeClock
from tests.fakes.reading import reading

PHQ_OF = {"none-minimal": 0, "mild": 1, "moderate": 2, "severe": 3}
"""An answer to every question whose total lies in the band (item 9 stays at 0)."""


def screen(
    clinic: FakeClinic,
    patient: Patient,
    answer: int | None,
    *,
    item_nine: int | None = 0,
    flagged: bool = False,
    judged: ClinicianSeverity = ClinicianSeverity.MILD,
    picture: Reading | None = None,
    reveal: bool = False,
) -> None:
    """One finished screening; an open safety flow is documented on the way."""
    services = clinic.services
    draft = services.screenings.start(patient.id)
    if picture is not None:
        services.screenings.attach(draft.id, picture)
    if answer is not None:
        services.screenings.record_questionnaire(
            patient.id, InstrumentName.PHQ9, (answer,) * 8 + (item_nine,), AnsweredBy.PATIENT
        )
    services.screenings.judge(draft.id, judged, flagged=flagged)
    if picture is not None and reveal:
        services.screenings.reveal(draft.id)
    flow = services.safety.of_screening(draft.id)
    if flow is not None:
        next_contact = clinic.clock() + timedelta(days=1)
        services.safety.assess(flow.id, SafetyAssessment("a", "b", "c", "d", next_contact))
    services.screenings.finish(draft.id)
    clinic.clock.advance(minutes=5)


def open_flow(clinic: FakeClinic, patient: Patient) -> None:
    clinic.services.screenings.record_questionnaire(
        patient.id, InstrumentName.PHQ9, (0,) * 8 + (1,), AnsweredBy.PATIENT
    )
    clinic.clock.advance(minutes=5)


def order(clinic: FakeClinic, wanted: WorklistFilter | None = None) -> list[str]:
    rows = clinic.services.worklist.page(wanted or WorklistFilter()).rows
    return [row.display_name.split(",")[0] for row in rows]


@pytest.fixture
def people(clinic: FakeClinic) -> dict[str, Patient]:
    """Five people in the order of registration, which is not the one of the list."""
    made = {}
    for name in ("Mild", "Severe", "Flagged", "New", "Safety"):
        made[name] = clinic.add_patient(name)
        clinic.clock.advance(minutes=1)
    screen(clinic, made["Mild"], 1)
    screen(clinic, made["Severe"], 3)
    screen(clinic, made["Flagged"], 1, flagged=True)
    open_flow(clinic, made["Safety"])
    return made


def test_safety_first_then_not_assessed_then_band_and_flag(
    clinic: FakeClinic, people: dict[str, Patient]
) -> None:
    assert order(clinic) == ["Safety", "New", "Severe", "Flagged", "Mild"]


def why(row: WorklistRow, day: Callable[[datetime], str]) -> tuple[str, ...]:
    return tuple(map(str, reasons(row, day)))


def test_who_waits_longer_comes_first_among_equals(clinic: FakeClinic) -> None:
    for name in ("First", "Second", "Third"):
        screen(clinic, clinic.add_patient(name), 2)
    assert order(clinic) == ["First", "Second", "Third"]


def test_each_row_says_why_in_plain_words(clinic: FakeClinic, people: dict[str, Patient]) -> None:
    rows = {
        row.display_name.split(",")[0]: why(row, lambda at: at.date().isoformat())
        for row in clinic.services.worklist.page().rows
    }
    day = START.date().isoformat()
    assert rows["Safety"] == (f"Safety steps open since {day}", "Not assessed yet")
    assert rows["New"] == ("Not assessed yet", f"registered {day}")
    assert rows["Severe"] == ("PHQ-9: 24, severe", "1 screening not reviewed")
    assert rows["Flagged"] == (
        "PHQ-9: 8, mild",
        "flagged by the clinician",
        "1 screening not reviewed",
    )


def test_an_answered_question_nine_is_named_and_a_zero_is_no_comfort(clinic: FakeClinic) -> None:
    screen(clinic, clinic.add_patient("One"), 1, item_nine=1)
    screen(clinic, clinic.add_patient("Zero"), 1, item_nine=0)
    words = [" ".join(why(row, str)) for row in clinic.services.worklist.page().rows]
    assert "question 9 above “not at all”" in words[0]
    assert "question 9" not in words[1]


def test_a_question_nine_left_out_gives_the_phq8_and_no_total(clinic: FakeClinic) -> None:
    screen(clinic, clinic.add_patient("Left"), 2, item_nine=None)
    (row,) = clinic.services.worklist.page().rows
    assert why(row, str)[0] == "PHQ-8 (question 9 not answered): moderately severe"


def gad(clinic: FakeClinic, patient: Patient, answer: int) -> None:
    """One finished screening with the GAD-7 alone."""
    services = clinic.services
    draft = services.screenings.record_questionnaire(
        patient.id, InstrumentName.GAD7, (answer,) * 7, AnsweredBy.PATIENT
    )
    services.screenings.finish(draft.id)


def only_row(clinic: FakeClinic) -> WorklistRow:
    (row,) = clinic.services.worklist.page().rows
    return row


def test_a_total_that_is_older_than_the_last_screening_says_its_day(clinic: FakeClinic) -> None:
    patient = clinic.add_patient("Seldom")
    screen(clinic, patient, 3)
    phq_day = START.date().isoformat()
    clinic.clock.advance(days=400)
    gad(clinic, patient, 1)
    said = why(only_row(clinic), lambda at: at.date().isoformat())
    assert said[:2] == (f"PHQ-9: 24, severe ({phq_day})", "GAD-7: 7, mild")
    gad_day = clinic.clock().date().isoformat()
    clinic.clock.advance(days=30)
    screen(clinic, patient, 1)
    said = why(only_row(clinic), lambda at: at.date().isoformat())
    assert said[:2] == ("PHQ-9: 8, mild", f"GAD-7: 7, mild ({gad_day})")


def test_question_nine_of_a_newer_form_without_a_total_is_not_hidden_by_an_old_one(
    clinic: FakeClinic,
) -> None:
    patient = clinic.add_patient("Hardly")
    screen(clinic, patient, 0)
    day = START.date().isoformat()
    clinic.clock.advance(days=90)
    services = clinic.services
    draft = services.screenings.record_questionnaire(
        patient.id, InstrumentName.PHQ9, (0,) + (None,) * 7 + (2,), AnsweredBy.PATIENT
    )
    flow = services.safety.of_screening(draft.id)
    assert flow is not None
    soon = clinic.clock() + timedelta(days=1)
    services.safety.assess(flow.id, SafetyAssessment("a", "b", "c", "d", soon))
    services.screenings.finish(draft.id)
    said = why(only_row(clinic), lambda at: at.date().isoformat())
    assert said[:2] == (
        f"PHQ-9: 0, none-minimal ({day})",
        "question 9 above “not at all”",
    )


def test_a_judgement_without_a_questionnaire_is_said_to_be_one(clinic: FakeClinic) -> None:
    screen(clinic, clinic.add_patient("Judged"), None)
    (row,) = clinic.services.worklist.page().rows
    assert why(row, str)[0] == "Judged by the clinician, no questionnaire"
    assert str(first_reason(row)) == "By questionnaire"


def test_who_was_never_measured_is_not_taken_for_well(clinic: FakeClinic) -> None:
    screen(clinic, clinic.add_patient("Severe"), 3)
    screen(clinic, clinic.add_patient("Judged"), None, judged=ClinicianSeverity.SEVERE)
    screen(clinic, clinic.add_patient("Well"), 0)
    screen(clinic, clinic.add_patient("Flagged"), None, flagged=True)
    clinic.add_patient("New")
    assert order(clinic) == ["New", "Flagged", "Judged", "Severe", "Well"]
    measured = WorklistFilter(reason=WorklistReason.QUESTIONNAIRE)
    assert order(clinic, measured) == ["Flagged", "Judged", "Severe", "Well"]
    assert order(clinic, WorklistFilter(lowest_rank=PHQ_RANKS["mild"])) == ["Severe"]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (WorklistFilter(reason=WorklistReason.SAFETY_OPEN), ["Safety"]),
        (WorklistFilter(reason=WorklistReason.NOT_ASSESSED), ["New"]),
        (WorklistFilter(reason=WorklistReason.QUESTIONNAIRE), ["Severe", "Flagged", "Mild"]),
        (WorklistFilter(flagged=True), ["Flagged"]),
        (WorklistFilter(unreviewed=True), ["Severe", "Flagged", "Mild"]),
        (WorklistFilter(lowest_rank=PHQ_RANKS["moderate"]), ["Severe"]),
    ],
)
def test_a_filter_keeps_the_order(
    clinic: FakeClinic, people: dict[str, Patient], wanted: WorklistFilter, names: list[str]
) -> None:
    assert order(clinic, wanted) == names
    assert clinic.services.worklist.count(wanted) == len(names)


def test_people_with_an_overdue_task_are_found(
    clinic: FakeClinic, people: dict[str, Patient]
) -> None:
    tasks, today = clinic.services.tasks, clinic.services.tasks.today()
    late = tasks.add(NewTask("call", due_on=today, patient_id=people["Mild"].id))
    tasks.add(NewTask("write", patient_id=people["Severe"].id))
    assert order(clinic, clinic.services.worklist.overdue()) == []
    clinic.clock.advance(days=1)
    assert order(clinic, clinic.services.worklist.overdue()) == ["Mild"]
    tasks.finish(late.id)
    assert order(clinic, clinic.services.worklist.overdue()) == []


def test_pages_follow_each_other_without_gap_or_repeat(
    clinic: FakeClinic, people: dict[str, Patient]
) -> None:
    service, names, mark = clinic.services.worklist, [], None
    while True:
        page = service.page(limit=2, after=mark)
        names += [row.display_name.split(",")[0] for row in page.rows]
        mark = page.next
        if mark is None:
            break
    assert names == order(clinic)
    for limit in (0, 1001):
        with pytest.raises(InvalidInput):
            service.page(limit=limit)


def test_reading_the_list_is_audited_and_refused_to_patients(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    clinic.services.worklist.page()
    assert clinic.store.tables.audit[-1].kind is AuditKind.READ
    clinic.services.session.hand_over(patient.id)
    for call in (clinic.services.worklist.page, clinic.services.worklist.count):
        with pytest.raises(AccessDenied):
            call()


def test_the_facts_of_one_person_are_those_of_their_row(
    clinic: FakeClinic, people: dict[str, Patient]
) -> None:
    rows = {row.patient_id: row for row in clinic.services.worklist.page().rows}
    for patient in people.values():
        assert clinic.services.worklist.of_patient(patient.id) == rows[patient.id]
    assert clinic.services.worklist.of_patient(new_id()) is None


# --- the face ---------------------------------------------------------------------------------

Person = tuple[int | None, int, bool, bool]
"""Answer to every question, item 9, flagged, safety flow left open."""

people_of_a_day = st.lists(
    st.tuples(
        st.sampled_from([None, *PHQ_OF.values()]), st.integers(0, 3), st.booleans(), st.booleans()
    ),
    min_size=1,
    max_size=5,
)
Face = Band | AbstainReason | None
faces_of_a_day = st.lists(
    st.sampled_from([None, *Band, *AbstainReason]),
    min_size=5,
    max_size=5,
)


def picture_of(face: Face) -> Reading | None:
    if face is None:
        return None
    return reading(face) if isinstance(face, Band) else reading(abstained=face)


def day(persons: list[Person], faces: list[Face], *, reveal: bool) -> list[Any]:
    """The whole worklist after a day, without identifiers."""
    clinic = FakeClinic(clock=FakeClock(step=timedelta(0)))
    for number, (answer, item_nine, flagged, left_open) in enumerate(persons):
        patient = clinic.add_patient(f"P{number}", birth_date=date(1980, 1, 1 + number))
        if answer is not None or flagged:
            screen(
                clinic,
                patient,
                answer,
                item_nine=item_nine,
                flagged=flagged,
                picture=picture_of(faces[number]),
                reveal=reveal,
            )
        if left_open:
            open_flow(clinic, patient)
        clinic.clock.advance(minutes=1)
    rows = clinic.services.worklist.page().rows
    return [_facts(row) for row in rows]


def _facts(row: WorklistRow) -> tuple[Any, ...]:
    moment: datetime = row.waiting_since
    return (row.display_name, row.place, moment, why(row, str), row.last_screened_at)


@settings(max_examples=40, deadline=None)
@given(persons=people_of_a_day, one=faces_of_a_day, other=faces_of_a_day, shown=st.booleans())
def test_whatever_the_faces_say_nobody_moves_and_no_reason_changes(
    persons: list[Person], one: list[Face], other: list[Face], shown: bool
) -> None:
    without = day(persons, [None] * 5, reveal=False)
    assert day(persons, one, reveal=shown) == without
    assert day(persons, other, reveal=True) == without
