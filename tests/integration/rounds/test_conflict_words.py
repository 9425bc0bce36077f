"""What a conflict says of its versions, and what an addendum says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.db.audit_trail import StoredAuditTrail
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note, NoteKind, NoteSection, discarded, signed
from clinic_app.domain.tasks import Task
from clinic_app.services.sync_data import ConflictKind, Resolution
from tests.integration.rounds.clinics import Workstation, sync_all


def test_a_rival_task_is_not_laid_in_the_mouth_of_who_made_it(
    north: Workstation, south: Workstation
) -> None:
    task = Task(new_id(), "Call the school", north.user.id, north.now())
    with north.store.unit_of_work() as work:
        work.tasks.add(task)
        work.commit()
    sync_all(north, south)
    for side, title in ((north, "Call them today"), (south, "Write to the school")):
        with side.store.unit_of_work() as work:
            work.tasks.save(replace(work.tasks.get(task.id), title=title))
            work.commit()
    sync_all(north, south)
    (conflict,) = north.desk.conflicts()
    assert {(one.author, one.workstation) for one in conflict.versions} == {
        ("", "north"),
        ("", "south"),
    }


def test_an_addendum_to_a_note_with_headings_holds_its_own_words_alone(
    north: Workstation, south: Workstation
) -> None:
    patient = north.registers()
    parts = (NoteSection("To whom", "The clinic in town"),)
    note = Note(
        new_id(), patient, north.user.id, north.now(), "", kind=NoteKind.REFERRAL, sections=parts
    )
    with north.store.unit_of_work() as work:
        work.notes.add(note)
        work.commit()
    sync_all(north, south)
    for side, whom in ((north, "The clinic by the sea"), (south, "Nobody yet")):
        with side.store.unit_of_work() as work:
            mine = replace(work.notes.get(note.id), sections=(NoteSection("To whom", whom),))
            work.notes.save(signed(mine, side.user.id, side.now()))
            work.commit()
    sync_all(north, south)
    (conflict,) = north.desk.conflicts()
    north.desk.resolve(conflict.id, Resolution.MERGE, fields={"text": "The clinic by the sea."})
    with north.store.unit_of_work() as work:
        (added,) = [one for one in work.notes.of_patient(patient) if one.addendum_to == note.id]
    assert (added.text, added.sections) == ("The clinic by the sea.", ())
    assert north.desk.conflicts() == ()


def test_words_that_were_edited_beside_a_discarding_come_back_when_they_hold(
    north: Workstation, south: Workstation
) -> None:
    patient = north.registers()
    note = north.writes_note(patient, "Sleeping better")
    sync_all(north, south)
    with north.store.unit_of_work() as work:
        work.notes.save(discarded(work.notes.get(note), north.user.id, north.now()))
        work.commit()
    south.edits(note, "Sleeping well")
    sync_all(north, south)
    (conflict,) = north.desk.conflicts()
    assert conflict.kind is ConflictKind.DELETED_EDITED
    assert north.note(note).discarded_at is not None
    edited = next(one for one in conflict.versions if dict(one.fields)["text"] == "Sleeping well")
    north.desk.resolve(conflict.id, Resolution.CHOOSE, edited.stamp)
    with north.store.unit_of_work() as work:
        kept = [one.text for one in work.notes.of_patient(patient) if one.discarded_at is None]
    assert kept == ["Sleeping well"]
    assert north.note(note).discarded_at is not None
    sync_all(north, south)
    assert south.desk.conflicts() == ()


def test_a_conflict_is_settled_together_with_its_audit_entry_or_not_at_all(
    north: Workstation, south: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = north.writes_note(north.registers(), "Sleeping better")
    sync_all(north, south)
    north.edits(note, "Sleeping well")
    south.edits(note, "Relapse")
    sync_all(north, south)
    (conflict,) = north.desk.conflicts()

    class Killed(BaseException):
        """As a kill, between the two."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(StoredAuditTrail, "record", die)
        with pytest.raises(Killed):
            north.desk.resolve(conflict.id, Resolution.KEEP_BOTH)
    assert north.desk.conflicts() == (conflict,)
    north.desk.resolve(conflict.id, Resolution.KEEP_BOTH)
    assert north.desk.conflicts() == ()
    with north.store.unit_of_work() as work:
        last = work.audit.entries()[-1]
    assert (last.kind, last.by, last.subject) == (AuditKind.CHANGED, north.user.id, "conflict")
    assert (last.subject_id, last.detail) == (note, "text: keep_both")
