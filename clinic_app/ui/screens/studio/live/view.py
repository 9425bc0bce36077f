"""Pick or blend styles, set the strength, or let the face choose; on a still or on the camera."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QImage
from PySide6.QtWidgets import QVBoxLayout

from clinic_app.services.reading import CameraDevice, LiveView
from clinic_app.services.studio_data import Mode, StudioContent
from clinic_app.ui.jobs import Lane, ScreenJobs
from clinic_app.ui.screens.studio.content import ContentCard
from clinic_app.ui.screens.studio.live.camera import Blend, BlendBox, Drawn, Pace, opener
from clinic_app.ui.screens.studio.live.result import ResultActions
from clinic_app.ui.screens.studio.live.still import StillDrawing
from clinic_app.ui.screens.studio.page import StudioPage
from clinic_app.ui.screens.studio.watch import GONE, PictureWatch
from clinic_app.ui.screens.studio.words import blend_words, style_name
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import (
    button,
    card,
    clear,
    column,
    icon_button,
    label,
    restyle,
    row,
)
from clinic_app.ui.widgets.camera import CameraLoop, image_of
from clinic_app.ui.widgets.camera_picker import DevicePicker
from clinic_app.ui.widgets.compare import CompareView
from clinic_app.ui.widgets.containers import FollowingColumns
from clinic_app.ui.widgets.dial import Dial, percent_dial
from clinic_app.ui.widgets.fields import Field, choice
from clinic_app.ui.widgets.switch import Switch
from clinic_app.ui.workspace import Workspace


class LivePage(StudioPage):
    """Signals:
    kept: something was put into the gallery.
    handed_over: a ``StudioContent`` for the optimised transfer.
    for_looks: one of the camera, to measure looks on.
    """

    kept = Signal()
    handed_over = Signal(object)
    for_looks = Signal(object)

    def __init__(self, workspace: Workspace, jobs: ScreenJobs) -> None:
        super().__init__(workspace, jobs)
        self._studio = workspace.services.studio
        self.box = BlendBox(Blend({}, 1.0))
        self.dials: dict[str, Dial] = {}
        self.outcome = ResultActions(workspace, jobs, self._fail_of_picture)
        self.outcome.handed_over.connect(self.handed_over)
        self.outcome.for_looks.connect(self.for_looks)
        self.outcome.kept.connect(self.kept)
        self._faceless = False
        self._frame: Drawn | None = None
        self._wanted: object | None = None
        self._reading = False
        self._still = StillDrawing(self._studio, jobs, self._show_still, self._fail_still)
        self._pace = Pace()
        # Bound methods: the loop outlives the page.
        self.camera = CameraLoop()
        self.camera.opened.connect(self._opened)
        self.camera.seen.connect(self._seen)
        self.camera.failed.connect(self._failed)
        columns = FollowingColumns(break_at=760, side_width=340)
        self.content = ContentCard(workspace, jobs)
        self.content.chosen.connect(lambda _: self._use_still())
        columns.side_box.addWidget(self.content)
        self._watch = PictureWatch(self, self._studio, jobs, self._in_view, self._withdraw)
        self._build_styles(columns.side_box)
        self._build_result(columns.main_box)
        column(self).addWidget(columns)

    def arrive(self) -> None:
        self._watch.ask()
        if self.dials:
            if self.outcome.shown is None:
                self._redraw()
        elif not self._reading:
            self._reading = True
            self._jobs.submit(
                Lane.STUDIO, self._studio.styles, done=self._show_styles, failed=self._no_styles
            )

    def drop(self) -> None:
        self._wanted = None
        self.content.opening.leave()
        self.camera.stop()

    def hideEvent(self, event: QHideEvent) -> None:
        """Out of sight the camera is free, and none that was asked for is opened."""
        super().hideEvent(event)
        self._stop()

    @property
    def live(self) -> bool:
        """Whether the camera is meant to run."""
        return self.stop.isVisibleTo(self)

    @property
    def blend(self) -> Blend:
        weights = {name: dial.value for name, dial in self.dials.items() if dial.value > 0}
        mode = Mode(self.mode.currentData()) if self.follow.isChecked() else None
        return Blend(weights, self.strength.value, mode)

    # --- building ----------------------------------------------------------------------------

    def _build_styles(self, side: QVBoxLayout) -> None:
        holder, box = card(margin=2, gap=1)
        side.addWidget(holder)
        box.addWidget(label(tr("Styles"), "heading"))
        self.strength = percent_dial(tr("Strength"))
        self.strength.changed.connect(lambda _: self._redraw())
        box.addWidget(self.strength)
        line = row()
        words = tr("Let the face choose")
        line.addWidget(label(words), 1)
        self.follow = Switch(words)
        self.follow.toggled.connect(lambda _: self._redraw())
        line.addWidget(self.follow)
        box.addLayout(line)
        self.mode = choice(((tr("One style"), Mode.PICK), (tr("A blend"), Mode.BLEND)))
        self.mode.activated.connect(lambda _: self._redraw())
        box.addWidget(Field(tr("It chooses"), self.mode))
        box.addWidget(
            label(
                tr("A choice about pictures; it says nothing about what a person feels."), "small"
            )
        )
        self._dials = column()
        self._dials.addWidget(label(tr("Reading…"), "muted"))
        box.addLayout(self._dials)

    def _build_result(self, main: QVBoxLayout) -> None:
        holder, box = card(margin=2, gap=2)
        main.addWidget(holder)
        self.compare = CompareView(tags=(tr("Picture"), tr("Result")), empty=tr("No picture yet"))
        self.compare.keep_large(380)
        box.addWidget(self.compare, 1)
        line = row(gap=2)
        self.said = label(tr("Open a picture, or start the camera."), "muted")
        line.addWidget(self.said, 1)
        self.fps = label("", "badge", wrap=False)
        self.fps.hide()
        line.addWidget(self.fps)
        box.addLayout(line)
        across = row()
        self.devices = DevicePicker()
        self.devices.device_chosen.connect(self._open)
        self.devices.hide()
        self.start = icon_button(tr("Start the camera"), "camera", "primary", self.start_camera)
        self.stop = button(tr("Stop the camera"), "", self._stop)
        self.take = button(tr("Take the picture"), "primary", self._take)
        self.take.setEnabled(False)
        for one in (self.stop, self.take):
            one.hide()
        for widget in (self.start, self.take, self.stop, self.devices):
            across.addWidget(widget)
        across.addStretch(1)
        box.addLayout(across)
        box.addWidget(self.outcome)
        box.addWidget(
            label(
                tr(
                    "The camera's pictures stay on this laptop and are kept only when you take one."
                    " Not for patients."
                ),
                "small",
            )
        )
        main.addStretch(1)
        self._allow()

    # --- a still -----------------------------------------------------------------------------

    def _no_styles(self, error: BaseException) -> None:
        self._reading = False
        clear(self._dials)
        self._fail(error)

    def _show_styles(self, names: Sequence[str]) -> None:
        self._reading = False
        clear(self._dials)
        for place, name in enumerate(names):
            dial = percent_dial(style_name(name), start=100 if place == 0 else 0)
            dial.changed.connect(lambda _: self._redraw())
            self.dials[name] = dial
            self._dials.addWidget(dial)
        self._allow()
        self._redraw()

    def _use_still(self) -> None:
        """Another still: what was made of the one before is no longer there to be kept."""
        self.outcome.shown = None
        if not self._end_camera():
            self._show_again()
        self._redraw()

    def _redraw(self) -> None:
        blend = self.blend
        self.box.set(blend)
        content = self.content.content
        if self.live or content is None or not self.dials:
            return
        if blend.weights or blend.mode is not None:
            self._still.ask(content, blend)
        else:
            self._say(tr("Give at least one style some weight."))

    def _still_is(self, content: StudioContent) -> bool:
        """Whether this is the still in front, and not another one or the camera."""
        return content is self.content.content and not self.live

    def _show_still(self, content: StudioContent, drawn: Drawn) -> None:
        if self._still_is(content):
            self._show(content, drawn)

    def _fail_still(self, content: StudioContent, error: BaseException) -> None:
        if self._still_is(content):
            self._fail_of_picture(error)

    def _fail_of_picture(self, error: BaseException) -> None:
        if isinstance(error, GONE):
            self._withdraw(error)
        else:
            self._fail(error)

    def _in_view(self) -> tuple[StudioContent | None, ...]:
        shown = self.outcome.shown
        return self.content.content, None if shown is None else shown[0]

    def _withdraw(self, error: BaseException) -> None:
        """The picture may not be shown any more; a camera that runs shows somebody else."""
        self.outcome.shown = None
        self.content.forget()
        if self.live:
            self._allow()
        else:
            self._show_again()
            self._fail(error)

    def _show(self, content: StudioContent, drawn: Drawn) -> None:
        words = blend_words(drawn.weights) if drawn.weights else tr("no face to be read")
        self.outcome.shown = (content, drawn.after, f"{words}, {round(100 * drawn.strength)} %")
        self._faceless = drawn.faceless and bool(drawn.weights)
        self._show_again()

    def _show_again(self) -> None:
        """On the screen is what can be kept; a still of which nothing was made yet as it is."""
        if self.outcome.shown is not None:
            content, picture, how = self.outcome.shown
            self.compare.show_pictures(image_of(content.picture), image_of(picture))
            self._say(tr("No face to be read: {how}").format(how=how) if self._faceless else how)
        elif self.content.content is not None:
            before = image_of(self.content.content.picture)
            self.compare.show_pictures(before, before)
        else:
            self.compare.show_nothing()
        self._allow()

    # --- the camera --------------------------------------------------------------------------

    def start_camera(self) -> None:
        """Find the cameras and open the first real one, if that is still wanted by then."""
        wanted = self._wanted = object()
        self.content.opening.leave()
        self._say(tr("Opening the camera…"))
        reader = self._workspace.services.face_reader

        def found(devices: Sequence[CameraDevice]) -> None:
            if self._wanted is wanted:
                self._found(devices)

        def failed(error: BaseException) -> None:
            if self._wanted is wanted:
                self._failed(error)

        self._jobs.submit(Lane.STUDIO, reader.cameras, done=found, failed=failed)

    def _found(self, devices: Sequence[CameraDevice]) -> None:
        usable = [one for one in devices if not one.virtual]
        self.devices.show_devices(devices, usable[0] if usable else None)
        if usable:
            self._open(usable[0])
        else:
            self._wanted = None
            self._say(tr("No camera was found."), "error")

    def _open(self, device: CameraDevice) -> None:
        """Nobody is filmed who does not see it: not unless the page is wanted and in view."""
        if self._wanted is None or not self.isVisible():
            return
        reader = self._workspace.services.face_reader
        self.box = BlendBox(self.blend)  # a camera before may still leave a frame in its own
        self._frame = None
        self._pace = Pace()
        self._run(True)
        open_camera = opener(lambda: reader.open_camera(device), self._studio, self.box)
        self.camera.start(open_camera)

    def _opened(self) -> None:
        self._say(tr("The camera runs."))

    def _seen(self, _image: QImage, _view: LiveView) -> None:
        newest = self.box.newest
        if newest is None or not self.live:
            return
        self._frame = newest
        self.take.setEnabled(True)
        self.compare.show_pictures(image_of(newest.before), image_of(newest.after))
        pace = self._pace.count()
        if pace is not None:
            self.fps.setText(tr("{n} pictures a second").format(n=round(pace)))
            self.fps.show()
        if self.blend.mode is not None:
            words = blend_words(newest.weights)
            if words and newest.faceless:
                words = tr("No face to be read: {how}").format(how=words)
            self._say(words or tr("no face to be read"))

    def _take(self) -> None:
        """The frame on the screen becomes a still, before and after."""
        frame = self._frame
        if frame is None:
            return
        self._end_camera()
        self.outcome.shown = None  # until the frame has become a still
        self.compare.show_pictures(image_of(frame.before), image_of(frame.after))
        self._allow()
        self._jobs.submit(
            Lane.STUDIO,
            lambda: self._studio.snapshot(frame.before),
            done=lambda content: self._show(content, frame),
            failed=self._fail,
        )

    def _stop(self) -> None:
        if not self._end_camera():
            return
        self._say(tr("The camera is off."))
        if self.isVisible() and (
            self.outcome.shown is None or self._still_is(self.outcome.shown[0])
        ):
            self._redraw()  # with what was set meanwhile

    def _end_camera(self) -> bool:
        """Let go of the camera, and show again what can be kept; whether one was wanted."""
        self.camera.stop()
        wanted, self._wanted, self._frame = self._wanted, None, None
        if wanted is None:
            return False
        self._run(False)
        self._show_again()
        return True

    def _failed(self, error: BaseException) -> None:
        self._end_camera()
        self._fail(error)

    def _run(self, running: bool) -> None:
        self.start.setVisible(not running)
        self.stop.setVisible(running)
        self.take.setVisible(running)
        self.take.setEnabled(False)
        self.fps.setVisible(False)
        self.devices.setVisible(running and self.devices.count() > 1)
        self._allow()

    def _allow(self) -> None:
        self.start.setEnabled(bool(self.dials))
        self.outcome.setVisible(not self.live)
        self.outcome.allow()

    def _fail(self, error: BaseException) -> None:
        self._say(explain(error), "error")

    def _say(self, words: str, role: str = "muted") -> None:
        self.said.setText(words)
        if self.said.property("role") != role:
            self.said.setProperty("role", role)
            restyle(self.said)
