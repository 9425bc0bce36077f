"""Python's collector of reference cycles, in the GUI thread alone.

Left to itself it runs in whatever thread happens to allocate the next object. A cycle that holds a
widget would then be taken apart in a worker's lane, where Qt objects must not be destroyed: the
window crashes, rarely and without a trace.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 1000


class GuiThreadCollector(QObject):
    """Switches the automatic collector off while it lives and collects by a timer instead.

    What stands when it is made is taken for permanent and looked at no more, so that even a full
    collection stays far below a frame that people would miss.
    """

    def __init__(self, parent: QObject, interval_ms: int = INTERVAL_MS) -> None:
        super().__init__(parent)
        gc.collect()
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(interval_ms)

    def stop(self) -> None:
        """Hand the work back to the interpreter."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _collect(self) -> None:
        """The oldest generation that is due; a younger one is part of it."""
        due = [
            generation
            for generation, (count, limit) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if count > limit
        ]
        if due:
            gc.collect(max(due))
