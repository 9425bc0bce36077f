"""Two workstations and a centre: everything reaches everybody."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from clinic_app.db.store import EncryptedStore
from clinic_app.domain.consent import consent_text
from clinic_app.domain.errors import StoreFull
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note
from clinic_app.domain.operations import Operation
from clinic_app.services.sync_data import (
    CentreUnreachable,
    ConflictKind,
    Resolution,
)
from clinic_app.sync.centre import PAGE_BYTES
from clinic_app.sync.wire import ClinicCipher
from tests.fakes.centre import FakeCentre
from tests.integration.db.records import a_consent, a_patient
from tests.integration.rounds.clinics import Workstation, agree, rows, sync_all


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
