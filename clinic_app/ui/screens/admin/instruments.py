"""What the questionnaires are asked in: English, and official translations that the site loads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName
from clinic_app.domain.wordings import Wording
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.moments import day_text, local_day
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, clear, column, icon_button, label, line, row
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.workspace import Workspace

_SHOWN_HASH = 16


class InstrumentsSection(Section):
    """One card a questionnaire; a file is looked at before the password is asked for."""

    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__(
            workspace,
            jobs,
            tr("Instruments"),
            tr(
                "The words in which the questionnaires are asked. The program translates none of"
                " them: load the official translation as a file, with its source and its licence."
                " A questionnaire that was begun keeps its words to the end."
            ),
        )
        self._service = workspace.services.instruments
        across = row()
        self.load = icon_button(tr("Load a translation…"), "plus", "", self._choose_file)
        across.addWidget(self.load)
        across.addStretch(1)
        self.body.addLayout(across)
        self.trouble = label("", "error")
        self.trouble.hide()
        self.body.addWidget(self.trouble)
        self._lists = {
            name: self.card(instrument.title) for name, instrument in INSTRUMENTS.items()
        }
        for name, box in self._lists.items():
            self._lists[name] = column(gap=1)
            box.addLayout(self._lists[name])

    def arrive(self) -> None:
        self.jobs.submit(
            Lane.DATABASE,
            self._service.wordings,
            done=self._show,
            failed=lambda error: self.show_failed(error, self.arrive),
        )

    def catch_up(self) -> None:
        self.arrive()

    def look_at(self, path: Path) -> None:
        """Say what is wrong with the file, or what it holds and ask whether to take it over."""
        self.trouble.hide()
        self.jobs.submit(
            Lane.DATABASE,
            lambda: self._service.look_at(path),
            done=lambda found: self._ask_to_load(path, found),
            failed=self._refuse,
        )

    # --- inside --------------------------------------------------------------------------------

    def _show(self, wordings: Sequence[Wording]) -> None:
        with kept_focus(self):
            for name, box in self._lists.items():
                clear(box)
                for number, one in enumerate(one for one in wordings if one.instrument is name):
                    if number:
                        box.addWidget(line())
                    box.addLayout(self._part(one))
        self.show_content()

    def _part(self, one: Wording) -> QHBoxLayout:
        across = row(gap=1)
        words = column()
        words.setSpacing(2)
        name = row()
        name.addWidget(label(one.language, "strong", wrap=False))
        name.addWidget(label(one.version, "badge", wrap=False))
        name.addStretch(1)
        words.addLayout(name)
        words.addWidget(label(_told(one)))
        words.addWidget(label(f"SHA-256 {one.fingerprint[:_SHOWN_HASH]}…", "small"))
        across.addLayout(words, 1)
        if one.loaded_at is not None:
            remove = button(tr("Remove…"), "", lambda: self._ask_to_remove(one))
            remove.setAccessibleName(tr("Remove {name}").format(name=_named(one)))
            across.addWidget(remove)
        return across

    def _choose_file(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, tr("The file with the official translation"), folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Translations (*.json)"), tr("All files (*)")])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.look_at(Path(path)))
        dialog.open()

    def _ask_to_load(self, path: Path, found: Wording) -> None:
        def work(password: str) -> Wording:
            return self._service.load(path, password)

        text = tr(
            "{first} From the next questionnaire on, people whose window speaks this language"
            " are asked in these words; an earlier wording in it is replaced."
        )
        ask_password(
            self,
            self.jobs,
            title=tr("Load {name}?").format(name=_named(found)),
            text=text.format(first=_told(found)),
            confirm=tr("Load"),
            work=work,
            done=lambda one: self._changed(tr("{name} is loaded."), one),
        )

    def _ask_to_remove(self, one: Wording) -> None:
        def work(password: str) -> Wording:
            return self._service.remove(one.instrument, one.language, password)

        ask_password(
            self,
            self.jobs,
            title=tr("Remove {name}?").format(name=_named(one)),
            text=tr(
                "From the next questionnaire on it is asked in English again. Answers that were"
                " given keep the name of the words they were given to."
            ),
            confirm=tr("Remove"),
            work=work,
            done=lambda gone: self._changed(tr("{name} is removed."), gone),
        )

    def _changed(self, sentence: str, wording: Wording) -> None:
        self.workspace.notices.tell(sentence.format(name=_named(wording)))
        self.arrive()

    def _refuse(self, error: BaseException) -> None:
        self.trouble.setText(explain(error))
        self.trouble.show()
        self.reveal(self.trouble)


def _named(wording: Wording) -> str:
    title = INSTRUMENTS[InstrumentName(wording.instrument)].title
    return f"{title} {wording.language} {wording.version}"


def _told(wording: Wording) -> str:
    """Where the words are from."""
    if not wording.source:
        return tr("Came with the program.")
    told = tr("Source: {source}. Licence: {licence}.").format(
        source=wording.source.rstrip("."), licence=wording.licence.rstrip(".")
    )
    if wording.loaded_at is None:
        return told
    day = day_text(local_day(wording.loaded_at))
    return f"{told} {tr('Loaded on {day}.').format(day=day)}"
