"""`docs/command-line.md` and the program name the same commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from clinic_app.cli import program
from clinic_app.paths import ROOT

PAGE = ROOT / "docs" / "command-line.md"
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
_CELL_END = re.compile(r"(?<!\\)\|")


def commands_of(group: TyperGroup, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every command below a group with the words that call it."""
    context = typer.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, TyperGroup):
            yield from commands_of(found, f"{path}{name} ")
            if found.invoke_without_command:
                yield f"{path}{name}", found
        else:
            yield f"{path}{name}", found


COMMANDS = dict(commands_of(program.command()))


def named_in(code: str) -> Iterator[str]:
    """The commands that one piece of code stands for: ``notes sign ID``, ``notes list / sign ID``.

    What is no command is given as it stands.
    """
    first, *others = code.split(" / ")
    words = first.removeprefix("clinic-app ").split()
    for length in range(len(words), 0, -1):
        command = " ".join(words[:length])
        if command in COMMANDS:
            yield command
            for other in others:
                yield " ".join((*words[: length - 1], other.split()[0]))
            return
    yield code


def first_cells() -> Iterator[str]:
    """The code in the first column of every table of commands."""
    for line in _FENCED.sub("", PAGE.read_text(encoding="utf-8")).splitlines():
        if line.startswith("| `"):
            yield from _CODE.findall(_CELL_END.split(line)[1])


def test_every_command_says_what_it_does() -> None:
    assert len(COMMANDS) > 100
    assert [name for name, found in COMMANDS.items() if not found.help] == []


def test_every_command_stands_on_the_page() -> None:
    text = _FENCED.sub("", PAGE.read_text(encoding="utf-8"))
    told = {name for code in _CODE.findall(text) for name in named_in(code)}
    assert sorted(COMMANDS.keys() - told) == []


def test_every_command_on_the_page_exists() -> None:
    named = [name for cell in first_cells() if not cell.startswith("-") for name in named_in(cell)]
    assert [name for name in named if name not in COMMANDS] == []


def test_a_command_on_records_says_how_to_sign_in() -> None:
    """In its own help or in that of the group that leads to it."""
    without_records = {"setup", "doctor"}
    silent = []
    for name, found in COMMANDS.items():
        if any(one.name == "store" for one in found.params) and name not in without_records:
            words = name.split()
            groups = [group_of(words[:length]) for length in range(1, len(words))]
            if not any("CLINIC_APP_USER" in (one.help or "") for one in (*groups, found)):
                silent.append(name)
    assert silent == []


def group_of(words: list[str]) -> Any:
    """The group that these words name."""
    found = program.command()
    for word in words:
        found = found.get_command(typer.Context(found), word)
    return found
