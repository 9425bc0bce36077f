"""Whoever stole a workstation can sign anything in its name, until it is revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from clinic_app.db import replica
from clinic_app.db.tables import oplog
from clinic_app.domain.clock import COUNTER_BITS
from clinic_app.domain.consent import Purpose
from clinic_app.domain.convergence import Blanking, SharedImage
from clinic_app.domain.errors import NotFound
from clinic_app.domain.feedback import ServiceRating
from clinic_app.domain.ids import new_id
from clinic_app.domain.operations import UNJOINED_ORIGIN, EntityKind, Operation, encode_fields
from clinic_app.domain.record_codec import to_plain
from clinic_app.services.sync_data import (
    ConflictKind,
    OperationsForged,
    Resolution,
    WorkstationRevoked,
)
from clinic_app.sync.wire import sealed
from tests.fakes.centre import FakeCentre, Line
from tests.integration.db.records import a_consent, a_screening
from tests.integration.rounds.clinics import (
    UNREADABLE,
    Workstation,
    agree,
    rows,
    sync_all,
    writes_raw,
)


@pytest.mark.parametrize("body", UNREADABLE)
def test_a_body_that_cannot_be_kept_stops_nobody(
    north: Workstation, south: Workstation, body: bytes
) -> None:
    patient = south.registers("Honest")
    sync_all(south, north)
    for kind in (EntityKind.PATIENT, EntityKind.NOTE, EntityKind.TASK, EntityKind.CONSENT):
        writes_raw(north, kind, new_id(), body)
    writes_raw(north, EntityKind.PATIENT, patient, body)
    sync_all(north, south)
    assert agree(north, south)
    with south.store.unit_of_work() as work:
        assert work.patients.get(patient).family_name == "Honest"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (EntityKind.PATIENT, {"birth_date": 5, "phone": "1"}),
        (EntityKind.NOTE, {"written_at": "yesterday", "text": "x"}),
        (EntityKind.NOTE, {"kind": "none", "discarded_at": None}),
    ],
)
def test_a_change_that_is_none_hides_no_record(
    north: Workstation, south: Workstation, kind: EntityKind, fields: dict[str, Any]
) -> None:
    """It could not even be mended: what is hidden is not stored here to anybody who changes it."""
    patient = south.registers("Honest")
    note = south.writes_note(patient, "A draft")
    sync_all(south, north)
    before = rows(south)
    record = patient if kind is EntityKind.PATIENT else note
    north.do(lambda work: work.log.write(kind, record, fields, replaces=()))
    sync_all(north, south)
    for table in ("patient", "note", "open_conflict"):
        assert rows(south)[table] == before[table]
    south.renames(patient, phone="112")
    south.edits(note, "Sleeping better")
    sync_all(south, north)
    assert agree(north, south)
    assert north.note(note).text == "Sleeping better"


def test_numbers_that_no_column_holds_stop_nobody(north: Workstation, south: Workstation) -> None:
    patient = south.registers("Honest")
    sync_all(south, north)
    order = to_plain(Blanking(new_id(), patient, ((0, 1, 1),), north.now(), north.user.id))
    rating = to_plain(
        ServiceRating(new_id(), new_id(), 3, north.now(), north.now().date(), north.user.id)
    )
    for kind, fields in (
        (EntityKind.BLANKING, {**order, "operations": [[0, 1 << 80, 1]]}),
        (EntityKind.SERVICE_RATING, {**rating, "rating": 1 << 80}),
    ):
        writes_raw(north, kind, new_id(), encode_fields(fields))
    sync_all(north, south)
    assert agree(north, south)


def test_events_of_a_revoked_workstation_count_nowhere(
    north: Workstation, south: Workstation, workstation: Any, centre: FakeCentre
) -> None:
    patient = south.registers("Honest")
    sync_all(south, north)
    with north.store.transaction() as db:
        sent = replica.reach(db, north.member.origin, north.store.workstation.epoch)
    before = rows(south)
    late = a_screening(patient, north.user.id, finished_at=north.now())
    north.do(lambda work: work.screenings.add(late))
    sync_all(north, south)
    centre.revoke(sent.origin, sent.epoch, sent.seq)
    south.sync()
    east = workstation("east")
    assert "screening" in before
    for one in (south, east):
        assert rows(one)["screening"] == before["screening"]
    sync_all(south, east)
    assert agree(south, east)


def test_what_a_revoked_workstation_wrote_too_late_comes_back_under_no_other_name(
    north: Workstation, south: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    """The server was restored, and its sequence there went on differently."""
    sync_all(north, south)
    with north.store.transaction() as db:
        sent = replica.reach(db, north.member.origin, north.store.workstation.epoch)
    centre.back_up()
    north.copy_folder(tmp_path / "copy")
    late = north.registers("Too late")
    sync_all(north, south)
    centre.restore(0)
    north.put_back(tmp_path / "copy")
    north.registers("Too late, differently")
    north.sync()
    centre.revoke(sent.origin, sent.epoch, sent.seq)
    south.sync()
    with south.store.unit_of_work() as work, pytest.raises(NotFound):
        work.patients.get(late)
    assert south.desk.status().pending == 0


def test_only_drafts_can_be_blanked(north: Workstation, south: Workstation) -> None:
    """What the law asks to keep is not lost to one workstation's word."""
    patient = south.registers("Honest")
    note = south.writes_note(patient, "A draft")
    south.signs(note)
    screening = a_screening(patient, south.user.id, finished_at=south.now())
    south.do(lambda work: work.screenings.add(screening))
    sync_all(south, north)
    before = rows(south)
    with north.store.transaction() as db:
        every = [(row.origin, row.epoch, row.seq) for row in db.rows(select(oplog))]
    order = Blanking(new_id(), patient, tuple(every), north.now(), north.user.id)
    north.do(lambda work: work.log.record(EntityKind.BLANKING, order))
    sync_all(north, south)
    north.reopen()
    assert agree(north, south)
    for table in ("patient", "screening", "note", "consent", "clinic"):
        assert rows(south)[table] == before[table]
    with south.store.transaction() as db:
        whole = [row for row in db.rows(select(oplog)) if row.body[:1] != b"\xff"]
    assert len(whole) == len(every)  # the order itself came, the words of the draft went
    assert south.note(note).text == "A draft"


