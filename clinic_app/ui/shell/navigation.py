"""The left side of the window: where to go, who is signed in, what waits."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from clinic_app.domain.access import Action, allows
from clinic_app.domain.people import ClinicProfile, Role, StaffUser
from clinic_app.ui.icons import icon
from clinic_app.ui.shell.state_button import StateButton
from clinic_app.ui.strings import ROLE_LABELS, tr
from clinic_app.ui.sync_words import Indicator
from clinic_app.ui.theme import LOOK_CHANGES, UNIT, scaled
from clinic_app.ui.widgets.basics import button, column, label, line, row, scrolling
from clinic_app.ui.widgets.states import picture

PLACES = (
    ("today", "Today", "today", Action.SEE_PATIENTS, "Alt+1"),
    ("worklist", "Worklist", "worklist", Action.SEE_WORKLIST, "Alt+5"),
    ("patients", "Patients", "patients", Action.SEE_PATIENTS, "Alt+2"),
    ("appointments", "Appointments", "appointments", Action.SEE_APPOINTMENTS, "Alt+7"),
    ("tasks", "Tasks", "tasks", Action.EDIT_TASKS, "Alt+6"),
    ("feedback", "Feedback", "pen", Action.SEE_FEEDBACK, "Alt+8"),
    ("learning", "Learning", "eye", Action.ADJUDICATE, "Alt+0"),
    ("models", "Models & about", "models", Action.SEE_MODELS, "Alt+3"),
    ("studio", "Style studio", "palette", Action.USE_STUDIO, "Alt+S"),
    ("admin", "Administration", "settings", Action.EDIT_CLINIC, "Alt+4"),
)
"""(name, words, drawing, what the role must allow, keys)."""
_WIDTH = 240
_WIDEST = 400


class Navigation(QWidget):
    """Places of the window and the state of the workstation.

    Attributes:
        role: whose places are shown.

    Signals:
        chosen: the name of the place to go to.
        lock_asked, sign_out_asked, password_asked, theme_asked, language_asked, keys_asked: the
            buttons at the bottom.
        sync_asked: the line that says how sync stands.
    """

    chosen = Signal(str)
    lock_asked = Signal()
    sign_out_asked = Signal()
    password_asked = Signal()
    theme_asked = Signal()
    language_asked = Signal()
    keys_asked = Signal()
    sync_asked = Signal()

    def __init__(self, clinic: ClinicProfile, user: StaffUser) -> None:
        super().__init__()
        self.setObjectName("navigation")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Navigation"))
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._places: dict[str, QPushButton] = {}
        box = column(self, gap=1)
        box.setContentsMargins(2 * UNIT, 3 * UNIT, 2 * UNIT, 2 * UNIT)
        box.addLayout(self._clinic_line(clinic))
        box.addSpacing(2 * UNIT)
        self._area = self._all_places()
        box.addWidget(self._area, 1)
        self._state = StateButton()
        self._state.clicked.connect(lambda _checked=False: self.sync_asked.emit())
        box.addWidget(self._state)
        box.addWidget(line())
        box.addLayout(self._user_line(user))
        box.addLayout(self._buttons())
        self.show_role(user.role)
        self._fit()

    def offers(self, name: str) -> bool:
        """Whether the role of who is signed in allows this place."""
        return any(name == place and allows(self.role, action) for place, _, _, action, _ in PLACES)

    def show_role(self, role: Role) -> None:
        """The places of a role; another one may come while somebody is signed in."""
        self.role = role
        self._role.setText(tr(ROLE_LABELS[role]))
        for name, place in self._places.items():
            place.setVisible(self.offers(name))

    def mark(self, name: str) -> None:
        """Show where we are; an unknown name marks nothing."""
        chosen = self._places.get(name)
        if chosen is not None:
            chosen.setChecked(True)
            self._area.ensureWidgetVisible(chosen, 0, 0)
            return
        self._group.setExclusive(False)
        for place in self._places.values():
            place.setChecked(False)
        self._group.setExclusive(True)

    def show_sync(self, indicator: Indicator) -> None:
        """How sync stands, told quietly."""
        self._state.show_indicator(indicator)

    @property
    def state(self) -> QLabel:
        """The words about sync."""
        return self._state.words

    def show_clinic(self, clinic: ClinicProfile) -> None:
        """The clinic's name was changed."""
        self._clinic.setText(clinic.name)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()
        if event.type() in LOOK_CHANGES:
            self._state.refit()

    def _fit(self) -> None:
        self.setFixedWidth(min(scaled(_WIDTH), _WIDEST))
        self._avatar.setFixedSize(scaled(36), scaled(36))

    def _clinic_line(self, clinic: ClinicProfile) -> QHBoxLayout:
        top = row(gap=1)
        top.addWidget(picture("clinic", 28, "accent"), 0, Qt.AlignmentFlag.AlignTop)
        words = column()
        words.setSpacing(2)
        self._clinic = label(clinic.name, "strong")
        words.addWidget(self._clinic)
        if clinic.demo:
            words.addWidget(label(tr("Demo clinic: made-up people"), "caution"))
        top.addLayout(words, 1)
        return top

    def _all_places(self) -> QScrollArea:
        """They scroll where large text leaves too little room."""
        holder = QWidget()
        places = column(holder, gap=1)
        for name, words, drawing, _, keys in PLACES:
            places.addWidget(self._place(name, tr(words), drawing, keys))
        places.addStretch(1)
        area = scrolling(holder)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName(tr("Places"))
        return area

    def _place(self, name: str, words: str, drawing: str, keys: str) -> QPushButton:
        made = button(f"  {words}", "nav", lambda: self.chosen.emit(name))
        made.setCheckable(True)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        made.setIcon(icon(drawing, "muted", "accent"))
        made.setIconSize(QSize(scaled(20), scaled(20)))
        made.setToolTip(f"{words} ({keys})")
        made.setAccessibleName(words)
        self._group.addButton(made)
        self._places[name] = made
        return made

    def _user_line(self, user: StaffUser) -> QHBoxLayout:
        who = row(gap=1)
        initials = "".join(part[0] for part in user.display_name.split()[:2]).upper()
        self._avatar = label(initials, "avatar", wrap=False)
        self._avatar.setAlignment(Qt.AlignmentFlag.AlignCenter)
        who.addWidget(self._avatar)
        words = column()
        words.setSpacing(0)
        words.addWidget(label(user.display_name, "strong"))
        self._role = label("", "small")
        words.addWidget(self._role)
        who.addLayout(words, 1)
        return who

    def _buttons(self) -> QHBoxLayout:
        buttons = row()
        buttons.setSpacing(4)
        for drawing, words, keys, signal in (
            ("lock", tr("Lock the window"), "Ctrl+L", self.lock_asked),
            ("sign_out", tr("Sign out"), "", self.sign_out_asked),
            ("key", tr("Change my password"), "", self.password_asked),
            ("moon", tr("Light, dark or high contrast"), "Ctrl+Shift+D", self.theme_asked),
            ("globe", tr("Language of the window"), "", self.language_asked),
            ("keyboard", tr("Keys"), "F1", self.keys_asked),
        ):
            made = button("", "icon", signal.emit)
            made.setIcon(icon(drawing))
            made.setIconSize(QSize(scaled(20), scaled(20)))
            made.setAccessibleName(words)
            made.setToolTip(f"{words} ({keys})" if keys else words)
            buttons.addWidget(made)
        buttons.addStretch(1)
        return buttons
