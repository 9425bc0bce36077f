"""Three clinics with encrypted stores learn together on a real server, by the command line."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from clinic_app.cli.program import main
from clinic_app.db.vault import FolderVault
from clinic_app.domain.consent import Purpose
from clinic_app.domain.local_head import LocalHead
from clinic_app.inference.learning import federated
from clinic_app.inference.learning.fitting import Cases
from clinic_app.services import sites_cases
from clinic_app.services.sites_cases import joint_pool, site_cases
from clinic_app.sync.mysql.sites import SitesTable
from clinic_app.sync.sites.exchange import own_of
from tests.fakes.clock import START
from tests.fakes.labelled import SHARED, fill, withdraw
from tests.integration.cli.clinic import (
    PASSWORD as STAFF_PASSWORD,
)
from tests.integration.cli.clinic import (
    QUICK_ROUNDS,
    USER,
    Answer,
    make_store,
    open_store,
    run_here,
)
from tests.support.central import ADMIN, PASSWORD, Server
from tests.support.sites import pooled
from tests.support.sql import fresh_database

Run = Callable[..., Answer]
CLINICS = ("North", "South", "East")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clinics with 130 people each; seven in ten are not locked away."""
    folder = tmp_path_factory.mktemp("clinics")
    for seed, name in enumerate(CLINICS, 1):
        make_store(folder / name)
        store = open_store(folder / name)
        with store.unit_of_work() as work:
            (by,) = work.users.all()
        fill(store.unit_of_work, by.id, 130, knows=0.5, seed=seed, purposes=SHARED)
        store.close()
    return folder


@pytest.fixture
def clinics(filled: Path, central: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of them. A store of the thousand people that a round needs takes minutes to fill: here
    a tenth is enough, and that the full figures hold is tested where people cost nothing."""
    monkeypatch.setattr(federated, "SMALLEST_SITE", 60)
    monkeypatch.setattr(sites_cases, "SMALLEST_SITE", 60)
    monkeypatch.setattr(federated, "PEOPLE_PER_NUMBER", 4)
    monkeypatch.setattr(federated, "PEOPLE_PER_BAND", 10)
    monkeypatch.setattr(federated, "STANDING_OUT", 0.9)
    monkeypatch.setenv("CLINIC_APP_DB_PASSWORD", PASSWORD)
    monkeypatch.setenv("CLINIC_APP_USER", USER)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", STAFF_PASSWORD)
    monkeypatch.setattr("clinic_app.db.vault.open_vault", partial(FolderVault, rounds=QUICK_ROUNDS))
    folder = tmp_path / "clinics"
    shutil.copytree(filled, folder)
    return folder


@pytest.fixture
def cli(clinics: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """``cli("North", "advance").json``"""

    def run(name: str, *words: str | Path) -> Answer:
        place = ("--store", clinics / name, "--json")
        return run_here(capsys, "learning", "sites", *words, *place)

    return run


@pytest.fixture
def grouped(
    cli: Run, central: Server, clinics: Path, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    """All three have joined one group; what the server's command said of it."""
    cards = []
    for name in CLINICS:
        _rename(clinics / name, name)
        cards += ["--card", clinics / f"{name}.card"]
        assert cli(name, "card", "-o", cards[-1]).code == 0
    way = [
        *("--host", "localhost", "--port", str(central.port)),
        *("--ca", str(central.authority_file)),
        *("--admin-user", ADMIN, "--database", fresh_database()),
    ]
    out = clinics / "files"
    made = run_here(capsys, "server", "sites", "Towns", *cards, "-o", out, *way, "--json").json
    again = run_here(capsys, "server", "sites", "Towns", *cards, "-o", clinics / "more", *way)
    assert "one of its own" in again.trouble
    assert not (clinics / "more").exists()
    for name, file in zip(CLINICS, made["files"], strict=True):
        assert Path(file).stat().st_mode & 0o77 == 0
        looked = cli(name, "group", file).json
        assert looked["joined"] is False
        assert "code" not in looked, "it has to come from another clinic"
        assert all(one["code"] for one in looked["members"])
        told = run_here(capsys, "learning", "sites", "group", file, "--store", clinics / name)
        assert made["code"] not in told.out
        assert "not the code" in cli(name, "group", file, "--code", "AAAA").trouble
        assert cli(name, "group", file, "--code", made["code"]).json["joined"] is True
    return made


def _rename(folder: Path, name: str) -> None:
    from dataclasses import replace

    store = open_store(folder)
    with store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), name=name))
        work.commit()
    store.close()


