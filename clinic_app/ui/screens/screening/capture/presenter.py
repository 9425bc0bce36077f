"""From the lobby to an accepted picture; plain decisions on frames, files and trouble.

The countdown runs on the frames themselves: when frames stop coming, so does the countdown.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from clinic_app.domain.cautions import Caution
from clinic_app.domain.errors import CameraUnavailable, ModelRejected, UnreadableImage
from clinic_app.domain.finding import FaceImages, QualityReason
from clinic_app.domain.screening import Draft
from clinic_app.services.reading import CameraDevice, LiveView, Reading
from clinic_app.ui.screens.screening.capture import words
from clinic_app.ui.screens.screening.capture.cautions import CautionTicks
from clinic_app.ui.screens.screening.capture.ports import CameraFeed, CaptureView, Stage
from clinic_app.ui.screens.screening.case import Step, first_question
from clinic_app.ui.screens.screening.host import Host
from clinic_app.ui.strings import ABSTAIN_SENTENCES, HINTS, sentence_of, tr

HINT_SECONDS = 0.35
"""A hint has to last this long before it is shown: no flicker."""
COUNTDOWN = 3
STEADY = 0.99
"""The hold-still ring is full."""


class CapturePresenter:
    def __init__(
        self,
        host: Host,
        view: CaptureView,
        camera: CameraFeed,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._host = host
        self._view = view
        self._camera = camera
        self._clock = clock
        self._devices: Sequence[CameraDevice] = ()
        self._device: CameraDevice | None = None
        self._rejected: Reading | None = None
        self._stop_reading = threading.Event()
        self._asked = 0
        self._warm = False
        self._asked_cautions = False
        self._cautions = CautionTicks(host, self._show_kept_cautions)
        self.stage = Stage.CLOSED
        self._hint: QualityReason | None = None
        self._candidate: QualityReason | None = None
        self._settled = False
        self._since = 0.0
        self._began = 0.0
        self._forced = False

    # --- coming and going --------------------------------------------------------------------

    def enter(self) -> None:
        case = self._host.case
        if not case.may_capture or case.revealed:
            self._rejected = None
        if case.draft.finding is not None and self._rejected is None:
            self._show_kept()
        elif not case.face_on:
            self._view.show_unavailable(
                tr(
                    "Pictures are switched off for this place of work; the questionnaires stay"
                    " available."
                ),
                consent=False,
            )
        elif not case.may_capture:
            self._view.show_unavailable(
                tr(
                    "The patient has not agreed to a picture. That is fine: the questionnaires"
                    " are the measurement."
                ),
                consent=True,
            )
        elif case.revealed:
            self._view.show_unavailable(
                tr("The estimate has been shown, so no other picture can be taken here."),
                consent=False,
            )
        elif self._rejected is not None:
            self._show_retake(self._rejected)
        elif self._asked_cautions:
            self.open_lobby()
        else:
            self._show_before()
            self._warm_up()

    def leave(self) -> None:
        """Let go of the camera and of answers that are still on their way."""
        self._let_go()
        self.stage = Stage.CLOSED

    def refresh(self) -> None:
        """Keep what is on the screen unless the picture was taken away or must not be taken."""
        case = self._host.case
        gone = self.stage is Stage.ACCEPTED and case.draft.finding is None
        if gone or (self.stage is not Stage.CLOSED and not case.may_capture):
            self.leave()
            self.enter()

    @property
    def holds_picture(self) -> bool:
        """Whether the draft has a reading already, which stays until another takes its place."""
        return self._host.case.draft.finding is not None

    # --- the lobby ---------------------------------------------------------------------------

    def mark(self, caution: Caution, present: bool) -> None:
        """Something that makes the estimate less reliable applies (or does not)."""
        self._cautions.mark(caution, present)

    def cautions_asked(self) -> None:
        self._asked_cautions = True
        self.open_lobby()

    def open_lobby(self) -> None:
        """Find the cameras and open one; also "take again" and "try again"."""
        self._rejected = None
        self._opening()
        reader = self._host.services.face_reader
        self._host.read(reader.cameras, self._expect(self._found), self._expect(self._trouble))

    def choose(self, device: CameraDevice) -> None:
        """Another camera of the picker."""
        if device.virtual:
            self._stop_for(words.VIRTUAL_ONLY)
            return
        self._device = device
        self._view.show_cameras(self._devices, device)
        self._opening()
        reader = self._host.services.face_reader
        self._camera.start(lambda: reader.open_camera(device))

    def opened(self) -> None:
        if self.stage is Stage.OPENING:
            self._forget_frames()
            self.stage = Stage.LIVE
            self._view.show_live()

    def looked(self, seen: LiveView) -> None:
        """A new frame: settle the one hint, then move the countdown."""
        if self.stage not in (Stage.LIVE, Stage.COUNTDOWN):
            return
        now = self._clock()
        self._settle(seen.hint, now)
        if self.stage is Stage.LIVE:
            if self._hint is None and seen.hint is None and seen.steadiness >= STEADY:
                self._count_from(now, forced=False)
        elif self._hint is not None and not self._forced:
            self._stop_counting()
        else:
            self._count(now)

    def take_now(self) -> None:
        """The button: count down even though a hint is still shown."""
        if self.stage is Stage.LIVE:
            self._count_from(self._clock(), forced=True)

    def failed(self, error: BaseException) -> None:
        """The camera stopped giving pictures."""
        if self.stage is not Stage.CLOSED:
            self._trouble(error)

    # --- pictures ----------------------------------------------------------------------------

    def open_file(self, path: Path) -> None:
        """A photo or video instead of the camera."""
        case = self._host.case
        if not case.may_capture or case.revealed or self.stage is Stage.KEEPING:
            return
        self._let_go()
        self._rejected = None
        self.stage = Stage.READING
        self._view.show_reading_file(path.name)
        reader = self._host.services.face_reader
        stop = self._stop_reading = threading.Event()

        def read() -> Reading | None:
            try:
                return reader.read_file(path, stop.is_set)
            except UnreadableImage:
                if stop.is_set():
                    return None  # nobody waits for it, so there is nothing to tell
                raise

        self._host.read(read, self._expect(self.taken), self._expect(self._trouble))

    def cancel_reading(self) -> None:
        """Stop reading a file (a long video), unless its picture is being stored already."""
        if self.stage is Stage.READING:
            self._let_go()
            if self.holds_picture:
                self._show_kept()
            else:
                self._show_before()

    def taken(self, reading: Reading) -> None:
        """A burst or a file was read: keep it when it is good enough, else say why not."""
        if self.stage not in (Stage.TAKING, Stage.READING):
            return
        self._asked += 1
        self._camera.stop()
        if reading.finding.quality.accepted:
            self._attach(reading)
            return
        self._rejected = reading
        self._show_retake(reading)

    def keep_rejected(self) -> None:
        """Go on with "cannot tell": a normal, stored outcome."""
        if self._rejected is not None:
            self._attach(self._rejected)

    def go_on(self) -> None:
        if self.stage is not Stage.KEEPING:
            self._rejected = None
            self._host.go(first_question(self._host.case))

    def change_consent(self) -> None:
        self._host.go(Step.CONSENT)

    # --- inside ------------------------------------------------------------------------------

    def _let_go(self) -> None:
        """Stop the camera and the reading of a file, and drop the answers still to come."""
        self._asked += 1
        self._stop_reading.set()
        self._camera.stop()

    def _show_before(self) -> None:
        self.stage = Stage.BEFORE
        self._view.show_before(self._cautions.present)

    def _show_retake(self, reading: Reading) -> None:
        """Offered until it is answered: a lock, or a look at another step, takes nothing away."""
        self.stage = Stage.RETAKE
        self._view.show_retake(_reason(reading))

    def _show_kept_cautions(self) -> None:
        if self.stage is Stage.BEFORE:
            self._show_before()

    def _warm_up(self) -> None:
        """Load the models while the questions are being asked."""
        if not self._warm:
            self._warm = True
            reader = self._host.services.face_reader
            self._host.read(reader.warm_up, lambda _: None, self._trouble)

    def _opening(self) -> None:
        self.stage = Stage.OPENING
        self._view.show_opening()

    def _found(self, devices: Sequence[CameraDevice]) -> None:
        self._devices = devices
        usable = [device for device in devices if not device.virtual]
        again = next((device for device in usable if device == self._device), None)
        chosen = again or next(iter(usable), None)
        self._view.show_cameras(devices, chosen)
        if chosen is not None:
            self.choose(chosen)
        elif devices:
            self._stop_for(words.VIRTUAL_ONLY)
        else:
            self._stop_for(next(iter(words.TROUBLES.values())))

    def _trouble(self, error: BaseException) -> None:
        if isinstance(error, CameraUnavailable):
            self._stop_for(words.TROUBLES[error.trouble])
        elif isinstance(error, UnreadableImage):
            trouble = words.UNREADABLE
            advice = f"{sentence_of(error)} {tr(trouble.advice)}"
            self._stop_with(tr(trouble.title), advice, retry=True)
        elif isinstance(error, ModelRejected):
            trouble = words.MODELS
            advice = f"{sentence_of(error)} {tr(trouble.advice)}"
            self._stop_with(tr(trouble.title), advice, retry=False)
        else:
            self._host.workspace.notices.report(error)
            self._stop_for(words.OTHER)

    def _stop_for(self, trouble: words.Trouble) -> None:
        self._stop_with(tr(trouble.title), tr(trouble.advice), retry=True)

    def _stop_with(self, title: str, advice: str, *, retry: bool) -> None:
        self._let_go()
        self.stage = Stage.TROUBLE
        self._view.show_trouble(title, advice, retry=retry)

    def _settle(self, hint: QualityReason | None, now: float) -> None:
        """Show a hint only once it has stood for a moment; the same for "all well"."""
        if hint is not self._candidate:
            self._candidate, self._since = hint, now
        first = not self._settled
        if first or (hint is not self._hint and now - self._since >= HINT_SECONDS):
            self._settled, self._hint = True, hint
            self._show_hint()

    def _show_hint(self) -> None:
        if self._hint is not None:
            self._view.show_hint(tr(HINTS[self._hint]), well=False)
        else:
            self._view.show_hint(tr(words.ALL_WELL), well=True)

    def _count_from(self, now: float, *, forced: bool) -> None:
        self.stage = Stage.COUNTDOWN
        self._began, self._forced = now, forced
        self._view.show_hint(tr(words.COUNTING), well=True)
        self._view.show_countdown(COUNTDOWN)

    def _count(self, now: float) -> None:
        left = COUNTDOWN - int(now - self._began)
        if left > 0:
            self._view.show_countdown(left)
            return
        self.stage = Stage.TAKING
        self._view.show_countdown(None)
        self._view.show_taking()
        self._camera.take()

    def _stop_counting(self) -> None:
        self.stage = Stage.LIVE
        self._view.show_countdown(None)
        self._show_hint()

    def _attach(self, reading: Reading) -> None:
        host, draft_id = self._host, self._host.case.draft.id
        self.stage = Stage.KEEPING
        self._view.show_keeping()

        def kept(draft: Draft) -> None:
            self._rejected = None
            host.keep(draft)
            if self.stage is Stage.KEEPING:
                self._accepted(reading.images)

        def failed(error: BaseException) -> None:
            host.workspace.notices.report(error)
            if self.stage is not Stage.KEEPING:
                return
            if reading is self._rejected:
                self._show_retake(reading)
            else:
                self._stop_for(words.OTHER)

        host.ask(lambda: host.services.screenings.attach(draft_id, reading), kept, failed)

    def _show_kept(self) -> None:
        host, draft = self._host, self._host.case.draft
        if not draft.has_images:
            self._accepted(None)
            return
        host.ask(lambda: host.services.screenings.images(draft.id), self._expect(self._accepted))

    def _accepted(self, images: FaceImages | None) -> None:
        finding = self._host.case.draft.finding
        note = ""
        if finding is not None and not finding.quality.accepted and finding.abstained is not None:
            note = tr(ABSTAIN_SENTENCES[finding.abstained])
        self.stage = Stage.ACCEPTED
        self._view.show_accepted(images, note=note, locked=self._host.case.revealed)

    def _expect(self, deliver: Callable[..., None]) -> Callable[..., None]:
        """``deliver`` for an answer that still counts when it comes."""
        asked = self._asked

        def answer(value: object) -> None:
            if asked == self._asked:
                deliver(value)

        return answer

    def _forget_frames(self) -> None:
        self._hint, self._candidate, self._settled = None, None, False
        self._since, self._began, self._forced = 0.0, 0.0, False


def _reason(reading: Reading) -> str:
    """Why to take it again: the most useful hint, or the reason for having no reading."""
    reasons = reading.finding.quality.reasons
    if reasons:
        return tr(HINTS[reasons[0]])
    abstained = reading.finding.abstained
    return tr(ABSTAIN_SENTENCES[abstained]) if abstained is not None else tr(words.OTHER.title)
