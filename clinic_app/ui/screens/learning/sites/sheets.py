"""What is asked over the page: an agreement, a stop, the file of a group."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QLineEdit, QVBoxLayout, QWidget

from clinic_app.domain.errors import InvalidInput, SignInThrottled, WrongPassword
from clinic_app.domain.joint_learning import RoundState
from clinic_app.services.sites import SitesService
from clinic_app.services.sites_data import GroupView, RoundRow, SitesStanding
from clinic_app.ui.jobs import Jobs, Lane, ScreenJobs
from clinic_app.ui.screens.admin.learning.sheets import AskSignedReason
from clinic_app.ui.screens.learning.sites.words import SENT
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain, explain_refusal
from clinic_app.ui.widgets.basics import answer_row, button, card, clear, column, label, row
from clinic_app.ui.widgets.fields import Field, Fields, PasswordField, text_edit
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.widgets.states import picture
from clinic_app.ui.widgets.tick import Tick


def ask_agreement(
    above: QWidget,
    jobs: Jobs,
    sites: SitesService,
    standing: SitesStanding,
    one: RoundRow | None,
    done: Callable[[RoundRow], object],
) -> AskSignedReason:
    """Sign the agreement to a round; without ``one`` a new one is begun with clinics to choose."""
    group = standing.group
    assert group is not None
    chosen = set(range(len(group.members)))
    more = QWidget()
    box = column(more, gap=2)
    if one is None:
        box.addWidget(_clinics(standing, chosen))
    box.addWidget(_what_is_sent(standing))
    round_id = None if one is None else one.id
    return AskSignedReason(
        above,
        jobs,
        title=tr("Begin a round") if one is None else tr("Agree to this round"),
        text=(
            tr("Every clinic that is chosen has to agree before anything but agreements is sent.")
            if one is None
            else tr("With {clinics}.").format(clinics=", ".join(one.sites))
        ),
        confirm=tr("Agree and send"),
        work=lambda reason, password: sites.agree(
            round_id, () if round_id else tuple(sorted(chosen)), reason, password
        ),
        done=done,
        more=more,
        width=720,
        lane=Lane.SYNC,
        working=tr("Asking the centre of the group…"),
    )


def ask_stop(
    above: QWidget,
    jobs: Jobs,
    sites: SitesService,
    one: RoundRow,
    done: Callable[[RoundRow], object],
) -> AskSignedReason:
    """End a round, or an invitation to one, for everybody in it."""
    invited = one.state is RoundState.INVITED
    text = tr(
        "The round ends for every clinic in it, and for good. The others hear of it when they next"
        " go on."
    )
    if one.sent:
        text += " " + tr(
            "Sums of this clinic were sent already: the people in them cannot take part in another"
            " round."
        )
    return AskSignedReason(
        above,
        jobs,
        title=tr("Decline this round") if invited else tr("Stop this round"),
        text=text,
        confirm=tr("Decline for all") if invited else tr("Stop for all"),
        work=lambda reason, password: sites.stop(one.id, reason, password),
        done=done,
        lane=Lane.SYNC,
        working=tr("Asking the centre of the group…"),
    )


def _clinics(standing: SitesStanding, chosen: set[int]) -> QWidget:
    group = standing.group
    assert group is not None
    holder = QWidget()
    box = column(holder)
    box.addWidget(label(tr("Who takes part"), "strong"))
    flow = Flow()
    box.addWidget(flow)
    for place, member in enumerate(group.members):
        name = member.name
        tick = Tick(tr("{clinic} (this clinic)").format(clinic=name) if member.own else name)
        tick.setChecked(True)
        tick.setEnabled(not member.own)
        tick.toggled.connect(
            lambda on, place=place: chosen.add(place) if on else chosen.discard(place)
        )
        flow.add(tick)
    return holder


def _what_is_sent(standing: SitesStanding) -> QFrame:
    holder, box = card(role="sunken", margin=2, gap=1)
    box.addWidget(label(tr("What will be sent"), "strong"))
    who = tr("{cases} cases of {people} people take part.")
    _point(box, who.format(cases=standing.cases, people=standing.people))
    for text in SENT:
        _point(box, tr(text))
    return holder


def _point(box: QVBoxLayout, text: str) -> None:
    across = row(gap=1)
    across.addWidget(picture("check", 16), 0, Qt.AlignmentFlag.AlignTop)
    across.addWidget(label(text), 1)
    box.addLayout(across)


class JoinGroup:
    """The file of a group, the code that another clinic reads out, and the password."""

    def __init__(
        self,
        above: QWidget,
        jobs: Jobs,
        sites: SitesService,
        joined: Callable[[str], object],
    ) -> None:
        self._sites, self._joined = sites, joined
        self._file: Path | None = None
        self._content = content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(tr("Join a group of clinics"), "heading"))
        self.choose = button(tr("Choose the file…"), "", self._ask_file)
        hint = tr("Whoever makes the group hands it over. It is as secret as a key.")
        self.file = Field(tr("File of the group"), self.choose, hint=hint)
        self._group = column(gap=1)
        self.code = Field(
            tr("Code of the group"),
            text_edit(limit=60),
            hint=tr("Let another clinic of the group read its code out to you, by telephone say."),
        )
        self.password = PasswordField(tr("Your password"))
        self._fields = Fields({"file": self.file, "code": self.code, "password": self.password})
        box.addWidget(self.file)
        box.addLayout(self._group)
        box.addWidget(self.code)
        box.addWidget(self.password)
        self._said = label("", "error")
        self._said.hide()
        box.addWidget(self._said)
        self.sheet = Sheet(above, content, name=tr("Join a group of clinics"), width=520)
        self._answers = ScreenJobs(jobs)
        self.sheet.closed.connect(self._answers.drop)
        self.sheet.destroyed.connect(self._answers.drop)
        self.cancel = button(tr("Cancel"), "", self.sheet.dismiss)
        self.join = button(tr("Join the group"), "primary", self._join)
        self.password.edit.returnPressed.connect(self._join)
        box.addLayout(answer_row(self.cancel, self.join))
        self.sheet.open(self.choose)

    def take_file(self, path: Path) -> None:
        """This file was chosen: say which clinics it names."""
        self._file = path
        self.choose.setText(path.name.replace("&", "&&"))
        self.choose.setAccessibleName(tr("File of the group: {name}").format(name=path.name))
        self._fields.clear_errors()
        self._answers.submit(
            Lane.DATABASE,
            lambda: self._sites.look_at_group(path),
            done=self._show_group,
            failed=self._fail,
        )

    def _ask_file(self) -> None:
        place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        dialog = QFileDialog(self._content, tr("File of the group"), place)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.take_file(Path(path)))
        dialog.open()

    def _show_group(self, group: GroupView) -> None:
        """Its clinics with their codes; that of the group is to come from another clinic."""
        clear(self._group)
        self._group.addWidget(label(group.name or tr("The group"), "strong"))
        for one in group.members:
            name = tr("{clinic} (this clinic)").format(clinic=one.name) if one.own else one.name
            self._group.addWidget(label(f"{name}, {one.code}", "small"))
        self.code.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.sheet.fit()

    def _join(self) -> None:
        if not self.join.isEnabled():
            return
        self._fields.clear_errors()
        self._said.hide()
        file, code, password = self._file, self.typed, self.password.edit.text()
        for name, given, sentence in (
            ("file", file is not None, tr("Please choose the file of the group.")),
            ("code", code, tr("Please type the code of the group.")),
            ("password", password, tr("Please enter your password.")),
        ):
            if not given:
                self._fields.show_error(InvalidInput(name, sentence))
                return
        assert file is not None
        chosen = file
        self._allow(False)
        self._answers.submit(
            Lane.DATABASE,
            lambda: self._sites.join_group(chosen, code, password),
            done=self._succeed,
            failed=self._fail,
        )

    @property
    def typed(self) -> str:
        """The code as it was typed."""
        editor = self.code.editor
        assert isinstance(editor, QLineEdit)
        return editor.text().strip()

    def _succeed(self, group: GroupView) -> None:
        self.sheet.dismiss()
        self._joined(group.name)

    def _fail(self, error: BaseException) -> None:
        self._allow(True)
        if isinstance(error, (WrongPassword, SignInThrottled)):
            self.password.edit.clear()
            self.password.show_error(explain_refusal(error))
            self.password.edit.setFocus()
        elif not (isinstance(error, InvalidInput) and self._fields.show_error(error)):
            self._said.setText(explain(error))
            self._said.show()
        self.sheet.fit()

    def _allow(self, allowed: bool) -> None:
        self.join.setEnabled(allowed)
        self.cancel.setEnabled(allowed)
        self.sheet.set_dismissible(allowed)
