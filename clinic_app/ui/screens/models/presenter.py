"""Reads cards and checks files, away from the window's thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from clinic_app.services.reading import ModelInfo, ModelShelf
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.strings import sentence_of


class ModelsView(Protocol):
    def show_models(self, models: Sequence[ModelInfo]) -> None: ...
    def show_card(self, name: str, markdown: str, pictures: Mapping[str, bytes]) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_checking(self) -> None: ...
    def show_checked(self, lines: Sequence[str]) -> None: ...
    def show_rejected(self, error: BaseException, lines: Sequence[str]) -> None: ...


class ModelsPresenter:
    def __init__(self, view: ModelsView, shelf: ModelShelf, jobs: Jobs) -> None:
        self._view = view
        self._shelf = shelf
        self._jobs = jobs
        self._chosen = ""
        self._checking = False

    def look(self) -> None:
        """List the models."""
        self._jobs.submit(
            Lane.INFERENCE,
            self._shelf.models,
            done=self._view.show_models,
            failed=self._view.show_failure,
        )

    def choose(self, name: str) -> None:
        """Show the card of one model; an older answer is dropped."""
        self._chosen = name

        def read() -> tuple[str, Mapping[str, bytes]]:
            return self._shelf.card(name), self._shelf.pictures(name)

        def show(found: tuple[str, Mapping[str, bytes]]) -> None:
            if self._chosen == name:
                self._view.show_card(name, *found)

        def fail(error: BaseException) -> None:
            if self._chosen == name:
                self._view.show_card(name, sentence_of(error), {})

        self._jobs.submit(Lane.INFERENCE, read, done=show, failed=fail)

    def verify(self) -> None:
        """Check every file against its manifest."""
        if self._checking:
            return
        self._checking = True
        lines: list[str] = []

        def done(_: None) -> None:
            self._checking = False
            self._view.show_checked(lines)

        def fail(error: BaseException) -> None:
            self._checking = False
            self._view.show_rejected(error, lines)

        self._view.show_checking()
        self._jobs.submit(
            Lane.INFERENCE, lambda: self._shelf.verify(lines.append), done=done, failed=fail
        )
