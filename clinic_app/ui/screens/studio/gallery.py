"""The gallery of this laptop: small pictures, and the chosen one beside what it was made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QWidget

from clinic_app.domain.studio import StudioPicture
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.moments import moment_text
from clinic_app.ui.screens.studio.keeping import save_out
from clinic_app.ui.screens.studio.page import StudioPage
from clinic_app.ui.screens.studio.pictures import print_picture
from clinic_app.ui.screens.studio.watch import GONE, PictureWatch
from clinic_app.ui.screens.studio.words import SOURCE_LABELS
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, card, clear, column, icon_button, label
from clinic_app.ui.widgets.camera import image_of
from clinic_app.ui.widgets.compare import CompareView
from clinic_app.ui.widgets.containers import Columns, Pages
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.sheet import ask
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure
from clinic_app.ui.workspace import Workspace

_ROLE = Qt.ItemDataRole.UserRole
_SIDE = 112


class GalleryPage(StudioPage):
    def __init__(
        self, workspace: Workspace, jobs: ScreenJobs, make_one: Callable[[], object]
    ) -> None:
        super().__init__(workspace, jobs)
        self._studio = workspace.services.studio
        self._chosen: StudioPicture | None = None
        self._icons: dict[UUID, QIcon] = {}
        self._places: dict[UUID, int] = {}
        self._fetching = False
        self._watch = PictureWatch(self, self._studio, jobs, lambda: (self._chosen,), self._gone)
        self._pages = Pages()
        self._busy = Busy(tr("Reading…"))
        self._empty = Emptiness(
            "palette",
            tr("The gallery is empty"),
            tr("What you put here stays encrypted on this laptop. It is in no record."),
            (tr("Make a picture"), make_one),
        )
        self._failure = QWidget()
        self._failure_box = column(self._failure)
        self._content = self._build()
        for page in (self._busy, self._empty, self._content, self._failure):
            self._pages.add(page)
        column(self).addWidget(self._pages)

    def arrive(self) -> None:
        self._jobs.submit(Lane.DATABASE, self._studio.gallery, done=self._show, failed=self._fail)

    # --- building ----------------------------------------------------------------------------

    def _build(self) -> QWidget:
        columns = Columns(break_at=760, side_width=340)
        holder, box = card(margin=2, gap=1)
        columns.side_box.addWidget(holder)
        self.count = label("", "muted")
        box.addWidget(self.count)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Pictures in the gallery"))
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setUniformItemSizes(True)
        self.list.setStyleSheet(
            "QListWidget::item { border: none; border-radius: 8px; }"
            "QListWidget::item:selected { background: palette(highlight);"
            " color: palette(highlighted-text); }"
        )
        self.list.setIconSize(QSize(scaled(_SIDE), scaled(_SIDE)))
        self.list.setGridSize(QSize(scaled(_SIDE) + 28, scaled(_SIDE) + 44))
        self.list.setMinimumHeight(scaled(420))
        self.list.currentItemChanged.connect(lambda item, _: self._choose(item))
        box.addWidget(self.list)
        shown, inside = card(margin=2, gap=2)
        columns.main_box.addWidget(shown)
        self.title = label("", "heading")
        self.about = label("", "muted")
        self.compare = CompareView(tags=(tr("Picture"), tr("Result")))
        self.compare.keep_large(380)
        self._trouble = label("", "error")
        self._trouble.hide()
        for widget in (self.title, self.about, self.compare, self._trouble):
            inside.addWidget(widget)
        across = Flow()
        self.save = icon_button(tr("Save…"), "save", "", self._save)
        self.print = icon_button(tr("Print…"), "print", "", self._print)
        self.delete = button(tr("Delete…"), "danger", self.ask_delete)
        for one in (self.save, self.print, self.delete):
            across.add(one)
        inside.addWidget(across)
        inside.addWidget(
            label(tr("Saved and printed pictures say that they are altered."), "small")
        )
        return columns

    # --- showing -----------------------------------------------------------------------------

    def _show(self, rows: Sequence[StudioPicture]) -> None:
        before = self._chosen.id if self._chosen is not None else None
        self._icons = {one.id: self._icons[one.id] for one in rows if one.id in self._icons}
        self._places = {one.id: place for place, one in enumerate(rows)}
        self.list.blockSignals(True)
        self.list.clear()
        place, empty = 0, _icon(None)
        for number, one in enumerate(rows):
            item = QListWidgetItem(self._icons.get(one.id) or empty, _name(one))
            item.setData(_ROLE, one)
            item.setToolTip(one.made_with)
            self.list.addItem(item)
            if one.id == before:
                place = number
        self.list.blockSignals(False)
        if not rows:
            self._chosen = None
            self._pages.show_page(self._empty)
            return
        self.count.setText(tr("Pictures: {n}").format(n=len(rows)))
        self._pages.show_page(self._content)
        self.list.setCurrentRow(-1)
        self.list.setCurrentRow(place)
        self._fetch()

    def _fetch(self) -> None:
        """The next small picture that is missing; one at a time, in the lane of the studio, so that
        what else is asked for waits for one at most."""
        picture_id = next((one for one in self._places if one not in self._icons), None)
        if picture_id is None or self._fetching:
            return
        wanted = picture_id
        self._fetching = True

        def done(image: QImage | None) -> None:
            self._fetching = False
            self._icons[wanted] = _icon(image)
            place = self._places.get(wanted)
            if place is not None:
                self.list.item(place).setIcon(self._icons[wanted])
            self._fetch()

        self._jobs.submit(
            Lane.STUDIO,
            lambda: _fitted(image_of(self._studio.thumbnail(wanted))),
            done=done,
            failed=lambda _: done(None),  # gone meanwhile; choosing it says so
        )

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        chosen: StudioPicture = item.data(_ROLE)
        self._chosen = chosen
        self.title.setText(_name(chosen))
        words = tr("{moment}, from {source}: {made}").format(
            moment=moment_text(chosen.made_at),
            source=tr(SOURCE_LABELS[chosen.source]),
            made=chosen.made_with,
        )
        self.about.setText(words)
        self._trouble.hide()

        def read() -> tuple[QImage, QImage]:
            content, result = self._studio.images(chosen.id)
            return image_of(content), image_of(result)

        def show(images: tuple[QImage, QImage]) -> None:
            if self._chosen is chosen:
                self.compare.show_pictures(*images)

        def failed(error: BaseException) -> None:
            if self._chosen is chosen:
                self._gone(error)

        self._jobs.submit(Lane.DATABASE, read, done=show, failed=failed)

    def _gone(self, error: BaseException) -> None:
        """What cannot be shown does not stay in view either."""
        self.compare.show_nothing()
        self._tell(error)
        if isinstance(error, GONE):
            self.arrive()

    # --- acting ------------------------------------------------------------------------------

    def ask_delete(self) -> None:
        """Overwritten and gone, after a second look."""
        chosen = self._chosen
        if chosen is None:
            return
        ask(
            self,
            title=tr("Delete this picture?"),
            text=tr("It is overwritten and cannot be brought back."),
            yes=tr("Delete"),
            danger=True,
            on_yes=lambda: self._delete(chosen.id),
        )

    def _delete(self, picture_id: UUID) -> None:
        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._studio.delete(picture_id),
            done=lambda _: self.arrive(),
            failed=self._tell,
        )

    def _save(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            save_out(
                self,
                self._workspace,
                self._jobs,
                lambda password: self._studio.marked_of(chosen.id, password=password),
                chosen.title or tr("Studio picture"),
                of_patient=chosen.patient_id is not None,
            )

    def _print(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            print_picture(
                self,
                self._jobs,
                self._workspace.notices,
                lambda: self._studio.marked_of(chosen.id, printing=True),
            )

    def _tell(self, error: BaseException) -> None:
        self._trouble.setText(explain(error))
        self._trouble.show()

    def _fail(self, error: BaseException) -> None:
        clear(self._failure_box)
        self._failure_box.addWidget(Failure(explain(error), self.arrive))
        self._pages.show_page(self._failure)


def _name(picture: StudioPicture) -> str:
    return picture.title or picture.made_with.split(";")[0]


def _fitted(image: QImage) -> QImage:
    """In the size that is shown; made in the lane, since smooth scaling takes its time."""
    side = scaled(_SIDE)
    return image.scaled(
        side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )


def _icon(small: QImage | None) -> QIcon:
    """The picture in the middle of a square, so that all take the same room, also before they are
    there."""
    side = scaled(_SIDE)
    square = QPixmap(side, side)
    square.fill(Qt.GlobalColor.transparent)
    if small is not None:
        painter = QPainter(square)
        painter.drawImage((side - small.width()) // 2, (side - small.height()) // 2, small)
        painter.end()
    made = QIcon(square)
    made.addPixmap(square, QIcon.Mode.Selected)  # the chosen one keeps its colours
    return made
