"""The reports over time and about the clinic: words, bytes, frame, and geometry at its longest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from uuid import UUID

import pypdf
import pytest

from clinic_app.domain.cautions import NOT_FOR_MINORS
from clinic_app.domain.notes import NoteOrigin
from clinic_app.domain.people import CrisisContact
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.safety import SafetyEventKind
from clinic_app.domain.site import BandText
from clinic_app.reports.renderer import open_report_renderer
from clinic_app.services.report_data import (
    EstimatePoint,
    PersonReport,
    Report,
    ReportKind,
    SignedNote,
    document_id,
    fingerprint,
)
from tests.unit.reports import builders as made
from tests.unit.reports import over_time as full
from tests.unit.reports.geometry import check_geometry
from tests.unit.reports.reading import page_texts

RENDERER = open_report_renderer()
PERSON = (ReportKind.HISTORY, ReportKind.SUMMARY, ReportKind.REFERRAL, ReportKind.PATIENT)
LONG = "MW" * 40
SCRIPTS = "Nguyễn 山田 Иванова עברית محمد देवी"
PARAGRAPH = "She reports early waking at about four in the morning and a loss of appetite. "


@dataclass(frozen=True)
class Case:
    name: str
    report: Report
    render: Callable[..., bytes]

    @property
    def pdf(self) -> bytes:
        return self.render(self.report)


CASES = [
    *(Case(kind.value, full.person(kind), RENDERER.person) for kind in PERSON),
    Case("worklist", full.worklist(), RENDERER.worklist),
    Case("audit", full.audit(), RENDERER.audit),
    Case("feedback", full.feedback(), RENDERER.feedback),
]
EVERY = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def text_of(report: PersonReport) -> str:
    return " ".join(page_texts(RENDERER.person(report)))


@EVERY
def test_equal_data_give_equal_bytes(case: Case) -> None:
    assert case.pdf == case.pdf


@EVERY
def test_every_page_says_which_document_it_is_of_when_and_by_which_program(case: Case) -> None:
    pages = page_texts(case.pdf)
    sha256 = fingerprint(case.report)
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
        assert f"Document {document_id(sha256)}" in text
        assert "Data of 202" in text
        assert "Clinic App 0.1.0" in text
        if isinstance(case.report, PersonReport):
            assert f"Patient {made.PATIENT}" in text
    assert sha256 in " ".join(pages)


@EVERY
def test_nothing_is_clipped_and_nothing_lies_on_anything(case: Case) -> None:
    check_geometry(case.pdf)


@pytest.mark.parametrize("kind", [ReportKind.HISTORY, ReportKind.SUMMARY, ReportKind.REFERRAL])
def test_of_a_minor_the_course_of_the_estimate_says_that_it_is_not_meant_for_them(
    kind: ReportKind,
) -> None:
    minor = made.patient(birth_date=date(2009, 9, 1))
    assert NOT_FOR_MINORS in text_of(full.person(kind, patient=minor))
    assert NOT_FOR_MINORS not in text_of(full.person(kind))


@pytest.mark.parametrize("kind", PERSON)
@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_the_longest_names_and_texts_fit_on_both_papers(kind: ReportKind, size: str) -> None:
    clinic = made.clinic(
        name=LONG,
        address="W" * 200,
        page_size=size,
        crisis_contacts=(CrisisContact(LONG, "0" * 40, "W" * 80),) * 8,
        band_texts=(BandText(InstrumentName.PHQ9, "mild", "Advice " * 140, "W" * 200),),
    )
    report = full.person(
        kind,
        clinic=clinic,
        patient=made.patient(family_name=LONG, given_name=LONG, local_number="W" * 40),
        author=replace(full.AUTHOR, name=LONG, title="W" * 120, registration_number="W" * 40),
        notes=(full.PLAN, full.structured(full.LETTER.note.kind, ((LONG, PARAGRAPH * 40),), 9)),
    )
    pdf = RENDERER.person(report)
    check_geometry(pdf)
    width = float(pypdf.PdfReader(BytesIO(pdf)).pages[0].mediabox.width)
    assert round(width) == (595 if size == "A4" else 612)


def test_notes_of_twenty_pages_are_printed_to_the_last_word() -> None:
    text = "\n\n".join(PARAGRAPH * 8 for _ in range(160)) + " THE-LAST-WORD"
    pdf = RENDERER.person(full.person(notes=(made.note(text),)))
    pages = page_texts(pdf)
    assert len(pages) >= 20
    joined = " ".join(pages)
    assert joined.count("appetite.") == text.count("appetite.")
    assert "THE-LAST-WORD" in joined
    check_geometry(pdf)


def test_two_hundred_screenings_are_all_there_and_a_header_on_each_page() -> None:
    report = full.person(course=full.many_screenings())
    pdf = RENDERER.person(report)
    check_geometry(pdf)
    pages = page_texts(pdf)
    joined = " ".join(pages)
    for row in report.course:
        assert (row.at + timedelta(0)).date().isoformat() in joined
    assert sum("Day PHQ-9 GAD-7" in text for text in pages) >= len(pages) - 4


def test_names_of_every_script_can_be_read_back() -> None:
    text = text_of(full.person(patient=made.patient(family_name=SCRIPTS, given_name="")))
    for name in ("Nguyễn", "山田", "Иванова"):
        assert name in text


def test_a_summary_gives_the_sites_text_for_the_band_with_its_source() -> None:
    text = text_of(full.person(ReportKind.SUMMARY))
    assert "Watchful waiting; repeat the PHQ-9." in text
    assert "Kroenke & Spitzer 2002" in text
    own = made.clinic(band_texts=(BandText(InstrumentName.PHQ9, "mild", "Our own.", "Us"),))
    assert "Our own." in text_of(full.person(ReportKind.SUMMARY, clinic=own))
    bare = text_of(full.person(ReportKind.SUMMARY, clinic=made.clinic(band_texts=())))
    assert "The clinic has no text for this band." in bare


def test_the_letter_prints_the_signed_referral_or_lines_to_write_on() -> None:
    letter = text_of(full.person(ReportKind.REFERRAL))
    assert "Dr. Anwar Siddiqui, Memory and Mood Clinic" in letter
    assert "left for handwriting" not in letter
    blank = text_of(full.person(ReportKind.REFERRAL, notes=()))
    assert "left for handwriting" in blank
    assert "Reason for the referral" in blank


def test_a_letter_without_consent_to_sharing_says_so_and_leaves_the_face_out() -> None:
    text = text_of(full.person(ReportKind.REFERRAL, consent=made.consent()))
    assert "no consent to sharing on record" in text
    assert "Visible depressive affect an adjunct" not in text
    assert "Visible depressive affect an adjunct" in text_of(full.person(ReportKind.REFERRAL))


def test_an_estimate_that_is_kept_back_is_counted_and_not_told() -> None:
    hidden = tuple(replace(row, estimate=EstimatePoint(withheld=True)) for row in full.COURSE)
    text = text_of(full.person(course=hidden))
    assert "8 not shown" in text
    assert "31 %" not in text


def test_estimates_of_different_models_are_told_beside_their_chart() -> None:
    told = "These estimates are of different models"
    assert told not in text_of(full.person())
    new = replace(full.COURSE[-2].estimate, models="severity 9.0.0 style 9.0.0")
    at = len(full.COURSE) - 2
    mixed = (*full.COURSE[:at], replace(full.COURSE[at], estimate=new), full.COURSE[-1])
    assert told in text_of(full.person(course=mixed))


def test_the_patients_own_version_is_plain_and_holds_nothing_of_staff_alone() -> None:
    text = text_of(full.person(ReportKind.PATIENT))
    assert "Mood, sleep and energy" in text
    assert "0800 111 0 111" in text
    assert "Walk to the harbour." in text
    for word in ("depress", "Visible", "Agreed on weekly sessions", "thyroid", "overrules"):
        assert word not in text


def test_thoughts_of_self_harm_are_answered_in_plain_words_and_a_zero_gets_none() -> None:
    answered = replace(full.measured(InstrumentName.PHQ9, 12), item_nine=1)
    positive = (*full.COURSE[:-1], replace(full.COURSE[-1], phq=answered))
    told = "you do not have to be alone with them"
    assert told in text_of(full.person(ReportKind.PATIENT, course=positive))
    zero = text_of(full.person(ReportKind.PATIENT, safety=()))
    assert told not in zero
    assert "hurting yourself" not in zero


def test_open_safety_steps_stand_near_the_top() -> None:
    for kind in PERSON[:3]:
        report = full.person(kind, safety=(made.flow(SafetyEventKind.OPENED),))
        first = page_texts(RENDERER.person(report))[0]
        assert "Safety steps are open since" in first


@pytest.mark.parametrize("kind", PERSON)
def test_somebody_without_any_record_has_a_report(kind: ReportKind) -> None:
    empty = full.person(
        kind,
        course=(),
        safety=(),
        notes=(),
        interventions=(),
        appointments=(),
        next_appointment=None,
        tasks=(),
    )
    check_geometry(RENDERER.person(empty))


def test_totals_that_cannot_be_compared_are_not_compared() -> None:
    earlier = replace(full.COURSE[0], phq=full.measured(InstrumentName.PHQ9, 20, language="tr"))
    newest = replace(full.COURSE[-1], phq=full.measured(InstrumentName.PHQ9, 4))
    text = text_of(full.person(ReportKind.SUMMARY, course=(earlier, newest)))
    assert "No earlier total to compare with." in text


def test_a_broken_trail_is_said_on_the_extract() -> None:
    text = " ".join(page_texts(RENDERER.audit(full.audit(intact=False))))
    assert "entry 12 does not fit" in text
    assert "every link fits" not in text


def test_withheld_counts_are_named_as_such() -> None:
    text = " ".join(page_texts(RENDERER.feedback(full.feedback())))
    assert text.count("withheld (below 5, or beside one)") == 4
    assert "waiting room 18" in text


def test_long_worklists_and_extracts_fit() -> None:
    for pdf in (
        RENDERER.worklist(full.worklist(120, LONG)),
        RENDERER.audit(full.audit(600)),
        RENDERER.worklist(full.worklist(0)),
        RENDERER.audit(full.audit(0)),
    ):
        check_geometry(pdf)


@pytest.mark.parametrize(
    ("totals", "says"),
    [
        ((16, 12, 8), "\u22128 since {first}: a reliable change."),
        ((5, 8, 11), "+6 since {first}: a reliable change."),  # slowly, but worse
        ((16, 8, 10), "+2 since {second}: no reliable change."),
        ((10, 12, 9), "\u22121 since {first}: no reliable change."),
    ],
)
def test_the_summary_counts_a_change_as_the_arrows_of_the_course_do(
    totals: tuple[int, ...], says: str
) -> None:
    rows = tuple(full.course(tuple((total, None) for total in totals)))
    days = {"first": rows[0].at.date().isoformat(), "second": rows[1].at.date().isoformat()}
    text = text_of(full.person(ReportKind.SUMMARY, course=rows))
    assert says.format(**days) in " ".join(text.split())


def test_the_patient_reads_of_a_slow_change_what_the_chart_below_marks() -> None:
    slow = tuple(full.course(((5, None), (8, None), (11, None))))
    text = " ".join(text_of(full.person(ReportKind.PATIENT, course=slow)).split())
    first = slow[0].at.date()
    assert f"That is 6 points more than on {first.day} January 2026: a clear change." in text
    assert "about the same" not in text


def test_a_printed_worklist_tells_how_old_its_totals_are() -> None:
    report = full.worklist(1)
    (line,) = report.lines
    old = replace(line, last_screened_at=line.waiting_since - timedelta(days=500))
    day = f"{old.last_screened_at:%Y-%m-%d}"
    text = " ".join(page_texts(RENDERER.worklist(replace(report, lines=(old,)))))
    assert f"last screening {day}" in text
    never = replace(line, last_screened_at=None)
    text = " ".join(page_texts(RENDERER.worklist(replace(report, lines=(never,)))))
    assert "last screening" not in text


def test_a_printed_worklist_names_every_group_in_its_order() -> None:
    text = " ".join(" ".join(page_texts(RENDERER.worklist(full.worklist(1)))).split())
    order = text[text.index("In the order of facts") :]
    groups = ("open safety steps", "not assessed", "without a questionnaire", "questionnaire band")
    places = [order.index(one) for one in groups]
    assert places == sorted(places)


@pytest.mark.parametrize("kind", [ReportKind.PATIENT, ReportKind.SUMMARY])
def test_what_was_added_to_the_safety_plan_stands_below_it(kind: ReportKind) -> None:
    def added(text: str, number: int, to: SignedNote) -> SignedNote:
        one = made.note(text, number)
        return replace(one, note=replace(one.note, addendum_to=to.note.id))

    notes = (
        made.note("The newest progress note."),
        full.PLAN,
        added("My sister has a new number.", 30, full.PLAN),
        added("To be read beside the letter.", 31, full.LETTER),
    )
    text = text_of(full.person(kind, notes=notes))
    plan, more = text.index("Walk to the harbour"), text.index("My sister has a new number.")
    assert plan < more
    assert "beside the letter" not in text
    if kind is ReportKind.SUMMARY:  # an addendum is no progress note of its own
        assert "The newest progress note." in text
    else:
        assert "Added on " in text


@pytest.mark.parametrize("kind", PERSON)
def test_a_note_that_was_signed_twice_is_printed_with_both_texts(kind: ReportKind) -> None:
    one = {ReportKind.REFERRAL: full.LETTER, ReportKind.PATIENT: full.PLAN}.get(kind)
    one = one or made.note("Sleeps better.")
    note = replace(one.note, text="Said otherwise, and signed.", sections=())
    twice = replace(one, beside=(replace(one, note=note, signer="Rosa Lindqvist"),))
    words = " ".join(text_of(full.person(kind, notes=(twice,))).split())
    assert "Said otherwise, and signed." in words
    assert "Neither holds alone; an addendum says what does." in words


def test_a_note_says_whose_unsigned_draft_it_began_with() -> None:
    one = made.note("Agreed on weekly sessions.")
    origin = NoteOrigin(UUID(int=9), made.DOCTOR, made.START)
    drawn = replace(one, note=replace(one.note, origin=origin), drafted_by="Rosa Lindqvist")
    words = " ".join(text_of(full.person(notes=(drawn,))).split())
    assert "begun with an unsigned draft by Rosa Lindqvist" in words
