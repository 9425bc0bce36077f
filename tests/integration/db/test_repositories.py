"""Records in and out: the same value comes back, in the order asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic_app.db.fold import history
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.errors import NotFound, WrongState
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import DraftHandover, handed_over, signed
from clinic_app.domain.operations import EntityKind
from clinic_app.domain.people import DeploymentContext, Role, SexAtBirth, StaffUser
from clinic_app.domain.safety import SafetyAssessment, SafetyEventKind, SafetyState
from clinic_app.domain.screening import finish
from clinic_app.domain.versions import change_of
from tests.integration.db.records import (
    NOON,
    Clinic,
    a_consent,
    a_draft,
    a_finding,
    a_note,
    a_patient,
    a_safety_event,
    a_screening,
    clinic_profile,
)


def operations(clinic: Clinic) -> int:
    return clinic.store.pending_operations()


def test_a_patient_comes_back_equal(clinic: Clinic) -> None:
    patient = replace(
        a_patient("O'Neill", "李小明 عائشة", phone="+41 79 555 01 99", local_number="A-17"),
        sex=SexAtBirth.FEMALE,
    )
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        assert work.patients.get(patient.id) == patient
        work.commit()
    with clinic.store.unit_of_work() as work:
        assert work.patients.get(patient.id) == patient
        assert work.patients.count() == 1


def test_only_changed_fields_are_logged_and_no_change_logs_nothing(clinic: Clinic) -> None:
    from sqlalchemy import select

    from clinic_app.db.tables import oplog
    from clinic_app.domain.operations import decode_fields
    from tests.integration.db.raw import transaction_of

    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.commit()
        before = operations(clinic)
        work.patients.save(replace(patient, phone="112"))
        work.patients.save(replace(patient, phone="112"))
        work.commit()
    assert operations(clinic) == before + 1
    with transaction_of(clinic.encrypted) as db:
        newest = db.scalar(select(oplog.c.body).order_by(oplog.c.seq.desc()).limit(1))
    assert decode_fields(newest) == {"phone": "112"}


def test_what_is_not_there_is_not_found(clinic: Clinic) -> None:
    nobody = new_id()
    with clinic.store.unit_of_work() as work:
        for look in (
            work.patients.get,
            work.screenings.get,
            work.drafts.get,
            work.safety.flow,
            work.notes.get,
            work.users.get,
        ):
            with pytest.raises(NotFound):
                look(nobody)
        with pytest.raises(NotFound):
            work.patients.save(a_patient())
        assert work.drafts.of_patient(nobody) is None
        assert work.safety.of_screening(nobody) is None
        assert work.images.get(nobody) is None
        assert work.users.by_user_name("nobody") is None


def test_records_of_an_unknown_patient_are_refused(clinic: Clinic) -> None:
    nobody, by = new_id(), clinic.user.id
    before = operations(clinic)
    with clinic.store.unit_of_work() as work:
        for add in (
            lambda: work.consents.add(a_consent(nobody, by)),
            lambda: work.screenings.add(a_screening(nobody, by)),
            lambda: work.safety.add(a_safety_event(nobody, by)),
            lambda: work.notes.add(a_note(nobody, by)),
            lambda: work.drafts.save(a_draft(nobody, by)),
        ):
            with pytest.raises(NotFound, match="patient"):
                add()
        work.commit()
    assert operations(clinic) == before


def test_the_same_identifier_twice_is_refused(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        screening = a_screening(patient.id, clinic.user.id)
        work.screenings.add(screening)
        with pytest.raises(WrongState):
            work.patients.add(patient)
        with pytest.raises(WrongState):
            work.screenings.add(replace(screening, images_kept=True))
        assert work.screenings.get(screening.id) == screening


def test_a_screening_with_its_finding_comes_back_exactly(clinic: Clinic) -> None:
    patient = a_patient()
    screening = a_screening(patient.id, clinic.user.id, finding=a_finding())
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.screenings.add(screening)
        work.commit()
    clinic.reopen()
    with clinic.store.unit_of_work() as work:
        assert work.screenings.get(screening.id) == screening
        assert work.screenings.count() == 1


def test_screenings_come_newest_first_and_limited(clinic: Clinic) -> None:
    patient, other, by = a_patient(), a_patient("Other"), clinic.user.id
    days = [3, 1, 5, 2, 4]
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.patients.add(other)
        for day in days:
            work.screenings.add(a_screening(patient.id, by, finished_at=NOON + timedelta(days=day)))
        work.screenings.add(a_screening(other.id, by, finished_at=NOON + timedelta(days=9)))
        work.commit()
        mine = [s.finished_at for s in work.screenings.of_patient(patient.id, limit=3)]
        every = [s.finished_at for s in work.screenings.newest(limit=2)]
    assert mine == [NOON + timedelta(days=day) for day in (5, 4, 3)]
    assert every == [NOON + timedelta(days=day) for day in (9, 5)]


def test_the_extracted_columns_follow_the_screening(clinic: Clinic) -> None:
    from sqlalchemy import select

    from clinic_app.db.tables import screening as table
    from tests.integration.db.raw import transaction_of

    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.screenings.add(a_screening(patient.id, clinic.user.id, finding=a_finding()))
        work.commit()
    with transaction_of(clinic.encrypted) as db:
        row = db.row(select(table.c.phq9_total, table.c.gad7_total, table.c.band))
    assert row is not None
    assert tuple(row) == (12, None, 2)


def test_consent_comes_oldest_first(clinic: Clinic) -> None:
    patient, by = a_patient(), clinic.user.id
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        for minutes, granted in ((2, False), (1, True), (3, True)):
            event = a_consent(patient.id, by, granted=granted, at=NOON + timedelta(minutes=minutes))
            work.consents.add(event)
        events = work.consents.of_patient(patient.id)
    assert [event.granted for event in events] == [True, False, True]
    assert current_consent(events) == {Purpose.CAPTURE: True}


# --- drafts and images --------------------------------------------------------------------------


def test_a_draft_is_replaced_not_doubled_and_never_logged(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.commit()
        before = operations(clinic)
        draft = a_draft(patient.id, clinic.user.id)
        work.drafts.save(draft)
        richer = replace(draft, finding=a_finding(), changed_at=NOON + timedelta(minutes=1))
        work.drafts.save(richer)
        work.commit()
    assert operations(clinic) == before
    clinic.reopen()
    with clinic.store.unit_of_work() as work:
        assert work.drafts.all() == [richer]
        assert work.drafts.of_patient(patient.id) == richer
        work.drafts.remove(draft.id)
        assert work.drafts.all() == []


def test_drafts_come_newest_change_first(clinic: Clinic) -> None:
    with clinic.store.unit_of_work() as work:
        for minute in (2, 3, 1):
            patient = a_patient()
            work.patients.add(patient)
            changed = NOON + timedelta(minutes=minute)
            work.drafts.save(a_draft(patient.id, clinic.user.id, changed_at=changed))
        assert [draft.changed_at.minute for draft in work.drafts.all()] == [3, 2, 1]


def test_images_are_replaced_and_removed(clinic: Clinic) -> None:
    screening_id = new_id()
    with clinic.store.unit_of_work() as work:
        work.images.put(screening_id, FaceImages(b"one", b"two"), kept=False)
        work.images.put(screening_id, FaceImages(b"three", b"four"), kept=True)
        assert work.images.get(screening_id) == FaceImages(b"three", b"four")
        assert work.images.remove(screening_id)
        assert not work.images.remove(screening_id)
        assert work.images.get(screening_id) is None


def test_all_images_of_a_patient_go_draft_and_screenings(clinic: Clinic) -> None:
    patient, other, by = a_patient(), a_patient("Other"), clinic.user.id
    images = FaceImages(b"face", b"even face")
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.patients.add(other)
        draft = a_draft(patient.id, by)
        work.drafts.save(draft)
        mine = a_screening(patient.id, by)
        theirs = a_screening(other.id, by)
        for one in (mine, theirs):
            work.screenings.add(one)
            work.images.put(one.id, images, kept=True)
        work.images.put(draft.id, images, kept=False)
        work.commit()
        assert work.images.remove_of_patient(patient.id) == 2
        work.commit()
        assert work.images.get(theirs.id) == images
        assert work.images.get(mine.id) is None
        assert work.images.get(draft.id) is None


def test_a_finished_draft_becomes_a_screening_of_the_same_identifier(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        draft = replace(
            a_draft(patient.id, clinic.user.id),
            judgement=a_screening(patient.id, clinic.user.id).judgement,
        )
        work.drafts.save(draft)
        screening = finish(draft, NOON, images_kept=False)
        work.screenings.add(screening)
        work.drafts.remove(draft.id)
        work.commit()
        assert work.screenings.get(draft.id) == screening


# --- safety -------------------------------------------------------------------------------------


def test_a_safety_flow_lives_until_it_is_closed(clinic: Clinic) -> None:
    patient, by = a_patient(), clinic.user.id
    opened = a_safety_event(patient.id, by)
    handed = replace(
        a_safety_event(
            patient.id,
            by,
            kind=SafetyEventKind.HANDED_OVER,
            flow_id=opened.flow_id,
            screening_id=opened.screening_id,
            at=NOON + timedelta(minutes=1),
        ),
        handed_to="Dr Wu",
        handed_to_user=new_id(),
    )
    closing = replace(
        handed,
        id=new_id(),
        kind=SafetyEventKind.ASSESSED,
        at=NOON + timedelta(minutes=2),
        assessment=SafetyAssessment("calm", "none", "Dr Wu", "call", NOON + timedelta(days=1)),
    )
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.safety.add(opened)
        assert work.safety.of_screening(opened.screening_id) == work.safety.flow(opened.flow_id)
        work.safety.add(handed)
        assert [flow.state for flow in work.safety.unfinished()] == [SafetyState.HANDED_OVER]
        work.safety.add(closing)
        work.commit()
        flow = work.safety.flow(opened.flow_id)
        assert flow.events == (opened, handed, closing)
        assert flow.state is SafetyState.CLOSED
        assert work.safety.unfinished() == []
        assert work.safety.of_patient(patient.id) == [flow]


def test_unfinished_flows_come_oldest_first_and_an_open_one_before_a_closed(
    clinic: Clinic,
) -> None:
    patient, by, screening_id = a_patient(), clinic.user.id, new_id()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        late = a_safety_event(patient.id, by, at=NOON + timedelta(hours=2))
        early = a_safety_event(patient.id, by, at=NOON, screening_id=screening_id)
        newer = a_safety_event(
            patient.id, by, at=NOON + timedelta(hours=1), screening_id=screening_id
        )
        for event in (late, newer, early):
            work.safety.add(event)
        work.safety.add(
            a_safety_event(
                patient.id,
                by,
                kind=SafetyEventKind.ACKNOWLEDGED,
                flow_id=newer.flow_id,
                screening_id=screening_id,
                at=NOON + timedelta(hours=3),
            )
        )
        assert [flow.id for flow in work.safety.unfinished()] == [early.flow_id, late.flow_id]
        shown = work.safety.of_screening(screening_id)
        assert shown is not None
        assert shown.id == early.flow_id
        newest_first = [flow.id for flow in work.safety.of_patient(patient.id)]
        assert newest_first == [late.flow_id, newer.flow_id, early.flow_id]


# --- notes, users, clinic -----------------------------------------------------------------------


def test_a_signed_note_never_changes(clinic: Clinic) -> None:
    patient, by = a_patient(), clinic.user.id
    note = a_note(patient.id, by, "First.\n\nSecond line with <b> & ü.")
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.notes.add(note)
        final = signed(replace(note, text="Changed before signing"), by, NOON)
        work.notes.save(final)
        with pytest.raises(WrongState, match="addendum"):
            work.notes.save(replace(final, text="Changed after"))
        with pytest.raises(WrongState):
            work.notes.save(replace(final, signed_at=None))
        work.notes.save(final)
        work.commit()
        assert work.notes.of_patient(patient.id) == [final]


def test_a_draft_is_handed_over_without_a_new_version_of_its_words(clinic: Clinic) -> None:
    patient, by, to_user = a_patient(), clinic.user.id, new_id()
    note = a_note(patient.id, by, "Not signed before leaving.")
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.notes.add(note)
        work.notes.save(handed_over(note, DraftHandover(to_user, NOON, by, "She has left.")))
        work.commit()
    with clinic.store.unit_of_work() as work:
        (stored,) = work.notes.unsigned(by)
        assert (stored.text, stored.handed and stored.handed.to_user) == (note.text, to_user)
        written = history(work.db, EntityKind.NOTE, note.id)
        assert [sorted(change_of(one).fields) for one in written[1:]] == [["handed"]]


def test_notes_come_newest_first(clinic: Clinic) -> None:
    patient = a_patient()
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        for minute in (2, 3, 1):
            note = a_note(patient.id, clinic.user.id, f"note {minute}")
            work.notes.add(replace(note, written_at=NOON + timedelta(minutes=minute)))
        texts = [note.text for note in work.notes.of_patient(patient.id)]
    assert texts == ["note 3", "note 2", "note 1"]


def test_staff_are_found_by_name_in_any_case(clinic: Clinic) -> None:
    bo = StaffUser(new_id(), "Bo.Li", "Bo Li", Role.DOCTOR)
    with clinic.store.unit_of_work() as work:
        work.users.add(bo)
        assert work.users.by_user_name(" bo.LI") == bo
        away = replace(bo, active=False)
        work.users.save(away)
        assert work.users.get(bo.id) == away
        assert work.users.all() == [clinic.user, away]


def test_the_clinic_is_saved_field_by_field(clinic: Clinic) -> None:
    with clinic.store.unit_of_work() as work:
        profile = replace(
            work.clinic.get(), name="Hill clinic", deployment_context=DeploymentContext.SCHOOL
        )
        work.clinic.save(profile)
        work.commit()
    clinic.reopen()
    with clinic.store.unit_of_work() as work:
        assert work.clinic.get() == profile
        with pytest.raises(NotFound):
            work.clinic.save(clinic_profile())


# --- search -------------------------------------------------------------------------------------

PEOPLE = (
    ("García", "Zoë", "+41 79 555 01 99", "A-17", date(1980, 5, 17)),
    ("Edgar", "Tom", "", "B-2", date(1990, 1, 2)),
    ("李", "小明", "", "", date(2001, 12, 3)),
    ("أحمد", "عائشة", "٠٧٩ ٥٥٥", "", date(1975, 7, 7)),
    ("Müller", "Straße", "", "100%_x", date(1960, 2, 29)),
    ("de la Cruz", "Ana", "", "", date(1980, 5, 17)),
)


@pytest.mark.parametrize(
    ("typed", "families"),
    [
        ("gar", ["García", "Edgar"]),
        ("GARCIA zoe", ["García"]),
        ("zoë, garcía", ["García"]),
        ("小", ["李"]),
        ("李小", []),
        ("李 小明", ["李"]),
        ("ﺃﺤﻤﺪ", ["أحمد"]),
        ("strasse", ["Müller"]),
        ("STRAẞE", ["Müller"]),
        ("muller", ["Müller"]),
        ("la cruz", ["de la Cruz"]),
        ("cruz ana", ["de la Cruz"]),
        ("0199", ["García"]),
        ("555 01 99", ["García"]),
        ("(555) 01-99", ["García"]),
        ("079555", ["أحمد"]),
        ("a-17", ["García"]),
        ("1980-05-17", ["de la Cruz", "García"]),
        ("garcia 1980", ["García"]),
        ("100%_", ["Müller"]),
        ("%", ["Müller"]),
        ("_", ["Müller"]),
        ("'; DROP TABLE patient; --", []),
        ("\\", []),
        ("zzz", []),
        (",", []),
        ("\u0301", []),
    ],
)
def test_patients_are_found_in_any_script(clinic: Clinic, typed: str, families: list[str]) -> None:
    with clinic.store.unit_of_work() as work:
        for family, given, phone, number, born in PEOPLE:
            work.patients.add(
                a_patient(family, given, phone=phone, local_number=number, birth_date=born)
            )
        assert [patient.family_name for patient in work.patients.search(typed)] == families


def test_a_full_identifier_finds_the_record_and_no_text_the_newest(clinic: Clinic) -> None:
    with clinic.store.unit_of_work() as work:
        for minute in (2, 3, 1):
            work.patients.add(
                a_patient(f"Number {minute}", registered_at=NOON + timedelta(minutes=minute))
            )
        newest = work.patients.search(" ")
        assert [patient.family_name[-1] for patient in newest] == ["3", "2", "1"]
        assert work.patients.search(str(newest[1].id).upper()) == [newest[1]]
        assert work.patients.search(str(new_id())) == []
        assert len(work.patients.search("", limit=2)) == 2
        assert len(work.patients.search("number", limit=2)) == 2
        assert len(work.patients.search("umber", limit=2)) == 2


def test_a_renamed_patient_is_found_by_the_new_name_only(clinic: Clinic) -> None:
    patient = a_patient("Before")
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.patients.save(replace(patient, family_name="After"))
        assert work.patients.search("before") == []
        assert [p.id for p in work.patients.search("after")] == [patient.id]


def test_possible_duplicates_share_the_family_name_and_one_thing_more(clinic: Clinic) -> None:
    born = date(1980, 5, 17)
    with clinic.store.unit_of_work() as work:
        same_birth = a_patient("GARCIA", "Other", birth_date=born)
        same_given = a_patient("Garcia", "zoe", birth_date=date(1999, 9, 9))
        for patient in (
            same_birth,
            same_given,
            a_patient("García", "Else", birth_date=date(1999, 9, 9)),
            a_patient("Garci", "Zoë", birth_date=born),
        ):
            work.patients.add(patient)
        found = work.patients.similar("García", "Zoë", born)
    assert {patient.id for patient in found} == {same_birth.id, same_given.id}
