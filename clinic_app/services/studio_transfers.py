"""Optimised transfers are put away as they run, encrypted with the rest of the store: whatever
stops one, it can be gone on with. At its end, or without consent, nothing of it stays.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from uuid import UUID

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import ConsentMissing, NotFound, StoreError
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import clean_text
from clinic_app.domain.picture import Picture
from clinic_app.domain.studio import TITLE_LENGTH, BegunTransfer, TransferWish
from clinic_app.services.session import Desk
from clinic_app.services.studio_consent import check_picture
from clinic_app.services.studio_data import (
    StudioContent,
    StudioEngine,
    TakenUp,
    Transfer,
    TransferNews,
)
from clinic_app.services.studio_storage import PutAway

LOOKED_EVERY = 2.0
"""Seconds after which a running transfer looks again whether its picture may be used."""
PUT_AWAY_SECONDS = 20.0
"""How often a transfer is put away at most; a crash loses no more than the steps since."""
_SHARE = 50.0
"""Putting away takes at most one part in so many of the time, however slow the disk is."""
WAIT_SECONDS = 5.0
"""How long signing out waits at most for a transfer to be put away; its step is broken off."""

_ENDED = (
    "This transfer has ended: the consent to this picture was withdrawn, or the person's record was"
    " erased."
)


class TransferKeeping:
    """The transfers of one session. The caller has checked who may use the studio."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._running: set[KeptTransfer] = set()
        self._closing = False

    def begin(
        self,
        engine: StudioEngine,
        content: StudioContent,
        style: Picture,
        style_name: str,
        wish: TransferWish,
    ) -> Transfer:
        """A new one, in the place of another one of the same member of staff."""
        made = engine.transfer(content.picture, style, wish)
        begun = BegunTransfer(
            new_id(),
            self._desk.now(),
            self._desk.session.user.id,
            content.source,
            clean_text(style_name, TITLE_LENGTH, "style_name"),
            wish,
            patient_id=content.patient_id,
            screening_id=content.screening_id,
        )
        beside = PutAway(engine.encoded(content.picture), engine.encoded(style))
        with self._desk.unit_of_work() as work:
            check_picture(work, content)
            work.begun_transfers.put(begun, beside)
            if begun.patient_id is not None:
                by, detail = begun.begun_by, "studio transfer"
                work.audit.record(AuditKind.CREATED, by, "patient", begun.patient_id, detail)
            work.commit()
        return KeptTransfer(made, begun, engine, self)

    def take_up(self, engine: StudioEngine, transfer_id: UUID) -> TakenUp:
        """What was put away; that of a patient is audited. Raises ``NotFound``, also for one of
        somebody else."""
        by = self._desk.session.user.id
        with self._desk.unit_of_work() as work:
            begun = work.begun_transfers.get(transfer_id)
            if begun.begun_by != by:
                raise NotFound("This transfer is not kept here any more.")
            check_picture(work, begun)
            beside = work.begun_transfers.beside(transfer_id)
            if begun.patient_id is not None:
                detail = "studio transfer"
                work.audit.record(AuditKind.READ, by, "patient", begun.patient_id, detail)
                work.commit()
        picture = engine.decoded(beside.content_png)
        return TakenUp(
            begun,
            StudioContent(picture, begun.source, begun.patient_id, begun.screening_id),
            engine.decoded(beside.style_png),
            tuple((step, engine.decoded(png)) for step, png in beside.outputs),
            beside.state,
        )

    def resumed(self, engine: StudioEngine, taken: TakenUp) -> Transfer:
        """Where it was put away; raises ``ConsentMissing``, and ``NotFound`` when it is gone."""
        content, wish = taken.content.picture, taken.begun.wish
        made = (
            engine.resumed(content, taken.style, wish, taken.state)
            if taken.state
            else engine.transfer(content, taken.style, wish)
        )
        return KeptTransfer(made, taken.begun, engine, self)

    def put_away(self) -> None:
        """Break off what runs and wait until it is put away, but not for ever."""
        with self._lock:
            self._closing = True
            running = tuple(self._running)
        for one in running:
            one.break_off()
        until = time.monotonic() + WAIT_SECONDS
        for one in running:
            one.still.wait(max(until - time.monotonic(), 0.0))

    # --- for a transfer ------------------------------------------------------------------------

    @property
    def closing(self) -> bool:
        return self._closing

    def enter(self, transfer: KeptTransfer) -> None:
        with self._lock:
            self._running.add(transfer)

    def leave(self, transfer: KeptTransfer) -> None:
        with self._lock:
            self._running.discard(transfer)
        transfer.still.set()

    def check(self, begun: BegunTransfer) -> None:
        """Raises ``ConsentMissing`` and ``NotFound`` when the picture may not be used any more."""
        with self._desk.unit_of_work() as work:
            check_picture(work, begun)

    def work_on(self, begun: BegunTransfer) -> None:
        """Say in the store that somebody works on it, so that retention does not take it for left
        alone before it is put away again."""
        with self._desk.unit_of_work() as work:
            if work.begun_transfers.work_on(begun.id, self._desk.now()):
                work.commit()

    def keep(
        self, begun: BegunTransfer, step: int, state: bytes, outputs: list[tuple[int, bytes]]
    ) -> None:
        """Raises as ``check`` does; whoever has removed it meanwhile has done so for good."""
        with self._desk.unit_of_work() as work:
            check_picture(work, begun)
            work.begun_transfers.put_away(begun.id, step, state, outputs, self._desk.now())
            work.commit()

    def end(self, begun: BegunTransfer) -> None:
        with self._desk.unit_of_work() as work:
            if work.begun_transfers.remove(begun.id):
                work.commit()


