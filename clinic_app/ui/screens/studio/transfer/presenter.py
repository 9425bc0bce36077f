"""Runs one transfer in the lane for long work of the studio; it can be cancelled and gone on with,
also one that was begun before the program was last closed.

News comes from another thread faster than a window draws: it is gathered under a lock, and at most
one wake-up is on its way to the window.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

from clinic_app.domain.picture import Picture
from clinic_app.domain.studio import BegunTransfer
from clinic_app.services.backup_data import Stop
from clinic_app.services.studio import StudioService
from clinic_app.services.studio_data import (
    StudioContent,
    TakenUp,
    Transfer,
    TransferNews,
    TransferWish,
)
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.long_work import LongWork
from clinic_app.ui.screens.studio.watch import GONE
from clinic_app.ui.screens.studio.words import TRANSFER, made_with
from clinic_app.ui.turns import Ahead, Turns

Wake = Callable[[None], None]


class State(StrEnum):
    IDLE = "idle"
    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


_AT_REST = (State.IDLE, State.FAILED)
"""Nothing of this window can be gone on with; what was put away may be."""


class TransferView(Protocol):
    def show_state(self, state: State) -> None: ...
    def show_offer(self, begun: BegunTransfer | None) -> None:
        """A transfer that was not finished, to be gone on with; none."""

    def show_taken_up(self, taken: TakenUp) -> None:
        """Its picture, style and settings are those that are worked with now."""

    def show_waiting(self, ahead: Ahead) -> None:
        """It begins by itself when this has ended."""

    def show_begun(self, wish: TransferWish) -> None: ...
    def show_outputs(self, outputs: Sequence[tuple[int, Picture]]) -> None:
        """Those that had come out before, with their steps, the newest last."""

    def show_news(self, news: list[TransferNews]) -> None: ...
    def show_trouble(self, error: BaseException) -> None: ...
    def show_withdrawn(self) -> None:
        """The picture may not be used any more: neither it nor what was made of it stays."""

    def show_kept(self) -> None: ...


class TransferPresenter:
    """Attributes:
    outputs: pictures that were asked for, with the step each is from; the newest last.
    """

    def __init__(self, view: TransferView, studio: StudioService, jobs: Jobs, turns: Turns) -> None:
        self._view = view
        self._studio = studio
        self._jobs = jobs
        self._work = LongWork(jobs, Lane.STUDIO_LONG, turns, TRANSFER)
        self._lock = threading.Lock()
        self._waiting: list[TransferNews] = []
        self._transfer: Transfer | None = None
        self._content: StudioContent | None = None
        self._style_name = ""
        self._wish = TransferWish()
        self.state = State.IDLE
        self.outputs: list[tuple[int, Picture]] = []
        self.newest: Picture | None = None

    @property
    def content(self) -> StudioContent | None:
        """What the present result was made from."""
        return self._content

    @property
    def busy(self) -> bool:
        return self.state in (State.WAITING, State.RUNNING, State.STOPPING)

    def look(self) -> None:
        """Whether one was begun that this window does not know of."""

        def found(begun: BegunTransfer | None) -> None:
            if self.state in _AT_REST:
                self._view.show_offer(begun)

        if self.state in _AT_REST:
            self._jobs.submit(
                Lane.DATABASE, self._studio.begun, done=found, failed=self._view.show_trouble
            )

    def start(
        self, content: StudioContent, style: Picture, style_name: str, wish: TransferWish
    ) -> None:
        """A new transfer, over what was shown before."""
        if self.busy:
            return
        self._set_out(content, style_name, wish)
        self._begin(lambda: self._studio.transfer(content, style, wish, style_name))

    def take_up(self, begun: BegunTransfer) -> None:
        """Go on with one that was put away."""

        def go_on(taken: TakenUp) -> None:
            self._set_out(taken.content, begun.style_name, begun.wish)
            self.outputs = list(taken.outputs)
            self.newest = self.outputs[-1][1] if self.outputs else None
            self._view.show_outputs(self.outputs)
            self._begin(lambda: self._studio.resumed(taken))

        self._take(begun, go_on)

    def start_again(self, begun: BegunTransfer) -> None:
        """The same once more, from its beginning."""
        self._take(
            begun,
            lambda taken: self.start(taken.content, taken.style, begun.style_name, begun.wish),
        )

    def forget(self, begun: BegunTransfer) -> None:
        """Remove one that was put away."""
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._studio.forget(begun.id),
            done=lambda _: self.look(),
            failed=self._view.show_trouble,
        )

    def cancel(self) -> None:
        """Stop at once; ``go_on`` takes it up again. What waits for its turn is given up."""
        if self.state is State.WAITING:
            self._work.stop()
        elif self.state is State.RUNNING:
            self._work.stop()
            if self._transfer is not None:
                self._transfer.break_off()
            self._to(State.STOPPING)

    def go_on(self) -> None:
        transfer = self._transfer
        if self.state is State.STOPPED and transfer is not None:
            self._begin(lambda: transfer)

    def collect(self) -> None:
        """In the GUI thread: everything that was told since."""
        with self._lock:
            news, self._waiting = self._waiting, []
        if not news or self._content is None:
            return
        for one in news:
            if one.picture is not None:
                self.newest = one.picture
                if one.output:
                    self.outputs.append((one.step, one.picture))
        self._work.tell_left(news[-1].seconds_left)
        self._view.show_news(news)

    def keep(self, picture: Picture, step: int, title: str, *, also_of_patient: bool) -> None:
        """Into the gallery."""
        content = self._content
        if content is None:
            return
        how = made_with(self._style_name, self._wish, step)
        self._jobs.submit(
            Lane.STUDIO,
            lambda: self._studio.keep(
                content, picture, title, how, also_of_patient=also_of_patient
            ),
            done=lambda _: self._view.show_kept(),
            failed=self._tell,
        )

    def withdraw(self, error: BaseException) -> None:
        """The picture may not be used any more: what runs is stopped, and nothing of it stays."""
        self.cancel()
        self.outputs, self.newest, self._transfer, self._content = [], None, None, None
        self._view.show_withdrawn()
        if not self.busy:
            self._to(State.IDLE if self.state is State.IDLE else State.FAILED)
        self._view.show_trouble(error)
        self.look()

    def drop(self) -> None:
        """The screen goes for good."""
        self._work.drop()

    # --- inside --------------------------------------------------------------------------------

    def _take(self, begun: BegunTransfer, then: Callable[[TakenUp], None]) -> None:
        def taken_up(taken: TakenUp) -> None:
            if self.state in _AT_REST:
                self._view.show_taken_up(taken)
                then(taken)

        def failed(error: BaseException) -> None:
            self._view.show_trouble(error)
            self.look()  # it may be gone

        self._jobs.submit(
            Lane.STUDIO, lambda: self._studio.take_up(begun.id), done=taken_up, failed=failed
        )

    def _set_out(self, content: StudioContent, style_name: str, wish: TransferWish) -> None:
        self._content, self._style_name, self._wish = content, style_name, wish
        self.outputs, self.newest, self._transfer = [], None, None
        self._view.show_offer(None)
        self._view.show_begun(wish)

    def _begin(self, make: Callable[[], Transfer]) -> None:
        """``make`` is called in the lane."""
        before = self.state

        def run(wake: Wake, stop: Stop) -> bool:
            self._transfer = transfer = make()
            return self._run(transfer, wake, stop)

        def done(whole: bool) -> None:
            self.collect()
            if self._content is None:  # withdrawn meanwhile
                self._transfer = None
                self._to(State.FAILED)
                self.look()
            else:
                self._to(State.DONE if whole else State.STOPPED)

        def failed(error: BaseException) -> None:
            self.collect()
            self._to(State.FAILED)
            if isinstance(error, GONE):
                self.withdraw(error)
            else:
                self._view.show_trouble(error)
                self.look()

        def waits(ahead: Ahead) -> None:
            self._to(State.WAITING)
            self._view.show_waiting(ahead)

        def given_up() -> None:
            self._to(State.STOPPED if before is State.STOPPED and self._transfer else State.IDLE)
            self.look()

        self._work.start(
            run,
            began=lambda: self._to(State.RUNNING),
            heard=lambda _: self.collect(),
            done=done,
            failed=failed,
            waits=waits,
            given_up=given_up,
        )

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, GONE):
            self.withdraw(error)
        else:
            self._view.show_trouble(error)

    def _run(self, transfer: Transfer, wake: Wake, stop: Stop) -> bool:
        """In the lane; whether it came to its end."""
        last = None
        for news in transfer.run(stop):
            last = news
            self._hear(news, wake)
        return last is not None and last.step >= last.steps

    def _hear(self, news: TransferNews, wake: Wake) -> None:
        with self._lock:
            already = bool(self._waiting)
            self._waiting.append(news)
        if not already:
            wake(None)

    def _to(self, state: State) -> None:
        self.state = state
        self._view.show_state(state)
