"""What a workstation whose changes cannot be taken over may have to say about images.

What is missing of it may be the consent that keeps an image. That can only concern what its entries
name: those that are in the log already, and those that wait at the centre, as far as the clinic's
key opens them. A body that it does not open is no entry; should it have been one that somebody
altered, the laptop that took the image sends it once more when the entry is mended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from clinic_app.db import replica
from clinic_app.db.log_rows import operation_of
from clinic_app.db.store import EncryptedStore
from clinic_app.db.tables import oplog
from clinic_app.db.unreadable import UNREADABLE
from clinic_app.domain.operations import Operation, decode_fields
from clinic_app.sync.centre import Centre, OperationsForged
from clinic_app.sync.pull import Pull
from clinic_app.sync.wire import ClinicCipher


@dataclass(frozen=True, slots=True)
class Unheard:
    """``name`` is the workstation's; ``records`` are those that its entries name, None where they
    cannot be told: it writes with a newer version of the program."""

    name: str
    records: frozenset[UUID] | None

    def concerns(self, records: Collection[UUID]) -> bool:
        return self.records is None or not self.records.isdisjoint(records)


def unheard(
    store: EncryptedStore, centre: Centre, cipher: ClinicCipher, pull: Pull
) -> tuple[Unheard, ...]:
    """One for each workstation that ``pull`` had trouble with."""
    if not pull.troubles:
        return ()
    found = []
    for origin, trouble in sorted(pull.troubles.items()):
        records: frozenset[UUID] | None = None
        if isinstance(trouble, OperationsForged):
            known, waiting = _known(store, origin), _waiting(store, centre, cipher, origin)
            records = frozenset((*_named(known), *_named(waiting)))
        found.append(Unheard(pull.name_of(origin), records))
    return tuple(found)


def _known(store: EncryptedStore, origin: int) -> Iterator[Operation]:
    with store.transaction() as db:
        yield from map(operation_of, db.stream(select(oplog).where(oplog.c.origin == origin)))


def _waiting(
    store: EncryptedStore, centre: Centre, cipher: ClinicCipher, origin: int
) -> Iterator[Operation]:
    """What the centre holds of it beyond what was taken over."""
    for head in centre.heads():
        if head.origin != origin:
            continue
        with store.transaction() as db:
            after = replica.reach(db, head.origin, head.epoch).acked
        while page := centre.fetch(head.origin, head.epoch, after):
            for one in page:
                with suppress(OperationsForged):
                    yield cipher.open(one)
            after = page[-1].seq


def _named(operations: Iterable[Operation]) -> Iterator[UUID]:
    """The records themselves, and all that their fields name."""
    for one in operations:
        yield one.entity_id
        with suppress(*UNREADABLE):
            for value in decode_fields(one.body).values():
                if isinstance(value, str) and len(value) == _LENGTH:
                    with suppress(ValueError):
                        yield UUID(value)


_LENGTH = len(str(UUID(int=0)))
