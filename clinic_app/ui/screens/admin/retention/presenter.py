"""Saves how long things stay, tries it out, and removes what is due."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.site import Retention
from clinic_app.services.retention import RetentionPlan, RetentionService, checked_retention
from clinic_app.ui.jobs import Jobs, Lane


class RetentionView(Protocol):
    def unfinished(self) -> str:
        """What is typed and not saved, as a sentence; empty when nothing is."""

    def show_settings(self, settings: Retention) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_error(self, error: InvalidInput) -> None: ...
    def show_trouble(self, error: BaseException) -> None: ...
    def show_working(self, working: bool) -> None: ...
    def show_plan(self, plan: RetentionPlan, *, saved: bool) -> None:
        """What would go today; ``saved`` says that these are the clinic's settings."""

    def ask_to_save(self, work: Callable[[str], Retention]) -> None: ...
    def ask_to_remove(self, plan: RetentionPlan, work: Callable[[str], RetentionPlan]) -> None: ...


class RetentionPresenter:
    def __init__(self, view: RetentionView, retention: RetentionService, jobs: Jobs) -> None:
        self._view = view
        self._retention = retention
        self._jobs = jobs
        self._settings: Retention | None = None
        self._plan: RetentionPlan | None = None

    def look(self) -> None:
        """Read the settings, unless something was typed over them."""

        def show(settings: Retention) -> None:
            if self._view.unfinished():  # typed while this was read
                return
            self._settings = settings
            self._view.show_settings(settings)

        self._jobs.submit(
            Lane.DATABASE, self._retention.settings, done=show, failed=self._view.show_failure
        )

    def differs(self, typed: Retention | None) -> bool:
        """Whether what was typed (``None``: nothing usable) is not what is saved."""
        return self._settings is not None and typed != self._settings

    def dry_run(self, typed: Retention) -> None:
        """What these settings would remove today; nothing changes."""
        if not self._fits(typed):
            return

        def show(plan: RetentionPlan) -> None:
            self._plan = plan
            self._view.show_working(False)
            self._view.show_plan(plan, saved=plan.settings == self._settings)

        def fail(error: BaseException) -> None:
            self._view.show_working(False)
            self._view.show_trouble(error)

        self._view.show_working(True)
        self._jobs.submit(
            Lane.DATABASE, lambda: self._retention.dry_run(typed), done=show, failed=fail
        )

    def save(self, typed: Retention) -> None:
        """Keep the settings, after the password."""
        if self._fits(typed):
            self._view.ask_to_save(lambda password: self._retention.save(typed, password))

    def saved(self, settings: Retention) -> None:
        self._settings = settings
        self._view.show_settings(settings)

    def remove(self) -> None:
        """Remove what the last dry run showed, after the password; only under saved settings."""
        plan = self._plan
        if plan is not None and plan.settings == self._settings:
            self._view.ask_to_remove(plan, lambda password: self._retention.run(password, plan))

    def _fits(self, typed: Retention) -> bool:
        try:
            checked_retention(typed)
        except InvalidInput as error:
            self._view.show_error(error)
            return False
        return True
