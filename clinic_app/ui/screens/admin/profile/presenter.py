"""Reads the clinic's settings and saves a group of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import ClinicProfile
from clinic_app.domain.site import PASSWORD_POLICY
from clinic_app.services.clinic import ClinicService
from clinic_app.services.profile import checked_profile
from clinic_app.ui.jobs import Jobs, Lane


class ProfileView(Protocol):
    def show_profile(self, profile: ClinicProfile) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_error(self, error: InvalidInput) -> None: ...
    def show_unchanged(self) -> None: ...
    def ask_for_password(self, work: Callable[[str], ClinicProfile]) -> None:
        """The settings can be kept; ``work`` saves them with the administrator's password."""

    def typed(self) -> Mapping[str, Any]:
        """The fields of this group by name; raises ``InvalidInput``."""


class ProfilePresenter:
    def __init__(self, view: ProfileView, clinic: ClinicService, jobs: Jobs) -> None:
        self._view = view
        self._clinic = clinic
        self._jobs = jobs
        self._profile: ClinicProfile | None = None

    def look(self, *, quietly: bool = False) -> None:
        """Read the settings; what was typed and not saved stays, also what is typed while they are
        being read. ``quietly`` leaves the page alone where nothing has changed."""
        if self.changed:
            return

        def show(profile: ClinicProfile) -> None:
            if self.changed or (quietly and profile == self._profile):
                return
            self._profile = profile
            self._view.show_profile(profile)

        self._jobs.submit(
            Lane.DATABASE, self._clinic.profile, done=show, failed=self._view.show_failure
        )

    @property
    def changed(self) -> bool:
        """Whether something was typed that is not saved."""
        profile = self._profile
        if profile is None:
            return False
        try:
            typed = self._view.typed()
        except InvalidInput:
            return True
        return any(getattr(profile, name) != value for name, value in typed.items())

    @property
    def least_password(self) -> int:
        """How long a new password has to be."""
        policy = self._profile.password_policy if self._profile else PASSWORD_POLICY
        return policy.minimum_length

    def undo(self) -> None:
        """Back to what is saved."""
        if self._profile is not None:
            self._view.show_profile(self._profile)

    def prepare(self) -> None:
        """Check what was typed before a password is asked for."""
        profile = self._profile
        if profile is None:
            return
        if not self.changed:
            self._view.show_unchanged()
            return
        try:
            # What was left alone is not put back over what another laptop may have saved.
            typed = {
                name: value
                for name, value in self._view.typed().items()
                if getattr(profile, name) != value
            }
            checked_profile(replace(profile, **typed))
        except InvalidInput as error:
            self._view.show_error(error)
            return

        def save(password: str) -> ClinicProfile:
            return self._clinic.save(replace(profile, **typed), password, over=profile)

        self._view.ask_for_password(save)

    def saved(self, profile: ClinicProfile) -> None:
        """The settings are kept."""
        self._profile = profile
        self._view.show_profile(profile)