def test_numbers_that_no_program_writes_stop_their_workstation_alone(
    north: Workstation, south: Workstation, workstation: Any, centre: FakeCentre
) -> None:
    patient = south.registers("Honest")
    sync_all(north, south)
    bare = Operation(north.member.origin, 1 << 63, 1, 1, 1, 3, new_id(), b"{}", b"")
    (far,) = sealed([bare], b"", north.member.cipher)
    centre.log.rows[far.origin, far.epoch, far.seq] = replace(far, received_at=centre.now)
    with pytest.raises(OperationsForged, match="north"):
        south.sync()
    del centre.log.rows[far.origin, far.epoch, far.seq]
    sync_all(north, south)
    with north.store.unit_of_work() as work:
        assert work.patients.get(patient).family_name == "Honest"


@pytest.mark.parametrize(("digest", "length"), [("zz", 1), ("00" * 32, 1 << 60), ("00", -5)])
def test_an_image_that_nobody_can_have_stops_nobody(
    north: Workstation, south: Workstation, digest: str, length: int
) -> None:
    patient = south.registers("Honest")
    screening = a_screening(patient, south.user.id, finished_at=south.now())

    def agrees(work: Any) -> None:
        work.screenings.add(screening)
        for purpose in (Purpose.KEEP_IMAGES, Purpose.SHARING):
            work.consents.add(a_consent(patient, south.user.id, purpose=purpose, at=south.now()))

    south.do(agrees)
    sync_all(south, north)
    shared = SharedImage(screening.id, patient, digest, length, north.now())
    north.do(lambda work: work.log.record(EntityKind.SHARED_IMAGE, shared))
    sync_all(north, south)
    assert agree(north, south)


