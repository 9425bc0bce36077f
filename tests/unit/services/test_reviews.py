"""A doctor's review: own severity first, the estimate after it, never the other way round."""

from __future__ import annotations

import pytest

from clinic_app.cli.shapes import HIDDEN, screening_json
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, NotFound, WrongState
from clinic_app.domain.finding import AbstainReason, Band
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Review, Verdict
from clinic_app.domain.screening import ClinicianSeverity, Screening
from clinic_app.services.clinic_services import ClinicServices
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, FakeClinic
from tests.fakes.reading import reading


def taken(clinic: FakeClinic, band: Band = Band.MODERATE, **details: object) -> Screening:
    """A screening by the administrator, with a picture."""
    take, patient = clinic.services.screenings, clinic.add_patient()
    draft = take.start(patient.id)
    take.attach(draft.id, reading(band, **details))
    take.judge(draft.id, ClinicianSeverity.MILD)
    take.reveal(draft.id)
    return take.finish(draft.id)


def doctor(clinic: FakeClinic, role: Role = Role.DOCTOR) -> ClinicServices:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    return clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)


def screening_on_page(services: ClinicServices, screening: Screening) -> Screening:
    events = services.timeline.of_patient(screening.patient_id).events
    return next(one for one in events if isinstance(one, Screening))


def begun(services: ClinicServices, screening: Screening) -> Review:
    return services.reviews.judge(screening.id, ClinicianSeverity.SEVERE)


def test_the_estimate_is_withheld_until_the_doctor_has_judged(clinic: FakeClinic) -> None:
    screening = taken(clinic)
    services = doctor(clinic)
    before = services.timeline.of_patient(screening.patient_id)
    assert before.withheld == {screening.id}
    assert screening_on_page(services, screening).finding is None
    review = begun(services, screening)
    after = services.timeline.of_patient(screening.patient_id)
    assert after.withheld == frozenset()
    assert screening_on_page(services, screening).finding == screening.finding
    revealed = services.reviews.reveal(review.id)
    assert (revealed.finding, revealed.review) == (screening.finding, review)
    assert clinic.store.tables.audit[-1].kind is AuditKind.ESTIMATE_SHOWN


def test_a_counselor_and_who_took_it_see_the_estimate(clinic: FakeClinic) -> None:
    screening = taken(clinic)
    assert screening_on_page(clinic.services, screening).finding is not None
    services = doctor(clinic, Role.COUNSELOR)
    assert screening_on_page(services, screening).finding is not None
    with pytest.raises(AccessDenied):
        services.reviews.judge(screening.id, ClinicianSeverity.MILD)


def test_overruling_needs_a_reason_and_is_kept_beside_the_screening(clinic: FakeClinic) -> None:
    screening = taken(clinic)
    services = doctor(clinic)
    review = begun(services, screening)
    with pytest.raises(InvalidInput, match="why you overrule"):
        services.reviews.conclude(review.id, Verdict.OVERRULE, "  ")
    done = services.reviews.conclude(review.id, Verdict.OVERRULE, "She had just been crying.")
    assert (done.verdict, done.text) == (Verdict.OVERRULE, "She had just been crying.")
    assert (done.estimate_band, done.model_version) == (Band.MODERATE, "0.1.0")
    assert clinic.store.tables.screenings[screening.id] == screening
    with pytest.raises(WrongState):
        services.reviews.conclude(review.id, Verdict.AGREE)
    assert services.timeline.of_patient(screening.patient_id).reviews == (done,)


def test_nobody_judges_twice_or_changes_the_judgement(clinic: FakeClinic) -> None:
    screening = taken(clinic)
    services = doctor(clinic)
    begun(services, screening)
    with pytest.raises(WrongState, match="already recorded"):
        services.reviews.judge(screening.id, ClinicianSeverity.NONE)


