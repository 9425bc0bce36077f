"""The lobby, its error states, and the picture that was accepted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QProgressBar,
    QWidget,
)

from clinic_app.domain.cautions import CAUTIONS, Caution
from clinic_app.domain.finding import FaceImages
from clinic_app.services.reading import CameraDevice, LiveView, Reading
from clinic_app.ui.screens.screening.capture.presenter import CapturePresenter
from clinic_app.ui.screens.screening.page import StepPage, centred
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.widgets.basics import button, card, column, frame, label, row
from clinic_app.ui.widgets.camera import CameraLoop
from clinic_app.ui.widgets.camera_picker import DevicePicker
from clinic_app.ui.widgets.camera_preview import CameraPreview
from clinic_app.ui.widgets.compare import CompareView
from clinic_app.ui.widgets.containers import Pages
from clinic_app.ui.widgets.tick import Tick

FILE_FILTER = (
    "Photos and videos (*.jpg *.jpeg *.png *.webp *.bmp *.tif *.tiff"
    " *.mp4 *.mov *.avi *.mkv *.webm)"
)


class CaptureStep(StepPage):
    """The picture step; ``presenter`` is set by the screen."""

    def __init__(self) -> None:
        super().__init__(tr("Picture"), width=1400)
        self.presenter: CapturePresenter
        self.camera = CameraLoop()
        # Bound methods: the loop outlives the step, and a lambda would keep the patient with it.
        self.camera.opened.connect(self._opened)
        self.camera.seen.connect(self._seen)
        self.camera.taken.connect(self._taken)
        self.camera.failed.connect(self._failed)
        self.setAcceptDrops(True)
        self._stack = Pages()
        self._lobby = self._build_lobby()
        self._notice = self._build_notice()
        self._retake = self._build_retake()
        self._kept = self._build_kept()
        self._before = self._build_before()
        for page in (self._before, self._lobby, self._notice, self._retake, self._kept):
            self._stack.add(page)
        self.content.addWidget(self._stack, 1)
        self._build_actions()

    # --- what the presenter asks for ----------------------------------------------------------

    def show_unavailable(self, sentence: str, *, consent: bool) -> None:
        self._show_notice(tr("No picture today"), sentence)
        self.consent.setVisible(consent)
        self._show_actions(on=tr("Continue to the questionnaires"), primary=True)

    def show_before(self, cautions: Collection[Caution]) -> None:
        for caution, box in self.cautions.items():
            box.setChecked(caution in cautions)
        self._stack.show_page(self._before)
        self._show_actions(on=self._without_another, primary=False)
        self.open_camera.setFocus()

    def show_cameras(self, devices: Sequence[CameraDevice], chosen: CameraDevice | None) -> None:
        self.picker.show_devices(devices, chosen)

    def show_opening(self) -> None:
        self.preview.clear()
        self.preview.show_busy(tr("Opening the camera…"))
        self._say("")
        self.take.setEnabled(False)
        self._show_lobby()

    def show_live(self) -> None:
        self.preview.show_busy("")
        self.take.setEnabled(True)
        self._show_lobby()
        self.take.setFocus()

    def show_hint(self, text: str, *, well: bool) -> None:
        self._say(text)

    def show_countdown(self, number: int | None) -> None:
        self.preview.show_countdown(number)
        self.take.setEnabled(number is None)

    def show_taking(self) -> None:
        self.preview.show_busy(tr("Taking the picture…"))
        self.take.setEnabled(False)
        self._say(tr("Please hold still"))

    def show_trouble(self, title: str, advice: str, *, retry: bool) -> None:
        self._show_notice(title, advice)
        self.again.setVisible(retry)
        self.file.setVisible(retry)
        self._show_actions(on=self._without_another, primary=not retry)
        (self.again if retry else self.forward).setFocus()

    def show_reading_file(self, name: str) -> None:
        self._show_notice(tr("Reading the picture"), name)
        self._busy.show()
        self.cancel.show()
        self.cancel.setFocus()
        self._show_actions(on=self._without_another, primary=False)

    def show_retake(self, reason: str) -> None:
        self._reason.setText(reason)
        self._stack.show_page(self._retake)
        self._show_actions(on=self._without_another, primary=False)
        self.retake.setFocus()

    def show_keeping(self) -> None:
        self._show_notice(tr("Keeping the picture"), tr("One moment, please."))
        self._busy.show()
        self.next.hide()
        self.forward.hide()

    def show_accepted(self, images: FaceImages | None, *, note: str, locked: bool) -> None:
        self._kept_note.setText(
            note or tr("The picture is good. What it shows is told after your own judgement.")
        )
        self._kept_title.setText(tr("Cannot tell from this picture") if note else tr("Thank you"))
        self._pictures.setVisible(images is not None)
        self.other_alone.setVisible(images is None and not locked)
        if images is not None:
            taken, processed = QImage(), QImage()
            taken.loadFromData(images.face_png)
            processed.loadFromData(images.normalised_png)
            self.compare.show_pictures(taken, processed)
        self._locked.setVisible(locked)
        self.other.setVisible(not locked)
        self._stack.show_page(self._kept)
        self._show_actions(on=tr("Continue to the questionnaires"), primary=True)
        self.forward.setFocus()

    # --- events ------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.presenter.open_file(Path(event.mimeData().urls()[0].toLocalFile()))
        event.acceptProposedAction()

    def _seen(self, image: QImage, view: LiveView) -> None:
        self.preview.show_frame(image, steadiness=view.steadiness, well=view.hint is None)
        self.presenter.looked(view)

    def _opened(self) -> None:
        self.presenter.opened()

    def _taken(self, reading: Reading) -> None:
        self.presenter.taken(reading)

    def _failed(self, error: BaseException) -> None:
        self.presenter.failed(error)

    def _mark(self, caution: Caution, present: bool) -> None:
        self.presenter.mark(caution, present)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, tr("Open a photo or video"), "", tr(FILE_FILTER))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.presenter.open_file(Path(path)))
        dialog.open()

    # --- building ----------------------------------------------------------------------------

    def _build_lobby(self) -> QWidget:
        page = QWidget()
        self.preview = CameraPreview()
        self.hint = label("", "title")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setMinimumHeight(44)
        left = column(gap=1)
        left.addWidget(self.hint)  # above: close to where the camera is, and the eyes should be
        left.addWidget(self.preview, 1)
        layout = row(page, gap=3)
        layout.addLayout(left, 1)
        layout.addWidget(self._build_side())
        return page

    def _build_side(self) -> QWidget:
        side, inside = card(margin=2, gap=1)
        side.setFixedWidth(min(scaled(300), 420))
        self.picker = DevicePicker()
        self.picker.setAccessibleName(tr("Camera"))
        self.picker.device_chosen.connect(lambda device: self.presenter.choose(device))
        self.hide_preview = Tick(tr("Hide my picture"))
        self.hide_preview.toggled.connect(self.preview.set_hidden)
        self.take = button(tr("Take the picture"), "primary", lambda: self.presenter.take_now())
        QShortcut(QKeySequence(Qt.Key.Key_F9), self, lambda: self.presenter.take_now())
        self.take.setToolTip(tr("F9. The picture is also taken by itself once all is well."))
        inside.addWidget(label(tr("Camera"), "small"))
        inside.addWidget(self.picker)
        inside.addWidget(self.hide_preview)
        inside.addSpacing(8)
        inside.addWidget(self.take)
        inside.addWidget(
            label(tr("When all is well, the picture is taken by itself after 3-2-1."), "small")
        )
        inside.addStretch(1)
        inside.addWidget(label(tr("Or use a file"), "small"))
        inside.addWidget(button(tr("Open a photo or video…"), "", self._choose_file))
        inside.addWidget(label(tr("You can also drop a file here."), "small"))
        return side

    def _build_before(self) -> QWidget:
        page = QWidget()
        box, inside = card(gap=1)
        inside.setSpacing(4)
        box.setMaximumWidth(720)
        inside.addWidget(label(tr("Does any of this apply?"), "title"))
        inside.addWidget(
            label(
                tr(
                    "Then the estimate from the picture is less reliable, and the result will say"
                    " so. The questionnaires are not affected."
                ),
                "muted",
            )
        )
        inside.addSpacing(8)
        self.cautions: dict[Caution, Tick] = {}
        for caution, text in CAUTIONS.items():
            words = tr(text)
            made = Tick(words[0].upper() + words[1:])
            made.toggled.connect(partial(self._mark, caution))
            self.cautions[caution] = made
            inside.addWidget(made)
        inside.addSpacing(8)
        self.open_camera = button(
            tr("Open the camera"), "primary", lambda: self.presenter.cautions_asked()
        )
        buttons = row(gap=1)
        buttons.addWidget(self.open_camera)
        buttons.addWidget(button(tr("Open a photo or video…"), "", self._choose_file))
        buttons.addStretch(1)
        inside.addLayout(buttons)
        centred(page, box)
        return page

    def _build_notice(self) -> QWidget:
        page = QWidget()
        box, inside = card(margin=4, gap=2)
        box.setMaximumWidth(640)
        self._notice_title = label("", "title")
        self._notice_text = label("")
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setAccessibleName(tr("Reading the picture"))
        self.again = button(tr("Try again"), "primary", lambda: self.presenter.open_lobby())
        self.file = button(tr("Open a photo or video…"), "", self._choose_file)
        self.consent = button(tr("Change the consent"), "", lambda: self.presenter.change_consent())
        buttons = row(gap=1)
        self.cancel = button(tr("Cancel"), "", lambda: self.presenter.cancel_reading())
        for made in (self.again, self.file, self.consent, self.cancel):
            buttons.addWidget(made)
        buttons.addStretch(1)
        for widget in (self._notice_title, self._notice_text, self._busy):
            inside.addWidget(widget)
        inside.addLayout(buttons)
        centred(page, box)
        return page

    def _build_retake(self) -> QWidget:
        page = QWidget()
        box, inside = card(margin=4, gap=2)
        box.setMaximumWidth(640)
        inside.addWidget(label(tr("This picture cannot be read"), "title"))
        self._reason = label("", "heading")
        inside.addWidget(self._reason)
        inside.addWidget(
            label(
                tr(
                    "You can take it again, or keep “cannot tell”: that is a normal outcome and"
                    " changes nothing for the questionnaires."
                ),
                "muted",
            )
        )
        self.retake = button(tr("Take it again"), "primary", lambda: self.presenter.open_lobby())
        self.keep = button(tr("Keep “cannot tell”"), "", lambda: self.presenter.keep_rejected())
        buttons = row(gap=1)
        buttons.addWidget(self.retake)
        buttons.addWidget(self.keep)
        buttons.addStretch(1)
        inside.addLayout(buttons)
        centred(page, box)
        return page

    def _build_kept(self) -> QWidget:
        page = QWidget()
        box, inside = card(margin=3, gap=2)
        self._kept_title = label("", "title")
        self._kept_note = label("")
        inside.addWidget(self._kept_title)
        inside.addWidget(self._kept_note)
        self._pictures = QWidget()
        self.compare = CompareView()
        self.compare.setMaximumHeight(scaled(360))
        words = column(gap=1)
        words.addWidget(label(tr("Light and texture evened out"), "heading"))
        words.addWidget(
            label(
                tr(
                    "Processed copy: for viewing. The record is the original, and asymmetry is"
                    " only ever measured on the original."
                )
            )
        )
        words.addWidget(label(tr("Move the divider with the mouse or the arrow keys."), "small"))
        words.addStretch(1)
        self.other = button(tr("Take another picture"), "", lambda: self.presenter.open_lobby())
        words.addWidget(self.other, 0, Qt.AlignmentFlag.AlignLeft)
        pictures = row(self._pictures, gap=3)
        pictures.addWidget(self.compare, 1)
        pictures.addLayout(words, 1)
        inside.addWidget(self._pictures, 1)
        self._locked = frame("info")
        locked = column(self._locked, margin=2)
        locked.addWidget(label(tr("The estimate has been shown, so the picture stays as it is.")))
        inside.addWidget(self._locked)
        self.other_alone = button(
            tr("Take another picture"), "", lambda: self.presenter.open_lobby()
        )
        inside.addWidget(self.other_alone, 0, Qt.AlignmentFlag.AlignLeft)
        column(page).addWidget(box)  # in line with the heading of the step
        return page

    def _build_actions(self) -> None:
        self.back = button(tr("Back"), "", lambda: self.presenter.change_consent())
        self.next = button("", "quiet", lambda: self.presenter.go_on())
        self.forward = button("", "primary", lambda: self.presenter.go_on())
        self.buttons.addWidget(self.back)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.next)
        self.buttons.addWidget(self.forward)

    def _show_lobby(self) -> None:
        self._stack.show_page(self._lobby)
        self._show_actions(on=self._without_another, primary=False)

    def _show_notice(self, title: str, text: str) -> None:
        self._notice_title.setText(title)
        self._notice_text.setText(text)
        for widget in (self._busy, self.again, self.file, self.consent, self.cancel):
            widget.hide()
        self._stack.show_page(self._notice)

    @property
    def _without_another(self) -> str:
        """What going on means here: a picture that was accepted before stays in the draft."""
        if self.presenter.holds_picture:
            return tr("Continue with the earlier picture")
        return tr("Continue without a picture")

    def _show_actions(self, *, on: str, primary: bool) -> None:
        self.next.setText(on)
        self.forward.setText(on)
        self.next.setVisible(not primary)
        self.forward.setVisible(primary)

    def _say(self, text: str) -> None:
        """Show the one hint, and let a screen reader say it."""
        if text == self.hint.text():
            return
        self.hint.setText(text)
        self.hint.setAccessibleName(text)
        if text and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.hint, text))
