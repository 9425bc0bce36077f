"""The commands and where each is found: its module is loaded when it is called, not before."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "screen": ("screen:screen", "Read visible depressive affect from pictures and videos."),
    "setup": ("setup:setup", "Set up a clinic: profile, crisis contacts, administrator."),
    "demo": ("demo:demo", "Screen the sample photo in a made-up clinic."),
    "evaluate": ("evaluate:evaluate", "Measure the shipped models on labelled faces."),
    "doctor": ("care:doctor", "Check the installation, the models and the store folder."),
    "worklist": ("worklist:worklist", "List who comes next and why, by facts."),
    "report": ("report:report", "Print a report as a PDF, or verify a printed hash."),
    "restore": ("backup:restore", "Bring a backup back into an empty folder."),
    "export": ("export:export", "Write a person's records as FHIR R4B and PDF reports."),
    "patients": ("patients:app", "Register, find, show and merge patients."),
    "consent": ("consent:app", "Record and show consent, per purpose."),
    "questionnaire": ("questionnaire:app", "Enter PHQ-9 and GAD-7 answers."),
    "screenings": ("screenings:app", "Screenings and drafts of them."),
    "safety": ("safety:app", "Safety steps that are open."),
    "notes": ("notes:app", "Write, list, sign, add to and discard clinical notes."),
    "interventions": ("interventions:app", "Record and list what was done for a patient."),
    "reviews": ("reviews:app", "Review finished screenings: judge first."),
    "appointments": ("appointments:app", "Appointments, on the clinic's clocks."),
    "tasks": ("tasks:app", "Tasks with an owner and a due date."),
    "handover": ("handover:app", "Hand work over, with a receipt."),
    "feedback": ("feedback:app", "What people say about the service."),
    "audit": ("audit:app", "The audit trail."),
    "users": ("users:app", "Accounts of the staff."),
    "instruments": ("instruments:app", "Official translations of the questionnaires."),
    "backup": ("backup:app", "Back the clinic up into one encrypted file."),
    "retention": ("retention:app", "How long images and drafts stay."),
    "erasure": ("erasure:app", "Requests for erasure."),
    "recovery-key": ("recovery:app", "The clinic's recovery key."),
    "models": ("models:app", "The shipped models."),
    "learning": ("learning:app", "Learning from the clinic: local heads and their labels."),
    "style": ("style:app", "The style studio."),
    "sync": ("sync:app", "Sync with a central server."),
    "server": ("server:app", "The central MySQL or MariaDB, for who looks after it."),
}
"""Name → ``module:attribute`` below ``clinic_app.cli`` and the line in ``clinic-app --help``."""


class Program(TyperGroup):
    """All of ``COMMANDS``: a call loads the one it names, the help of the program none."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._loaded: dict[str, Any] = dict.fromkeys(COMMANDS)
        self.commands = self._loaded  # the names are what a mistyped one is compared with

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS and self._loaded[cmd_name] is None:
            self._loaded[cmd_name] = _load(cmd_name)
        return self._loaded.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _load(name: str) -> Any:
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(import_module(f"clinic_app.cli.{module}"), attribute)
    holder = typer.Typer(rich_markup_mode=None, add_completion=False)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
        return typer.main.get_group(holder).commands[name]
    holder.command(name)(found)
    return typer.main.get_command(holder)
