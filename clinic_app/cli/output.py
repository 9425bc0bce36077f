"""What commands print: results on stdout, one sentence of trouble on stderr."""

from __future__ import annotations

import json
import math
import sys
from typing import Any


def prepare_streams() -> None:
    """Never fail on a character that the terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


class ReaderGone(Exception):
    """Whoever read the output has left (`clinic-app … | head`); nothing more can be said."""


def say(text: str = "") -> None:
    """One line of a result; raises ``ReaderGone``."""
    try:
        print(text, flush=True)
    except BrokenPipeError as error:
        raise ReaderGone from error


def warn(text: str) -> None:
    """One line on stderr: trouble, or something to look at."""
    print(text, file=sys.stderr)


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
