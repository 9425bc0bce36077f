"""`clinic-app doctor`: what is wrong with this installation, and how to put it right."""

from __future__ import annotations

from dataclasses import asdict

import typer

from clinic_app.cli.checks import Check, Verdict, all_checks
from clinic_app.cli.options import Json, Store
from clinic_app.cli.output import print_json, say

_MARKS = {Verdict.OK: "ok   ", Verdict.NOTE: "note ", Verdict.WRONG: "WRONG"}


def doctor(store: Store = None, as_json: Json = False) -> None:
    """Check the installation, the models and the store folder; exit code 1 when one is wrong."""
    checks: list[Check] = []
    for check in all_checks(store):
        checks.append(check)
        if not as_json:
            _print(check)
    wrong = [check for check in checks if check.verdict is Verdict.WRONG]
    if as_json:
        print_json({"ok": not wrong, "checks": [asdict(check) for check in checks]})
    elif not wrong:
        say("Everything is in order.")
    if wrong:
        raise typer.Exit(1)


def _print(check: Check) -> None:
    say(f"{_MARKS[check.verdict]}  {check.name}: {check.found}")
    if check.fix:
        say(f"       → {check.fix}")