def test_a_centre_that_forgets_when_it_received_is_asked_again(
    north: Workstation, south: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lying:
        lying.setattr(Line, "received", lambda self, *place: ())
        patient = north.registers("Honest")
        north.sync()
    sync_all(north, south)
    assert agree(north, south)
    with south.store.unit_of_work() as work:
        assert work.patients.get(patient).family_name == "Honest"


def test_a_withdrawn_enrolment_joins_nothing(
    workstation: Any, centre: FakeCentre, tmp_path: Path
) -> None:
    """The store stays free to join with another file."""
    one = Workstation(centre, tmp_path / "late", "late", centre.enrol("late")).set_up()
    centre.revoke(one.member.origin, 0, 0)
    with pytest.raises(WorkstationRevoked):
        one.join()
    assert not one.desk.status().joined
    assert one.store.workstation.origin == UNJOINED_ORIGIN
    one.store.close()


def test_an_event_that_is_written_again_with_an_old_stamp_displaces_nothing(
    north: Workstation, south: Workstation, workstation: Any
) -> None:
    """A finished screening and a consent, as the centre received them first."""
    patient = south.registers("Honest")
    screening = a_screening(patient, south.user.id, finished_at=south.now())
    consent = a_consent(patient, south.user.id, at=south.now())

    def adds(work: Any) -> None:
        work.screenings.add(screening)
        work.consents.add(consent)

    south.do(adds)
    sync_all(south, north)
    before = rows(south)
    false = {
        EntityKind.SCREENING: replace(screening, taken_by=north.user.id),
        EntityKind.CONSENT: replace(consent, granted=not consent.granted),
    }
    for kind, record in false.items():
        north.do(lambda work, kind=kind, record=record: work.log.record(kind, record, hlc=1))
    sync_all(north, south)
    east = workstation("east")
    sync_all(north, south, east)
    for one in (north, south, east):
        for table in ("screening", "consent"):
            assert rows(one)[table] == before[table]
    assert agree(north, south, east)


def signs_as(one: Workstation, note_id: UUID, words: str, at: timedelta) -> None:
    """Sign a note that is signed already, under a clock that was set back."""
    note = replace(one.note(note_id), text=words, signed_at=one.now() - at, signed_by=one.user.id)
    fields = to_plain(note)
    del fields["id"]
    hlc = int((one.now() - at).timestamp() * 1000) << COUNTER_BITS
    one.do(lambda work: work.log.write(EntityKind.NOTE, note_id, fields, replaces=(), hlc=hlc))


def signed_beside(one: Workstation, note_id: UUID) -> list[str]:
    with one.store.unit_of_work() as work:
        beside = work.notes.signed_beside([work.notes.get(note_id)])
        return [note.text for note in beside.get(note_id, ())]


def test_a_signature_that_is_set_back_takes_no_shown_text_away(
    north: Workstation, south: Workstation, workstation: Any
) -> None:
    """What everybody has read stays, both texts are told of also when a person has settled it, and
    a workstation that joins later sees the same."""
    note = south.writes_note(south.registers(), "As everybody has read it")
    south.signs(note)
    sync_all(south, north)
    assert signed_beside(south, note) == []
    signs_as(north, note, "As it is to read now", at=timedelta(days=3))
    sync_all(north, south)
    east = workstation("east")
    sync_all(north, south, east)
    assert agree(north, south, east)
    for one in (north, south, east):
        assert one.note(note).text == "As everybody has read it"
        assert signed_beside(one, note) == ["As it is to read now"]
        (conflict,) = one.desk.conflicts()
        assert conflict.kind is ConflictKind.DOUBLE_SIGNED
    south.desk.resolve(conflict.id, Resolution.KEEP_BOTH)
    sync_all(south, north)
    for one in (north, south):
        assert one.desk.conflicts() == ()
        assert signed_beside(one, note) == ["As it is to read now"]


@pytest.mark.parametrize("moment", ["before it is signed", "afterwards"])
@pytest.mark.parametrize(
    "fields", [{"signed_at": 5, "text": "x"}, {"signed_at": "2026-01-01T00:00:00+00:00"}]
)
def test_a_signature_that_covers_no_whole_note_is_none(
    north: Workstation, south: Workstation, fields: dict[str, Any], moment: str
) -> None:
    """It hides no note, and no list of notes fails over it."""
    patient = south.registers()
    note = south.writes_note(patient, "A draft")
    if moment == "afterwards":
        south.signs(note)
    sync_all(south, north)
    north.do(lambda work: work.log.write(EntityKind.NOTE, note, fields, replaces=()))
    sync_all(north, south)
    if moment == "before it is signed":
        south.edits(note, "Signed by who wrote it")
        south.signs(note)
    sync_all(south, north)
    assert agree(north, south)
    for one in (north, south):
        assert one.note(note).signed_by == south.user.id
        assert signed_beside(one, note) == []
        assert one.desk.conflicts() == ()


def test_who_signs_first_but_sends_later_comes_second_everywhere_and_is_not_lost(
    north: Workstation, south: Workstation
) -> None:
    """Also where the sender only learns afterwards when the centre took it."""
    note = south.writes_note(south.registers(), "Draft")
    sync_all(south, north)
    north.edits(note, "First, offline")
    north.signs(note)
    south.edits(note, "Second, at the centre")
    south.signs(note)
    assert north.note(note).text == "First, offline"
    south.sync()
    sync_all(north, south)
    assert agree(north, south)
    for one in (north, south):
        assert one.note(note).text == "Second, at the centre"
        assert signed_beside(one, note) == ["First, offline"]


def test_of_two_that_were_written_apart_the_one_received_first_counts_everywhere(
    north: Workstation, south: Workstation
) -> None:
    """Neither has seen the other; the later sender learns the time of its own at the end."""
    patient = south.registers("Honest")
    sync_all(south, north)
    consent = a_consent(patient, south.user.id, at=south.now())
    north.do(lambda work: work.consents.add(replace(consent, granted=not consent.granted)))
    south.do(lambda work: work.log.record(EntityKind.CONSENT, consent, hlc=1))
    north.sync()
    sync_all(south, north)
    assert agree(north, south)
    with south.store.unit_of_work() as work:
        (shown,) = work.consents.of_patient(patient)
    assert shown.granted is not consent.granted