def agree(cli: Run) -> str:
    row = cli("North", "agree", "--reason", "For all of us.").json
    for name in CLINICS[1:]:
        invited = cli(name, "status", "--ask").json["rounds"][0]
        assert (invited["id"], invited["state"]) == (row["id"], "invited")
        cli(name, "agree", row["id"], "--reason", "We too.")
    return str(row["id"])


def go_on(cli: Run) -> dict[str, dict[str, Any]]:
    """Each clinic in turn, until every one has an end."""
    ends: dict[str, dict[str, Any]] = {}
    for _ in range(60):
        for name in CLINICS:
            if name not in ends:
                row = cli(name, "advance").json
                if row["state"] in ("finished", "stopped"):
                    ends[name] = row
        if len(ends) == len(CLINICS):
            return ends
    raise AssertionError("The round has no end.")


def looked_into(folder: Path) -> tuple[list[LocalHead], Cases]:
    """The heads of a store, and what a fit with others would take now."""
    store = open_store(folder)
    with store.unit_of_work() as work:
        heads, pool = work.heads.all(), joint_pool(work, START)
        cases = own_of(site_cases(work, pool.base, pool.fitted)).cases
        work.commit()
    store.close()
    return heads, cases


def assert_pooled(clinics: Path) -> LocalHead:
    found = [looked_into(clinics / name) for name in CLINICS]
    parts = [cases for _, cases in found]
    for (head,), _ in found:
        cuts, weights = pooled(parts, head.penalty)
        assert head.weights == pytest.approx(federated.unshared(weights, 512), abs=1e-6)
        assert head.cuts == pytest.approx(cuts, abs=1e-6)
        assert head.all_cases == sum(map(len, parts))
    assert max(map(abs, found[0][0][0].weights)) > 0.001
    return found[0][0][0]


