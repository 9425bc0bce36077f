"""The settings: their sections in a side list, the chosen one beside it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from clinic_app.domain.access import allows
from clinic_app.ui.icons import icon
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.screens.admin.sections import GROUPS, Group, Place, make_section
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.widgets.basics import button, column, label, row, scrolling
from clinic_app.ui.widgets.fitted import Fitted
from clinic_app.ui.workspace import Workspace

_SIDE_WIDTH = 232
_BREAK_AT = 900
"""Width of the page (pixels at 100% text size) below which the list becomes a drop-down."""


class AdminScreen(Fitted, Screen):
    """Offers the sections that the role allows.

    Signals:
        profile_saved: the clinic's settings have changed; carries the new ``ClinicProfile``.
    """

    profile_saved = Signal(object)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Administration"))
        self._workspace = workspace
        self._made: dict[str, Section] = {}
        self._areas: dict[str, QScrollArea] = {}
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._places = {
            place.name: place
            for group in GROUPS
            for place in group.places
            if allows(workspace.services.session.user.role, place.action)
        }
        self.present = next(iter(self._places), "")
        self._stack = QStackedWidget()
        self._side = self._side_list()
        self._narrow, self.choose = self._drop_down()
        page = column(self, gap=0)
        page.addWidget(self._narrow)
        across = row(gap=0)
        across.addWidget(self._side)
        across.addWidget(self._stack, 1)
        page.addLayout(across, 1)
        self.fit()

    # --- for the shell -------------------------------------------------------------------------

    def arrive(self) -> None:
        if self.present:
            self.open(self.present)
            if self._side.isVisible():
                self._buttons[self.present].setFocus()

    def renew(self) -> None:
        if self.present in self._made:
            self.section.catch_up()

    def unfinished(self) -> str:
        return next((text for one in self._made.values() if (text := one.unfinished())), "")

    def drop(self) -> None:
        for section in self._made.values():
            section.drop()
        super().drop()

    # --- choosing ------------------------------------------------------------------------------

    @property
    def section(self) -> Section:
        """The section in front."""
        return self._made[self.present]

    @property
    def offered(self) -> tuple[str, ...]:
        """The names of the sections that the role allows."""
        return tuple(self._places)

    def open(self, name: str) -> None:
        """Bring a section to the front; what was typed in another one stays there."""
        place = self._places[name]
        if name not in self._made:
            section = make_section(name, self._workspace, self.jobs, self.profile_saved.emit)
            self._made[name] = section
            self._areas[name] = scrolling(section)
            self._areas[name].setAccessibleName(tr(place.words))
            self._stack.addWidget(self._areas[name])
        self.present = name
        self._buttons[name].setChecked(True)
        self._side_area.ensureWidgetVisible(self._buttons[name])
        self.choose.setCurrentIndex(self.choose.findData(name))
        self._stack.setCurrentWidget(self._areas[name])
        if isinstance(self.focusWidget(), QPushButton) and self._side.isAncestorOf(
            self.focusWidget()
        ):
            self._buttons[name].setFocus()
        self.set_heading(tr("Administration"), tr(place.words))
        self._made[name].arrive()

    # --- building ------------------------------------------------------------------------------

    def _side_list(self) -> QFrame:
        holder = QFrame()
        holder.setAccessibleName(tr("Sections of the settings"))
        box = column(holder)
        box.setSpacing(0)
        box.setContentsMargins(2 * UNIT, 2 * UNIT, 0, UNIT)
        for number, group in enumerate(self._offered_groups()):
            if number:
                box.addSpacing(UNIT)
            caption = label(tr(group.words), "caption")
            caption.setContentsMargins(12, 0, 0, 4)
            box.addWidget(caption)
            for place in group.places:
                box.addWidget(self._side_button(place))
        box.addStretch(1)
        self._side_area = scrolling(holder)
        frame = QFrame()
        column(frame).addWidget(self._side_area)
        return frame

    def _offered_groups(self) -> list[Group]:
        offered = [
            replace(group, places=tuple(one for one in group.places if one.name in self._places))
            for group in GROUPS
        ]
        return [group for group in offered if group.places]

    def _side_button(self, place: Place) -> QPushButton:
        made = button(f"  {tr(place.words)}", "nav", partial(self.open, place.name))
        made.setCheckable(True)
        made.setIcon(icon(place.drawing, "muted", "accent"))
        made.setIconSize(QSize(scaled(18), scaled(18)))
        made.setAccessibleName(tr(place.words))
        self._group.addButton(made)
        self._buttons[place.name] = made
        return made

    def _drop_down(self) -> tuple[QWidget, QComboBox]:
        holder = QWidget()
        box = column(holder)
        box.setContentsMargins(4 * UNIT, 2 * UNIT, 4 * UNIT, 0)
        chosen = QComboBox()
        chosen.setAccessibleName(tr("Section of the settings"))
        for place in self._places.values():
            chosen.addItem(tr(place.words), place.name)
        chosen.activated.connect(lambda place: self.open(chosen.itemData(place)))
        box.addWidget(chosen)
        return holder, chosen

    def fit(self) -> None:
        narrow = self.width() < scaled(_BREAK_AT)
        self._narrow.setVisible(narrow)
        self._side.setVisible(not narrow)
        self._side.setFixedWidth(scaled(_SIDE_WIDTH))
