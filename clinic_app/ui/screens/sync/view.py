"""How sync with the centre stands, a round by hand, joining, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from clinic_app.domain.access import Action, allows
from clinic_app.domain.clock import utc_now
from clinic_app.domain.sentence import Sentence
from clinic_app.services.sync_data import HostStatus, SequenceHead, SyncStatus
from clinic_app.ui.language import number_text
from clinic_app.ui.moments import moment_text, near_text
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.sync.join import JoinSheet
from clinic_app.ui.screens.sync.standing import Standing
from clinic_app.ui.shell.centre_link import CentreLink
from clinic_app.ui.shell.rounds import PastTrouble, SyncState
from clinic_app.ui.strings import tr
from clinic_app.ui.sync_words import advice_for, is_quiet, to_settle
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, card, clear, column, label, line, row, scrolling
from clinic_app.ui.widgets.containers import Centred, Columns, Pages
from clinic_app.ui.widgets.states import Busy, picture
from clinic_app.ui.workspace import Workspace

TRAVELS = (
    "Patients, consents, appointments, notes, tasks, screenings with their results, feedback,"
    " withdrawn consent and erasures.",
    "Pictures only of people who agreed to sharing and to keeping them, encrypted for the clinic.",
    "Drafts of screenings, passwords and the recovery key never leave this laptop.",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a list: its sign, a title, and two smaller lines that may be empty."""

    drawing: str
    tone: str
    title: str
    more: tuple[str, str] = ("", "")


class SyncScreen(Screen):
    """Signals:
    joined: this laptop has become a workstation of a centre.
    """

    joined = Signal()

    def __init__(self, workspace: Workspace, link: CentreLink) -> None:
        super().__init__(workspace.jobs, tr("Sync"))
        self._workspace = workspace
        self._link = link
        self.sheet: JoinSheet | None = None
        self._shown: SyncStatus | None = None
        self._told: tuple[PastTrouble, ...] = ()
        self.standing = Standing(link.rounds.sync_now, link.rounds.stop)
        columns = Columns(break_at=900, side_width=340)
        self._alone = self._alone_part()
        self._conflicts, self._conflict_words = self._conflict_part()
        self._servers = _ListCard(tr("Servers"), tr("Tried in this order."))
        self._heads = _ListCard(
            tr("Workstations"), tr("The newest change of each that has arrived here.")
        )
        self._troubles = _ListCard(tr("What went wrong since you signed in"), "")
        self._together = QWidget()
        box = column(self._together, gap=3)
        for part in (self.standing, self._conflicts, self._troubles, self._servers, self._heads):
            box.addWidget(part)
        self._pages = Pages()
        for page in (busy := Busy(tr("Looking…")), self._alone, self._together):
            self._pages.add(page)
        self._pages.show_page(busy)
        columns.main_box.addWidget(self._pages)
        columns.main_box.addStretch(1)
        columns.side_box.addWidget(_travels_part())
        columns.side_box.addStretch(1)
        holder = QWidget()
        column(holder, margin=4).addWidget(Centred(columns, 1200))
        column(self).addWidget(scrolling(holder))
        link.changed.connect(self._follow)

    # --- for the shell -----------------------------------------------------------------------

    def arrive(self) -> None:
        self._link.rounds.look()
        self.show_state(self._link.state)
        if self._pages.current is self._together:
            self.standing.now.setFocus()

    # --- showing -----------------------------------------------------------------------------

    def _follow(self, state: SyncState) -> None:
        if self.isVisible():  # else it catches up on arriving
            self.show_state(state)

    def show_state(self, state: SyncState) -> None:
        """Follow the rounds."""
        status = state.status
        if status is None:
            return
        if not status.joined:
            self._pages.show_page(self._alone)
            return
        self._pages.show_page(self._together)
        self.standing.show_state(state)
        if state.history != self._told:
            self._told = state.history
            self._troubles.show_facts([_trouble_fact(one) for one in state.history])
        if status == self._shown:
            return
        self._shown = status
        self.set_heading(tr("Sync"), f"{status.centre} · {status.workstation}")
        self._conflict_words.setText(to_settle(status.conflicts))
        self._conflicts.setVisible(status.conflicts > 0)
        self._servers.show_facts([_host_fact(one) for one in status.hosts])
        self._heads.show_facts([_head_fact(one) for one in status.heads])

    # --- joining -----------------------------------------------------------------------------

    def ask_to_join(self) -> None:
        """The sheet for joining."""
        self.sheet = JoinSheet(self, self._workspace, self._take_joined)

    def _take_joined(
        self,
        status: SyncStatus,
        file: str,
        trouble: BaseException | None,
        remark: Sentence | None,
    ) -> None:
        if remark is not None:
            self._link.rounds.note_remark(remark)
        said = tr(
            "This laptop is workstation {name} of {centre} now. Please delete the file “{file}”: it"
            " is as secret as a key."
        )
        self._workspace.notices.warn(
            said.format(name=status.workstation, centre=status.centre, file=file)
        )
        if trouble is not None:
            self._workspace.notices.warn(
                tr("The first round did not end: {why} The program goes on by itself.").format(
                    why=explain(trouble)
                )
            )
        self._link.rounds.look()
        self.joined.emit()

    # --- building ----------------------------------------------------------------------------

    def _alone_part(self) -> QFrame:
        holder, box = card(gap=2)
        top = row(gap=2)
        top.addWidget(picture("offline", 32, "accent"), 0, Qt.AlignmentFlag.AlignTop)
        words = column()
        words.setSpacing(4)
        words.addWidget(label(tr("This clinic lives on this laptop"), "heading"))
        words.addWidget(
            label(
                tr(
                    "That is a complete way of working: everything is kept here, encrypted. With a"
                    " central server several laptops share the same records, and a lost laptop"
                    " loses nothing that had travelled."
                ),
                "muted",
            )
        )
        top.addLayout(words, 1)
        box.addLayout(top)
        role = self._workspace.services.session.user.role
        across = row()
        if allows(role, Action.JOIN_CENTRE):
            self.join = button(tr("Join a centre…"), "primary", self.ask_to_join)
            across.addWidget(self.join)
        else:
            across.addWidget(label(tr("An administrator can join a centre."), "muted"))
        across.addStretch(1)
        box.addLayout(across)
        return holder

    def _conflict_part(self) -> tuple[QFrame, QLabel]:
        holder, box = card(role="info", margin=2, gap=1)
        across = row(gap=2)
        across.addWidget(picture("versions", 22, "accent"), 0, Qt.AlignmentFlag.AlignTop)
        words = column()
        words.setSpacing(2)
        count = label("", "strong")
        words.addWidget(count)
        words.addWidget(
            label(
                tr(
                    "Two workstations wrote different things about the same record. Both are kept"
                    " until a person settles it."
                ),
                "muted",
            )
        )
        across.addLayout(words, 1)
        self.settle = button(tr("Settle…"), "", self._workspace.navigator.show_conflicts)
        self.settle.setAccessibleName(tr("Settle what two workstations wrote differently"))
        across.addWidget(self.settle, 0, Qt.AlignmentFlag.AlignVCenter)
        box.addLayout(across)
        holder.hide()
        return holder, count


