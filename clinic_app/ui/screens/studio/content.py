"""Choosing what is redrawn: a file, the sample portrait, or a patient's picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QListWidgetItem, QWidget

from clinic_app.domain.people import Patient
from clinic_app.services.patients import PatientRow
from clinic_app.services.studio_data import PatientPicture, StudioContent
from clinic_app.ui.jobs import Jobs, Lane, ScreenJobs
from clinic_app.ui.moments import moment_text
from clinic_app.ui.screens.person import person_text
from clinic_app.ui.screens.studio.opening import FileOpening
from clinic_app.ui.screens.studio.pictures import PictureView, ask_picture_file
from clinic_app.ui.screens.studio.words import SOURCE_LABELS
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, card, column, icon_button, label, row
from clinic_app.ui.widgets.fields import Field, text_edit
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.sheet import Sheet
from clinic_app.ui.workspace import Workspace


class ContentCard(QWidget):
    """The picture that will be redrawn, and where to take another one from.

    Signals:
        chosen: a ``StudioContent``.
    """

    chosen = Signal(object)

    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__()
        self._workspace, self._jobs = workspace, jobs
        self._studio = workspace.services.studio
        self.content: StudioContent | None = None
        self.sheet: PatientPictureSheet | None = None
        holder, box = card(margin=2, gap=1)
        column(self).addWidget(holder)
        box.addWidget(label(tr("Picture"), "heading"))
        self.view = PictureView(tr("The picture that is redrawn"), tr("No picture yet"), least=140)
        box.addWidget(self.view)
        self.about = label("", "small")
        self.about.hide()
        box.addWidget(self.about)
        across = Flow()
        self.file = icon_button(tr("Open…"), "document", "", self._ask_file)
        self.sample = button(tr("Sample"), "", self.take_sample)
        self.patient = button(tr("A patient's…"), "", self.ask_patient)
        for one in (self.file, self.sample, self.patient):
            across.add(one)
        box.addWidget(across)
        self.opening = FileOpening(
            self._studio, jobs, self.file, done=self._show, failed=self._fail
        )
        box.addWidget(self.opening)
        box.addWidget(
            label(
                tr(
                    "Open only pictures of people who are not patients. A patient's picture comes"
                    " from the record, with their consent."
                ),
                "small",
            )
        )
        self._trouble: QLabel = label("", "error")
        self._trouble.hide()
        box.addWidget(self._trouble)

    def take_sample(self) -> None:
        self._take(self._studio.sample)

    def open_file(self, path: Path) -> None:
        self._trouble.hide()
        self.opening.open(path)

    def take(self, content: StudioContent) -> None:
        """What another page hands over."""
        self.opening.leave()
        self._show(content)

    def forget(self) -> None:
        """The picture may not be used any more."""
        self.content = None
        self.view.show_picture(None)
        self.about.hide()
        self.view.setAccessibleDescription("")

    def ask_patient(self) -> None:
        self.sheet = PatientPictureSheet(
            self, self._workspace, lambda one: self._take(lambda: self._studio.picture_of(one))
        )

    def _ask_file(self) -> None:
        ask_picture_file(self, self.open_file)

    def _take(self, work: Callable[[], StudioContent]) -> None:
        self._trouble.hide()
        self.opening.leave()
        self._jobs.submit(Lane.STUDIO, work, done=self._show, failed=self._fail)

    def _show(self, content: StudioContent) -> None:
        self.content = content
        self.view.show_picture(content.picture)
        words = tr("From {source}, {width} × {height} pixels").format(
            source=tr(SOURCE_LABELS[content.source]),
            width=content.picture.width,
            height=content.picture.height,
        )
        self.about.setText(words)
        self.about.show()
        self.view.setAccessibleDescription(words)
        self.chosen.emit(content)

    def _fail(self, error: BaseException) -> None:
        self._trouble.setText(explain(error))
        self._trouble.show()


class PatientPictureSheet:
    """Find a patient, then one of the kept pictures; without consent it says so."""

    def __init__(
        self, above: QWidget, workspace: Workspace, done: Callable[[UUID], object]
    ) -> None:
        self._services, self._done = workspace.services, done
        title = tr("A patient's picture")
        content = QWidget()
        box = column(content, margin=3, gap=2)
        box.addWidget(label(title, "heading"))
        box.addWidget(
            label(
                tr(
                    "Only of people who agreed to the style studio and to pictures being kept. Each"
                    " use is written into the audit trail."
                ),
                "muted",
            )
        )
        self.search = text_edit(tr("Name, birth date or number"))
        box.addWidget(Field(tr("Patient"), self.search))
        self.people = _list(tr("Patients found"))
        self.pictures = _list(tr("Kept pictures"))
        for one in (self.people, self.pictures):
            box.addWidget(one)
        self.pictures.hide()
        self.said = label("", "caution")
        self.said.hide()
        box.addWidget(self.said)
        self.sheet = Sheet(above, content, name=title, width=520)
        self._answers = ScreenJobs(workspace.jobs)
        self.sheet.closed.connect(self._answers.drop)
        self.sheet.destroyed.connect(self._answers.drop)
        across = row()
        across.addStretch(1)
        across.addWidget(button(tr("Cancel"), "", self.sheet.dismiss))
        self.use = button(tr("Use this picture"), "primary", self._use)
        self.use.setEnabled(False)
        across.addWidget(self.use)
        box.addLayout(across)
        self.search.textChanged.connect(lambda _: self.find())
        self.people.itemActivated.connect(self._choose)
        self.people.itemClicked.connect(self._choose)
        self.pictures.currentItemChanged.connect(lambda *_: self.use.setEnabled(True))
        self.pictures.itemActivated.connect(lambda _: self._use())
        self.sheet.open(self.search)
        self.find()

    def find(self) -> None:
        """Search for what is typed."""
        text = self.search.text()
        self._ask(lambda: self._services.patients.search(text), self._show_people)

    def _choose(self, item: QListWidgetItem) -> None:
        patient: Patient = item.data(_ROLE)
        self._ask(
            lambda: self._services.studio.pictures_of(patient.id),
            lambda found: self._show_pictures(found),
        )

    def _show_people(self, found: list[PatientRow]) -> None:
        self.people.clear()
        for one in found[:20]:
            item = QListWidgetItem(person_text(one.patient))
            item.setData(_ROLE, one.patient)
            self.people.addItem(item)

    def _show_pictures(self, found: tuple[PatientPicture, ...]) -> None:
        self.pictures.clear()
        for one in found:
            item = QListWidgetItem(moment_text(one.finished_at))
            item.setData(_ROLE, one.screening_id)
            self.pictures.addItem(item)
        self.pictures.setVisible(bool(found))
        self._say("" if found else tr("No picture of this person was kept."))
        if found:
            self.pictures.setCurrentRow(0)
            self.pictures.setFocus()

    def _use(self) -> None:
        item = self.pictures.currentItem()
        if item is not None:
            self.sheet.dismiss()
            self._done(item.data(_ROLE))

    def _ask(self, work: Callable[[], Any], show: Callable[[Any], None]) -> None:
        self._say("")
        self.use.setEnabled(False)
        self.pictures.hide()
        self._answers.submit(
            Lane.DATABASE, work, done=show, failed=lambda error: self._say(explain(error))
        )

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self.said.setVisible(bool(text))
        self.sheet.fit()


_ROLE = 0x0100  # Qt.ItemDataRole.UserRole


def _list(name: str) -> QListWidget:
    made = QListWidget()
    made.setAccessibleName(name)
    made.setFixedHeight(scaled(150))
    made.setFrameShape(QFrame.Shape.NoFrame)
    return made
