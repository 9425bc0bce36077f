"""Sliders and their effect on a face on one side, measurements and decisions on the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QGridLayout, QProgressBar, QVBoxLayout, QWidget

from clinic_app.domain.reference_look import FACES_NEEDED, REFERENCES, ReferenceLook
from clinic_app.services.look_data import LookPreview, LookState
from clinic_app.services.studio_data import StudioContent
from clinic_app.ui.jobs import ScreenJobs
from clinic_app.ui.screens.admin.learning.sheets import AskSignedReason
from clinic_app.ui.screens.studio.look.measured import MeasuredLooks
from clinic_app.ui.screens.studio.look.presenter import LookPresenter
from clinic_app.ui.screens.studio.page import StudioPage
from clinic_app.ui.screens.studio.pictures import PictureView
from clinic_app.ui.screens.studio.words import reference_name, waiting_words
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT, scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.turns import Ahead, Turns
from clinic_app.ui.widgets.basics import (
    bring_into_view,
    button,
    card,
    clear,
    column,
    icon_button,
    label,
    row,
)
from clinic_app.ui.widgets.containers import FollowingColumns, Pages
from clinic_app.ui.widgets.dial import percent_dial
from clinic_app.ui.widgets.progress import time_left_text
from clinic_app.ui.widgets.states import Busy, Failure
from clinic_app.ui.widgets.tick import Tick
from clinic_app.ui.workspace import Workspace


class LookPage(StudioPage):
    def __init__(self, workspace: Workspace, jobs: ScreenJobs, turns: Turns) -> None:
        super().__init__(workspace, jobs)
        self.presenter = LookPresenter(self, workspace.services.looks, jobs, turns)
        self.faces: list[Path | StudioContent] = []
        self.asked: AskSignedReason | None = None
        self._back_to = ""
        self._pages = Pages()
        self._busy = Busy(tr("Reading…"))
        self._failure = QWidget()
        self._failure_box = column(self._failure)
        columns = FollowingColumns(break_at=760, side_width=340)
        self._build_blend(columns.side_box)
        self._build_preview(columns.main_box)
        self._measured = MeasuredLooks(self.ask_adopt, self.ask_back)
        self.back, self.all = self._measured.back, self._measured.all
        columns.main_box.addWidget(self._measured)
        columns.main_box.addStretch(1)
        for page in (self._busy, columns, self._failure):
            self._pages.add(page)
        self._content = columns
        column(self).addWidget(self._pages)

    def arrive(self) -> None:
        self.presenter.look()

    renew = arrive

    def drop(self) -> None:
        self.presenter.drop()

    def add_faces(self, pictures: Sequence[Path | StudioContent]) -> None:
        """Photos, and pictures of the camera, to measure on; the same one counts once."""
        self.faces = list(dict.fromkeys([*self.faces, *pictures]))
        self._show_faces()

    # --- for the presenter -------------------------------------------------------------------

    def show_state(self, state: LookState) -> None:
        self._pages.show_page(self._content)
        self._back_to = state.back_to
        self._measured.show_state(state)
        self._preview()

    def show_failure(self, error: BaseException) -> None:
        clear(self._failure_box)
        self._failure_box.addWidget(Failure(explain(error), self.presenter.look))
        self._pages.show_page(self._failure)

    def show_preview(self, preview: LookPreview) -> None:
        self._no_preview.hide()
        rows = (
            (preview.taken, preview.shipped, preview.looked),
            (preview.side_taken, preview.side_shipped, preview.side_looked),
        )
        for views, pictures in zip(self._views, rows, strict=True):
            for view, png in zip(views, pictures, strict=True):
                view.show_png(png)

    def show_trouble(self, error: BaseException) -> None:
        self._end()
        self._trouble.setText(explain(error))
        self._trouble.show()

    def show_preview_trouble(self, error: BaseException) -> None:
        self._no_preview.setText(explain(error))
        self._no_preview.show()

    def show_waiting(self, ahead: Ahead) -> None:
        self._show_busy(waiting_words(ahead))

    def show_given_up(self) -> None:
        self._end()

    def show_measuring(self) -> None:
        self._show_busy(tr("Measuring…"))

    def show_progress(self, share: float, seconds: float) -> None:
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * share))
        self._tell(time_left_text(seconds))

    def show_measured(self, look: ReferenceLook) -> None:
        self._end()
        self._workspace.notices.tell(tr("{look} is measured.").format(look=look.version))

    # --- building ----------------------------------------------------------------------------

    def _build_blend(self, side: QVBoxLayout) -> None:
        holder, box = card(margin=2, gap=1)
        side.addWidget(holder)
        box.addWidget(label(tr("Blend"), "heading"))
        box.addWidget(
            label(
                tr(
                    "What evened-out pictures are brought to before they are read. Nothing in a"
                    " face moves, and dark skin stays dark, light skin light."
                ),
                "muted",
            )
        )
        self.dials = {
            name: percent_dial(reference_name(name), start=100 if place == 1 else 0)
            for place, name in enumerate(REFERENCES)
        }
        self.strength = percent_dial(tr("Strength"), start=50)
        for one in (*self.dials.values(), self.strength):
            one.changed.connect(lambda _: self._preview())
            box.addWidget(one)
        holder, box = card(margin=2, gap=1)
        side.addWidget(holder)
        box.addWidget(label(tr("Faces to measure on"), "heading"))
        box.addWidget(
            label(
                tr(
                    "The sample portrait, and photos that you choose: at least four other people,"
                    " not patients, who are not smiling. Colleagues will do, also as the camera"
                    " takes them under “Live styles”. Only the figures are kept."
                ),
                "muted",
            )
        )
        self._faces = label("", "small")
        box.addWidget(self._faces)
        self._missing = label("", "caution")
        box.addWidget(self._missing)
        self.different = Tick(tr("Every face is of another person"))
        people = tr(
            "The program cannot tell people apart: several pictures of one person would count as"
            " several people. Your word is kept with the figures."
        )
        self.different.setAccessibleDescription(people)
        self.different.toggled.connect(lambda _: self._allow())
        box.addWidget(self.different)
        self._people = label(people, "small")
        box.addWidget(self._people)
        across = row()
        self.add = icon_button(tr("Add photos…"), "plus", "", self._ask_faces)
        self.none = button(tr("Remove all"), "quiet", self._forget_faces)
        across.addWidget(self.add)
        across.addWidget(self.none)
        across.addStretch(1)
        box.addLayout(across)
        self.measure = button(tr("Measure"), "primary", self._measure)
        self.stop = button(tr("Stop"), "", self._stop)
        self.stop.hide()
        across = row()
        across.addWidget(self.measure)
        across.addWidget(self.stop)
        across.addStretch(1)
        box.addLayout(across)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of the measurement"))
        self.bar.hide()
        box.addWidget(self.bar)
        self.said = label("", "small")
        self.said.hide()
        box.addWidget(self.said)
        self._trouble = label("", "error")
        self._trouble.hide()
        box.addWidget(self._trouble)
        self._show_faces()

    def _build_preview(self, main: QVBoxLayout) -> None:
        holder, box = card(margin=2, gap=1)
        main.addWidget(holder)
        box.addWidget(label(tr("How a face looks"), "heading"))
        grid = QGridLayout()
        grid.setSpacing(UNIT)
        heads = (tr("As taken"), tr("Shipped look"), tr("This look"))
        rows = (tr("own light"), tr("light from the side"))
        for place, words in enumerate(heads):
            grid.addWidget(label(words, "small"), 0, place, Qt.AlignmentFlag.AlignHCenter)
        self._views: list[list[PictureView]] = []
        for number, light in enumerate(rows):
            views = [PictureView(f"{words}, {light}", least=112) for words in heads]
            for place, view in enumerate(views):
                view.setFixedHeight(scaled(150))
                grid.addWidget(view, 2 * number + 2, place)
            grid.addWidget(label(light.capitalize(), "strong"), 2 * number + 1, 0, 1, 3)
            self._views.append(views)
        box.addLayout(grid)
        self._no_preview = label("", "error")
        self._no_preview.hide()
        box.addWidget(self._no_preview)

    # --- acting ------------------------------------------------------------------------------

    def ask_adopt(self, look: ReferenceLook) -> None:
        """The reason and the password."""
        looks = self._workspace.services.looks
        self.asked = AskSignedReason(
            self,
            self._jobs,
            title=tr("Adopt {look}").format(look=look.version),
            text=tr(
                "From the next picture on, evened-out pictures are brought to this look before they"
                " are read, on every laptop of the clinic. Stored results do not change. One step"
                " takes it back."
            ),
            confirm=tr("Adopt"),
            work=partial(looks.adopt, look.id),
            done=lambda _: self._workspace.notices.tell(tr("The look is in use.")),
        )
        self.asked.sheet.closed.connect(self.presenter.look)

    def ask_back(self) -> None:
        to = self._back_to
        self.asked = AskSignedReason(
            self,
            self._jobs,
            title=tr("One step back"),
            text=tr("In use afterwards: {look}. Stored results do not change.").format(
                look=to or tr("the look that ships with the program")
            ),
            confirm=tr("Go back"),
            work=partial(self._workspace.services.looks.take_back, to=to),
            done=lambda _: self._workspace.notices.tell(tr("The look before is in use again.")),
        )
        self.asked.sheet.closed.connect(self.presenter.look)

    def _weights(self) -> dict[str, float]:
        return {name: one.value for name, one in self.dials.items() if one.value > 0}

    def _preview(self) -> None:
        self._allow()
        if self._whole:
            self.presenter.preview(self._weights(), self.strength.value)

    @property
    def _whole(self) -> bool:
        """Whether the sliders make a look."""
        return bool(self._weights()) and self.strength.value > 0

    @property
    def _still_needed(self) -> int:
        return FACES_NEEDED - 1 - len(self.faces)

    def _allow(self) -> None:
        said = self._still_needed > 0 or self.different.isChecked()
        self.measure.setEnabled(self._whole and said and not self.presenter.measuring)

    def _measure(self) -> None:
        self.presenter.measure(
            self._weights(),
            self.strength.value,
            tuple(self.faces),
            different_people=self.different.isChecked(),
        )

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.presenter.stop()

    def _ask_faces(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        dialog = QFileDialog(self, tr("Photos to measure on"), folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(tr("Pictures (*.jpg *.jpeg *.png *.webp *.bmp *.tif *.tiff)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.add_faces([Path(one) for one in names]))
        dialog.open()

    def _forget_faces(self) -> None:
        self.faces.clear()
        self._show_faces()

    def _show_faces(self) -> None:
        self._faces.setText(tr("Chosen beside the sample portrait: {n}").format(n=len(self.faces)))
        missing = self._still_needed
        self._missing.setText(
            tr("Photos still needed before what is measured can be adopted: {n}").format(n=missing)
        )
        self._missing.setVisible(missing > 0)
        self.none.setVisible(bool(self.faces))
        self.different.setChecked(False)  # it was said of other faces
        for one in (self.different, self._people):
            one.setVisible(bool(self.faces))
        self._allow()

    def _show_busy(self, words: str) -> None:
        focused = self.measure.hasFocus()
        self._trouble.hide()
        self.measure.setEnabled(False)
        self.stop.setVisible(True)
        self.stop.setEnabled(True)
        if focused:
            self.stop.setFocus()
        self.bar.setRange(0, 0)
        self.bar.show()
        self._tell(words)
        bring_into_view(self.said)

    def _tell(self, words: str) -> None:
        self.said.setText(words)
        self.said.show()
        self.bar.setAccessibleDescription(words)

    def _end(self) -> None:
        focused = self.stop.hasFocus()
        for one in (self.bar, self.stop, self.said):
            one.hide()
        self._allow()
        if focused:
            self.measure.setFocus()
