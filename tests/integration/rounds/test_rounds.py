"""Two workstations and a centre: everything reaches everybody, whatever is cut off."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic_app.db import replica
from clinic_app.db.store import EncryptedStore
from clinic_app.domain.consent import consent_text
from clinic_app.domain.errors import StoreFull
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note
from clinic_app.domain.operations import EntityKind, Operation, first_break
from clinic_app.services.sync_data import (
    CentreUnreachable,
    ConflictKind,
    OperationsForged,
    Resolution,
    VersionTooOld,
    WorkstationRevoked,
)
from clinic_app.sync.centre import PAGE_BYTES
from clinic_app.sync.wire import ClinicCipher
from tests.fakes.centre import FakeCentre
from tests.integration.db.records import a_consent, a_patient
from tests.integration.rounds.clinics import Workstation, agree, rows, sync_all
from tests.integration.rounds.conftest import Make


def test_the_words_that_were_shown_travel_with_the_consent(
    north: Workstation, south: Workstation
) -> None:
    patient = north.registers()
    shown = consent_text("hi", "made-up words")
    given = replace(a_consent(patient, north.user.id, at=north.now()), shown=shown)
    north.do(lambda work: work.consents.add(given))
    sync_all(north, south)
    with south.store.unit_of_work() as work:
        assert work.consents.of_patient(patient) == [given]
    assert agree(north, south)


def test_what_one_writes_the_other_reads(north: Workstation, south: Workstation) -> None:
    patient = north.registers("Okafor")
    sync_all(north, south)
    south.renames(patient, phone="112")
    sync_all(north, south)
    assert agree(north, south)
    with north.store.unit_of_work() as work:
        assert work.patients.get(patient).phone == "112"
    assert north.desk.status().pending == 0
    assert north.desk.marks((patient,)) == {patient: True}


def test_the_centre_reads_no_name_and_no_word(north: Workstation, centre: FakeCentre) -> None:
    patient = north.registers("Featherstonehaugh")
    north.writes_note(patient, "Sleeping better")
    north.sync()
    sent = b"".join(row.body for row in centre.log.rows.values())
    assert b"Featherstonehaugh" not in sent
    assert b"Sleeping" not in sent


def test_an_idle_round_takes_two_statements(north: Workstation, centre: FakeCentre) -> None:
    north.sync()
    assert north.sync().statements == 2


def test_a_second_store_adopts_the_clinic_of_the_centre(
    north: Workstation, south: Workstation
) -> None:
    sync_all(north, south)
    for one in (north, south):
        with one.store.unit_of_work() as work:
            assert work.clinic.get().name == "north"
            assert work.users.by_user_name(one.user.user_name) == one.user


def test_both_edits_survive_a_conflict(north: Workstation, south: Workstation) -> None:
    note = north.writes_note(north.registers(), "Sleeping better")
    sync_all(north, south)
    north.edits(note, "Sleeping well")
    south.edits(note, "Relapse")
    sync_all(north, south)
    assert agree(north, south)
    assert north.versions(note) == south.versions(note) == {"Sleeping well", "Relapse"}
    (conflict,) = south.desk.conflicts()
    assert conflict.kind is ConflictKind.TEXT
    assert {version.workstation for version in conflict.versions} == {"north", "south"}
    south.desk.resolve(conflict.id, Resolution.MERGE, fields={"text": "Slept well, then relapse"})
    sync_all(north, south)
    assert agree(north, south)
    assert north.versions(note) == {"Slept well, then relapse"}
    assert north.desk.conflicts() == ()


def test_of_two_signatures_the_one_received_first_is_shown_and_the_other_stays_visible(
    north: Workstation, south: Workstation
) -> None:
    note = north.writes_note(north.registers(), "Draft")
    sync_all(north, south)
    south.edits(note, "As signed in the south")
    south.signs(note)
    north.edits(note, "As signed in the north")
    north.signs(note)
    sync_all(south, north)
    assert agree(north, south)
    assert north.note(note).text == "As signed in the south"
    (conflict,) = north.desk.conflicts()
    assert conflict.kind is ConflictKind.DOUBLE_SIGNED
    assert north.versions(note) == {"As signed in the south", "As signed in the north"}
    north.desk.resolve(conflict.id, Resolution.MERGE, fields={"text": "Both were meant"})
    sync_all(north, south)
    assert agree(north, south)
    assert south.desk.conflicts() == ()
    assert south.note(note).text == "As signed in the south"


@pytest.mark.parametrize("statement", ["facts", "heads", "fetch", "push", "received"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_line_that_breaks_anywhere_loses_and_doubles_nothing(
    north: Workstation, south: Workstation, centre: FakeCentre, statement: str, side: str
) -> None:
    north.registers("One")
    south.registers("Two")
    for one in (north, south):
        broken = []

        def cut(place: str, broken: list[str] = broken) -> None:
            if place == f"{side} {statement}" and not broken:
                broken.append(place)
                raise CentreUnreachable("The line was cut.")

        one.cut = cut
        for _ in range(2):
            try:
                one.sync()
            except CentreUnreachable:
                assert broken
                one.reopen()
    sync_all(north, south)
    assert agree(north, south)
    check_sequences(centre, north, south)


def check_sequences(centre: FakeCentre, *workstations: Workstation) -> None:
    """Gap-free from 1, here and there, and chained."""
    expected = {key: len(seqs) for key, seqs in centre.sequences().items()}
    for key, seqs in centre.sequences().items():
        assert seqs == list(range(1, len(seqs) + 1)), key
    for one in workstations:
        with one.store.transaction() as db:
            found = {(r.origin, r.epoch): r.seq for r in replica.reaches(db)}
            for origin, epoch in found:
                assert first_break(replica.operations(db, origin, epoch, 0)) is None
        assert found == expected


def test_a_restored_server_gets_the_tail_again(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    sync_all(north, south)
    centre.back_up()
    patient = north.registers("After the backup")
    sync_all(north, south)
    centre.restore(0)
    south.renames(patient, phone="5")
    sync_all(south, north)
    sync_all(south, north)
    assert agree(north, south)
    check_sequences(centre, north, south)


def test_an_old_copy_of_a_store_goes_on_under_a_new_epoch(
    north: Workstation, south: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    patient = north.registers("Before")
    note = north.writes_note(patient, "Before the copy")
    north.sync()
    north.copy_folder(tmp_path / "copy")
    north.edits(note, "Lost with the disk, but sent")
    north.sync()
    north.put_back(tmp_path / "copy")
    north.edits(note, "Written on the old copy")
    north.registers("On the old copy")
    sync_all(north, south)
    assert agree(north, south)
    assert north.versions(note) == {"Lost with the disk, but sent", "Written on the old copy"}
    check_sequences(centre, north, south)


def test_a_clone_writes_beside_its_original(
    north: Workstation, south: Workstation, centre: FakeCentre, tmp_path: Path
) -> None:
    note = north.writes_note(north.registers(), "Before")
    north.copy_folder(tmp_path / "clone")
    clone = Workstation(centre, tmp_path / "clone", "north", north.member)
    clone.open(north.user)
    north.edits(note, "Original")
    clone.edits(note, "Clone")
    sync_all(north, clone, south)
    sync_all(north, clone, south)
    assert agree(north, clone, south)
    assert south.versions(note) == {"Original", "Clone"}
    check_sequences(centre, north, clone, south)
    clone.store.close()


def test_a_clock_far_ahead_wins_nothing_for_long(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    patient = north.registers("First")
    sync_all(north, south)
    north.clock_off = timedelta(days=3650)
    north.reopen()
    north.renames(patient, phone="from the future")
    result = north.sync()
    assert result.clock_off_seconds is not None
    assert result.clock_off_seconds > 3e8
    centre.pass_time(minutes=6)
    south.renames(patient, phone="now")
    sync_all(south, north)
    assert agree(north, south)
    with north.store.unit_of_work() as work:
        assert work.patients.get(patient).phone == "now"


def test_an_edit_made_after_seeing_a_value_beats_it_whatever_the_clock(
    north: Workstation, south: Workstation
) -> None:
    patient = north.registers("First")
    north.clock_off = timedelta(days=3650)
    south.clock_off = timedelta(days=-3650)
    for one in (north, south):
        one.reopen()
    for number in range(6):
        one = (north, south)[number % 2]
        sync_all(north, south)
        one.renames(patient, phone=str(number))
        sync_all(north, south)
        with north.store.unit_of_work() as work:
            assert work.patients.get(patient).phone == str(number)
    assert agree(north, south)


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


def test_words_that_arrive_while_somebody_types_are_not_written_over(
    north: Workstation, south: Workstation
) -> None:
    """An open editor knows only the words it began with."""
    note = north.writes_note(north.registers(), "As both saw it")
    sync_all(north, south)
    opened = north.note(note)
    south.edits(note, "From the south, meanwhile")
    sync_all(north, south)
    assert north.note(note).text == "From the south, meanwhile"
    north.do(
        lambda work: work.notes.save(
            replace(work.notes.get(note), text="Typed in the north"), over=opened
        )
    )
    sync_all(north, south)
    assert north.versions(note) == {"Typed in the north", "From the south, meanwhile"}
    assert agree(north, south)


def test_statements_follow_what_is_new(
    north: Workstation, south: Workstation, centre: FakeCentre
) -> None:
    sync_all(north, south)

    def many(work) -> None:  # type: ignore[no-untyped-def]
        for number in range(1200):
            work.patients.add(a_patient(f"Patient {number}"))

    north.do(many)
    centre.statements.clear()
    north.sync()
    assert Counter(centre.statements) == {"facts": 1, "heads": 2, "push": 3, "received": 1}
    centre.statements.clear()
    south.sync()
    assert Counter(centre.statements) == {"facts": 1, "heads": 1, "fetch": 2}
    assert agree(north, south)


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


def test_what_a_restored_server_and_a_lost_laptop_had_is_sent_by_who_pulled_it(
    north: Workstation,
    south: Workstation,
    workstation: Make,
    centre: FakeCentre,
) -> None:
    sync_all(north, south)
    centre.back_up()
    patient = north.registers("Only north and south have it")
    note = north.writes_note(patient, "As written")
    north.edits(note, "As edited")
    sync_all(north, south)
    before = rows(south)["patient"]
    centre.restore(0)
    south.sync()  # north never comes back
    centre.pass_time(days=6)
    south.sync()
    assert rows(south)["patient"] == before
    centre.pass_time(days=2)
    south.sync()
    east = workstation("east")
    sync_all(south, east)
    assert agree(south, east)
    assert east.versions(note) == {"As edited"}
    check_sequences(centre, south, east)
    sync_all(north, south, east)  # it was found under a seat
    sync_all(north, south, east)
    assert agree(north, south, east)
    assert north.versions(note) == {"As edited"}
    check_sequences(centre, north, south, east)


@pytest.mark.parametrize("days", [-3650, 3650])
def test_the_centres_time_is_followed_after_the_program_was_closed(
    north: Workstation, days: int
) -> None:
    north.clock_off = timedelta(days=days)
    north.sync()
    ahead = north.store.clock.ahead_ms
    assert abs(ahead / 86_400_000 + days) < 0.01
    north.centre.pass_time(hours=1)
    north.reopen()
    assert north.store.clock.ahead_ms == ahead
    north.clock_off = timedelta(0)  # somebody sets it while the program is closed
    north.reopen()
    assert north.store.clock.ahead_ms == 0
    north.clock_off = timedelta(days=days)
    north.reopen()
    north.clock_off = timedelta(0)
    north.sync()  # or while it is open: the round says so, and that is kept
    north.reopen()
    assert north.store.clock.ahead_ms == 0


@pytest.mark.parametrize("days", [-3650, 3650])
def test_a_clock_years_off_is_told_and_stops_nothing(
    north: Workstation, south: Workstation, days: int
) -> None:
    patient = south.registers("Honest")
    sync_all(south, north)
    north.clock_off = timedelta(days=days)
    north.renames(patient, phone="from another age")
    assert north.sync().pushed == 1
    told = north.desk.status()
    assert told.trouble is None
    assert told.pending == 0
    assert told.clock_off_seconds is not None
    assert abs(told.clock_off_seconds / 86_400 - days) < 1
    north.reopen()
    assert north.desk.status().clock_off_seconds == told.clock_off_seconds
    north.centre.pass_time(minutes=6)
    south.sync()
    south.renames(patient, phone="of today")
    sync_all(south, north)
    assert agree(north, south)
    with north.store.unit_of_work() as work:
        assert work.patients.get(patient).phone == "of today"
    north.clock_off = timedelta(0)
    north.sync()
    assert north.desk.status().clock_off_seconds is None


def test_a_clock_that_is_off_is_told_though_the_round_fails(north: Workstation) -> None:
    north.clock_off = timedelta(minutes=-7)

    def cut(place: str) -> None:
        if place == "after heads":
            raise CentreUnreachable("The line was cut.")

    north.cut = cut
    with pytest.raises(CentreUnreachable):
        north.sync()
    assert north.desk.status().clock_off_seconds == pytest.approx(-420, abs=1)


def test_an_offset_that_a_round_has_ended_does_not_come_back_later(north: Workstation) -> None:
    north.clock_off = timedelta(hours=1)
    north.sync()
    north.clock_off = timedelta(0)
    north.reopen()  # plainly set back: the offset is not applied
    north.sync()
    north.centre.pass_time(hours=2)
    north.reopen()
    assert north.store.clock.ahead_ms == 0


def test_large_notes_travel_in_pages_of_bounded_bytes(
    north: Workstation,
    south: Workstation,
    centre: FakeCentre,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Notes of 300 kB that cannot be packed: memory follows the page, work the notes."""
    patient = north.registers()
    words = [secrets.token_bytes(112_500).hex() + secrets.token_hex(37_500) for _ in range(40)]
    north.do(
        lambda work: [
            work.notes.add(Note(new_id(), patient, north.user.id, north.now(), text))
            for text in words
        ]
    )
    sealings: list[int] = []
    seal = ClinicCipher.seal

    def counted(cipher: ClinicCipher, one: Operation) -> bytes:
        sealings.append(one.seq)
        return seal(cipher, one)

    with monkeypatch.context() as counting:
        counting.setattr(ClinicCipher, "seal", counted)
        north.sync()
    assert Counter(sealings).most_common(1)[0][1] <= 2, "a batch seals what it sends, no more"
    sent = sum(len(row.body) for row in centre.log.rows.values())
    assert sent > 5_000_000
    cuts: list[str] = []

    def cut(place: str) -> None:
        cuts.append(place)
        if place == "after fetch" and cuts.count(place) == 2:
            raise CentreUnreachable("The line was cut.")

    south.cut = cut
    with pytest.raises(CentreUnreachable):
        south.sync()
    south.reopen()
    south.sync()
    assert agree(north, south)
    assert centre.longest_page < PAGE_BYTES + 300_000
    assert cuts.count("after fetch") >= 3


def test_a_laptop_whose_disk_is_full_takes_whole_pages_or_none_and_goes_on_once_there_is_room(
    north: Workstation, south: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit of pages is SQLite's own; it fails as on a full disk."""
    sync_all(north, south)
    patient = north.registers()
    for _ in range(6):
        north.writes_note(patient, secrets.token_hex(40_000))
    north.sync()
    before = rows(south)
    begin = EncryptedStore.begin
    limited = True

    def tight(store: EncryptedStore) -> Any:
        db = begin(store)
        driver: Any = db._connection.connection.driver_connection
        (pages,) = driver.execute("PRAGMA page_count").fetchone()
        driver.execute(f"PRAGMA max_page_count = {pages + 20 if limited else 1 << 30}")
        return db

    monkeypatch.setattr(EncryptedStore, "begin", tight)
    with pytest.raises(StoreFull):
        south.sync()
    assert rows(south) == before, "nothing of the page is there"
    limited = False
    south.sync()
    assert agree(north, south)
