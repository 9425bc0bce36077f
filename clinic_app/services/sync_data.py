"""What the window and the command line see of sync; implemented by ``clinic_app.sync``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

from clinic_app.domain.errors import ClinicError
from clinic_app.domain.people import StaffUser
from clinic_app.domain.sentence import Sentence
from clinic_app.services.storage import OpenStore, UnitOfWork


class SyncTrouble(ClinicError):
    """A round could not be finished; everything committed stays, the next round goes on."""


class CentreUnreachable(SyncTrouble):
    """No server of the list answers, or the line was cut. Worth another try later."""


class CentreBusy(SyncTrouble):
    """Deadlock, lock wait, too many connections: worth another try soon."""


class CentreRefused(SyncTrouble):
    """Wrong password, account locked, or a right is missing."""


class CentreUntrusted(SyncTrouble):
    """TLS failed: wrong authority, wrong host name, expired, or no encryption offered."""


class CentreFull(SyncTrouble):
    """The server has no room or is read-only."""


class WorkstationRevoked(SyncTrouble):
    """The centre takes nothing from this workstation any more."""


class VersionTooOld(SyncTrouble):
    """The centre asks for a newer program, or another workstation already writes with one."""


class ClockWrong(SyncTrouble):
    """This laptop's clock is so far off that the server's certificate is not valid yet by it. A
    clock that is off otherwise stops nothing: see ``SyncStatus.clock_off_seconds``."""


class StoreDiverged(SyncTrouble):
    """The centre holds other operations under our name: this store is a copy or a restored one."""


class OperationsForged(SyncTrouble):
    """Something pulled does not carry the signature or hash of the workstation that it names."""


class SyncStopped(SyncTrouble):
    """A person stopped the round; what was sent and received stays."""


class Stage(StrEnum):
    """Where a round is; each can be cut and the next round goes on from there."""

    CONNECTING = "connecting"
    LOADING = "loading"
    """A new workstation takes in the clinic's snapshot; cut, it is as if it had not begun."""

    PULLING = "pulling"
    PUSHING = "pushing"
    IMAGES = "images"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """``share`` is 0 to 1 of the stage's work that is known so far. ``seconds_left`` is a guess for
    the long load of a new workstation, None where there is none."""

    stage: Stage
    share: float
    pulled: int = 0
    pushed: int = 0
    seconds_left: float | None = None


Watch = Callable[[RoundProgress], None]
Alongside = Callable[[UnitOfWork], None]
"""Writes into the transaction of what it is about."""


def unnoted(work: UnitOfWork) -> None:
    """What nobody writes down."""


@dataclass(frozen=True, slots=True)
class RoundResult:
    """A finished round. ``clock_off_seconds`` is laptop minus server, None when under 2 minutes;
    ``remark`` is for who waited, as a rule there is none."""

    pulled: int
    pushed: int
    conflicts: int
    statements: int
    seconds: float
    clock_off_seconds: float | None = None
    remark: Sentence | None = None


@dataclass(frozen=True, slots=True)
class SequenceHead:
    """``epoch`` is when the sequence was begun, in milliseconds since 1970 (UTC)."""

    origin: int
    epoch: int
    seq: int
    own: bool
    workstation: str = ""


@dataclass(frozen=True, slots=True)
class HostStatus:
    """One server of the enrolment's list: when it last answered, and why it last did not."""

    name: str
    last_success: datetime | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """``joined`` is False for a clinic that lives on this laptop alone: a normal state.

    ``trouble`` is the sentence of the last failed round, None after a good one. ``hosts`` are in
    the order in which they are tried. ``clock_off_seconds`` is laptop minus server when the server
    was last heard, None when under 2 minutes.
    """

    joined: bool
    centre: str
    workstation: str
    pending: int
    pending_images: int
    last_success: datetime | None
    last_try: datetime | None
    trouble: str | None
    heads: tuple[SequenceHead, ...]
    conflicts: int
    hosts: tuple[HostStatus, ...] = ()
    clock_off_seconds: float | None = None


class ConflictKind(StrEnum):
    TEXT = "text"
    """Rival versions of clinical text; all stay until a person writes what holds."""

    DOUBLE_SIGNED = "double_signed"
    """One draft signed on two laptops; both signed texts stay, an addendum settles it."""

    DELETED_EDITED = "deleted_edited"
    """A record was discarded on one side and edited on the other; it stays discarded."""

    OVERLAP = "overlap"
    """Two appointments of one clinician at one time; one of them is moved."""


@dataclass(frozen=True, slots=True)
class Version:
    """One side of a conflict: who wrote it, when, on which workstation, and the fields as text."""

    stamp: str
    author: str
    at: datetime
    workstation: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """``id`` names it for resolving; ``record_id`` is the note, task, or appointment.

    ``barred`` says why the reader cannot settle it; None where the reader can.
    """

    id: str
    kind: ConflictKind
    record_id: UUID
    patient_id: UUID | None
    patient_name: str
    title: str
    versions: tuple[Version, ...]
    barred: Sentence | None = None


class Resolution(StrEnum):
    CHOOSE = "choose"
    MERGE = "merge"
    KEEP_BOTH = "keep_both"


WAYS: dict[ConflictKind, tuple[Resolution, ...]] = {
    ConflictKind.TEXT: (Resolution.CHOOSE, Resolution.MERGE, Resolution.KEEP_BOTH),
    ConflictKind.DOUBLE_SIGNED: (Resolution.MERGE, Resolution.KEEP_BOTH),
    ConflictKind.DELETED_EDITED: (Resolution.CHOOSE, Resolution.KEEP_BOTH),
    ConflictKind.OVERLAP: (),
}
"""How each kind can be settled. ``CHOOSE`` takes one version as it is (of what was discarded and
edited: the one that holds, the edited words come back as a new record). ``MERGE`` writes new
words; for a note signed twice these are an addendum. ``KEEP_BOTH`` lets all versions stand and
marks the conflict as seen. An overlap is settled by moving an appointment, never here."""


class SyncDesk(Protocol):
    """Sync for who is signed in. Long calls run in the sync lane; ``stop`` is asked between
    statements."""

    def status(self) -> SyncStatus: ...

    def join(
        self, enrolment: Path, watch: Watch, stop: Callable[[], bool], note: Alongside = unnoted
    ) -> RoundResult:
        """Join the centre of an enrolment file, with what ``note`` writes in one transaction, and
        run the first round."""

    def round(self, watch: Watch, stop: Callable[[], bool]) -> RoundResult:
        """Pull, push, pull until both sides hold the same; raises one ``SyncTrouble``."""

    def marks(self, record_ids: tuple[UUID, ...]) -> dict[UUID, bool]:
        """For each record whether all its changes have reached the centre."""

    def conflicts(self) -> tuple[Conflict, ...]: ...

    def resolve(
        self,
        conflict_id: str,
        how: Resolution,
        chosen: str = "",
        fields: dict[str, str] | None = None,
    ) -> None:
        """Settle a conflict: ``chosen`` is a version's stamp, ``fields`` the merged text. Whoever
        is signed in is audited in the same transaction.

        Raises ``WrongState`` when it has changed since it was shown."""


class OpenSync(Protocol):
    """Makes the sync of an open store for who has signed in."""

    def __call__(self, store: OpenStore, user: StaffUser) -> SyncDesk: ...
