"""Learning with other clinics goes on by itself after a round with this clinic's own centre."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from clinic_app.domain.access import Action, allows
from clinic_app.domain.errors import ClinicError
from clinic_app.domain.joint_learning import RoundState
from clinic_app.services.session import SessionState
from clinic_app.services.sites_data import RoundRow, SingledOut, SitesTrouble, SiteTooSmall
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.workspace import Notices

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices


_STOPPING = (SitesTrouble, SiteTooSmall, SingledOut)
"""Troubles that end a round."""


class JointRounds:
    """At the desk of who may send: what was agreed to needs nobody's hand again.

    A centre that is away is left to the page about it; an end is told at once.
    """

    def __init__(
        self,
        services: ClinicServices,
        jobs: Jobs,
        notices: Notices,
        compare: Callable[[], object],
    ) -> None:
        self._services = services
        self._jobs = jobs
        self._notices = notices
        self._compare = compare
        self._running = False

    def go_on(self, _round: object = None) -> None:
        """Send what is owed, where a round is under way."""
        session = self._services.session
        if self._running or session.state is not SessionState.ACTIVE or session.term.left <= 0:
            return  # refused; and each refusal is written down
        if not allows(session.user.role, Action.SHARE_LEARNING):
            return
        self._running = True
        self._jobs.submit(
            Lane.SYNC, self._services.sites.advance, done=self._went_on, failed=self._stayed
        )

    def _went_on(self, row: RoundRow) -> None:
        self._running = False
        if row.state is RoundState.FINISHED and row.head:
            words = tr("Learning with other clinics has ended with {head}. Nobody uses it yet.")
            self._notices.warn(words.format(head=row.head), (tr("Compare it"), self._compare))
        elif row.state is RoundState.STOPPED:
            words = tr("A round of learning with other clinics was stopped by {clinics}.")
            self._notices.warn(words.format(clinics=", ".join(row.stopped_by)))

    def _stayed(self, error: BaseException) -> None:
        self._running = False
        if isinstance(error, _STOPPING):
            words = tr("A round of learning with other clinics was stopped here. {why}")
            self._notices.warn(words.format(why=explain(error)))
        elif not isinstance(error, ClinicError):  # no round, no centre: ordinary days
            explain(error)