class _Line(QWidget):
    """A sign, a title and smaller words below it; can say something else without being rebuilt."""

    def __init__(self) -> None:
        super().__init__()
        across = row(self, gap=1)
        self._sign = column()
        across.addLayout(self._sign)
        words = column()
        words.setSpacing(2)
        self._title = label("", "strong")
        words.addWidget(self._title)
        self._more = [label("", "small") for _ in range(2)]
        for one in self._more:
            words.addWidget(one)
        across.addLayout(words, 1)
        self._drawn: tuple[str, str] | None = None

    def say(self, fact: Fact) -> None:
        if self._drawn != (fact.drawing, fact.tone):
            self._drawn = (fact.drawing, fact.tone)
            clear(self._sign)
            self._sign.addWidget(picture(fact.drawing, 18, fact.tone))
            self._sign.addStretch(1)
        self._title.setText(fact.title)
        for one, text in zip(self._more, fact.more, strict=True):
            one.setText(text)
            one.setVisible(bool(text))


class _ListCard(QFrame):
    """A heading and lines below it; gone when there are none."""

    def __init__(self, heading: str, about: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(heading)
        box = column(self, margin=3, gap=1)
        box.addWidget(label(heading, "heading"))
        if about:
            box.addWidget(label(about, "muted"))
        self._box: QVBoxLayout = column(gap=1)
        box.addLayout(self._box)
        self._lines: list[_Line] = []
        self.hide()

    def show_facts(self, facts: Sequence[Fact]) -> None:
        if len(facts) < len(self._lines):
            clear(self._box)
            self._lines = []
        while len(self._lines) < len(facts):
            if self._lines:
                self._box.addWidget(line())
            self._lines.append(_Line())
            self._box.addWidget(self._lines[-1])
        for made, fact in zip(self._lines, facts, strict=True):
            made.say(fact)
        self.setVisible(bool(facts))


def _host_fact(one: HostStatus) -> Fact:
    if one.trouble:
        drawing, tone = "offline", "muted"
    else:
        drawing, tone = ("check", "good") if one.last_success else ("forward", "muted")
    when = near_text(one.last_success, utc_now()) if one.last_success else ""
    said = tr("last answered: {when}").format(when=when) if when else ""
    return Fact(drawing, tone, one.name, (said, one.trouble or ""))


def _head_fact(one: SequenceHead) -> Fact:
    name = one.workstation or tr("Workstation {number}").format(number=one.origin)
    if one.own:
        name = tr("{name} (this laptop)").format(name=name)
    said = tr("change {seq} of the sequence begun {when}").format(
        seq=number_text(one.seq), when=moment_text(datetime.fromtimestamp(one.epoch / 1000, UTC))
    )
    return Fact("user" if one.own else "models", "muted", name, (said, ""))


def _trouble_fact(one: PastTrouble) -> Fact:
    when = near_text(one.at, utc_now())
    if one.times > 1:
        when = tr("{when}, {times} times in a row").format(when=when, times=one.times)
    drawing, tone = ("offline", "muted") if is_quiet(one) else ("alert", "warning")
    return Fact(drawing, tone, one.sentence, (when, advice_for(one.kind)))


def _travels_part() -> QFrame:
    holder, box = card(role="sunken", margin=2, gap=1)
    box.addWidget(label(tr("What travels"), "strong"))
    for text in TRAVELS:
        box.addWidget(label(tr(text), "small"))
    box.addSpacing(8)
    box.addWidget(label(tr("When"), "strong"))
    box.addWidget(
        label(
            tr(
                "Soon after a change, and every minute or so. It goes on while the window is"
                " locked, and shows nothing then."
            ),
            "small",
        )
    )
    return holder
