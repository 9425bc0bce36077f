"""Altered operations, withdrawn workstations, older and newer programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.ids import new_id
from clinic_app.domain.local_head import HeadEvent, HeadEventKind
from clinic_app.domain.operations import EntityKind
from clinic_app.services.sync_data import (
    OperationsForged,
    VersionTooOld,
    WorkstationRevoked,
)
from tests.fakes.centre import FakeCentre
from tests.integration.db.records import a_consent
from tests.integration.rounds.clinics import Workstation, agree, rows, sync_all


def test_altered_operations_change_nothing_and_stop_nobody_else(
    north: Workstation,
    south: Workstation,
    workstation,
    centre: FakeCentre,  # type: ignore[no-untyped-def]
) -> None:
    east = workstation("east")
    sync_all(north, south, east)
    before = rows(south)
    north.registers("Altered on the way")
    north.sync()
    key = max(key for key in centre.log.rows if key[0] == north.member.origin)
    good = centre.log.rows[key]
    centre.log.rows[key] = replace(good, body=good.body[:-1] + bytes([good.body[-1] ^ 1]))
    with pytest.raises(OperationsForged, match="north"):
        south.sync()
    assert rows(south) == before
    patient = east.registers("From the east")
    east.store.wall()
    with pytest.raises(OperationsForged):
        east.sync()
    with pytest.raises(OperationsForged):
        south.sync()
    with south.store.unit_of_work() as work:
        assert work.patients.get(patient).family_name == "From the east"
    centre.log.rows[key] = good
    sync_all(north, south, east)
    assert agree(north, south, east)


def test_what_a_revoked_workstation_wrote_too_late_counts_nowhere(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    patient = north.registers("Right")
    sync_all(north, south)
    epoch, seq = north.store.workstation.epoch, north.desk.status().heads[0].seq
    north.renames(patient, family_name="Wrong")
    sync_all(north, south)
    centre.revoke(north.member.origin, epoch, seq)
    with pytest.raises(WorkstationRevoked):
        north.sync()
    south.sync()
    with south.store.unit_of_work() as work:
        assert work.patients.get(patient).family_name == "Right"


def test_an_old_program_writes_nothing_and_loses_nothing(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    sync_all(north, south)
    patient = north.registers("Kept")
    centre.min_schema = 2
    with pytest.raises(VersionTooOld):
        north.sync()
    assert north.desk.status().pending == 1
    centre.min_schema = 1
    sync_all(north, south)
    with south.store.unit_of_work() as work:
        assert work.patients.get(patient).family_name == "Kept"


def test_changes_of_a_newer_program_wait_until_this_one_is_updated(
    north: Workstation, south: Workstation
) -> None:
    patient = north.registers("Before the update")
    sync_all(north, south)
    north.version = 2
    north.renames(patient, phone="after the update")
    north.sync()
    with pytest.raises(VersionTooOld, match="north"):
        south.sync()
    other = south.registers("From the old program")
    with pytest.raises(VersionTooOld):
        south.sync()
    south.version = 2
    sync_all(north, south)
    assert agree(north, south)
    with north.store.unit_of_work() as work:
        assert work.patients.get(other).family_name == "From the old program"


def test_an_answer_to_what_only_a_newer_program_asks_is_kept_until_this_one_is_updated(
    north: Workstation, south: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Joint learning came with the fourth rules of the fold; before them nobody could read it."""
    patient = north.registers()
    sync_all(north, south)
    for purpose, granted in ((Purpose.JOINT_LEARNING, True), (Purpose.SHARING, True)):
        given = a_consent(patient, north.user.id, purpose=purpose, granted=granted, at=north.now())
        north.do(lambda work, given=given: work.consents.add(given))
    with monkeypatch.context() as older:
        older.delitem(Purpose._value2member_map_, Purpose.JOINT_LEARNING.value)
        north.sync()
        south.sync()
        assert consent_there(south, patient) == {Purpose.SHARING: True}
        refused = a_consent(patient, south.user.id, purpose=Purpose.SHARING, granted=False)
        south.do(lambda work: work.consents.add(replace(refused, recorded_at=south.now())))
        with south.store.transaction() as db:
            db.run(text("UPDATE meta SET value = '3' WHERE name = 'fold'"))
            db.commit()
    south.reopen()
    sync_all(north, south)
    expected = {Purpose.SHARING: False, Purpose.JOINT_LEARNING: True}
    assert consent_there(south, patient) == consent_there(north, patient) == expected
    assert agree(north, south)


def test_a_set_that_only_a_newer_program_tells_of_is_there_once_this_one_is_updated(
    north: Workstation, south: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exported sets came with the fifth rules of the fold; before them nobody could read one."""
    sync_all(north, south)
    promoted, exported = (
        HeadEvent(new_id(), kind, north.now(), north.user.id, None, "why")
        for kind in (HeadEventKind.PROMOTED, HeadEventKind.EXPORTED)
    )
    north.do(lambda work: [work.head_events.add(one) for one in (exported, promoted)])
    with monkeypatch.context() as older:
        older.delitem(HeadEventKind._value2member_map_, HeadEventKind.EXPORTED.value)
        north.sync()
        south.sync()
        assert told_of_heads(south) == [promoted]
        with south.store.transaction() as db:
            db.run(text("UPDATE meta SET value = '4' WHERE name = 'fold'"))
            db.commit()
    south.reopen()
    assert told_of_heads(south) == told_of_heads(north) == [exported, promoted]
    assert agree(north, south)


def told_of_heads(one: Workstation) -> list[HeadEvent]:
    with one.store.unit_of_work() as work:
        return [*work.head_events.exports(), *work.head_events.all()]


def consent_there(one: Workstation, patient_id: UUID) -> dict[Purpose, bool]:
    with one.store.unit_of_work() as work:
        return current_consent(work.consents.of_patient(patient_id))


def test_hostile_content_under_a_valid_signature_shows_nothing_and_stops_nobody(
    north: Workstation, south: Workstation
) -> None:
    """Whoever stole a workstation can sign anything in its name."""
    bodies: tuple[dict[str, Any], ...] = (
        {"family_name": 5, "_replaces": "none"},
        {"operations": [["x"]], "patient_id": []},
        {"record_id": None, "versions": 3},
        {"kind": "no such kind", "at": "yesterday"},
    )

    def hostile(work: Any) -> None:
        for kind in (*EntityKind, 99):
            for body in bodies:
                work.log.write(kind, new_id(), body)

    north.do(hostile)
    patient = north.registers("Honest")
    sync_all(north, south)
    assert agree(north, south)
    with south.store.unit_of_work() as work:
        assert work.patients.get(patient).family_name == "Honest"
        assert [one.id for one in work.patients.search("")] == [patient]
