"""What the report says, and what it must never say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from clinic_app.domain.cautions import CAUTIONS, NOT_FOR_MINORS, Caution
from clinic_app.domain.finding import AbstainReason, Asymmetry, Band, Finding, LocalReading
from clinic_app.domain.people import DeploymentContext, ReliableChange
from clinic_app.domain.questionnaires import GAD7, PHQ9
from clinic_app.domain.safety import SafetyEventKind
from clinic_app.domain.screening import ClinicianSeverity, Judgement
from clinic_app.services.report_data import ScreeningReport
from tests.unit.reports import builders as made
from tests.unit.reports.reading import text_of
from tests.unit.reports.screening.safety import by_clinician, phq9

FORBIDDEN = ("diagnos", "risk", "at-risk", "you are safe", "no danger", "reassur", "harmless")
# The only places where the word may stand: the instrument's own second item.
ITEM_TWO = "Feeling down, depressed, or hopeless"


def _variants() -> list[ScreeningReport]:
    reports = [made.report(), made.full_report()]
    reports += [
        made.report(screening=made.screening(finding=made.abstained(reason)))
        for reason in AbstainReason
    ]
    reports.append(made.report(screening=made.screening(cautions=tuple(Caution))))
    reports.append(made.report(safety=(made.flow(SafetyEventKind.OPENED),)))
    reports.append(made.report(safety=(by_clinician(3),)))
    reports.append(
        made.report(
            clinic=made.clinic(deployment_context=DeploymentContext.SCHOOL),
            screening=made.screening(finding=None, estimate_shown_at=None, judgement=None),
        )
    )
    return reports


def test_no_report_uses_a_forbidden_word() -> None:
    for report in _variants():
        text = text_of(report).lower()
        assert not [word for word in FORBIDDEN if word in text]
        assert "depressed" not in text.replace(ITEM_TWO.lower(), "")


def test_every_item_is_printed_with_its_exact_words_and_answer() -> None:
    text = text_of(made.report())
    plain = re.sub(r"\s+", "", text)
    for item in (*PHQ9.items, *GAD7.items):
        assert re.sub(r"\s+", "", item) in plain
    for answer in ("More than half the days", "Several days", "Nearly every day", "Not at all"):
        assert answer in text
    assert "Very difficult" in text


def test_totals_stand_with_maximum_and_band() -> None:
    text = text_of(made.report())
    assert "12 of 27 moderate" in text
    assert "8 of 21 mild" in text


def test_a_prorated_total_says_so() -> None:
    text = text_of(phq9(2, 2, None, 3, 1, 2, 1, 0, 0))
    assert "moderate, prorated" in text
    assert "one item unanswered" in text


def test_two_missing_items_are_counted() -> None:
    text = text_of(phq9(2, 2, None, 3, None, 2, 1, 0, 0))
    assert "Prorated: 2 items unanswered" in text


def test_without_item_nine_it_is_a_phq8() -> None:
    text = text_of(phq9(2, 2, 1, 3, 1, 2, 1, 0, None))
    assert "PHQ-8" in text
    assert "12 of 24" in text
    assert "not a PHQ-9 total" in text
    assert "not answered" in text


def test_too_many_missing_items_give_no_total_and_the_reason() -> None:
    text = text_of(phq9(2, 2, None, None, None, 2, 1, 0, 0))
    assert "no total" in text
    assert "Not computed: 3 items are unanswered" in text


def test_what_a_doctor_concluded_stands_behind_the_estimate() -> None:
    text = text_of(made.full_report())
    assert (
        "Doctor’s review Severity: severe, overrules the estimate Dr. Lindqvist, 2026-03-" in text
    )
    assert "She smiled out of politeness; the interview says otherwise." in text
    assert text.index("Visible depressive affect an adjunct") < text.index("Doctor’s review")
    assert "Doctor’s review" not in text_of(made.report())


def test_the_judgement_says_that_it_came_first() -> None:
    text = text_of(made.report())
    assert "Severity: moderate" in text
    assert "Recorded at 2026-03-09 09:44, before the estimate was shown at 09:45." in text
    assert "Slowed, tearful when speaking about work." in text


def test_a_judgement_after_the_estimate_is_not_called_independent() -> None:
    late = Judgement(ClinicianSeverity.MILD, made.COUNSELOR, made.START + timedelta(minutes=20))
    text = text_of(made.report(screening=made.screening(judgement=late)))
    assert "after the estimate had been shown" in text
    assert "before the estimate" not in text


def test_a_flag_of_the_clinician_is_printed() -> None:
    flagged = Judgement(
        ClinicianSeverity.SEVERE, made.COUNSELOR, made.START + timedelta(minutes=5), flagged=True
    )
    text = text_of(made.report(screening=made.screening(judgement=flagged)))
    assert "Flagged by the clinician for attention" in text


def test_the_estimate_stands_with_probabilities_interval_and_versions() -> None:
    text = text_of(made.report())
    assert "41 % of the scale, 90 % interval 31 to 58 %" in text
    for line in ("none 14 %", "mild 24 %", "moderate 47 %", "severe 15 %"):
        assert line in text
    assert "severity 1.0.0" in text
    assert "yunet 2023mar" in text
    assert "high: probability of less than moderate 38 %" in text
    assert "close to a cut point" in text
    assert "9 of 10 accepted, median 42 %, spread 3 %" in text


def test_asymmetry_names_the_patients_sides_and_the_error() -> None:
    text = text_of(made.report())
    assert "Eye opening: 2.6 % larger on the patient’s left (± 0.9 %)" in text
    assert "Brow height: 0.4 % higher on the patient’s right (± 0.8 %), within twice" in text
    assert "neuromuscular observation" in text


def test_no_asymmetry_is_no_side() -> None:
    level = Asymmetry(0.02, -0.01, 0.0, 0.5, 0.5, 0.5)
    text = text_of(made.report(screening=made.screening(finding=made.finding(asymmetry=level))))
    assert "Eye opening: no difference" in text


@pytest.mark.parametrize("reason", list(AbstainReason))
def test_cannot_tell_is_a_normal_result_with_its_reason(reason: AbstainReason) -> None:
    text = text_of(made.report(screening=made.screening(finding=made.abstained(reason))))
    assert "Cannot tell" in text
    assert "This is a normal result" in text
    assert "not accepted: too dark, blurred" in text
    assert "of the scale" not in text


def test_a_report_without_a_picture_says_why() -> None:
    bare = made.screening(finding=None, estimate_shown_at=None)
    assert "No picture was taken" in text_of(made.report(screening=bare))
    school = made.clinic(deployment_context=DeploymentContext.SCHOOL)
    assert "face module is switched off" in text_of(made.report(screening=bare, clinic=school))


def test_a_report_without_questionnaires_says_so() -> None:
    assert "No questionnaire was completed" in text_of(
        made.report(screening=made.screening(responses=()))
    )


def test_what_it_is_and_is_not_stands_in_plain_words() -> None:
    text = text_of(made.report())
    assert "agreement of human raters on what a face shows" in text
    assert "It is not a clinical score" in text
    assert "The estimate is an adjunct." in text
    assert "never lowers a flag" in text
    assert "The questionnaires are the measurement." in text


def test_the_clinics_number_of_a_person_is_named_as_on_screen() -> None:
    assert "Clinic number R-20418" in " ".join(text_of(made.report()).split())


def test_a_report_tells_a_minor_by_the_clinics_day() -> None:
    evening = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
    taken = made.screening(started_at=evening, finished_at=evening)
    eve = {"screening": taken, "patient": made.patient(birth_date=date(2008, 3, 3))}
    said = NOT_FOR_MINORS.split(".")[0]
    assert said in " ".join(text_of(made.report(time_zone="America/New_York", **eve)).split())
    assert said not in " ".join(text_of(made.report(time_zone="UTC", **eve)).split())


def test_signature_audit_head_and_consent_are_there() -> None:
    text = text_of(made.report())
    assert "Signature, name and date" in text
    assert "412:9f3c2b1a0d8e7f65" in text
    assert "taking a picture yes, analysing it yes, keeping images no, use for training no" in text


def test_earlier_screenings_stand_with_the_change_and_its_rule() -> None:
    text = text_of(made.full_report())
    assert "2026-02-09 16 moderately severe" in text
    assert "Change since 2026-02-09: −3" in text
    assert "5 points or more" in text


def test_the_rule_of_a_change_is_the_clinics() -> None:
    own = made.clinic(reliable_change=ReliableChange(6, 4))
    assert "6 points or more" in text_of(replace(made.full_report(), clinic=own))


def test_a_phq8_is_not_compared_with_a_phq9() -> None:
    before = made.earlier(28, (2, 2, 2, 3, 2, 2, 1, 1, None))
    text = text_of(made.report(previous=(before,)))
    assert "PHQ-8 15" in text
    assert "Change since" not in text


def test_later_screenings_and_this_one_are_not_called_earlier() -> None:
    later = made.earlier(-7, made.PHQ9_ANSWERS)
    assert "Earlier screenings" not in text_of(made.report(previous=(later, made.screening())))


def test_more_than_six_earlier_screenings_are_counted() -> None:
    before = tuple(made.earlier(7 * n, made.PHQ9_ANSWERS) for n in range(1, 10))
    assert "and 3 earlier" in text_of(made.report(previous=before))


def test_notes_print_as_written_in_any_script() -> None:
    written = (
        "<b>not bold</b> & <para> 😀\n"
        "المريض عمره 45 سنة\n"
        "क्षत्रिय हिन्दी की किताब\n"
        "患者は二週間前から不眠を訴えている。\n"
        "שלום (abc) 12"
    )
    text = text_of(made.report(notes=(made.note(written),)))
    assert "<b>not bold</b> & <para> 😀" in text
    assert "क्षत्रिय हिन्दी की किताब" in text
    assert "患者は二週間前から不眠を訴えている。" in text
    for word in ("المريض", "عمره", "45", "سنة", "שלום", "(abc)"):
        assert word in text


def test_names_in_other_scripts_stand_beside_latin_ones() -> None:
    person = made.patient(family_name="القحطاني", given_name="Ahmed")
    text = text_of(made.report(patient=person, taken_by="प्रिया श्रीवास्तव"))
    assert "القحطاني" in text
    assert "Ahmed" in text
    assert "प्रिया श्रीवास्तव" in text


def test_an_unsigned_note_is_marked() -> None:
    text = text_of(made.report(notes=(made.note("Draft.", signed=False),)))
    assert "not signed" in text
    assert "signed by" not in text


def test_a_signed_note_carries_signer_time_and_hash() -> None:
    one = made.note("Signed words.")
    text = text_of(made.report(notes=(one,)))
    assert "signed by Jonas Weber, 2026-03-09 09:52" in text
    assert one.note.sha256 in text


def test_the_demo_clinic_is_marked() -> None:
    demo = made.clinic(demo=True)
    assert "not a record of a real person" in text_of(made.report(clinic=demo))
    assert "not a record of a real person" not in text_of(made.report())


def test_age_counts_to_the_day_of_the_screening() -> None:
    born = replace(made.patient(), birth_date=made.START.date().replace(year=1990))
    assert "(36 years)" in text_of(made.report(patient=born))


@pytest.mark.parametrize("finding", [made.finding(), made.abstained()])
def test_cautions_stand_with_the_estimate_also_when_there_is_none(finding: Finding) -> None:
    screening = made.screening(finding=finding, cautions=(Caution.PALSY, Caution.MEDICATION))
    text = text_of(made.report(screening=screening))
    expected = (
        "The estimate is less reliable: facial palsy or stroke; medication that changes expression"
        " (for example antipsychotics)."
    )
    assert re.sub(r"\s+", "", expected) in re.sub(r"\s+", "", text)
    assert CAUTIONS[Caution.EYELID] not in text


def test_the_report_of_a_minor_says_that_the_estimate_is_not_meant_for_them() -> None:
    day = made.START.date()
    born = {age: day.replace(year=day.year - age) for age in (17, 18)}
    told = {
        age: re.sub(
            r"\s+", "", text_of(made.report(patient=replace(made.patient(), birth_date=on)))
        )
        for age, on in born.items()
    }
    said = re.sub(r"\s+", "", NOT_FOR_MINORS)
    assert said in told[17]
    assert said not in told[18]


def test_without_cautions_the_report_says_nothing_about_them() -> None:
    assert "less reliable" not in text_of(made.report())


def test_a_local_head_is_named_beside_the_estimate() -> None:
    shares = (0.1, 0.2, 0.3, 0.4)
    local = LocalReading("local-1-abcd", UUID(int=1), Band.SEVERE, shares, 66.7)
    plain = made.finding()
    report = made.report(screening=made.screening(finding=replace(plain, local=local)))
    text = " ".join(text_of(report).split())
    assert "Local head local-1-abcd" in text
    assert "additional reading" in text
    without = " ".join(text_of(made.report(screening=made.screening(finding=plain))).split())
    assert "Local head" not in without
