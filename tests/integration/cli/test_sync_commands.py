"""`clinic-app sync`: rounds, joining, status, and settling, on a centre in memory."""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from clinic_app.cli import doors
from clinic_app.cli import sync as commands
from clinic_app.db.vault import FolderVault
from clinic_app.domain.people import Role
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.sync_data import (
    CentreBusy,
    CentreUnreachable,
    ConflictKind,
    Resolution,
    RoundProgress,
    RoundResult,
    Stage,
)
from clinic_app.services.sync_pace import Pace
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer
from tests.fakes.sync import ALONE, ENROLMENT, JOINED, FakeSync, conflict
from tests.integration.cli.clinic import QUICK_ROUNDS, Run

AWAY = CentreUnreachable("No server of the centre answers; the changes wait on this laptop.")


@pytest.fixture
def centre(store: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSync:
    """A joined workstation whose centre is in memory."""
    fake = FakeSync()
    fake.now = JOINED

    def front_door(folder: Path | None) -> FrontDoor:
        vault = FolderVault(folder or store, rounds=QUICK_ROUNDS)
        readers = (FakeFaceReader(), FakeModelShelf(), FakeRenderer())
        return FrontDoor(vault, *readers, open_sync=fake.open)

    monkeypatch.setattr(doors, "front_door", front_door)
    return fake


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """No waiting between rounds; the waits that were asked for."""
    waits: list[float] = []

    class Hurried(Pace):
        def after_success(self) -> float:
            waits.append(super().after_success())
            return 0.0

        def after_failure(self, error: BaseException) -> float:
            waits.append(super().after_failure(error))
            return 0.0

    monkeypatch.setattr(commands, "Pace", Hurried)
    return waits


# --- one round ----------------------------------------------------------------------------------


def test_a_round_tells_what_travelled(cli: Run, centre: FakeSync) -> None:
    centre.result = RoundResult(3, 5, 1, 9, 0.25)
    assert cli("sync").out == "3 received, 5 sent, 1 to settle (0.2 s)\n"
    told = cli("sync", "--json")
    assert (told.code, told.err) == (0, "")
    assert told.json == {
        "pulled": 3,
        "pushed": 5,
        "conflicts": 1,
        "statements": 9,
        "seconds": 0.25,
        "clock_off_seconds": None,
        "remark": "",
    }
    assert centre.rounds == 2


def test_a_failed_round_is_one_sentence(cli: Run, centre: FakeSync) -> None:
    centre.fails_with = AWAY
    assert cli("sync").trouble == str(AWAY)
    assert cli("sync", "status", "--json").json["trouble"] == str(AWAY)


def test_a_clock_that_is_off_is_told_beside_the_result(cli: Run, centre: FakeSync) -> None:
    centre.result = replace(centre.result, clock_off_seconds=-240.0)
    told = cli("sync", "--json")
    assert told.code == 0
    assert told.json["clock_off_seconds"] == -240.0
    assert told.err == "The clock of this laptop is 4 minutes slow; please set it.\n"


def test_without_a_centre_there_is_no_round(cli: Run, store: Path, patient: str) -> None:
    assert cli("sync").trouble
    now = cli("sync", "status", "--json").json
    assert (now["joined"], now["centre"], now["hosts"]) == (False, None, [])
    assert [head["own"] for head in now["heads"]] == [True]
    assert now["pending"] > 0
    assert "on this laptop alone" in cli("sync", "status").out
    assert cli("sync", "conflicts", "--json").json == []


def test_progress_is_drawn_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, drawn in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        with commands._shown_progress() as hear:
            hear(RoundProgress(Stage.PULLING, 0.5, pulled=40))
            hear(RoundProgress(Stage.LOADING, 0.4))
        assert ("Receiving  50%  40 received, 0 sent" in stream.getvalue()) is drawn
        assert ("Loading the clinic's records  40%" in stream.getvalue()) is drawn
        assert bool(stream.getvalue()) is drawn


# --- watching -----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_watching_backs_off_and_ends_cleanly(
    cli: Run,
    centre: FakeSync,
    quick: list[float],
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:
    before = signal.getsignal(number)
    answers: list[BaseException | None] = [AWAY, AWAY, CentreBusy("Busy."), None, None]
    walk = FakeSync._walk

    def next_answer(
        self: FakeSync, watch: Callable[[RoundProgress], None], stop: Callable[[], bool]
    ) -> None:
        if not answers:
            os.kill(os.getpid(), number)  # during a round: it stops between two statements
        centre.fails_with = answers.pop(0) if answers else None
        walk(self, watch, stop)

    monkeypatch.setattr(FakeSync, "_walk", next_answer)
    centre.result = RoundResult(2, 0, 0, 3, 0.1)
    told = cli("sync", "--watch")
    assert told.code == 0
    assert told.out == "2 received, 0 sent, 0 to settle (0.1 s)\n" * 2
    assert told.err == f"{AWAY}\nBusy.\n"
    assert len(quick) == 5
    assert quick[1] > quick[0] / 2
    assert signal.getsignal(number) == before


def test_watching_has_no_single_document(cli: Run, centre: FakeSync) -> None:
    assert cli("sync", "--watch", "--json").code == 2
    assert centre.rounds == 0


# --- joining and status -------------------------------------------------------------------------


def test_joining_tells_to_delete_the_file(cli: Run, centre: FakeSync, tmp_path: Path) -> None:
    centre.now = FakeSync().now
    file = tmp_path / "north-1.enrolment"
    assert file.name in cli("sync", "join", file).trouble
    file.write_bytes(b"a letter")
    assert "enrolment file" in cli("sync", "join", file).trouble
    file.write_bytes(ENROLMENT)
    joined = cli("sync", "join", file)
    assert joined.out.splitlines() == [
        "This laptop is workstation north-1 of centre.example.",
        "Please delete the file north-1.enrolment now: it is as secret as a key.",
    ]
    assert cli("sync", "join", file).trouble


def test_status_tells_heads_and_servers(cli: Run, centre: FakeSync) -> None:
    centre.now = replace(JOINED, pending=12, pending_images=2, trouble=str(AWAY))
    now = cli("sync", "status", "--json").json
    assert (now["pending"], now["pending_images"], now["conflicts"]) == (12, 2, 0)
    assert now["heads"][0] == {
        "origin": 1,
        "epoch": 1_772_000_000_000,
        "seq": 240,
        "own": True,
        "workstation": "north-1",
    }
    assert [host["name"] for host in now["hosts"]] == ["centre.example", "spare.example"]
    lines = cli("sync", "status").out.splitlines()
    assert lines[1] == "Waiting       12 changes, 2 pictures"
    assert "Sequence      north-1/1772000000000 at 240 (own)" in lines
    assert lines[-1] == f"Trouble       {AWAY}"


# --- settling -----------------------------------------------------------------------------------


def test_conflicts_are_listed_with_all_their_words(cli: Run, centre: FakeSync) -> None:
    centre.found = [one := conflict(texts=("Better\nthan before", "Worse"))]
    (listed,) = cli("sync", "conflicts", "--json").json
    assert listed["id"] == one.id
    assert listed["ways"] == ["choose", "merge", "keep_both"]
    assert [version["fields"]["text"] for version in listed["versions"]] == [
        "Better\nthan before",
        "Worse",
    ]
    assert "    text: Better than before" in cli("sync", "conflicts").out.splitlines()


def test_a_conflict_is_settled_in_one_way(
    cli: Run, centre: FakeSync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (conflict(title=title) for title in "abc")
    centre.found = [first, second, third]
    merged = tmp_path / "merged.json"
    merged.write_text(json.dumps({"text": "Sleeping better, then badly."}), encoding="utf-8")
    assert cli("sync", "resolve", first.id).code == 2
    assert cli("sync", "resolve", first.id, "--choose", "0", "--keep-both").code == 2
    assert cli("sync", "resolve", first.id, "--choose", "9").trouble
    assert cli("sync", "resolve", first.id, "--choose", "0").out == "Settled; 2 left.\n"
    settled = cli("sync", "resolve", second.id, "--merge", merged, "--json").json
    assert settled == {"settled": second.id, "how": "merge", "conflicts": 1}
    monkeypatch.setattr("sys.stdin", io.StringIO('{"text": 3}'))
    assert cli("sync", "resolve", third.id, "--merge", "-").trouble
    assert cli("sync", "resolve", third.id, "--merge", tmp_path / "none").trouble
    merged.write_text("[" * 100_000, encoding="utf-8")
    assert "as JSON" in cli("sync", "resolve", third.id, "--merge", merged).trouble
    assert cli("sync", "resolve", third.id, "--keep-both").code == 0
    assert [how for _, how, _, _ in centre.settled] == [
        Resolution.CHOOSE,
        Resolution.MERGE,
        Resolution.KEEP_BOTH,
    ]
    assert centre.settled[1][3] == {"text": "Sleeping better, then badly."}
    assert cli("sync", "resolve", first.id, "--keep-both").trouble


def test_an_overlap_is_settled_by_moving(cli: Run, centre: FakeSync) -> None:
    centre.found = [one := conflict(ConflictKind.OVERLAP)]
    assert "moving" in cli("sync", "resolve", one.id, "--keep-both").trouble


def test_who_may_not_join_is_told_so(
    cli: Run, centre: FakeSync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_bytes(ENROLMENT)
    monkeypatch.setenv("CLINIC_APP_NEW_PASSWORD", COLLEAGUE_PASSWORD)
    made = cli("users", "add", COLLEAGUE, "--role", Role.COUNSELOR.value)
    assert made.code == 0, made.err
    monkeypatch.setenv("CLINIC_APP_USER", COLLEAGUE)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", COLLEAGUE_PASSWORD)
    assert cli("sync", "join", file).trouble == "Your role does not allow this."
    assert cli("sync").code == 0


def test_a_booking_says_whether_it_holds_at_the_centre(
    cli: Run, centre: FakeSync, patient: str
) -> None:
    asked = ("appointments", "request", "--patient", patient, "--start", "2099-03-03 10:00")
    booked = cli(*asked, "--book", "--anyway", "--confirm", "--json").json
    assert (booked["confirmation"], centre.rounds) == ("confirmed", 1)
    centre.fails_with = AWAY
    centre.unsent = {UUID(booked["id"])}
    moved = ("appointments", "reschedule", booked["id"], "--anyway", "--start")
    away = cli(*moved, "2099-03-04 10:00", "--confirm", "--json")
    assert (away.code, away.json["confirmation"]) == (0, "waiting")
    said = cli(*moved, "2099-03-05 10:00", "--confirm").out
    assert "it is confirmed when the centre has it" in said
    assert "confirmation" not in cli(*moved, "2099-03-06 10:00", "--json").json
    assert centre.rounds == 3


def test_without_a_centre_there_is_nothing_to_confirm(
    cli: Run, centre: FakeSync, patient: str
) -> None:
    centre.now = ALONE
    asked = ("appointments", "request", "--patient", patient, "--start", "2099-03-03 10:00")
    booked = cli(*asked, "--book", "--anyway", "--confirm", "--json")
    assert (booked.code, booked.json["confirmation"], centre.rounds) == (0, None, 0)
