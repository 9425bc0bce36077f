"""Backups: how things stand, making one, trying one out, and what to do when the laptop is gone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import WrongPassword
from clinic_app.services.backup import SUFFIX, BackupStanding
from clinic_app.services.backup_data import (
    BackupFile,
    BackupStopped,
    DrillResult,
)
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.language import number_text
from clinic_app.ui.moments import moment_text, near_text
from clinic_app.ui.screens.admin.backup.opening import AskOpening
from clinic_app.ui.screens.admin.backup.presenter import BackupPresenter, Work
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.strings import sentence_of, tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain, explain_refusal
from clinic_app.ui.widgets.basics import (
    button,
    clear,
    column,
    icon_button,
    label,
    line,
    restyle,
    row,
)
from clinic_app.ui.widgets.progress import ProgressCard
from clinic_app.ui.widgets.states import Emptiness, picture
from clinic_app.ui.workspace import Workspace

RESTORING = (
    "On a new laptop, or after moving the damaged folder aside, run"
    " “clinic-app restore FILE”. Everything is checked before anything is put in place.",
    "It opens with the user name and password of the day the backup was made, set as"
    " CLINIC_APP_USER and CLINIC_APP_PASSWORD, or with the recovery key of that day, set as"
    " CLINIC_APP_RECOVERY_KEY.",
    "What was entered after the backup is missing. A central server, once joined, gives back what"
    " had been sent there.",
    "A folder that holds a clinic is never written over.",
)
_WORDS = {
    Work.BACKUP: "Making the backup “{name}”…",
    Work.DRILL: "Trying out “{name}”…",
}


class BackupSection(Section):
    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__(
            workspace,
            jobs,
            tr("Backup"),
            tr(
                "One encrypted file with all records. A backup counts once it was tried out: the"
                " restore drill restores it into a temporary place, checks every record, and"
                " removes it again."
            ),
        )
        self.presenter = BackupPresenter(self, workspace.services.backups, jobs)
        self.sheet: AskOpening | None = None
        self._build_standing()
        self.progress = ProgressCard(self.presenter.stop)
        self.body.addWidget(self.progress)
        self._build_files()
        self._build_restoring()

    def arrive(self) -> None:
        self.presenter.look()

    def drop(self) -> None:
        self.presenter.stop()

    # --- for the presenter ---------------------------------------------------------------------

    def heard(self, share: float) -> None:
        self.progress.show_share(share)

    def show_standing(self, standing: BackupStanding) -> None:
        clear(self._standing)
        now = utc_now()
        backup, drill = standing.last_backup_at, standing.last_drill_at
        self._fact(
            0,
            "check" if backup else "alert",
            tr("Last backup"),
            near_text(backup, now) if backup else tr("never: make one today"),
        )
        passed = standing.last_drill_passed
        if drill is None:
            words = tr("never: try a backup out")
        elif passed:
            words = tr("{when}, passed").format(when=near_text(drill, now))
        else:
            words = tr("{when}, FAILED: make a new backup").format(when=near_text(drill, now))
        self._fact(1, "check" if passed else "alert", tr("Last restore drill"), words)
        if standing.restored_at is not None:
            when = near_text(standing.restored_at, now)
            self._fact(2, "info", tr("These records came out of a backup"), when)
        self.show_content()

    def show_files(self, folder: Path, files: Sequence[BackupFile]) -> None:
        clear(self._files)
        self._where.setText(tr("In “{name}”").format(name=folder.name or str(folder)))
        self._where.setToolTip(str(folder))
        if not files:
            self._files.addWidget(
                Emptiness("search", tr("No backups here"), tr("Choose another folder."))
            )
        for number, one in enumerate(files):
            if number:
                self._files.addWidget(line())
            self._files.addWidget(self._file_line(one))

    def show_failure(self, error: BaseException) -> None:
        self.show_failed(error, self.presenter.look)

    def show_trouble(self, error: BaseException) -> None:
        self.workspace.notices.report(error)

    def ask_place(self, name: str) -> None:
        if not self.isVisible():  # covered by the lock since
            return
        start = str(Path(_documents()) / name)
        dialog = QFileDialog(self, tr("Where to put the backup"), start, _filter())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.presenter.write(Path(path)))
        dialog.open()

    def show_working(self, work: Work, path: Path) -> None:
        self.progress.begin(tr(_WORDS[work]).format(name=path.name))
        self._said.hide()
        self.make.setEnabled(False)

    def show_made(self, made: BackupFile) -> None:
        words = tr("The backup “{name}” is made: {about}. Now try it out, and keep it elsewhere.")
        self._end(words.format(name=made.path.name, about=about(made)), "good")

    def show_drilled(self, path: Path, result: DrillResult) -> None:
        words = tr(
            "The drill passed: “{name}” of {when} can be restored. {patients} patients,"
            " {screenings} screenings and {entries} audit entries are whole; {n} changes gave the"
            " same records anew."
        )
        content = result.content
        self._end(
            words.format(
                name=path.name,
                when=moment_text(content.made_at),
                patients=number_text(content.patients),
                screenings=number_text(content.screenings),
                entries=number_text(content.audit_entries),
                n=number_text(result.rebuilt),
            ),
            "good",
        )
        if not content.audit_intact:
            text = tr("Its audit trail was damaged already when the backup was made.")
            self.workspace.notices.warn(text)

    def show_ended(self, work: Work, error: BaseException) -> None:
        if isinstance(error, BackupStopped):
            self._end(sentence_of(error), "muted")
        elif isinstance(error, WrongPassword):  # nothing was tried
            self._end(explain_refusal(error), "alarm")
        elif work is Work.DRILL:
            self._end(f"{tr('The drill failed.')} {explain_refusal(error)}", "alarm")
        else:
            self._end(explain(error), "alarm")

    # --- building ------------------------------------------------------------------------------

    def _build_standing(self) -> None:
        box = self.card()
        self._standing = QGridLayout()
        self._standing.setHorizontalSpacing(2 * UNIT)
        self._standing.setVerticalSpacing(UNIT)
        self._standing.setColumnStretch(2, 1)
        box.addLayout(self._standing)
        across = row()
        self.make = icon_button(
            tr("Make a backup…"), "save", "primary", self.presenter.choose_place
        )
        across.addWidget(self.make)
        across.addStretch(1)
        box.addLayout(across)
        self._said = label("", "good")
        self._said.hide()
        box.addWidget(self._said)

    def _build_files(self) -> None:
        box = self.card(tr("Backups in a folder"))
        across = row()
        self._where = label(tr("Choose the stick or folder that holds your backups."), "muted")
        across.addWidget(self._where, 1)
        self.choose = button(tr("Choose a folder…"), "", self._choose_folder)
        across.addWidget(self.choose)
        box.addLayout(across)
        self._files = column(gap=1)
        box.addLayout(self._files)

    def _build_restoring(self) -> None:
        box = self.card(tr("When the records have to be brought back"))
        for number, text in enumerate(RESTORING, start=1):
            across = row(gap=1)
            across.addWidget(label(f"{number}.", "muted", wrap=False), 0, Qt.AlignmentFlag.AlignTop)
            across.addWidget(label(tr(text), selectable=True), 1)
            box.addLayout(across)

    def _fact(self, number: int, drawing: str, caption: str, words: str) -> None:
        tones = {"check": "good", "alert": "warning"}
        self._standing.addWidget(picture(drawing, 18, tones.get(drawing, "muted")), number, 0)
        self._standing.addWidget(label(caption, "muted", wrap=False), number, 1)
        self._standing.addWidget(label(words, "strong"), number, 2)

    def _file_line(self, one: BackupFile) -> QFrame:
        made = QFrame()
        across = row(made, gap=2)
        words = column()
        words.setSpacing(2)
        words.addWidget(label(moment_text(one.made_at), "strong"))
        words.addWidget(label(f"{one.path.name} · {about(one)}", "small"))
        across.addLayout(words, 1)
        if one.content is not None:
            drill = button(tr("Try it out…"), "", partial(self._ask_drill, one))
            drill.setAccessibleName(tr("Try out {name}").format(name=one.path.name))
            across.addWidget(drill, 0, Qt.AlignmentFlag.AlignVCenter)
        return made

    # --- inside --------------------------------------------------------------------------------

    def _ask_drill(self, one: BackupFile) -> None:
        user_name = self.workspace.services.session.user.user_name
        self.sheet = AskOpening(
            self, one.path.name, user_name, partial(self.presenter.drill, one.path)
        )

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, tr("Where the backups are"), _documents())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.presenter.open_folder(Path(path)))
        dialog.open()

    def _end(self, text: str, role: str) -> None:
        self.progress.hide()
        self.make.setEnabled(True)
        self._said.setText(text)
        self._said.setProperty("role", role)
        restyle(self._said)
        self._said.show()


def about(one: BackupFile) -> str:
    """How large a backup is and what it holds."""
    size = size_words(one.size)
    if one.content is None:
        return f"{size} · {tr('of another clinic')}"
    held = tr("{p} patients, {s} screenings").format(
        p=number_text(one.content.patients), s=number_text(one.content.screenings)
    )
    return f"{size} · {held}"


def size_words(size: int) -> str:
    """As in "4.2 MB"."""
    if size < 1_000_000:
        return f"{max(size / 1000, 0.1):.1f} kB"
    return f"{size / 1_000_000:.1f} MB"


def _filter() -> str:
    return tr("Backups (*{suffix})").format(suffix=SUFFIX)


def _documents() -> str:
    place = QStandardPaths.StandardLocation.DocumentsLocation
    return QStandardPaths.writableLocation(place)
