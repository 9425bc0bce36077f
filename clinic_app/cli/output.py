"""What commands print: results on stdout, one sentence of trouble on stderr, never mixed."""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from clinic_app.domain.errors import ClinicError
from clinic_app.services.time_left import TimeLeft

_QUOTA = getattr(errno, "EDQUOT", errno.ENOSPC)
_WRITING_FAILED = (errno.EBADF, errno.EFBIG, errno.EIO, errno.ENOSPC, _QUOTA)


class OutputLost(ClinicError):
    """What was to be printed could not be written: stdout is closed, or on a full disk."""

    def __init__(self) -> None:
        super().__init__("The output could not be written; it is closed or its disk is full.")


def prepare_streams() -> None:
    """Never fail on a character that the terminal cannot show; keep closed descriptors taken.

    A file of the store must not become descriptor 1 or 2, where anything may print into it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    if sys.stderr is None:  # else usage errors would be printed on stdout
        sys.stderr = os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


class ReaderGone(Exception):
    """Whoever read the output has left (`clinic-app … | head`); nothing more can be said."""


def say(text: str = "") -> None:
    """One line of a result; raises ``ReaderGone`` or ``OutputLost``."""
    if sys.stdout is None:  # closed before the program began
        raise OutputLost
    try:
        print(text, flush=True)
    except BrokenPipeError as error:
        let_go(sys.stdout)
        raise ReaderGone from error
    except (OSError, ValueError) as error:
        let_go(sys.stdout)
        raise OutputLost from error


def warn(text: str) -> None:
    """One line on stderr: trouble, or something to look at; nowhere else when it is closed."""
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        let_go(sys.stderr)


def is_output_lost(error: OSError) -> bool:
    """Whether this came from printing, as the help does: no file is named and writing failed."""
    return error.filename is None and error.errno in _WRITING_FAILED


def let_go(stream: TextIO) -> None:
    """Whatever is still buffered must not raise again when the interpreter ends."""
    with contextlib.suppress(OSError, ValueError):  # a stream without a descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextlib.contextmanager
def shown_share(doing: str) -> Iterator[Callable[[float], None]]:
    """One line that changes as a share (0 to 1) grows, on a terminal only."""
    on_terminal = sys.stderr is not None and sys.stderr.isatty()
    left, width = TimeLeft(), 0

    def tell(share: float) -> None:
        nonlocal width
        if on_terminal:
            line = f"{doing} {share:4.0%}{still(left.seconds(share))}"
            sys.stderr.write(f"\r{line:<{width}}")
            sys.stderr.flush()
            width = max(width, len(line))

    try:
        yield tell
    finally:
        if width:
            sys.stderr.write(f"\r{'':<{width}}\r")
            sys.stderr.flush()


def still(seconds: float | None) -> str:
    """What follows a share of long work: how long it takes still, if that can be told."""
    if seconds is None:
        return ""
    return (
        f", about {seconds / 60:.0f} min left" if seconds >= 60 else f", about {seconds:.0f} s left"
    )


def print_json(value: Any) -> None:
    """One JSON document; plain ASCII when the stream is not UTF-8."""
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    say(json.dumps(_finite(value), ensure_ascii=encoding != "utf8", indent=2, allow_nan=False))


def _finite(value: Any) -> Any:
    """The same with ``None`` for what is not a number, which JSON does not know."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def one_line(text: str) -> str:
    """Text without line breaks and control characters, safe in a list on a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
