"""Runs as a process of its own until it is killed: registers a patient, says so, syncs, and again.

``python -m tests.faults.sync.syncing_child STORE``: each line on stdout is a patient that the store
has acknowledged.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

from clinic_app.db.store import EncryptedStore
from clinic_app.db.vault import FolderVault
from clinic_app.sync.desk import CentreDesk
from tests.integration.db.records import PASSWORD, ROUNDS, USER, a_patient


def main() -> None:
    opened = FolderVault(Path(sys.argv[1]), rounds=ROUNDS).unlock(USER, PASSWORD)
    store = cast(EncryptedStore, opened)
    with store.unit_of_work() as work:
        desk = CentreDesk(store, work.users.all()[0])
    while True:
        patient = a_patient()
        with store.unit_of_work() as work:
            work.patients.add(patient)
            work.commit()
        sys.stdout.write(f"{patient.id}\n")
        sys.stdout.flush()
        desk.round(lambda progress: None, lambda: False)


if __name__ == "__main__":
    main()