def test_who_judged_when_it_was_taken_keeps_that_judgement(clinic: FakeClinic) -> None:
    screening = taken(clinic)
    with pytest.raises(InvalidInput, match="stays"):
        clinic.services.reviews.judge(screening.id, ClinicianSeverity.SEVERE)
    review = clinic.services.reviews.judge(screening.id, ClinicianSeverity.MILD)
    assert review.own_severity is ClinicianSeverity.MILD


def test_without_an_estimate_there_is_nothing_to_agree_with(clinic: FakeClinic) -> None:
    screening = taken(clinic, abstained=AbstainReason.LOW_CONFIDENCE)
    services = doctor(clinic)
    review = begun(services, screening)
    with pytest.raises(InvalidInput, match="no estimate"):
        services.reviews.conclude(review.id, Verdict.AGREE)
    done = services.reviews.conclude(review.id, Verdict.NO_ESTIMATE)
    assert (done.verdict, done.estimate_band) == (Verdict.NO_ESTIMATE, None)
    other = begun(services, taken_again(clinic))
    with pytest.raises(InvalidInput, match="agree with the estimate or overrule"):
        services.reviews.conclude(other.id, Verdict.NO_ESTIMATE)


def taken_again(clinic: FakeClinic) -> Screening:
    doctors = clinic.services
    clinic.sign_in()
    screening = taken(clinic)
    clinic.services = doctors
    return screening


def test_only_who_began_a_review_goes_on_with_it(clinic: FakeClinic) -> None:
    screening = taken(clinic)
    review = begun(doctor(clinic), screening)
    services = clinic.sign_in()
    for call in (
        lambda: services.reviews.reveal(review.id),
        lambda: services.reviews.conclude(review.id, Verdict.AGREE),
    ):
        with pytest.raises(AccessDenied):
            call()
        assert clinic.store.tables.audit[-1].kind is AuditKind.REFUSED


def test_what_a_colleague_said_is_hidden_until_one_has_judged(clinic: FakeClinic) -> None:
    screening = taken(clinic)
    first = doctor(clinic)
    review = first.reviews.conclude(begun(first, screening).id, Verdict.AGREE)
    clinic.add_staff("lena", "copper-window-rain", Role.DOCTOR)
    second = clinic.sign_in("lena", "copper-window-rain")
    assert second.reviews.of_screening(screening.id) == []
    assert second.reviews.of_patient(screening.patient_id) == []
    assert second.timeline.of_patient(screening.patient_id).reviews == ()
    own = second.reviews.judge(screening.id, ClinicianSeverity.NONE)
    assert second.reviews.of_screening(screening.id) == [review, own]


def test_agreement_is_counted_by_version(clinic: FakeClinic) -> None:
    screening = taken(clinic)
    services = doctor(clinic)
    services.reviews.conclude(begun(services, screening).id, Verdict.OVERRULE, "Crying.")
    (row,) = services.reviews.agreement()
    assert (row.model_version, row.reviews, row.overruled, row.paired) == ("0.1.0", 1, 1, 1)
    assert row.matrix[3][2] == 1


def test_a_review_of_nothing_is_refused(clinic: FakeClinic) -> None:
    with pytest.raises(NotFound):
        clinic.services.reviews.judge(new_id(), ClinicianSeverity.MILD)


def test_no_reading_of_screenings_gives_a_withheld_estimate_away(clinic: FakeClinic) -> None:
    screening = taken(clinic, Band.SEVERE)
    first = doctor(clinic)
    said = first.reviews.conclude(begun(first, screening).id, Verdict.AGREE)
    clinic.add_staff("lena", "copper-window-rain", Role.DOCTOR)
    second = clinic.sign_in("lena", "copper-window-rain")
    read = second.screenings

    def seen() -> list[Screening]:
        return [
            read.get(screening.id),
            *read.of_patient(screening.patient_id),
            *read.newest(),
            screening_on_page(second, screening),
        ]

    assert [one.finding for one in seen()] == [None] * 4
    assert read.withheld([screening.id]) == {screening.id}
    for call in (lambda: read.images(screening.id), lambda: second.reviews.get(said.id)):
        with pytest.raises(WrongState, match="own judgement first"):
            call()
    told = screening_json(read.get(screening.id), (), withheld=True)
    assert (told["estimate"], told["picture_taken"], told["finding"]) == (HIDDEN, True, None)
    second.reviews.judge(screening.id, ClinicianSeverity.MILD)
    assert [one.finding for one in seen()] == [screening.finding] * 4
    assert read.withheld([screening.id]) == frozenset()
    assert second.reviews.get(said.id) == said


