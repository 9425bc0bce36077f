"""Who is given a picture to read, what they are not told, and who may not read at all."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from clinic_app.domain.adjudication import CaseState
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import AccessDenied, ConsentMissing, InvalidInput, WrongState
from clinic_app.domain.finding import AbstainReason
from clinic_app.domain.people import Role
from clinic_app.domain.screening import ClinicianSeverity as Severity
from clinic_app.services.export import ExportReason
from clinic_app.services.learning_cases import LEARNT_FROM
from clinic_app.services.reading import Reading
from clinic_app.services.report_data import ReportKind
from tests.fakes.clinic import FakeClinic
from tests.fakes.labelled import ALL, add_case, withdraw
from tests.fakes.reading import face_images, finding

DOCTORS = ("berta", "cem", "dora")
SECRET = "copper-lantern-field"


@pytest.fixture
def doctors(clinic: FakeClinic) -> FakeClinic:
    for name in DOCTORS:
        clinic.add_staff(name, SECRET, Role.DOCTOR)
    clinic.add_staff("nia", SECRET, Role.COUNSELOR)
    return clinic


def case(clinic: FakeClinic, **details: object) -> UUID:
    with clinic.store.unit_of_work() as work:
        made = add_case(work, clinic.services.session.user.id, label=None, **details)
        work.commit()
    return made.id


def as_doctor(clinic: FakeClinic, name: str):
    return clinic.sign_in(name, SECRET).adjudication


def test_two_doctors_who_agree_settle_a_case_and_each_look_is_audited(
    doctors: FakeClinic,
) -> None:
    wanted = case(doctors)
    for name, after in (("berta", CaseState.OPEN), ("cem", CaseState.SETTLED)):
        reader = as_doctor(doctors, name)
        assert reader.queue().cases == (wanted,)
        assert reader.picture(wanted) == face_images().face_png
        assert reader.record(wanted, Severity.MILD) is after
        assert reader.queue().cases == ()
    kinds = [(one.kind, one.subject) for one in doctors.store.tables.audit]
    assert kinds.count((AuditKind.READ, "images")) == 2
    assert kinds.count((AuditKind.CREATED, "adjudication")) == 2


def test_a_third_reader_is_not_told_that_two_differ(doctors: FakeClinic) -> None:
    wanted = case(doctors)
    as_doctor(doctors, "berta").record(wanted, Severity.NONE)
    as_doctor(doctors, "cem").record(wanted, Severity.SEVERE)
    third = as_doctor(doctors, "dora")
    queue = third.queue()
    assert (queue.cases, queue.together) == ((wanted,), ())
    assert third.record(wanted, Severity.SEVERE) is CaseState.SETTLED


def test_what_three_readers_leave_open_is_settled_together_with_a_reason(
    doctors: FakeClinic,
) -> None:
    wanted = case(doctors)
    for name, seen in zip(DOCTORS, (Severity.NONE, Severity.MILD, Severity.SEVERE), strict=True):
        as_doctor(doctors, name).record(wanted, seen)
    reader = as_doctor(doctors, "berta")
    (shown,) = reader.queue().together
    assert shown.said == (
        ("Berta", Severity.NONE),
        ("Cem", Severity.MILD),
        ("Dora", Severity.SEVERE),
    )
    assert reader.picture(wanted)  # they look at it again, knowing what each of them said
    stranger = doctors.sign_in().adjudication
    with pytest.raises(WrongState):
        stranger.picture(wanted)
    reader = as_doctor(doctors, "berta")
    with pytest.raises(InvalidInput):
        reader.agree(wanted, Severity.MILD, " ")
    assert reader.agree(wanted, Severity.MILD, "Looked at it together.") is CaseState.SETTLED
    assert reader.queue().together == ()
    with pytest.raises(WrongState):
        reader.picture(wanted)


def test_who_took_or_reviewed_the_screening_does_not_read_it(doctors: FakeClinic) -> None:
    wanted = case(doctors)
    own = doctors.sign_in().adjudication
    assert (own.queue().cases, own.queue().withheld) == ((), 1)
    with pytest.raises(WrongState, match="blind"):
        own.picture(wanted)
    services = doctors.sign_in("berta", SECRET)
    services.reviews.judge(wanted, Severity.MILD)
    assert services.adjudication.queue().cases == ()
    with pytest.raises(WrongState, match="blind"):
        services.adjudication.record(wanted, Severity.MILD)


def test_who_exported_the_record_or_saw_the_estimate_does_not_read_it(
    doctors: FakeClinic, tmp_path: Path
) -> None:
    exported, seen, other = (case(doctors) for _ in range(3))
    doctors.add_staff("ada", SECRET, Role.ADMINISTRATOR)
    services = doctors.sign_in("ada", SECRET)
    user = services.session.user
    assert len(services.adjudication.queue().cases) == 3
    person = doctors.store.tables.screenings[exported].patient_id
    services.exports.write(
        person,
        tmp_path / "record.zip",
        ExportReason.PERSON_ASKED,
        SECRET,
        accepts_unprotected=True,
    )
    with doctors.store.unit_of_work() as work:
        work.audit.record(AuditKind.ESTIMATE_SHOWN, user.id, "draft", seen)
        work.commit()
    assert (services.adjudication.queue().cases, services.adjudication.queue().withheld) == (
        (other,),
        2,
    )
    for one in (exported, seen):
        with pytest.raises(WrongState, match="blind"):
            services.adjudication.record(one, Severity.MILD)
    assert len(as_doctor(doctors, "berta").queue().cases) == 3


def test_who_printed_a_report_of_the_person_does_not_read_it(doctors: FakeClinic) -> None:
    printed, other = case(doctors), case(doctors)
    services = doctors.sign_in("berta", SECRET)
    person = doctors.store.tables.screenings[printed].patient_id
    services.reports.person(ReportKind.HISTORY, person)
    assert services.adjudication.queue().cases == (other,)


def test_who_knows_the_result_leaves_it_to_others_for_good(doctors: FakeClinic) -> None:
    known, other = case(doctors), case(doctors)
    reader = as_doctor(doctors, "berta")
    reader.pass_over(known)
    assert (reader.queue().cases, reader.queue().withheld) == ((other,), 1)
    entry = doctors.store.tables.audit[-3]
    assert (entry.kind, entry.subject_id) == (AuditKind.ESTIMATE_SHOWN, known)
    assert entry.detail == "known before"
    for again in (reader.pass_over, reader.picture):
        with pytest.raises(WrongState, match="blind"):
            again(known)
    assert len(as_doctor(doctors, "cem").queue().cases) == 2


def test_nobody_reads_without_consent_to_training(doctors: FakeClinic) -> None:
    wanted = case(doctors, purposes=ALL[:3])
    reader = as_doctor(doctors, "berta")
    assert reader.queue().cases == ()
    with pytest.raises(ConsentMissing):
        reader.picture(wanted)


@pytest.mark.parametrize("purpose", LEARNT_FROM)
def test_a_withdrawal_takes_a_case_out_of_the_queue_at_once(
    doctors: FakeClinic, purpose: Purpose
) -> None:
    wanted = case(doctors)
    by = doctors.services.session.user.id
    reader = as_doctor(doctors, "berta")
    assert reader.queue().cases == (wanted,)
    with doctors.store.unit_of_work() as work:
        withdraw(work, work.screenings.get(wanted).patient_id, by, purpose)
        work.commit()
    assert reader.queue().cases == ()
    with pytest.raises(ConsentMissing):
        reader.record(wanted, Severity.MILD)


def test_a_case_without_a_kept_picture_is_counted_and_not_offered(doctors: FakeClinic) -> None:
    wanted = case(doctors)
    with doctors.store.unit_of_work() as work:
        work.images.remove(wanted)
        work.commit()
    queue = as_doctor(doctors, "berta").queue()
    assert (queue.cases, queue.without_picture) == ((), 1)


def test_an_abstention_is_not_read(doctors: FakeClinic) -> None:
    patient = doctors.add_patient(consent=ALL)
    draft = doctors.services.screenings.start(patient.id)
    abstained = finding(abstained=AbstainReason.LOW_CONFIDENCE)
    doctors.services.screenings.attach(draft.id, Reading(abstained, face_images()))
    doctors.services.screenings.judge(draft.id, Severity.MILD)
    doctors.services.screenings.finish(draft.id)
    assert as_doctor(doctors, "berta").queue().cases == ()


def test_counselors_do_not_adjudicate(doctors: FakeClinic) -> None:
    with pytest.raises(AccessDenied):
        doctors.sign_in("nia", SECRET).adjudication.queue()


def test_pictures_that_the_models_in_use_have_read_come_first(doctors: FakeClinic) -> None:
    """A head learns from no others, and readings take a doctor's time."""
    older = {case(doctors, number=number) for number in range(12)}
    newer = {case(doctors, number=20 + number, version="9.0.0") for number in range(3)}
    orders = [as_doctor(doctors, name).queue().cases for name in DOCTORS]
    for order in orders:
        assert set(order[:3]) == newer
        assert set(order[3:]) == older
    assert len({order[3:] for order in orders}) == 3


def test_readers_see_cases_in_orders_of_their_own_and_their_agreement(
    doctors: FakeClinic,
) -> None:
    made = [case(doctors, number=number) for number in range(12)]
    orders = {as_doctor(doctors, name).queue().cases for name in DOCTORS}
    assert {frozenset(order) for order in orders} == {frozenset(made)}
    assert len(orders) == 3
    for name in ("berta", "cem"):
        reader = as_doctor(doctors, name)
        for number, one in enumerate(made):
            reader.record(one, (Severity.NONE, Severity.MILD, Severity.SEVERE)[number % 3])
    queue = as_doctor(doctors, "dora").queue()
    assert (queue.settled, queue.pairs, queue.kappa) == (12, 12, 1.0)
