"""The lobby before a picture: its live camera, and what it looks at."""

from __future__ import annotations

from clinic_app.domain.finding import AbstainReason, QualityReason
from clinic_app.domain.picture import Picture
from clinic_app.services.reading import LiveView, Reading
from clinic_app.ui.screens.screening.capture.ports import Stage
from clinic_app.ui.screens.screening.case import Step
from tests.fakes.reading import reading
from tests.fakes.steps import Bench, RecordedView

FRAME = Picture(2, 2, bytes(12))
DARK = QualityReason.TOO_DARK


def live(bench: Bench) -> RecordedView:
    bench.capture.cautions_asked()
    bench.capture.opened()
    assert bench.capture.stage is Stage.LIVE
    return bench.views[Step.PICTURE]


def look(
    bench: Bench,
    hint: QualityReason | None = None,
    *,
    steady: float = 1.0,
    after: float = 0.04,
) -> None:
    bench.ticks.now += after
    bench.capture.looked(LiveView(FRAME, None, hint, steady))


def counted_down(bench: Bench) -> RecordedView:
    """The burst is being taken."""
    view = live(bench)
    look(bench)
    for _ in range(4):
        look(bench, after=1.0)
    assert bench.capture.stage is Stage.TAKING
    return view


def rejected() -> Reading:
    found = reading(abstained=AbstainReason.QUALITY, reasons=(DARK,)).finding
    return Reading(found, None)
