"""Throttled sign-in: after five failures each further attempt has to wait, longer every time.

Kept in a small file, so that restarting the program does not help. An attempt counts as failed
*before* the password is checked: killing the program in between gains nothing either. Names are
kept as 16 bits of a salted hash, because people type passwords into the name field.
"""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

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


class SignInThrottle:
    """Failed attempts per name in one folder."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = utc_now) -> None:
        self._path = folder / SIGN_IN_FILE
        self._now = now

    def begin(self, name: str) -> None:
        """Count an attempt that is about to be made; raises ``SignInThrottled`` while waiting."""
        salt, failures = self._load()
        bucket, now = _bucket(salt, name), self._now()
        known = failures.get(bucket)
        if known is not None and known.last > now:
            # The clock was set back: wait the full delay from now, not until the old date.
            known = _Failures(known.count, now)
            self._save(salt, {**failures, bucket: known})
        if known is not None:
            left = known.last + delay_after(known.count) - now
            if left > timedelta(0):
                raise SignInThrottled(math.ceil(left.total_seconds()))
        count = 1 if known is None else known.count + 1
        self._save(salt, {**failures, bucket: _Failures(count, now)})

    def succeeded(self, name: str) -> None:
        """Forget the failures of this name."""
        salt, failures = self._load()
        if failures.pop(_bucket(salt, name), None) is not None:
            self._save(salt, failures)

    def last_failure(self, name: str) -> datetime | None:
        """When the last failed attempt under this name was made, if none succeeded since."""
        salt, failures = self._load()
        known = failures.get(_bucket(salt, name))
        return None if known is None else known.last

    def _load(self) -> tuple[str, dict[str, _Failures]]:
        with file_access():
            try:
                content = self._path.read_bytes()
            except FileNotFoundError:
                return secrets.token_hex(16), {}
        try:
            plain = json.loads(content)
            failures = {
                str(bucket): _Failures(
                    max(0, int(count)), datetime.fromisoformat(last).astimezone(UTC)
                )
                for bucket, (count, last) in plain["failures"].items()
            }
            return str(plain["salt"]), failures
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            # Garbled: start anew. Whoever can write here can copy the store away anyhow.
            return secrets.token_hex(16), {}

    def _save(self, salt: str, failures: dict[str, _Failures]) -> None:
        plain = {
            "salt": salt,
            "failures": {key: [one.count, one.last.isoformat()] for key, one in failures.items()},
        }
        write_atomically(self._path, json.dumps(plain).encode())


def delay_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: 0, then 30 s doubling up to 15 min."""
    if failures < FREE_ATTEMPTS:
        return timedelta(0)
    doublings = min(failures - FREE_ATTEMPTS, 10)
    return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)


def _bucket(salt: str, name: str) -> str:
    return hashlib.sha256(f"{salt}\0{name}".encode("utf-8", "surrogatepass")).hexdigest()[:4]
