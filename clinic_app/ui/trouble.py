"""Logs without patients: type and place of what went wrong, never a message's contents."""

from __future__ import annotations

import logging
import logging.handlers
import sys
import threading
import traceback
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType

from clinic_app.domain.errors import ClinicError, WrongPassword
from clinic_app.ui.strings import sentence_of, tr

_LOG = logging.getLogger("program")
LOG_NAME = "clinic-app.log"
_BYTES = 256 * 1024


class SubjectsOnly(logging.Formatter):
    """One line a record; an exception is told by its type and place.

    Messages of our own loggers are written with identifiers only. Messages of libraries may hold
    anything, so of those only the logger's name and the place in the code are kept.
    """

    OURS = frozenset({"program", "window", "screens", "jobs"})

    def format(self, record: logging.LogRecord) -> str:
        when = self.formatTime(record)
        subject = record.name.split(".")[0]
        said = record.getMessage() if subject in self.OURS else f"{record.module}:{record.lineno}"
        error = record.exc_info[1] if record.exc_info else None
        where = f" | {place_of(error)}" if error is not None else ""
        return f"{when} {record.levelname} {record.name}: {said}{where}"


def place_of(error: BaseException) -> str:
    """As in ``ValueError at view.py:31 show < presenter.py:12 search``."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return f"{type(error).__name__} at {' < '.join(reversed(places)) or 'an unknown place'}"


class _LogFile(logging.handlers.RotatingFileHandler):
    """Makes its folder when the first line is written: before the set-up there is none."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return super()._open()


def log_to(folder: Path) -> logging.Handler:
    """Send warnings to a rotating file in the store's folder; made when first written to."""
    handler = _LogFile(
        folder / LOG_NAME, maxBytes=_BYTES, backupCount=3, encoding="utf-8", delay=True
    )
    handler.setFormatter(SubjectsOnly())
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    logging.raiseExceptions = False  # a full disk must not print records on the console
    return handler


def explain(error: BaseException) -> str:
    """The sentence to show; a mistake of ours is logged as well."""
    if not isinstance(error, ClinicError):
        log_mistake(error)
    return sentence_of(error)


def explain_refusal(error: BaseException) -> str:
    """As ``explain``, for a single password field: the user name was not asked for."""
    if isinstance(error, WrongPassword):
        return tr("This password is not right.")
    return explain(error)


def log_mistake(error: BaseException) -> None:
    """One entry about a mistake of ours."""
    _LOG.error("%s", place_of(error))


def catch_mistakes(tell: Callable[[BaseException], None]) -> None:
    """Log every exception nobody caught, and call ``tell`` for those of the GUI thread."""

    def of_program(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log_mistake(error.with_traceback(trace))
        tell(error)

    def of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log_mistake(args.exc_value)

    sys.excepthook = of_program
    threading.excepthook = of_thread
