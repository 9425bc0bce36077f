"""What has to be said before a picture goes into the gallery, or out into a file."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from clinic_app.services.studio_data import StudioContent
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.studio.pictures import save_picture
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.sheet import ask
from clinic_app.ui.workspace import Workspace


def save_out(
    above: QWidget,
    workspace: Workspace,
    jobs: Jobs,
    read: Callable[[str], bytes],
    name: str,
    *,
    of_patient: bool,
) -> None:
    """Ask where, then write what ``read`` gives for a password, which is asked for where a patient
    is shown."""

    def choose(password: str) -> None:
        save_picture(above, jobs, workspace.notices, lambda: read(password), name)

    def prove(password: str) -> str:
        workspace.services.clinic.prove(password)
        return password

    if not of_patient:
        choose("")
        return
    ask_password(
        above,
        workspace.jobs,
        title=tr("Save a copy outside the clinic's store"),
        text=tr(
            "The picture is not encrypted: whoever has the file can see the patient. Please enter"
            " your password to go on."
        ),
        confirm=tr("Continue"),
        work=prove,
        done=choose,
    )


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
