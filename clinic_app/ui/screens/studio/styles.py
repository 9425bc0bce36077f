"""The style pictures as a wall of small pictures with names; an own picture is a style as well."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from clinic_app.domain.picture import Picture
from clinic_app.services.studio_data import StudioContent
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.screens.studio.opening import FileOpening
from clinic_app.ui.screens.studio.pictures import ask_picture_file
from clinic_app.ui.screens.studio.words import style_name
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, card, clear, column, icon_button, label
from clinic_app.ui.widgets.camera import image_of
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.workspace import Workspace

_SIDE = 80


class StyleCard(QWidget):
    """Signals:
    chosen: a style was picked.
    """

    chosen = Signal()

    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__()
        self._studio, self._jobs = workspace.services.studio, jobs
        self.picture: Picture | None = None
        self.name = ""
        self._reading = False
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        holder, box = card(margin=2, gap=1)
        column(self).addWidget(holder)
        box.addWidget(label(tr("Style"), "heading"))
        self._wall = column()
        box.addLayout(self._wall)
        self.own = icon_button(tr("Own picture…"), "document", "", self._ask_file)
        box.addWidget(self.own)
        self.opening = FileOpening(self._studio, jobs, self.own, done=self._take, failed=self._fail)
        box.addWidget(self.opening)
        self._said = label(tr("Reading…"), "muted")
        box.addWidget(self._said)

    def load(self) -> None:
        """The styles that ship, once."""
        if self.buttons or self._reading:
            return
        self._reading = True

        def failed(error: BaseException) -> None:
            self._reading = False
            self._fail(error)

        self._jobs.submit(Lane.STUDIO, self._studio.style_pictures, done=self._show, failed=failed)

    def _show(self, found: Mapping[str, Picture]) -> None:
        self._reading = False
        self._said.hide()
        clear(self._wall)
        flow = Flow()
        for name, picture in found.items():
            words = style_name(name)
            made = button("", "choice", partial(self._choose, words, picture))
            made.setCheckable(True)
            made.setStyleSheet("padding: 4px;")
            side = scaled(_SIDE)
            made.setIcon(QIcon(QPixmap.fromImage(image_of(picture)).scaled(QSize(side, side))))
            made.setIconSize(QSize(side, side))
            made.setAccessibleName(words)
            made.setToolTip(words)
            self._group.addButton(made)
            self.buttons[name] = made
            flow.add(made)
        self._wall.addWidget(flow)
        if self.buttons and not self.opening.under_way:  # the own picture comes in its place
            next(iter(self.buttons.values())).click()

    def _choose(self, name: str, picture: Picture) -> None:
        self.opening.leave()
        self.name, self.picture = name, picture
        self._said.setText(name)
        self._said.setVisible(True)
        self.chosen.emit()

    def open_file(self, path: Path) -> None:
        """An own picture."""
        self.opening.open(path)

    def _ask_file(self) -> None:
        ask_picture_file(self, self.open_file)

    def take(self, name: str, picture: Picture) -> None:
        """A style that comes from elsewhere; one of the wall is marked there."""
        self._group.setExclusive(False)
        for one in self.buttons.values():
            one.setChecked(one.accessibleName() == name)
        self._group.setExclusive(True)
        self._choose(name, picture)

    def _take(self, content: StudioContent) -> None:
        self.take(tr("own picture"), content.picture)

    def _fail(self, error: BaseException) -> None:
        self._said.setText(explain(error))
        self._said.setVisible(True)
