"""The audit trail on a real store: what was done stands in it, and what is wrong in it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_app.domain.audit import AuditCheck
from clinic_app.domain.audit_heads import AuditGap
from clinic_app.services.audit import AuditService
from tests.integration.cli.clinic import Run


def test_everything_that_was_done_stands_in_an_intact_audit_trail(patient: str, cli: Run) -> None:
    before = cli("audit", "verify", "--json").json
    assert before["intact"] is True
    cli("patients", "show", patient)
    after = cli("audit", "verify", "--json").json
    assert after["intact"] is True
    assert after["entries"] >= before["entries"] + 3
    assert "intact" in cli("audit", "verify").out


SHORT = AuditGap("North", True, 120, datetime(2026, 3, 2, 9, tzinfo=UTC), 7, False)


def test_the_gap_of_another_workstation_is_told_and_no_failure(
    store: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = AuditCheck(7, "ab", gaps=(replace(SHORT, own=False), replace(SHORT, renewed=True)))
    monkeypatch.setattr(AuditService, "verify", lambda service: check)
    answer = cli("audit", "verify", "--json")
    assert answer.code == 0
    assert answer.err.count("“North” is shorter") == 2
    assert [gap["told"] for gap in answer.json["gaps"]] == [120, 120]


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (AuditCheck(7, "ab", broken_at=8), "entry 8 does not fit"),
        (AuditCheck(7, "ab", truncated=True), "newest entries are missing"),
        (AuditCheck(7, "ab", gaps=(SHORT,)), "“North” is shorter than what it told"),
    ],
)
def test_an_altered_audit_trail_is_one_sentence_and_code_1(
    store: Path, cli: Run, monkeypatch: pytest.MonkeyPatch, check: AuditCheck, words: str
) -> None:
    monkeypatch.setattr(AuditService, "verify", lambda service: check)
    assert words in cli("audit", "verify").trouble
    answer = cli("audit", "verify", "--json")
    assert words in answer.trouble
    assert answer.json["intact"] is False
