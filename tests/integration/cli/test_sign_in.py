"""Who runs a command: user and password from the environment."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration.cli.clinic import PASSWORD, USER, Run

COMMANDS = [
    ("patients", "list"),
    ("screenings", "list"),
    ("safety", "list"),
    ("audit", "verify"),
    (
        *("patients", "add", "--family-name", "A", "--given-name", "B"),
        *("--birth-date", "1990-01-01"),
    ),
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("missing", ["CLINIC_APP_USER", "CLINIC_APP_PASSWORD"])
def test_without_user_or_password_the_missing_variable_is_named(
    store: Path, cli: Run, monkeypatch: pytest.MonkeyPatch, missing: str, command: tuple[str, ...]
) -> None:
    monkeypatch.delenv(missing)
    assert missing in cli(*command).trouble


@pytest.mark.parametrize(("user", "password"), [(USER, "wrong-password-1"), ("nobody", PASSWORD)])
def test_a_wrong_user_or_password_is_one_sentence_that_tells_neither(
    store: Path, cli: Run, monkeypatch: pytest.MonkeyPatch, user: str, password: str
) -> None:
    monkeypatch.setenv("CLINIC_APP_USER", user)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", password)
    refused = cli("patients", "list", "--json")
    assert refused.out == ""
    assert password not in refused.trouble


def test_a_failed_sign_in_stands_in_the_audit_trail_afterwards(
    store: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cli("audit", "verify", "--json").json["entries"]
    monkeypatch.setenv("CLINIC_APP_PASSWORD", "wrong-password-1")
    assert cli("patients", "list").code == 1
    monkeypatch.setenv("CLINIC_APP_PASSWORD", PASSWORD)
    after = cli("audit", "verify", "--json").json["entries"]
    # the reading and the sign-out of the first look, then the failure and the new sign-in
    assert after == before + 4


def test_after_many_wrong_passwords_even_the_right_one_has_to_wait(
    store: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINIC_APP_PASSWORD", "wrong-password-1")
    sentences = {cli("patients", "list").trouble for _ in range(8)}
    assert any("wait" in sentence for sentence in sentences)
    monkeypatch.setenv("CLINIC_APP_PASSWORD", PASSWORD)
    assert "wait" in cli("patients", "list").trouble


def test_a_folder_without_a_clinic_is_one_sentence_and_stays_as_it_is(
    store: Path, cli: Run, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere"
    assert "no clinic" in cli("patients", "list", "--store", nowhere).trouble
    assert not nowhere.exists()
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no clinic" in cli("patients", "list", "--store", empty).trouble
    assert list(empty.iterdir()) == []


def test_a_tilde_in_the_environment_means_the_home_folder(
    store: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(store.parent))
    monkeypatch.setenv("USERPROFILE", str(store.parent))
    monkeypatch.setenv("CLINIC_APP_STORE", f"~/{store.name}")
    assert cli("patients", "list", "--json").json == []


def test_the_option_counts_before_the_environment(store: Path, cli: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(store, other)
    add = ("patients", "add", "--family-name", "A", "--given-name", "B")
    assert cli(*add, "--birth-date", "1990-01-01", "--store", other).code == 0
    assert cli("patients", "list", "--json").json == []
    assert len(cli("patients", "list", "--store", other, "--json").json) == 1
