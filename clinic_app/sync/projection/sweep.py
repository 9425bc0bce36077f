"""Removing from the centre the images that may not be there any more.

The server cannot tell: it holds encrypted parts under hashes. Which image is whose, and what became
of the consent to it, is in the log, so the private copy of it says which hashes have to go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from clinic_app.db.projections import identities
from clinic_app.db.store import EncryptedStore
from clinic_app.db.tables import screening, shared_image
from clinic_app.db.unit_of_work import StoreUnitOfWork
from clinic_app.domain.consent import Purpose
from clinic_app.sync.images import Agreements, oldest_kept, possible, shared_of
from clinic_app.sync.mysql.connection import Connection
from clinic_app.sync.projection.unheard import Unheard

TOGETHER = 200
"""Images of one statement."""


@dataclass(frozen=True, slots=True)
class Removal:
    """How many images went, and how many stay for now on account of which workstation."""

    removed: int
    held: Mapping[str, int] = field(default_factory=dict)


def sweep(
    connection: Connection, store: EncryptedStore, now: datetime, doubts: Sequence[Unheard] = ()
) -> Removal:
    """Remove what was withdrawn, erased, or is older than images are kept. Can be run at any time
    and again. What one of ``doubts`` may concern stays. ``now`` is the server's."""
    with store.unit_of_work() as work:
        found = outdated(work, now)
    there = {row[0] for row in connection.rows("SELECT DISTINCT sha256 FROM blob_part")}
    held: Counter[str] = Counter()
    going: set[bytes] = set()
    for digest in found.keys() & there:
        concerned = [one.name for one in doubts if one.concerns(found[digest])]
        held.update(concerned)
        if not concerned:
            going.add(digest)
    removing = sorted(going)
    for start in range(0, len(removing), TOGETHER):
        some = removing[start : start + TOGETHER]
        places = ", ".join(["%s"] * len(some))
        connection.run(f"DELETE FROM blob_part WHERE sha256 IN ({places})", some)
    return Removal(len(removing), dict(sorted(held.items())))


def outdated(work: StoreUnitOfWork, now: datetime) -> dict[bytes, set[UUID]]:
    """The hashes of shared images that may not stay, each with its screenings and their person's
    records. A refusal has to be there: consent that is
    merely not known yet removes nothing, and neither does who names the image of somebody else."""
    rows = work.db.rows(
        select(
            shared_image.c.id,
            shared_image.c.body,
            screening.c.patient_id,
            screening.c.finished_at,
        ).join(screening, screening.c.id == shared_image.c.id)
    )
    agreed, oldest = Agreements(work), oldest_kept(work, now)
    going: dict[bytes, set[UUID]] = {}
    staying: set[bytes] = set()
    for row in rows:
        shared = shared_of(row)
        if not possible(shared):
            continue
        unshared = agreed.of(row.patient_id).get(Purpose.SHARING) is False
        old = oldest is not None and row.finished_at <= oldest
        goes = unshared or old or not agreed.may_keep(row.patient_id, row.id)
        digest = bytes.fromhex(shared.sha256)
        if goes:
            going.setdefault(digest, set()).update((row.id, *identities(work.db, row.patient_id)))
        else:
            staying.add(digest)
    return {digest: records for digest, records in going.items() if digest not in staying}
