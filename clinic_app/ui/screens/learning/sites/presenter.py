"""What the records say first, then what the centre of the group says, beside everything else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from clinic_app.services.sites import SitesService
from clinic_app.services.sites_data import RoundRow, SiteCard, SitesStanding
from clinic_app.ui.jobs import Jobs, Lane


class SitesView(Protocol):
    def show_standing(self, standing: SitesStanding) -> None: ...
    def show_failure(self, error: BaseException) -> None: ...
    def show_asking(self) -> None:
        """The centre of the group is asked."""

    def show_rounds(self, rows: Sequence[RoundRow]) -> None:
        """As they stand at the centre, newest first."""

    def show_away(self, error: BaseException) -> None:
        """The centre of the group could not be asked."""

    def show_sending(self) -> None: ...
    def show_sent(self, row: RoundRow) -> None: ...
    def show_trouble(self, error: BaseException) -> None:
        """What was asked for was not done."""

    def show_card(self, card: SiteCard, path: Path) -> None:
        """The card of this clinic is written."""


class SitesPresenter:
    def __init__(self, view: SitesView, sites: SitesService, jobs: Jobs) -> None:
        self._view = view
        self._sites = sites
        self._jobs = jobs
        self._sending = False

    @property
    def sending(self) -> bool:
        return self._sending

    def look(self) -> None:
        """What there is now, here and then at the centre."""
        self._jobs.submit(
            Lane.DATABASE,
            self._sites.standing,
            done=self._take_standing,
            failed=self._view.show_failure,
        )

    def ask_centre(self) -> None:
        self._view.show_asking()
        self._jobs.submit(
            Lane.SYNC, self._sites.look, done=self._view.show_rounds, failed=self._view.show_away
        )

    def advance(self) -> None:
        """Send what is owed; pressed twice, it is sent once."""
        if self._sending:
            return
        self._sending = True
        self._view.show_sending()
        self._jobs.submit(Lane.SYNC, self._sites.advance, done=self._sent, failed=self._not_sent)

    def write_card(self, path: Path) -> None:
        def written(card: SiteCard) -> None:
            self._view.show_card(card, path)
            self.look()

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._sites.save_card(path),
            done=written,
            failed=self._view.show_trouble,
        )

    def _take_standing(self, standing: SitesStanding) -> None:
        self._view.show_standing(standing)
        if standing.group is not None:
            self.ask_centre()

    def _sent(self, row: RoundRow) -> None:
        self._sending = False
        self._view.show_sent(row)
        self.look()

    def _not_sent(self, error: BaseException) -> None:
        self._sending = False
        self._view.show_trouble(error)
        self.look()
