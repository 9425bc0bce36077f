"""Readings of pictures, heads and cases in the encrypted store, and rebuilt from its log."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Executable, text, update

from clinic_app.db.screens import EXPORTS, NO_HEAD
from clinic_app.db.tables import consent, head_event
from clinic_app.db.tables.walls import lifted
from clinic_app.db.transaction import Parameters, Transaction
from clinic_app.domain.adjudication import AdjudicationEvent, AdjudicationEventKind
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.errors import NotFound, StoreDamaged, WrongState
from clinic_app.domain.feedback import Agreement, ResultAgreement
from clinic_app.domain.finding import Band, LocalReading
from clinic_app.domain.ids import new_id
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.learning_key import LearningKey
from clinic_app.domain.local_head import HeadEvent, HeadEventKind, pack_embedding
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from clinic_app.domain.model_choice import SHIPPED, ModelChoice
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.learning_cases import LEARNT_FROM
from tests.fakes.clock import START
from tests.fakes.labelled import ALL, READERS, add_case, withdraw
from tests.fakes.reading import face_images
from tests.integration.db.raw import transaction_of
from tests.integration.db.records import Clinic, a_consent, a_patient
from tests.unit.domain.test_local_head import HEAD, comparison


def test_a_case_keeps_the_reading_and_its_embedding(clinic: Clinic) -> None:
    by = clinic.user.id
    with clinic.store.unit_of_work() as work:
        made = add_case(work, by, shipped=2)
        work.commit()
    with clinic.store.unit_of_work() as work:
        (case,) = work.face_cases.all()
        assert (case.screening_id, case.band, case.usable) == (made.id, Band.MODERATE, True)
        assert made.finding is not None
        assert made.finding.severity is not None
        assert case.shares == made.finding.severity.probabilities
        assert (case.embedding, case.local_shares) == (b"", None)
        read = work.face_cases.embeddings([made.id, new_id()])
        assert read == {made.id: pack_embedding(made.finding.embedding)}
        assert work.face_cases.known_to(by) == {made.id}
        assert work.face_cases.known_to(READERS[0]) == set()
        assert work.face_cases.pictured() == {made.id}
        told = work.adjudications.find(made.id)
        assert told is not None
        assert (told.label, work.adjudications.all()) == (Band.MILD, [told])


def test_the_store_knows_the_files_it_read_and_the_pictures_it_keeps(clinic: Clinic) -> None:
    with clinic.store.unit_of_work() as work:
        made = add_case(work, clinic.user.id)
        work.commit()
    assert made.finding is not None
    with clinic.store.unit_of_work() as work:
        assert work.screenings.read_from(made.finding.source_sha256)
        assert work.screenings.read_from("0" * 64, made.finding.source_sha256)
        assert not work.screenings.read_from("0" * 64, "1" * 64)
        assert not work.screenings.read_from()
        assert not work.images.holds(b"face", b"even")
        assert work.images.without_digests(5) == [(made.id, face_images())]
        work.images.put_digests(made.id, (b"face", b"even"))
        assert work.images.without_digests(5) == []
        assert work.images.holds(b"even", b"other")
        assert work.images.holds(b"face")
        assert not work.images.holds(b"other")
        assert not work.images.holds()


@pytest.mark.parametrize("way", ["removed", "of the patient", "another picture"])
def test_what_is_told_of_pixels_goes_with_the_picture(clinic: Clinic, way: str) -> None:
    with clinic.store.unit_of_work() as work:
        made, other = (add_case(work, clinic.user.id) for _ in range(2))
        work.images.put_digests(made.id, (b"the same",))  # of both pictures
        work.images.put_digests(other.id, (b"of somebody else", b"the same"))
        if way == "removed":
            work.images.remove(made.id)
        elif way == "of the patient":
            assert work.images.remove_of_patient(made.patient_id) == 1
        else:
            work.images.put(made.id, face_images(), kept=True)
        assert work.images.holds(b"the same")  # the other's
        work.images.remove(other.id)
        assert not work.images.holds(b"the same", b"of somebody else")
        left = [one for one, _ in work.images.without_digests(5)]
        assert left == ([made.id] if way == "another picture" else [])


def test_a_store_of_the_program_before_knows_the_files_it_read_once_it_is_opened(
    clinic: Clinic,
) -> None:
    with clinic.store.unit_of_work() as work:
        made = add_case(work, clinic.user.id)
        work.commit()
    with transaction_of(clinic.encrypted) as db:
        expected = list(db.rows(text("SELECT * FROM face_case")))
        for statement in (
            "DROP INDEX ix_face_case_source",
            "ALTER TABLE face_case DROP COLUMN source_sha256",
            "DROP TABLE image_pixels",
            "UPDATE alembic_version SET version_num = '0015'",
            "UPDATE meta SET value = '6' WHERE name = 'fold'",
        ):
            db.run(text(statement))
        db.commit()
    clinic.reopen()
    assert made.finding is not None
    with clinic.store.unit_of_work() as work:
        assert work.screenings.read_from(made.finding.source_sha256)
        assert [one for one, _ in work.images.without_digests(5)] == [made.id]
    with transaction_of(clinic.encrypted) as db:
        assert list(db.rows(text("SELECT * FROM face_case"))) == expected


def test_who_exported_a_record_or_was_shown_an_estimate_here_may_know_it(clinic: Clinic) -> None:
    by, reader = clinic.user.id, READERS[0]
    fifty_years = 24 * 365 * 50
    with clinic.store.unit_of_work() as work:
        exported, merged, shown, other = (add_case(work, by) for _ in range(4))
        later = add_case(work, by, number=fifty_years)
        for one in (merged, later):
            work.merges.add(
                MergeEvent(
                    new_id(),
                    MergeEventKind.MERGED,
                    one.patient_id,
                    exported.patient_id,
                    START,
                    by,
                    "same",
                )
            )
        for kind, subject, subject_id in (
            (AuditKind.EXPORTED, "patient", exported.patient_id),
            (AuditKind.ESTIMATE_SHOWN, "draft", shown.id),
            (AuditKind.READ, "screening", other.id),
            (AuditKind.EXPORTED, "appointments", other.patient_id),
        ):
            work.audit.record(kind, reader, subject, subject_id)
        work.commit()
        assert work.face_cases.known_to(reader) == {exported.id, merged.id, shown.id}
        assert work.face_cases.known_to(READERS[1]) == set()


def test_who_printed_a_report_or_entered_an_answer_on_any_laptop_may_know_it(
    clinic: Clinic,
) -> None:
    by, reader = clinic.user.id, READERS[0]
    with clinic.store.unit_of_work() as work:
        printed, answered, other, of_a_colleague = (add_case(work, by) for _ in range(4))
        later = add_case(work, by, number=1)
        merged = MergeEvent(
            new_id(),
            MergeEventKind.MERGED,
            later.patient_id,
            printed.patient_id,
            START,
            by,
            "same",
        )
        work.merges.add(merged)
        for case, who in ((printed, reader), (of_a_colleague, READERS[1])):
            work.issued.add(
                IssuedReport(new_id(), "history", "0" * 64, START, who, case.patient_id)
            )
        work.issued.add(IssuedReport(new_id(), "worklist", "0" * 64, later.finished_at, reader))
        work.agreements.add(
            ResultAgreement(
                id=new_id(),
                clinic_id=new_id(),
                patient_id=answered.patient_id,
                screening_id=answered.id,
                agreement=Agreement.AGREE,
                given_at=START,
                given_on=START.date(),
                entered_by=reader,
                text=f'"entered_by":"{READERS[1]}"',
            )
        )
        work.commit()
        assert work.face_cases.known_to(reader) == {printed.id, answered.id}
        assert work.face_cases.known_to(READERS[1]) == {of_a_colleague.id}
        assert other.id not in work.face_cases.known_to(reader)


def test_what_a_reader_knows_is_one_question_however_many_reports_there_are(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = READERS[0]
    asked: list[object] = []
    rows = Transaction.rows

    def counted(self: Transaction, statement: Executable, parameters: Parameters = None) -> Any:
        found = rows(self, statement, parameters)
        asked.append(len(found))
        return found

    with clinic.store.unit_of_work() as work:
        printed, other = (add_case(work, clinic.user.id) for _ in range(2))
        for number in range(20):
            who = reader if number == 7 else READERS[1]
            work.issued.add(
                IssuedReport(new_id(), "history", "0" * 64, START, who, printed.patient_id)
            )
        work.commit()
        monkeypatch.setattr(Transaction, "rows", counted)
        monkeypatch.setattr(Transaction, "row", lambda *given: next(iter(counted(*given)), None))
        assert work.face_cases.known_to(reader) == {printed.id}
        assert asked == [1]
        assert work.face_cases.knows(reader, printed.id)
        assert not work.face_cases.knows(reader, other.id)
        assert asked == [1, 1, 0]


def test_consent_to_training_is_that_of_the_person_as_it_is_now(clinic: Clinic) -> None:
    by = clinic.user.id
    with clinic.store.unit_of_work() as work:
        agrees = add_case(work, by)
        leaves = add_case(work, by)
        without = add_case(work, by, purposes=ALL[:3])
        withdraw(work, leaves.patient_id, by)
        duplicate = a_patient("Twice")
        work.patients.add(duplicate)
        merged = MergeEvent(
            new_id(), MergeEventKind.MERGED, duplicate.id, agrees.patient_id, START, by, "same"
        )
        work.merges.add(merged)
        work.commit()
        agreed = work.face_cases.consenting(Purpose.TRAINING_REUSE)
        assert agreed == {agrees.patient_id, duplicate.id}
        kept = work.face_cases.consenting(Purpose.KEEP_IMAGES)
        assert kept == {agrees.patient_id, duplicate.id, leaves.patient_id, without.patient_id}


@pytest.mark.parametrize("seed", range(6))
def test_who_agrees_follows_from_the_newest_answer_in_whatever_order_they_came(
    clinic: Clinic, seed: int
) -> None:
    """The rule of one person's page, at once for everybody: several answers at one moment, merged
    records and bodies that are stored packed are among them."""
    chance = random.Random(seed)
    people = [a_patient(f"P{number}") for number in range(6)]
    given = [
        replace(
            a_consent(chance.choice(people).id, clinic.user.id),
            purpose=chance.choice(tuple(Purpose)),
            granted=chance.random() < 0.7,
            recorded_at=START + timedelta(minutes=chance.randrange(4)),
            note=chance.choice(("", "a long note, " * 40)),
        )
        for _ in range(120)
    ]
    chance.shuffle(given)
    merged = MergeEvent(
        new_id(), MergeEventKind.MERGED, people[0].id, people[1].id, START, clinic.user.id, "same"
    )
    with clinic.store.unit_of_work() as work:
        for one in people:
            work.patients.add(one)
        for said in given:
            work.consents.add(said)
        work.merges.add(merged)
        work.commit()
    with clinic.store.unit_of_work() as work:
        states = {one.id: current_consent(work.consents.of_patient(one.id)) for one in people}
        assert states[people[0].id] == states[people[1].id]
        for purposes in ((), *((one,) for one in Purpose), LEARNT_FROM):
            expected = {
                person
                for person, state in states.items()
                if state and all(state.get(one, False) for one in purposes)
            }
            assert work.face_cases.consenting(*purposes) == expected


def test_answers_and_cases_are_read_once_in_a_unit_of_work_and_again_after_a_change(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = clinic.user.id
    with clinic.store.unit_of_work() as work:
        first, second = (add_case(work, by) for _ in range(2))
        work.commit()
    asked: list[str] = []
    plain = Transaction.plain

    def counted(self: Transaction, statement: Executable) -> list[tuple[Any, ...]]:
        asked.append(str(statement))
        return plain(self, statement)

    monkeypatch.setattr(Transaction, "plain", counted)
    with clinic.store.unit_of_work() as work:
        both = {first.patient_id, second.patient_id}
        assert work.face_cases.consenting(Purpose.TRAINING_REUSE) == both
        assert work.face_cases.consenting(Purpose.KEEP_IMAGES) == both
        work.face_cases.all().clear()  # whoever asked first may do with it as they like
        assert {one.patient_id for one in work.face_cases.all()} == both
        assert sum("FROM consent" in one for one in asked) == 1
        assert sum("FROM face_case" in one for one in asked) == 1
        withdraw(work, second.patient_id, by)
        assert work.face_cases.consenting(Purpose.TRAINING_REUSE) == {first.patient_id}
        third = add_case(work, by)
        assert third.patient_id in work.face_cases.consenting(Purpose.TRAINING_REUSE)
        assert len(work.face_cases.all()) == 3


def test_an_answer_that_cannot_be_read_is_said_to_be_damaged(clinic: Clinic) -> None:
    with clinic.store.unit_of_work() as work:
        add_case(work, clinic.user.id)
        work.commit()
    with clinic.encrypted.transaction() as db, lifted(db, consent):
        db.run(update(consent).values(body=b'{"granted":true}'))
        db.commit()
    with clinic.store.unit_of_work() as work, pytest.raises(StoreDamaged, match="restore a backup"):
        work.face_cases.consenting(Purpose.CAPTURE)


@pytest.mark.parametrize("seed", range(4))
def test_all_cases_are_as_each_alone(clinic: Clinic, seed: int) -> None:
    chance = random.Random(seed)
    readers = (*READERS, UUID(int=903), UUID(int=904))
    with clinic.store.unit_of_work() as work:
        cases = [add_case(work, clinic.user.id, label=None) for _ in range(8)]
        for _ in range(40):
            case = chance.choice(cases)
            work.adjudications.add(
                AdjudicationEvent(
                    new_id(),
                    case.id,
                    case.patient_id,
                    chance.choice(
                        (*[AdjudicationEventKind.READ] * 3, AdjudicationEventKind.AGREED)
                    ),
                    START,
                    chance.choice(readers),
                    chance.choice(tuple(ClinicianSeverity)),
                    "why",
                )
            )
        work.commit()
    with clinic.store.unit_of_work() as work:
        alone = (work.adjudications.find(one) for one in sorted(case.id for case in cases))
        assert work.adjudications.all() == [one for one in alone if one is not None]
        assert any(one.void for one in work.adjudications.all())


def exported(clinic: Clinic) -> HeadEvent:
    """A training set goes out; the record of it."""
    by, cases = clinic.user.id, tuple(new_id() for _ in range(3))
    told = HeadEvent(new_id(), HeadEventKind.EXPORTED, START, by, None, "5ha", cases=cases)
    with clinic.store.unit_of_work() as work:
        work.head_events.add(told)
        work.commit()
    return told


def test_heads_are_read_without_the_lists_of_exported_cases(clinic: Clinic) -> None:
    told = exported(clinic)
    with clinic.store.unit_of_work() as work:
        assert (work.head_events.all(), work.head_events.exports()) == ([], [told])
    with clinic.encrypted.transaction() as db, lifted(db, head_event):
        db.run(update(head_event).values(body=b"unreadable"))
        db.commit()
    with clinic.store.unit_of_work() as work:
        assert work.head_events.all() == []
        with pytest.raises(StoreDamaged):
            work.head_events.exports()


def test_what_is_said_of_a_head_with_the_number_of_sets_is_no_set(clinic: Clinic) -> None:
    """Nobody makes such a head; a stolen workstation may name it."""
    odd = HeadEvent(new_id(), HeadEventKind.PROMOTED, START, clinic.user.id, EXPORTS, "x")
    with clinic.store.unit_of_work() as work:
        work.head_events.add(odd)
        work.commit()
        assert work.head_events.exports() == []


def test_a_set_that_an_older_program_kept_among_the_decisions_is_told_apart(clinic: Clinic) -> None:
    """Its rows are those of the fifth rules of the fold; the log is the same."""
    told = exported(clinic)
    with clinic.encrypted.transaction() as db:
        with lifted(db, head_event):
            db.run(update(head_event).values(subject_id=NO_HEAD))
        db.run(text("UPDATE meta SET value = '5' WHERE name = 'fold'"))
        db.commit()
    clinic.reopen()
    with clinic.store.unit_of_work() as work:
        assert (work.head_events.all(), work.head_events.exports()) == ([], [told])


def test_heads_and_what_was_decided_about_them_stay_in_order(clinic: Clinic) -> None:
    by = clinic.user.id
    head = replace(HEAD, id=new_id(), cases=(new_id(), new_id()))
    found = comparison()
    with clinic.store.unit_of_work() as work:
        work.heads.add(head)
        for kind, one in ((HeadEventKind.COMPARED, found), (HeadEventKind.PROMOTED, None)):
            work.head_events.add(HeadEvent(new_id(), kind, START, by, head.id, "why", one))
        # A wall clock that went back does not put it before the promotion.
        early = START - timedelta(days=3)
        work.head_events.add(HeadEvent(new_id(), HeadEventKind.ROLLED_BACK, early, by, None, "x"))
        work.commit()
    with clinic.store.unit_of_work() as work:
        assert work.heads.get(head.id) == head
        events = work.head_events.all()
        assert [one.kind.value for one in events] == ["compared", "promoted", "rolled_back"]
        assert events[0].comparison == found
        with pytest.raises(NotFound):
            work.heads.get(new_id())
        with pytest.raises(WrongState):
            work.heads.add(head)


def test_the_first_key_counts(clinic: Clinic) -> None:
    keys = [LearningKey(UUID(int=9 - number), START, bytes([number]) * 32) for number in range(3)]
    with clinic.store.unit_of_work() as work:
        assert work.learning_keys.oldest() is None
        for key in keys:
            work.learning_keys.add(key)
        work.commit()
        assert work.learning_keys.oldest() == keys[0]


def test_a_local_reading_is_kept_in_the_screening(clinic: Clinic) -> None:
    by = clinic.user.id
    with clinic.store.unit_of_work() as work:
        made = add_case(work, by)
        assert made.finding is not None
        shares = (0.1, 0.2, 0.3, 0.4)
        local = LocalReading("local-1-abcd", new_id(), Band.SEVERE, shares, 66.7)
        second = replace(made, id=new_id(), finding=replace(made.finding, local=local))
        work.screenings.add(second)
        work.commit()
        assert work.screenings.get(second.id).finding == replace(made.finding, local=local)
        cases = {one.screening_id: one.local_shares for one in work.face_cases.all()}
        assert cases == {made.id: None, second.id: shares}


def test_the_choice_of_models_stays_with_its_entry_or_not_at_all(clinic: Clinic) -> None:
    chosen = ModelChoice("1.0.0-0a1b2c3d", "ab" * 32)
    identity = clinic.encrypted.store_id, clinic.encrypted.workstation
    with clinic.store.unit_of_work() as work:
        assert work.model_choice.get() is None
        work.model_choice.put(ModelChoice("never", "committed"))
    for choice in (chosen, SHIPPED, chosen):
        with clinic.store.unit_of_work() as work:
            work.model_choice.put(choice)
            work.audit.record(AuditKind.CHANGED, clinic.user.id, "models", None, choice.name)
            work.commit()
    clinic.reopen()
    assert (clinic.encrypted.store_id, clinic.encrypted.workstation) == identity
    with clinic.store.unit_of_work() as work:
        assert work.model_choice.get() == chosen
        assert work.audit.verify().intact
