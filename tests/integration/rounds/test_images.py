"""Images travel with consent alone, encrypted, in parts; withdrawal and erasure follow them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.convergence import SharedImage
from clinic_app.domain.erasure import ErasureEvent, ErasureEventKind
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.ids import new_id
from clinic_app.domain.operations import EntityKind
from clinic_app.services.sync_data import CentreUnreachable, OperationsForged
from clinic_app.sync import images as exchange
from tests.fakes.centre import FakeCentre
from tests.integration.db.records import a_consent, a_screening
from tests.integration.rounds.clinics import Workstation, agree, sync_all
from tests.integration.rounds.conftest import Make

FACES = FaceImages(b"\x89PNG face" * 400, b"\x89PNG evened out" * 300)
SHARED = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES, Purpose.SHARING)


def screens(one: Workstation, purposes: tuple[Purpose, ...]) -> tuple[UUID, UUID]:
    """A screening whose images are kept; the patient and the screening."""
    patient = one.registers()
    screening = a_screening(patient, one.user.id, finished_at=one.now())

    def change(work) -> None:  # type: ignore[no-untyped-def]
        for purpose in purposes:
            work.consents.add(a_consent(patient, one.user.id, purpose=purpose, at=one.now()))
        work.screenings.add(screening)
        work.images.put(screening.id, FACES, kept=True)

    one.do(change)
    return patient, screening.id


def answers(one: Workstation, patient: UUID, purpose: Purpose, granted: bool) -> None:
    consent = a_consent(patient, one.user.id, purpose=purpose, granted=granted, at=one.now())
    one.do(lambda work: work.consents.add(consent))


def images(one: Workstation, screening: UUID) -> FaceImages | None:
    with one.store.unit_of_work() as work:
        return work.images.get(screening)


def test_images_reach_the_others_with_consent(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    _, screening = screens(north, SHARED)
    assert north.desk.status().pending_images == 1
    sync_all(north, south)
    assert images(south, screening) == FACES
    assert agree(north, south)
    assert north.desk.status().pending_images == 0
    assert all(b"PNG" not in blob for blob in centre.log.blobs.values())


@pytest.mark.parametrize("days", [-3650, 3650])
def test_images_come_though_the_clock_is_years_off(
    north: Workstation, south: Workstation, days: int
) -> None:
    profile = north.clinic()
    north.do(
        lambda work: work.clinic.save(
            replace(profile, retention=replace(profile.retention, kept_image_days=30))
        )
    )
    _, screening = screens(north, SHARED)
    north.sync()
    south.clock_off = timedelta(days=days)
    south.sync()
    assert images(south, screening) == FACES


@pytest.mark.parametrize("missing", SHARED[2:])
def test_no_image_leaves_the_laptop_without_consent(
    north: Workstation, south: Workstation, centre: FakeCentre, missing: Purpose
) -> None:
    _, screening = screens(north, tuple(one for one in SHARED if one is not missing))
    sync_all(north, south)
    assert centre.log.blobs == {}
    assert images(south, screening) is None


@pytest.mark.parametrize("purpose", SHARED)
def test_a_withdrawal_removes_the_images_that_came_from_elsewhere(
    north: Workstation, south: Workstation, purpose: Purpose
) -> None:
    patient, screening = screens(north, SHARED)
    sync_all(north, south)
    answers(north, patient, purpose, False)
    sync_all(north, south)
    assert images(south, screening) is None
    kept_by_who_took_it = images(north, screening) is not None
    assert kept_by_who_took_it is (purpose is Purpose.SHARING)


def test_a_transfer_that_is_cut_goes_on_with_the_missing_parts(
    north: Workstation, south: Workstation, centre: FakeCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "BLOB_PART_BYTES", 1000)
    _, screening = screens(north, SHARED)
    for one, statement in ((north, "before put_blob_part"), (south, "after blob_part")):
        seen: list[str] = []

        def cut(place: str, statement: str = statement, seen: list[str] = seen) -> None:
            if place == statement:
                seen.append(place)
                if len(seen) in (3, 5):
                    raise CentreUnreachable("The line was cut.")

        one.cut = cut
        for _ in range(2):
            with pytest.raises(CentreUnreachable):
                one.sync()
            one.reopen()
        one.sync()
        assert len(seen) <= 9 + 2  # nine parts, each sent or fetched once but for the two cuts
    assert images(south, screening) == FACES


def test_erased_drafts_are_blanked_everywhere_and_the_chains_still_hold(
    north: Workstation,
    south: Workstation,
    workstation,
    centre: FakeCentre,  # type: ignore[no-untyped-def]
) -> None:
    note = north.writes_note(north.registers(), "A secret that was never signed")
    north.edits(note, "A second secret")
    sync_all(north, south)

    def erase(work) -> None:  # type: ignore[no-untyped-def]
        gone = replace(
            work.notes.get(note), text="", discarded_at=north.now(), discarded_by=north.user.id
        )
        work.notes.save(gone)
        work.notes.blank(gone, north.now(), north.user.id)

    north.do(erase)
    sync_all(north, south)
    assert agree(north, south)
    for one in (north, south):
        assert one.note(note).text == ""
        with one.store.transaction() as db:
            erased = db.scalar(text("SELECT count(*) FROM oplog WHERE substr(body, 1, 1) = x'ff'"))
        assert erased == 2
        one.reopen()
    # The centre blanks the same two bodies; a workstation that comes later can still check all.
    with north.store.transaction() as db:
        marked = db.rows(text("SELECT origin, epoch, seq, body FROM oplog"))
    for row in marked:
        if row.body[:1] == b"\xff":
            key = (row.origin, row.epoch, row.seq)
            centre.log.rows[key] = replace(centre.log.rows[key], body=row.body)
    east = workstation("east")
    sync_all(north, south, east)
    assert agree(north, south, east)
    assert east.note(note).text == ""


def test_what_arrives_while_images_are_sent_is_here_at_the_end_of_the_round(
    north: Workstation, south: Workstation
) -> None:
    """Else a booking could be called confirmed before the other one was seen."""
    screens(north, SHARED)
    arrived: list[UUID] = []

    def cut(place: str) -> None:
        if place == "before put_blob_part" and not arrived:
            arrived.append(south.registers("Meanwhile"))
            south.sync()

    north.cut = cut
    north.sync()
    assert arrived
    with north.store.unit_of_work() as work:
        assert work.patients.get(arrived[0]).family_name == "Meanwhile"


def test_a_restored_centre_gets_the_images_that_it_lost_again(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    sync_all(north, south)
    centre.back_up()
    _, screening = screens(north, SHARED)
    north.sync()
    sent = dict(centre.log.blobs)
    assert sent
    centre.restore(0)
    assert not centre.log.blobs
    north.sync()
    assert centre.log.blobs == sent
    sync_all(south, north)
    assert images(south, screening) == FACES
    centre.statements.clear()
    north.sync()
    assert "missing_blob_parts" not in centre.statements, "it is looked for once"


def test_an_image_that_may_be_shared_again_is_sent_again(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    patient, screening = screens(north, SHARED)
    sync_all(north, south)
    answers(south, patient, Purpose.SHARING, False)
    sync_all(south, north)
    centre.log.blobs.clear()  # as `server sweep` does
    answers(south, patient, Purpose.SHARING, True)
    sync_all(south, north, south)
    assert images(south, screening) == FACES


def test_parts_of_an_image_that_was_withdrawn_meanwhile_are_forgotten(
    north: Workstation, south: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "BLOB_PART_BYTES", 1000)
    patient, _ = screens(north, SHARED)
    north.sync()
    seen: list[str] = []

    def cut(place: str) -> None:
        seen.append(place)
        if place == "before blob_part" and seen.count(place) == 4:
            raise CentreUnreachable("The line was cut.")

    south.cut = cut
    with pytest.raises(CentreUnreachable):
        south.sync()
    answers(north, patient, Purpose.SHARING, False)
    sync_all(north, south)
    with south.store.transaction() as db:
        assert db.scalar(text("SELECT count(*) FROM blob_part")) == 0


def test_what_was_refused_and_agreed_to_again_elsewhere_is_sent_again(
    north: Workstation, south: Workstation, workstation: Make, centre: FakeCentre
) -> None:
    """Though whoever took the picture hears of both at once."""
    east = workstation("east")
    patient, screening = screens(north, SHARED)
    sync_all(north, south, east)
    answers(south, patient, Purpose.SHARING, False)
    south.sync()
    centre.log.blobs.clear()  # as `server sweep` does
    east.sync()
    assert images(south, screening) is images(east, screening) is None
    answers(south, patient, Purpose.SHARING, True)
    south.sync()
    north.sync()
    sync_all(south, east)
    assert images(south, screening) == images(east, screening) == FACES
    centre.statements.clear()
    north.sync()
    assert "missing_blob_parts" not in centre.statements, "it is looked for once"


def test_who_was_erased_and_comes_back_keeps_the_new_image_though_a_clock_is_slow(
    north: Workstation, south: Workstation
) -> None:
    patient, old = screens(north, SHARED)
    sync_all(north, south)
    request = new_id()

    def erases(work) -> None:  # type: ignore[no-untyped-def]
        for kind in (ErasureEventKind.ASKED, ErasureEventKind.COMPLETED):
            event = ErasureEvent(new_id(), request, patient, kind, south.now(), south.user.id)
            work.erasures.add(event)

    south.do(erases)
    sync_all(south, north)
    assert images(north, old) is images(south, old) is None
    assert removals(north) == removals(south) == [old]
    north.clock_off = -timedelta(minutes=10)
    again = a_screening(patient, north.user.id, finished_at=north.now())

    def screened(work) -> None:  # type: ignore[no-untyped-def]
        work.screenings.add(again)
        work.images.put(again.id, FACES, kept=True)

    north.do(screened)
    sync_all(north, south)
    assert images(north, again.id) == images(south, again.id) == FACES
    assert removals(north) == removals(south) == [old]


def removals(one: Workstation) -> list[UUID | None]:
    """The screenings whose pictures were removed, as the audit trail has them."""
    with one.store.unit_of_work() as work:
        found = work.audit.entries()
        return [entry.subject_id for entry in found if entry.kind is AuditKind.IMAGES_REMOVED]


def shares(one: Workstation, screening: UUID, of: UUID) -> None:
    """Send a picture as that of a screening, in the name of this person."""
    blob = one.member.cipher.seal_image(exchange.framed(FACES), screening.bytes)
    digest = hashlib.sha256(blob).digest()
    for number, part in enumerate(exchange._parts(blob)):
        one.centre.dial(one.member.origin)().put_blob_part(digest, number, part)
    record = SharedImage(screening, of, digest.hex(), len(blob), one.now())
    one.do(lambda work: work.log.record(EntityKind.SHARED_IMAGE, record))


def test_nobody_elses_agreement_lets_a_picture_into_a_record(
    north: Workstation, south: Workstation
) -> None:
    """Whose picture it is the screening says, not who shares it."""
    agreeing, _ = screens(south, SHARED)
    patient = south.registers("Sato")
    screening = a_screening(patient, south.user.id, finished_at=south.now())
    south.do(lambda work: work.screenings.add(screening))
    sync_all(south, north)
    shares(north, screening.id, agreeing)
    north.sync()
    south.sync()
    assert images(south, screening.id) is None


def test_a_part_longer_than_any_part_is_not_kept(
    north: Workstation, south: Workstation, centre: FakeCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A centre could fill the disks of all laptops with one image that never ends."""
    monkeypatch.setattr(exchange, "BLOB_PART_BYTES", 1000)
    _, screening = screens(north, SHARED)
    north.sync()
    for name in centre.log.blobs:
        centre.log.blobs[name] = bytes(1001)
    asked: list[str] = []

    def cut_at_the_second(place: str) -> None:
        asked.extend([place] if place == "before blob_part" else [])
        if len(asked) == 2:
            raise CentreUnreachable("cut")

    south.cut = cut_at_the_second
    with pytest.raises(OperationsForged):
        south.sync()
    with south.store.transaction() as db:
        assert not db.rows(text("SELECT * FROM blob_part"))
    assert images(south, screening) is None


def test_an_image_stays_here_when_sharing_is_taken_back_while_others_are_on_their_way(
    north: Workstation, centre: FakeCentre
) -> None:
    """A slow line takes hours for many of them."""
    people = sorted((screens(north, SHARED) for _ in range(2)), key=lambda one: one[1])
    told: list[str] = []

    def take_back(place: str) -> None:
        if place == "after put_blob_part" and not told:
            told.append(place)
            answers(north, people[1][0], Purpose.SHARING, False)

    north.cut = take_back
    north.sync()
    assert len(told) == len(centre.log.blobs) == 1
    assert images(north, people[1][1]) == FACES
    assert north.desk.status().pending_images == 0
