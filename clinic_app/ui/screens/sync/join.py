"""The sheet for joining a centre: which file, who asks, what will happen, and how it goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.sentence import Sentence
from clinic_app.services.sync_data import RoundProgress, SyncStatus
from clinic_app.ui.jobs import ScreenJobs
from clinic_app.ui.screens.sync.presenter import JoinPresenter
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.sync_words import advice_for, progress_line
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import answer_row, button, card, column, label, row
from clinic_app.ui.widgets.fields import Field, Fields, PasswordField
from clinic_app.ui.widgets.progress import Progress
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.widgets.states import picture
from clinic_app.ui.workspace import Workspace

WHAT_HAPPENS = (
    "This laptop becomes a workstation of the central server named in the file.",
    "The records of this laptop travel there, encrypted; pictures only of people who agreed to"
    " sharing and to keeping them.",
    "The records of the other workstations come here. The first time may take some minutes, and"
    " what is saved meanwhile waits for it.",
    "The clinic's settings become those of the centre. Nothing of this laptop is lost.",
    "The file is as secret as a key: please delete it afterwards.",
)


Joined = Callable[[SyncStatus, str, BaseException | None, Sentence | None], object]
"""The state afterwards, the file's name, why the first round did not end, if it did not, and what
there is to say of it, if anything."""


class JoinSheet:
    """``joined`` is called once a centre is joined."""

    def __init__(self, above: QWidget, workspace: Workspace, joined: Joined) -> None:
        self._joined = joined
        self._file: Path | None = None
        self._content = content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(tr("Join a centre"), "heading"))
        box.addWidget(self._what_happens())
        self._form = QWidget()
        form = column(self._form, gap=2)
        self.choose = button(tr("Choose the file…"), "", self._ask_file)
        self.file = Field(
            tr("Enrolment file"),
            self.choose,
            hint=tr("Whoever looks after the central server makes one for each laptop."),
        )
        self.password = PasswordField(
            tr("Your password"), hint=tr("Joining is for administrators, so it is asked again.")
        )
        self._fields = Fields({"file": self.file, "password": self.password})
        for field in (self.file, self.password):
            form.addWidget(field)
        box.addWidget(self._form)
        self._said = label("", "alarm")
        self._said.hide()
        self._advice = label("", "muted")
        self._advice.hide()
        box.addWidget(self._said)
        box.addWidget(self._advice)
        self.progress = Progress(lambda: self.presenter.stop())
        box.addWidget(self.progress)
        self.sheet = Sheet(above, content, name=tr("Join a centre"), width=560)
        self._answers = ScreenJobs(workspace.jobs)
        self.presenter = JoinPresenter(self, workspace.services.sync, self._answers)
        self.sheet.closed.connect(self._go)
        self.sheet.destroyed.connect(self._go)
        self.cancel = button(tr("Cancel"), "", self.sheet.dismiss)
        self.join = button(tr("Join"), "primary", self._join)
        box.addLayout(answer_row(self.cancel, self.join))
        self.password.edit.returnPressed.connect(self._join)
        self.sheet.open(self.choose)

    # --- for the presenter -------------------------------------------------------------------

    def show_working(self) -> None:
        self._let(False)
        self._tell("", "")
        self.progress.begin(tr("Joining…"))
        self.progress.stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def heard(self, progress: RoundProgress) -> None:
        words = progress_line(progress)
        self.progress.show_share(progress.share, words[:1].upper() + words[1:])

    def show_joined(
        self, status: SyncStatus, trouble: BaseException | None, remark: Sentence | None
    ) -> None:
        name = self._file.name if self._file is not None else ""
        self.sheet.dismiss()
        self._joined(status, name, trouble, remark)

    def show_field_error(self, error: InvalidInput) -> None:
        self._let(True)
        if not self._fields.show_error(error):
            self._tell(sentence_of(error), "")

    def show_stopped(self) -> None:
        self._let(True)
        self._tell(tr("This was stopped. You can join again at any time."), "")

    def show_failure(self, error: BaseException) -> None:
        self._let(True)
        self._tell(explain(error), advice_for(type(error)))

    # --- inside ------------------------------------------------------------------------------

    def take_file(self, path: Path) -> None:
        """This file was chosen."""
        self._file = path
        self.choose.setText(path.name.replace("&", "&&"))
        self.choose.setAccessibleName(tr("Enrolment file: {name}").format(name=path.name))
        self.file.show_error("")
        self.password.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ask_file(self) -> None:
        place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        dialog = QFileDialog(self._content, tr("The enrolment file of this laptop"), place)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.take_file(Path(path)))
        dialog.open()

    def _join(self) -> None:
        self._fields.clear_errors()
        self.presenter.join(self._file, self.password.edit.text())

    def _go(self) -> None:
        self.presenter.stop()
        self._answers.drop()

    def _let(self, allowed: bool) -> None:
        """Whether something can be typed and the sheet closed; not while it works."""
        self.progress.setVisible(not allowed)
        self._form.setVisible(allowed)
        self.join.setVisible(allowed)
        self.cancel.setVisible(allowed)
        self.sheet.set_dismissible(allowed)
        if allowed:
            self.password.edit.clear()
            self.join.setFocus(Qt.FocusReason.OtherFocusReason)
        self.sheet.fit()

    def _tell(self, sentence: str, advice: str) -> None:
        for line, text in ((self._said, sentence), (self._advice, advice)):
            line.setText(text)
            line.setVisible(bool(text))

    def _what_happens(self) -> QFrame:
        holder, box = card(role="sunken", margin=2, gap=1)
        box.addWidget(label(tr("What will happen"), "strong"))
        for text in WHAT_HAPPENS:
            line = row(gap=1)
            line.addWidget(picture("check", 16), 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(label(tr(text)), 1)
            box.addLayout(line)
        return holder
