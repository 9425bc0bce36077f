"""Readings of pictures, cases and consent to learning in the encrypted store and its log."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Executable, text, update

from clinic_app.db.tables import consent
from clinic_app.db.tables.walls import lifted
from clinic_app.db.transaction import Transaction
from clinic_app.domain.adjudication import AdjudicationEvent, AdjudicationEventKind
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.errors import StoreDamaged
from clinic_app.domain.finding import Band
from clinic_app.domain.ids import new_id
from clinic_app.domain.local_head import pack_embedding
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.learning_cases import LEARNT_FROM
from tests.fakes.clock import START
from tests.fakes.labelled import ALL, READERS, add_case, withdraw
from tests.fakes.reading import face_images
from tests.integration.db.raw import transaction_of
from tests.integration.db.records import Clinic, a_consent, a_patient


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
        assert work.images.count_without_digests() == 1
        work.images.put_digests(made.id, (b"face", b"even"))
        assert work.images.without_digests(5) == []
        assert work.images.count_without_digests() == 0
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
