"""What has to be said before a picture goes into the gallery."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from clinic_app.services.studio_data import StudioContent
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.sheet import ask


def ask_to_keep(above: QWidget, content: StudioContent, keep: Callable[[bool], object]) -> None:
    """Call ``keep``, with whether a patient is shown; then only once that is confirmed."""
    if content.patient_id is None:
        keep(False)
        return
    ask(
        above,
        title=tr("This picture shows a patient"),
        text=tr(
            "The gallery is meant for other pictures. It stays there, encrypted, until it is"
            " deleted or the consent is taken back."
        ),
        yes=tr("Put it into the gallery"),
        no=tr("Leave it out"),
        on_yes=lambda: keep(True),
    )
