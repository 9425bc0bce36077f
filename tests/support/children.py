"""Programs of their own, for tests that kill them: forked from one that has imported everything.

Starting Python and importing the program takes most of a second; a fork takes a few milliseconds,
and what runs in it is as much a process of its own: with its own locks, limits and end.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import runpy
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).parents[2]
_PRELOADED = [
    "clinic_app.app",
    "tests.fakes.clinic",
    "tests.faults.db.backup_child",
    "tests.faults.cli.steps",
]
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(_PRELOADED)


class Child:
    """A program that runs.

    Attributes:
        stdin: what is written here it can read; line by line.
        stdout: what it prints.
        stderr: what it complains of; to be read once it has ended.
    """

    def __init__(self, program: str, arguments: tuple[str, ...]) -> None:
        (inner_in, stdin), (stdout, inner_out), (stderr, inner_err) = (
            _SERVER.Pipe(duplex=False) for _ in range(3)
        )
        inner = (inner_in, inner_out, inner_err)
        self._process = _SERVER.Process(
            target=_run, args=(program, arguments, dict(os.environ), *inner), daemon=True
        )
        self._process.start()
        for end in inner:
            end.close()
        self.stdin = _text(stdin, "w")
        self.stdout = _text(stdout, "r")
        self.stderr = _text(stderr, "r")

    @property
    def ended(self) -> bool:
        return self._process.exitcode is not None

    def kill(self) -> None:
        """SIGKILL, as by a power cut; returns when it is gone."""
        self._process.kill()
        self._process.join()

    def wait(self) -> int:
        """How it ended: an exit code, or the negative number of a signal."""
        self._process.join(timeout=120)
        code = self._process.exitcode
        assert code is not None, "the program does not end"
        return code

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        for end in (self.stdin, self.stdout, self.stderr):
            with contextlib.suppress(BrokenPipeError):
                end.close()


@contextlib.contextmanager
def child(program: str, *arguments: str | Path) -> Iterator[Child]:
    """Runs a module, ``tests.faults.cli.steps``, or lines of code; killed at the end."""
    made = Child(program, tuple(map(str, arguments)))
    try:
        yield made
    finally:
        made.close()


def run(program: str, *arguments: str | Path) -> list[str]:
    """Run to the end, which must be a good one; the lines that were printed."""
    with child(program, *arguments) as made:
        lines = made.stdout.read().splitlines()
        assert made.wait() == 0, made.stderr.read()
    return lines


def _text(end: Connection, mode: str) -> TextIO:
    """The file of a pipe's end."""
    made = os.fdopen(os.dup(end.fileno()), mode, buffering=1, encoding="utf-8")
    end.close()
    assert isinstance(made, io.TextIOWrapper)
    return made


def _run(
    program: str,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    stdin: Connection,
    stdout: Connection,
    stderr: Connection,
) -> None:
    """In the child."""
    for number, end in enumerate((stdin, stdout, stderr)):
        os.dup2(end.fileno(), number)
        end.close()
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, buffering=1, encoding="utf-8", closefd=False)
        for number, mode in enumerate("rww")
    )
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [program, *arguments]
    if "\n" not in program:
        runpy.run_module(program, run_name="__main__")
    else:
        exec(compile(program, "<child>", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own