def test_a_draft_that_a_colleague_judged_shows_no_estimate_to_another_doctor(
    clinic: FakeClinic,
) -> None:
    take, patient = clinic.services.screenings, clinic.add_patient()
    draft = take.start(patient.id)
    take.attach(draft.id, reading(Band.SEVERE))
    take.judge(draft.id, ClinicianSeverity.MILD)
    take.reveal(draft.id)
    services = doctor(clinic)
    other = services.screenings
    seen = [
        other.draft(draft.id),
        *other.drafts(),
        other.start(patient.id),
        other.leave_out(draft.id, InstrumentName.GAD7),
        services.timeline.of_patient(patient.id).draft,
        *(row.draft for row in services.timeline.unfinished()),
    ]
    assert all(one is not None and one.hides_estimate for one in seen)
    with pytest.raises(WrongState, match="in a review"):
        other.reveal(draft.id)
    with pytest.raises(WrongState, match="own judgement first"):
        services.reports.draft(draft.id)
    other.finish(draft.id)
    assert other.get(draft.id).finding is None
    assert clinic.sign_in().screenings.get(draft.id).finding is not None


def test_a_colleagues_judgement_does_not_open_the_estimate_to_another_doctor(
    clinic: FakeClinic,
) -> None:
    """Nobody has looked yet: the second doctor judges first, as the first one did."""
    take, patient = clinic.services.screenings, clinic.add_patient()
    draft = take.start(patient.id)
    take.attach(draft.id, reading(Band.SEVERE))
    take.judge(draft.id, ClinicianSeverity.MILD)
    other = doctor(clinic).screenings
    with pytest.raises(WrongState, match="own judgement first"):
        other.reveal(draft.id)
    assert clinic.store.tables.drafts[draft.id].revealed_at is None
    other.judge(draft.id, ClinicianSeverity.MODERATE)
    assert other.reveal(draft.id).severity is not None


def test_what_a_colleague_said_stays_hidden_on_later_pages_of_a_timeline(
    clinic: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_app.services.timeline.PAGE", 1)
    screening = taken(clinic)
    first = doctor(clinic)
    first.reviews.conclude(begun(first, screening).id, Verdict.AGREE)
    clinic.sign_in()
    clinic.clock.advance(days=1)
    newer = clinic.services.screenings.record_questionnaire(
        screening.patient_id, InstrumentName.GAD7, (0,) * 7, AnsweredBy.PATIENT
    )
    clinic.services.screenings.finish(newer.id)
    clinic.add_staff("lena", "copper-window-rain", Role.DOCTOR)
    second = clinic.sign_in("lena", "copper-window-rain")
    page = second.timeline.of_patient(screening.patient_id)
    assert page.older is not None
    assert page.reviews == ()
    older = second.timeline.older_screenings(screening.patient_id, page.older)
    assert older.withheld == {screening.id}


def test_a_review_that_came_before_its_screening_stays_hidden(clinic: FakeClinic) -> None:
    """Another workstation's review can be here earlier than the third one's screening."""
    screening = taken(clinic)
    first = doctor(clinic)
    first.reviews.conclude(begun(first, screening).id, Verdict.AGREE)
    del clinic.store.tables.screenings[screening.id]
    clinic.add_staff("lena", "copper-window-rain", Role.DOCTOR)
    second = clinic.sign_in("lena", "copper-window-rain")
    assert second.timeline.of_patient(screening.patient_id).reviews == ()
    assert second.reviews.of_patient(screening.patient_id) == []
