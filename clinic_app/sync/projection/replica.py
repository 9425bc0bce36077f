"""The private copy from which the reporting tables are made: a store that follows the log.

It is an encrypted store like a workstation's, filled by the same pull and the same fold, so the
tables show what every screen shows. Its key comes from the root key; it can be deleted at any
time and is then filled again from the beginning.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from filelock import FileLock, Timeout

from clinic_app.db import replica
from clinic_app.db.files import LOCK_FILE, STORE_FILE, make_private_folder
from clinic_app.db.oplog import blank_bodies
from clinic_app.db.replica import Peer
from clinic_app.db.store import Clocks, EncryptedStore, create_store, open_store
from clinic_app.domain.errors import StoreDamaged, StoreInUse, WrongState
from clinic_app.domain.operations import UNJOINED_ORIGIN
from clinic_app.sync.centre import Centre, CentreRefused, Enrolled
from clinic_app.sync.counted import CountedCentre
from clinic_app.sync.member import Membership
from clinic_app.sync.pull import Pull
from clinic_app.sync.snapshot.make import HEAD_FILE, forget_image
from clinic_app.sync.wire import ClinicCipher

STORE_ID = "reporting copy"


@contextlib.contextmanager
def private_copy(folder: Path, key: bytes) -> Iterator[EncryptedStore]:
    """The copy in ``folder``, made anew when it is missing or damaged; one program at a time."""
    make_private_folder(folder)
    lock = FileLock(folder / LOCK_FILE, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise StoreInUse("The reporting tables are being brought up to date already.") from error
    try:
        store = _opened(folder, key)
        try:
            yield store
        finally:
            store.close()
    finally:
        lock.release()


def _opened(folder: Path, key: bytes) -> EncryptedStore:
    if not (folder / HEAD_FILE).exists():
        forget_image(folder)  # its maker was killed before it was whole
    if (folder / STORE_FILE).exists():
        with contextlib.suppress(StoreDamaged):
            return open_store(folder, key, STORE_ID, Clocks(), _nothing)
    for leftover in folder.iterdir():
        if leftover.name != LOCK_FILE:
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    return create_store(folder, key, STORE_ID, Clocks(), _nothing)


def follow(
    store: EncryptedStore, centre: Centre, clinic_key: bytes, tell: Callable[[float, int], None]
) -> Pull:
    """Bring the copy up to the centre's heads; what was wrong with whom is in the answer."""
    cipher = ClinicCipher(clinic_key)
    counted = CountedCentre(centre, lambda: False)
    facts = counted.facts()
    with store.transaction() as db:
        replica.know_peers(db, map(_peer, facts.workstations))
        db.commit()
    reader = Membership(
        facts.clinic_id,
        UNJOINED_ORIGIN,
        STORE_ID,
        (),
        cipher,
        Ed25519PrivateKey.generate(),  # it signs nothing
        _no_second_line,
    )
    pull = Pull(store, counted, reader, tell)
    pull.names = {one.id: one for one in facts.workstations}
    pull.up_to(counted.heads())
    with store.transaction() as db:
        blank_bodies(db, cipher.mark)
        db.commit()
    if store.workstation.origin != UNJOINED_ORIGIN:
        raise WrongState("The reporting copy wrote changes of its own.")
    return pull


def _peer(one: Enrolled) -> Peer:
    return Peer(one.id, one.name, one.public_key, one.revoked_epoch, one.revoked_seq)


def _no_second_line() -> Centre:
    raise CentreRefused("The reporting copy has one line only.")


def _nothing() -> None:
    """The copy has nobody to tell that it was closed."""
