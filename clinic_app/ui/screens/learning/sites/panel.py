"""The page: what leaves the clinic, the group with its clinics, and the rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from clinic_app.domain.access import Action, allows
from clinic_app.domain.sentence import Sentence
from clinic_app.services.sites_data import GroupMember, RoundRow, SiteCard, SitesStanding
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.screens.learning.sites import sheets
from clinic_app.ui.screens.learning.sites.presenter import SitesPresenter
from clinic_app.ui.screens.learning.sites.rounds import Acts, round_card
from clinic_app.ui.screens.learning.sites.words import ABOUT, people_text
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import (
    button,
    card,
    clear,
    column,
    icon_button,
    label,
    line,
    restyle,
    row,
)
from clinic_app.ui.widgets.containers import Columns, Pages
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure
from clinic_app.ui.workspace import Workspace


class SitesPanel(QWidget):
    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__()
        self._workspace = workspace
        self._jobs = jobs
        services = workspace.services
        role = services.session.user.role
        self._may_share = allows(role, Action.SHARE_LEARNING)
        self.presenter = SitesPresenter(self, services.sites, jobs)
        self._acts = Acts(
            agree=self.ask_agreement,
            advance=self.presenter.advance,
            stop=self._ask_stop,
            compare=workspace.navigator.show_heads,
            may_share=self._may_share,
        )
        self._standing: SitesStanding | None = None
        self._rows: Sequence[RoundRow] | None = None
        self._pages = Pages()
        self._busy = Busy(tr("Reading…"))
        self._failure = QWidget()
        self._failure_box = column(self._failure)
        self._content = self._build()
        for page in (self._busy, self._content, self._failure):
            self._pages.add(page)
        column(self).addWidget(self._pages)

    def look(self) -> None:
        """What there is now."""
        if self._standing is None:
            self._pages.show_page(self._busy)
        self.presenter.look()

    # --- for the presenter -------------------------------------------------------------------

    def show_standing(self, standing: SitesStanding) -> None:
        self._standing = standing
        with kept_focus(self):
            self._show_side(standing)
        self._show_rounds()
        self._pages.show_page(self._content)

    def show_failure(self, error: BaseException) -> None:
        clear(self._failure_box)
        self._failure_box.addWidget(Failure(explain(error), self.look))
        self._pages.show_page(self._failure)

    def show_asking(self) -> None:
        self._say(tr("Asking the centre of the group…"), "small")

    def show_rounds(self, rows: Sequence[RoundRow]) -> None:
        self._rows = rows
        self._say("", "")
        self._show_rounds()

    def show_away(self, error: BaseException) -> None:
        self._rows = None
        shown = tr("What is shown is what this clinic's own records say.")
        self._say(f"{explain(error)} {shown}", "caution", retry=True)
        self._show_rounds()

    def show_sending(self) -> None:
        self._say(tr("Sending what this clinic owes…"), "small")
        self._show_rounds()

    def show_sent(self, row: RoundRow) -> None:
        if row.is_open:
            self._workspace.notices.tell(tr("Everything that this clinic owes is sent."))
        elif row.head:
            words = tr("The round has ended with {head}. Compare it before anybody may use it.")
            self._workspace.notices.tell(words.format(head=row.head))
        else:
            self._workspace.notices.tell(tr("The round has ended without a head."))

    def show_trouble(self, error: BaseException) -> None:
        self._workspace.notices.report(error)

    def show_card(self, card: SiteCard, path: Path) -> None:
        words = tr("“{name}” is written. Read its code out to who makes the group: {code}")
        self._workspace.notices.warn(words.format(name=path.name, code=card.code))

    # --- building ----------------------------------------------------------------------------

    def _build(self) -> QWidget:
        holder = QWidget()
        box = column(holder, gap=2)
        box.addWidget(label(tr(ABOUT), "muted"))
        self._said_line = row()
        self._said = label("", "small")
        self._again = button(tr("Ask again"), "link", self.presenter.ask_centre)
        self._said_line.addWidget(self._said, 1)
        self._said_line.addWidget(self._again, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(self._said_line)
        self._say("", "")
        columns = Columns(break_at=860, side_width=340)
        self._rounds = column(gap=2)
        columns.main_box.addLayout(self._rounds)
        columns.main_box.addStretch(1)
        self._side = column(gap=2)
        columns.side_box.addLayout(self._side)
        columns.side_box.addStretch(1)
        box.addWidget(columns)
        return holder

    def _say(self, text: str, role: str, *, retry: bool = False) -> None:
        self._said.setText(text)
        self._said.setProperty("role", role)
        restyle(self._said)
        self._said.setVisible(bool(text))
        self._again.setVisible(retry)

    def _show_rounds(self) -> None:
        with kept_focus(self):
            self._make_rounds()

    def _make_rounds(self) -> None:
        standing = self._standing
        assert standing is not None  # the records are read before the centre is asked
        clear(self._rounds)
        group = standing.group
        if group is None:
            self._rounds.addWidget(self._how_to_join(standing))
        own = "" if group is None else group.members[group.place].name
        told = list(self._rows or ())
        listed = {one.id for one in told}
        recorded = [one for one in standing.rounds if one.id not in listed]
        for one in (*told, *recorded):
            self._rounds.addWidget(
                round_card(
                    one,
                    replace(self._acts, may_share=self._may_share and group is not None),
                    own=own,
                    known=one.id in listed,
                    may_agree=not standing.against,
                    sending=self.presenter.sending,
                )
            )
        if self._rounds.count() == 0:
            holder, box = card()
            text = tr("A round fits one head on the cases of at least three clinics.")
            box.addWidget(Emptiness("trend", tr("No round was begun yet"), text))
            self._rounds.addWidget(holder)

    def _show_side(self, standing: SitesStanding) -> None:
        clear(self._side)
        holder, box = card(margin=2, gap=1)
        box.addWidget(label(tr("For a new round"), "heading"))
        box.addWidget(label(people_text(standing.cases, standing.people), "strong"))
        about = tr(
            "They agreed to it, doctors here have settled their pictures, and they were in no round"
            " before."
        )
        box.addWidget(label(about, "small"))
        if standing.left_out:
            text = tr("{n} people more could take part but have not agreed to it.")
            box.addWidget(label(text.format(n=standing.left_out), "small"))
        taking = standing.under_way
        if taking is not None:
            text = tr(
                "Not counted: {n} people in the round under way. Once their sums were sent, they"
                " take part in no other."
            )
            box.addWidget(label(text.format(n=taking.people), "small"))
        for one in standing.against:
            box.addWidget(label(one.text(tr), "caution"))
        if self._may_share and standing.group is not None:
            begin = icon_button(
                tr("Begin a round…"), "plus", "primary", lambda: self.ask_agreement(None)
            )
            begin.setEnabled(not standing.against)
            box.addWidget(begin)
        elif not self._may_share:
            box.addWidget(label(tr("An administrator joins, agrees, sends and stops."), "small"))
        self._side.addWidget(holder)
        if standing.group is not None:
            self._side.addWidget(self._group(standing))

    def _group(self, standing: SitesStanding) -> QWidget:
        group = standing.group
        assert group is not None
        holder, box = card(margin=2, gap=1)
        box.addWidget(label(group.name or tr("The group"), "heading"))
        about = tr("The code of the group is the same at every clinic: {code}")
        box.addWidget(label(about.format(code=group.code), "small", selectable=True))
        box.addWidget(line())
        for one in group.members:
            box.addLayout(_member(one))
        if self._may_share:
            box.addWidget(button(tr("Join another group…"), "link", self._ask_to_join))
        return holder

    def _how_to_join(self, standing: SitesStanding) -> QWidget:
        holder, box = card(gap=2)
        if standing.elsewhere:
            text = tr("Rounds are agreed to, sent and stopped there.")
            box.addWidget(Emptiness("keyboard", tr("Another laptop takes part"), text))
            return holder
        if not self._may_share:
            text = tr("An administrator joins one with the other clinics.")
            box.addWidget(Emptiness("globe", tr("No group of clinics yet"), text))
            return holder
        box.addWidget(label(tr("No group of clinics yet"), "heading"))
        self._step(
            box,
            tr("1. Write this clinic's card and hand it to whoever makes the group."),
            icon_button(tr("Write the card…"), "save", "", self._choose_place),
        )
        if standing.card is not None:
            text = tr("2. Read the code of the card out to them: {code}")
            box.addWidget(label(text.format(code=standing.card.code), "strong", selectable=True))
        else:
            box.addWidget(label(tr("2. Read the code of the card out to them."), "strong"))
        join = icon_button(tr("Join a group…"), "plus", "primary", self._ask_to_join)
        join.setEnabled(standing.card is not None)
        self._step(box, tr("3. Join with the file of the group that comes back."), join)
        return holder

    def _step(self, box: QVBoxLayout, words: str, act: QWidget) -> None:
        box.addWidget(label(words, "strong"))
        across = row()
        across.addWidget(act)
        across.addStretch(1)
        box.addLayout(across)

    # --- asking ------------------------------------------------------------------------------

    def _choose_place(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, tr("Where to write this clinic's card"), folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("Card of a clinic (*.json)"))
        dialog.setDefaultSuffix("json")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.presenter.write_card(Path(path)))
        dialog.open()

    def _ask_to_join(self) -> None:
        self.asked_group = sheets.JoinGroup(
            self, self._jobs, self._workspace.services.sites, self._joined
        )

    def ask_agreement(self, one: RoundRow | None) -> None:
        assert self._standing is not None
        self.asked = sheets.ask_agreement(
            self,
            self._jobs,
            self._workspace.services.sites,
            self._standing,
            one,
            lambda row: self._decided(
                tr("Agreed and sent.") if row.trouble is None else tr("Agreed."), row.trouble
            ),
        )

    def _ask_stop(self, one: RoundRow) -> None:
        self.asked = sheets.ask_stop(
            self,
            self._jobs,
            self._workspace.services.sites,
            one,
            lambda row: self._decided(tr("The round is stopped."), row.trouble),
        )

    def _joined(self, name: str) -> None:
        self._decided(tr("Joined {group}.").format(group=name))

    def _decided(self, text: str, trouble: Sentence | None = None) -> None:
        if trouble is None:
            self._workspace.notices.tell(text)
        else:
            self._workspace.notices.warn(f"{text} {trouble.text(tr)}")
        self.presenter.look()


def _member(one: GroupMember) -> QVBoxLayout:
    """A clinic of the group above the code of its key."""
    name = tr("{clinic} (this clinic)").format(clinic=one.name) if one.own else one.name
    box = column(gap=0)
    box.addWidget(label(name, "strong"))
    code = label(one.code, "small", selectable=True)
    code.setAccessibleName(tr("Code of {clinic}: {code}").format(clinic=name, code=one.code))
    box.addWidget(code)
    return box