def test_three_clinics_end_at_the_pooled_head_which_one_of_them_judges_and_promotes(
    cli: Run, grouped: dict[str, Any], clinics: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = cli("North", "status").json
    assert (now["group"]["code"], now["against"], now["rounds"]) == (grouped["code"], [], [])
    assert (
        "has to end"
        not in run_here(capsys, "learning", "sites", "status", "--store", clinics / "North").out
    )
    agree(cli)
    said = run_here(capsys, "learning", "sites", "status", "--store", clinics / "North").out
    assert "people, while it is under way" in said
    assert "To share   0 cases of 0 people beside them, for a later round" in said
    assert "of 60 people" not in said
    assert "under way" in cli("North", "agree", "--reason", "Again.").trouble
    ends = go_on(cli)
    assert {one["state"] for one in ends.values()} == {"finished"}
    head = assert_pooled(clinics)
    assert head.sites == CLINICS
    assert head.version == ends["North"]["head"]
    status = run_here(capsys, "learning", "status", "--json", "--store", clinics / "North").json
    (row,) = status["heads"]
    assert (row["sites"], row["out_of_fold_kappa"], row["withdrawn"]) == (list(CLINICS), None, 0)
    assert any("not been compared" in one for one in row["against"])
    members = run_here(
        capsys, "learning", "members", head.version, "--json", "--store", clinics / "North"
    ).json
    assert [one["screening_id"] for one in members] == list(map(str, head.cases))
    assert "0 of 60 people" in str(cli("North", "status").json["against"])
    assert "No round" in cli("North", "advance").trouble


def test_who_withdraws_stops_the_round_and_is_in_no_later_one(
    cli: Run, grouped: dict[str, Any], clinics: Path
) -> None:
    agree(cli)
    store = open_store(clinics / "South")
    with store.unit_of_work() as work:
        leaving = joint_pool(work, START).fitted[0]
        (by,) = work.users.all()
        withdraw(work, leaving.case.patient_id, by.id, Purpose.JOINT_LEARNING)
        work.commit()
    store.close()
    assert "not be used any more" in cli("South", "advance").trouble
    for name in ("North", "East"):
        row = cli(name, "advance").json
        assert (row["state"], row["stopped_by"], row["sent"]) == ("stopped", ["South"], False)
    agree(cli)
    assert {one["state"] for one in go_on(cli).values()} == {"finished"}
    assert_pooled(clinics)
    (head,), _ = looked_into(clinics / "South")
    assert leaving.case.screening_id not in head.cases


@pytest.mark.parametrize("sent", [False, True])
def test_killed_in_the_middle_of_advance_it_goes_on(
    cli: Run, grouped: dict[str, Any], clinics: Path, sent: bool
) -> None:
    """SIGKILL just before, and just after, a message has reached the centre."""
    agree(cli)
    cli("South", "advance")
    cli("East", "advance")
    arguments = ["learning", "sites", "advance", "--store", str(clinics / "North")]
    child = multiprocessing.get_context("fork").Process(target=_killed_at, args=(sent, arguments))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    assert {one["state"] for one in go_on(cli).values()} == {"finished"}
    assert_pooled(clinics)


def _killed_at(sent: bool, arguments: list[str]) -> None:
    """Run a command that dies at its second message, a gradient and the Hessian."""
    post, count = SitesTable.post, 0

    def cut(table: SitesTable, row: Any) -> None:
        nonlocal count
        count += 1
        if count < 2 or sent:
            post(table, row)
        if count == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    SitesTable.post = cut  # type: ignore[method-assign]
    main(arguments)


def test_a_forged_message_stops_the_round_and_says_so(
    cli: Run, grouped: dict[str, Any], clinics: Path, central: Server
) -> None:
    from clinic_app.sync.mysql.connection import Connection

    agree(cli)
    file = json.loads(Path(grouped["files"][1]).read_text())
    admin = Connection(central.host, central.admin, file["database"])
    admin.run("UPDATE site_message SET body = REVERSE(body) WHERE site = 1")
    admin.close()
    assert "altered" in cli("North", "advance").trouble
    (row,) = cli("North", "status").json["rounds"]
    assert (row["state"], row["stopped_by"]) == ("stopped", ["North"])
    assert looked_into(clinics / "North")[0] == []


def test_the_full_figures_stop_a_round_of_few_people_before_any_sum(
    cli: Run, grouped: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(cli)
    monkeypatch.setattr(federated, "PEOPLE_PER_NUMBER", 20)
    assert "fewer than 640 people" in cli("North", "advance").trouble
    row = cli("South", "advance").json
    assert (row["state"], row["stopped_by"], row["sent"]) == ("stopped", ["North"], False)


def test_a_clinic_that_declines_ends_the_round_for_all(cli: Run, grouped: dict[str, Any]) -> None:
    row = cli("North", "agree", "--reason", "For all of us.").json
    waits = cli("North", "advance").json
    assert waits["waiting_for"] == ["South", "East"]
    assert datetime.fromisoformat(waits["waiting_since"]).tzinfo is not None
    declined = cli("East", "stop", row["id"], "--reason", "Not now.").json
    assert (declined["state"], declined["stopped_by"]) == ("stopped", ["East"])
    assert cli("North", "advance").json["stopped_by"] == ["East"]
    assert "not asked" in cli("North", "stop", "0" * 32, "--reason", "x").trouble
