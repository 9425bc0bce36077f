"""Runs one transfer in the studio's lane; it can be cancelled and gone on with.

News comes from another thread faster than a window draws: it is gathered under a lock, and at most
one wake-up is on its way to the window.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from clinic_app.domain.picture import Picture
from clinic_app.services.studio import StudioService
from clinic_app.services.studio_data import StudioContent, Transfer, TransferNews, TransferWish
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.screens.studio.words import made_with


class State(StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


class TransferView(Protocol):
    def show_state(self, state: State) -> None: ...
    def show_begun(self, wish: TransferWish) -> None: ...
    def show_news(self, news: list[TransferNews]) -> None: ...
    def show_trouble(self, error: BaseException) -> None: ...
    def show_kept(self) -> None: ...


class TransferPresenter:
    """``wake`` asks the GUI thread to call ``collect``; it is called from the lane.

    Attributes:
        outputs: pictures that were asked for, with the step each is from; the newest last.
    """

    def __init__(
        self,
        view: TransferView,
        studio: StudioService,
        jobs: Jobs,
        wake: Callable[[], None],
    ) -> None:
        self._view = view
        self._studio = studio
        self._jobs = jobs
        self._wake = wake
        self._lock = threading.Lock()
        self._waiting: list[TransferNews] = []
        self._stop = threading.Event()
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
        return self.state in (State.RUNNING, State.STOPPING)

    def start(
        self, content: StudioContent, style: Picture, style_name: str, wish: TransferWish
    ) -> None:
        """A new transfer, over what was shown before."""
        if self.busy:
            return
        self._content, self._style_name, self._wish = content, style_name, wish
        self.outputs, self.newest, self._transfer = [], None, None
        self._view.show_begun(wish)

        def run() -> bool:
            self._transfer = self._studio.transfer(content, style, wish)
            return self._run(self._transfer)

        self._submit(run)

    def cancel(self) -> None:
        """Stop between two steps; ``go_on`` takes it up again."""
        if self.state is State.RUNNING:
            self._stop.set()
            self._to(State.STOPPING)

    def go_on(self) -> None:
        transfer = self._transfer
        if self.state is State.STOPPED and transfer is not None:
            self._submit(lambda: self._run(transfer))

    def collect(self) -> None:
        """In the GUI thread: everything that was told since."""
        with self._lock:
            news, self._waiting = self._waiting, []
        if not news:
            return
        for one in news:
            if one.picture is not None:
                self.newest = one.picture
                if one.output:
                    self.outputs.append((one.step, one.picture))
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
            failed=self._view.show_trouble,
        )

    def drop(self) -> None:
        """The screen goes for good."""
        self._stop.set()

    # --- inside --------------------------------------------------------------------------------

    def _submit(self, run: Callable[[], bool]) -> None:
        self._stop = threading.Event()
        self._to(State.RUNNING)

        def done(whole: bool) -> None:
            self.collect()
            self._to(State.DONE if whole else State.STOPPED)

        def failed(error: BaseException) -> None:
            self.collect()
            self._to(State.FAILED)
            self._view.show_trouble(error)

        self._jobs.submit(Lane.STUDIO, run, done=done, failed=failed)

    def _run(self, transfer: Transfer) -> bool:
        """In the lane; whether it came to its end."""
        stop, last = self._stop, None
        for news in transfer.run(stop.is_set):
            last = news
            self._hear(news)
        return last is not None and last.step >= last.steps

    def _hear(self, news: TransferNews) -> None:
        with self._lock:
            already = bool(self._waiting)
            self._waiting.append(news)
        if not already:
            self._wake()

    def _to(self, state: State) -> None:
        self.state = state
        self._view.show_state(state)
