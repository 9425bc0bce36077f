"""Throttled sign-in: after five failures each further attempt has to wait, longer every time.

Kept in a small file, so that restarting the program does not help. An attempt counts as failed
*before* the password is checked: killing the program in between gains nothing either. Names are
kept as 16 bits of a salted hash, because people type passwords into the name field.

Beside it, under whatever name, the failed attempts to *open* the store are counted until the audit
trail, which cannot be written before it is open, has been told of them.
"""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from clinic_app.db.files import SIGN_IN_FILE, file_access, write_atomically
from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import SignInThrottled

FREE_ATTEMPTS = 5
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class _State:
    """``failures`` by bucket; ``openings`` are not in the audit trail yet."""

    salt: str
    failures: dict[str, _Failures]
    openings: _Failures | None = None


class SignInThrottle:
    """Failed attempts per name in one folder."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = utc_now) -> None:
        self._path = folder / SIGN_IN_FILE
        self._now = now

    def begin(self, name: str, *, opening: bool = False) -> None:
        """Count an attempt that is about to be made; raises ``SignInThrottled`` while waiting.

        ``opening`` marks an attempt on the closed store.
        """
        state = self._load()
        bucket, now = _bucket(state.salt, name), self._now()
        known = state.failures.get(bucket)
        if known is not None and known.last > now:
            # The clock was set back: wait the full delay from now, not until the old date.
            known = _Failures(known.count, now)
            state = replace(state, failures={**state.failures, bucket: known})
            self._save(state)
        if known is not None:
            left = known.last + delay_after(known.count) - now
            if left > timedelta(0):
                raise SignInThrottled(math.ceil(left.total_seconds()))
        openings = _one_more(state.openings, now) if opening else state.openings
        failures = {**state.failures, bucket: _one_more(known, now)}
        self._save(replace(state, failures=failures, openings=openings))

    def succeeded(self, name: str, *, opening: bool = False) -> None:
        """Forget the failures of this name, and that the attempt that began last might fail."""
        state = self._load()
        bucket = _bucket(state.salt, name)
        failures = {key: one for key, one in state.failures.items() if key != bucket}
        openings = state.openings
        if opening and openings is not None:
            openings = replace(openings, count=openings.count - 1) if openings.count > 1 else None
        after = replace(state, failures=failures, openings=openings)
        if after != state:
            self._save(after)

    def failed_openings(self) -> tuple[int, datetime] | None:
        """How many attempts to open the store failed, and when the last attempt was made."""
        openings = self._load().openings
        return None if openings is None else (openings.count, openings.last)

    def openings_reported(self) -> None:
        """The audit trail has been told of the failed openings."""
        state = self._load()
        if state.openings is not None:
            self._save(replace(state, openings=None))

    def _load(self) -> _State:
        with file_access():
            try:
                content = self._path.read_bytes()
            except FileNotFoundError:
                return _State(secrets.token_hex(16), {})
        try:
            plain = json.loads(content)
            failures = {str(key): _failures(one) for key, one in plain["failures"].items()}
            openings = plain.get("openings")
            return _State(str(plain["salt"]), failures, _failures(openings) if openings else None)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            # Garbled: start anew. Whoever can write here can copy the store away anyhow.
            return _State(secrets.token_hex(16), {})

    def _save(self, state: _State) -> None:
        plain = {
            "salt": state.salt,
            "failures": {key: _plain(one) for key, one in state.failures.items()},
            "openings": None if state.openings is None else _plain(state.openings),
        }
        write_atomically(self._path, json.dumps(plain).encode())


def _one_more(known: _Failures | None, now: datetime) -> _Failures:
    return _Failures(1 if known is None else known.count + 1, now)


def _failures(plain: Any) -> _Failures:
    count, last = plain
    return _Failures(max(0, int(count)), datetime.fromisoformat(last).astimezone(UTC))


def _plain(failures: _Failures) -> list[Any]:
    return [failures.count, failures.last.isoformat()]


def delay_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: 0, then 30 s doubling up to 15 min."""
    if failures < FREE_ATTEMPTS:
        return timedelta(0)
    doublings = min(failures - FREE_ATTEMPTS, 10)
    return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)


def _bucket(salt: str, name: str) -> str:
    return hashlib.sha256(f"{salt}\0{name}".encode("utf-8", "surrogatepass")).hexdigest()[:4]
