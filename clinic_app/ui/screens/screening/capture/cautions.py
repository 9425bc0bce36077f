"""The ticks that are asked for before the camera opens: each is in the store at once."""

from __future__ import annotations

from collections.abc import Callable

from clinic_app.domain.cautions import Caution, in_order
from clinic_app.domain.screening import Draft
from clinic_app.ui.screens.screening.host import Host


class CautionTicks:
    """What is ticked; ``show_kept`` is called when a tick could not be stored."""

    def __init__(self, host: Host, show_kept: Callable[[], None]) -> None:
        self._host = host
        self._show_kept = show_kept
        self._on_its_way: frozenset[Caution] | None = None

    @property
    def present(self) -> frozenset[Caution]:
        """As the store has them; what is on its way there counts already."""
        kept = frozenset(self._host.case.draft.cautions)
        return kept if self._on_its_way is None else self._on_its_way

    def mark(self, caution: Caution, present: bool) -> None:
        """Something that makes the estimate less reliable applies, or does not."""
        before = self.present
        if present is (caution in before):
            return
        host, draft_id = self._host, self._host.case.draft.id
        ticked = before | {caution} if present else before - {caution}
        self._on_its_way = ticked

        def kept(draft: Draft) -> None:
            self._arrived(ticked)
            host.keep(draft)

        def failed(error: BaseException) -> None:
            host.workspace.notices.report(error)
            if self._arrived(ticked):
                self._show_kept()  # nobody shall rely on a tick that is not stored

        screenings = host.services.screenings
        host.ask(lambda: screenings.set_cautions(draft_id, in_order(ticked)), kept, failed)

    def _arrived(self, ticked: frozenset[Caution]) -> bool:
        """Let the store speak again, unless a newer tick is on its way."""
        newest = self._on_its_way is ticked
        if newest:
            self._on_its_way = None
        return newest
