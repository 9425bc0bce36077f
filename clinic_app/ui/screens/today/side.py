"""The narrow column of the first screen: finding people, the worklist, the state of the laptop."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPushButton

from clinic_app.domain.worklist import WorklistReason
from clinic_app.services.learning_data import IdleInUse, WithdrawnInUse
from clinic_app.services.sync_data import SyncStatus
from clinic_app.ui.icons import icon
from clinic_app.ui.language import number_text
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, column, icon_button, label, row
from clinic_app.ui.widgets.fields import text_edit
from clinic_app.ui.widgets.states import picture
from clinic_app.ui.workspace import Navigator

_ALONE = (
    "Working offline is normal here: everything is kept encrypted on this laptop and nothing is"
    " lost when the lid closes."
)
_JOINED = (
    "Working offline is normal here: everything is kept encrypted on this laptop, and travels to"
    " the centre whenever it can be reached."
)


class FindCard(QFrame):
    """A line to type a name in, and the way to register somebody."""

    def __init__(self, navigator: Navigator) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._navigator = navigator
        box = column(self, margin=3, gap=2)
        box.addWidget(label(tr("Find or register"), "heading"))
        self.wanted = text_edit(tr("Name, number or birth date"))
        self.wanted.setToolTip(tr("Name, phone, number or birth date"))
        self.wanted.setAccessibleName(tr("Find a patient"))
        self.wanted.addAction(icon("search"), self.wanted.ActionPosition.LeadingPosition)
        self.wanted.returnPressed.connect(self._find)
        box.addWidget(self.wanted)
        line = row()
        line.addWidget(button(tr("Find"), "primary", self._find), 1)
        register = icon_button(tr("Register"), "plus", "", lambda: navigator.show_register())
        register.setAccessibleName(tr("Register a new patient"))
        line.addWidget(register, 1)
        box.addLayout(line)

    def _find(self) -> None:
        text = self.wanted.text()
        self.wanted.clear()
        self._navigator.show_patients(text)


class PeopleCard(QFrame):
    """How many people stand on the worklist, and handing over."""

    def __init__(self, navigator: Navigator, hand_over: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("role", "card")
        box = column(self, margin=3, gap=1)
        box.addWidget(label(tr("Worklist"), "heading"))
        self.words = label(tr("Looking…"), "muted")
        box.addWidget(self.words)
        open_list = button(tr("Open the worklist"), "", lambda: navigator.show_worklist())
        box.addWidget(open_list)
        give = button(tr("Hand over…"), "", hand_over)
        give.setToolTip(tr("Tell a colleague what there is to know; it is received with a word."))
        box.addWidget(give)

    def show_people(self, people: Mapping[WorklistReason | None, int]) -> None:
        self.words.setText(people_text(people))


class _Line(QFrame):
    """A sentence with a button beside it; hidden until there is something to say."""

    def __init__(self, icon: str, go: QPushButton) -> None:
        super().__init__()
        self.setProperty("role", "info")
        across = row(self, margin=2, gap=2)
        across.addWidget(picture(icon, 22, "accent"), 0, Qt.AlignmentFlag.AlignVCenter)
        self.words = label("")
        across.addWidget(self.words, 1)
        across.addWidget(go, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()


class ConflictLine(_Line):
    """Two workstations wrote different things; shown while there is something to settle."""

    def __init__(self, navigator: Navigator) -> None:
        settle = button(tr("Settle…"), "", lambda: navigator.show_conflicts())
        settle.setAccessibleName(tr("Settle what two workstations wrote differently"))
        super().__init__("versions", settle)

    def show_conflicts(self, count: int) -> None:
        text = tr("1 record was written differently on two workstations.")
        if count != 1:
            text = tr("{number} records were written differently on two workstations.").format(
                number=number_text(count)
            )
        self.words.setText(text)
        self.setVisible(count > 0)


class HeadLine(_Line):
    """The local head in use has learnt from somebody who has withdrawn since, or reads no picture
    any more."""

    def __init__(self, navigator: Navigator) -> None:
        go = button(tr("Local heads"), "", lambda: navigator.show_heads())
        go.setAccessibleName(tr("Open the local heads, to replace the one in use"))
        super().__init__("trend", go)

    def show_head(self, found: WithdrawnInUse | IdleInUse | None) -> None:
        if isinstance(found, IdleInUse):
            words = tr(
                "The local head in use, {head}, reads no new picture: other models than its own"
                " read them now. Roll it back, or replace it once doctors have read new pictures."
            )
            self.words.setText(words.format(head=found.version))
        elif found is not None:
            words = tr(
                "The local head in use, {head}, holds withdrawn cases ({number}). It goes on"
                " reading new pictures until you replace it or roll it back."
            )
            self.words.setText(words.format(head=found.version, number=number_text(found.cases)))
        self.setVisible(found is not None)


class StateCard(QFrame):
    """Working offline is normal; how much waits to travel."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "sunken")
        line = row(self, margin=2, gap=1)
        line.addWidget(picture("offline", 20), 0, Qt.AlignmentFlag.AlignTop)
        words = column()
        words.setSpacing(4)
        self.pending = label("", "strong")
        self.pending.hide()
        words.addWidget(self.pending)
        self.about = label(tr(_ALONE), "small")
        words.addWidget(self.about)
        line.addLayout(words, 1)

    def show_sync(self, status: SyncStatus) -> None:
        changes = status.pending
        text = tr("1 change waits to travel")
        if changes != 1:
            text = tr("{number} changes wait to travel").format(number=number_text(changes))
        self.pending.setText(text)
        self.pending.setVisible(changes > 0)
        self.about.setText(tr(_JOINED if status.joined else _ALONE))


def people_text(people: Mapping[WorklistReason | None, int]) -> str:
    """As in "312 people · 2 with open safety steps · 14 not assessed"."""
    total = people.get(None, 0)
    if not total:
        return tr("Nobody is registered yet.")
    parts = [
        tr("1 person") if total == 1 else tr("{number} people").format(number=number_text(total))
    ]
    flows = people.get(WorklistReason.SAFETY_OPEN, 0)
    if flows:
        parts.append(tr("{number} with open safety steps").format(number=number_text(flows)))
    unseen = people.get(WorklistReason.NOT_ASSESSED, 0)
    if unseen:
        parts.append(tr("{number} not assessed").format(number=number_text(unseen)))
    return " · ".join(parts)