class KeptTransfer:
    """A transfer that may be gone on with as long as its picture may be used. ``still``: it does
    not run, or is put away already."""

    def __init__(
        self, transfer: Transfer, begun: BegunTransfer, engine: StudioEngine, at: TransferKeeping
    ) -> None:
        self._transfer, self._begun, self._engine, self._at = transfer, begun, engine, at
        self._step = self._kept = begun.step
        self._outputs: list[tuple[int, Picture]] = []
        self._due = 0.0
        self.still = threading.Event()

    def state(self) -> bytes:
        """See `Transfer`."""
        return self._transfer.state()

    def break_off(self) -> None:
        """See `Transfer`."""
        self._transfer.break_off()

    def run(self, stop: Callable[[], bool]) -> Iterator[TransferNews]:
        """See `Transfer`. A withdrawal or an erasure ends it while it runs, also behind a lock and
        wherever that was recorded: raises ``ConsentMissing``."""
        self.still.clear()
        self._at.enter(self)
        try:
            yield from self._steps(lambda: stop() or self._at.closing)
        finally:
            self._at.leave(self)

    def _steps(self, stop: Callable[[], bool]) -> Iterator[TransferNews]:
        self._at.check(self._begun)
        with contextlib.suppress(StoreError):
            self._at.work_on(self._begun)
        looked = time.monotonic()
        self._due = looked + PUT_AWAY_SECONDS
        whole = allowed = False
        try:
            for news in self._transfer.run(stop):
                self._step, whole = news.step, news.step >= news.steps
                if news.output and news.picture is not None:
                    self._outputs.append((news.step, news.picture))
                if time.monotonic() - looked >= LOOKED_EVERY:
                    self._look()
                    looked = time.monotonic()
                if not whole and time.monotonic() >= self._due:
                    self._put_away()
                yield news
            allowed = True
        except (ConsentMissing, NotFound):
            raise
        except BaseException:
            allowed = True
            raise
        finally:
            if whole:
                with contextlib.suppress(StoreError):  # offered once more then, which harms nothing
                    self._at.end(self._begun)
            elif allowed:
                self._put_away()

    def _look(self) -> None:
        if self._begun.patient_id is not None:
            try:
                self._at.check(self._begun)
            except (ConsentMissing, NotFound):
                raise ConsentMissing(_ENDED) from None

    def _put_away(self) -> None:
        """A store that is full or closed just now is no reason to stop: the next time may go
        better, and what was put away before is still there."""
        if self._step == self._kept:
            return
        began = time.monotonic()
        outputs = [(step, self._engine.encoded(picture)) for step, picture in self._outputs]
        with contextlib.suppress(StoreError):
            self._at.keep(self._begun, self._step, self._transfer.state(), outputs)
            self._kept = self._step
            self._outputs.clear()
        now = time.monotonic()
        self._due = now + max(PUT_AWAY_SECONDS, _SHARE * (now - began))
