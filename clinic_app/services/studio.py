"""The style studio: pictures redrawn for people, never for the record.

What is made here goes to the screen, into the gallery of this laptop or into a file that says that
it is altered. No screening, note or report takes a picture from here, and the readers of pictures
refuse the files. A patient's picture comes from the record, with the consent for the studio, and
does not go into the gallery unless that is asked for on purpose.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.errors import ConsentMissing, InvalidInput, NotFound
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import StaffUser, clean_text, has_ink
from clinic_app.domain.picture import Picture
from clinic_app.domain.studio import TITLE_LENGTH, StudioPicture, StudioSource
from clinic_app.paths import RESOURCES
from clinic_app.services.session import Desk
from clinic_app.services.storage import OpenStore, UnitOfWork
from clinic_app.services.studio_data import (
    Mode,
    PatientPicture,
    StudioContent,
    StudioEngine,
    Transfer,
    TransferNews,
    TransferWish,
)
from clinic_app.services.studio_storage import StudioImages

SAMPLE = RESOURCES / "samples" / "astronaut.png"
NEEDED = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES, Purpose.STUDIO)
"""What a person has to agree to before a picture of theirs is redrawn: everything that has to hold
for the record to keep the picture, and the studio."""


LOOKED_EVERY = 2.0
"""Seconds after which a running transfer looks again whether its picture may be used."""

_ENDED = (
    "This transfer has ended: the consent to this picture was withdrawn, or the person's record was"
    " erased."
)


class StudioService:
    """``engine`` is opened when something is drawn for the first time."""

    def __init__(self, desk: Desk, engine: Callable[[], StudioEngine]) -> None:
        self._desk = desk
        self._open = engine
        self._opening = threading.Lock()

    @property
    def _engine(self) -> StudioEngine:
        with self._opening:
            return self._opened

    @cached_property
    def _opened(self) -> StudioEngine:
        return self._open()

    # --- what there is to draw with ------------------------------------------------------------

    def styles(self) -> tuple[str, ...]:
        """Names of the live styles; raises ``ModelRejected``."""
        self._desk.allow(Action.USE_STUDIO)
        return self._engine.styles()

    def style_pictures(self) -> Mapping[str, Picture]:
        """The style pictures of our own making, by name."""
        self._desk.allow(Action.USE_STUDIO)
        return self._engine.style_pictures()

    # --- content -------------------------------------------------------------------------------

    def sample(self) -> StudioContent:
        """The portrait that ships with the program."""
        self._desk.allow(Action.USE_STUDIO)
        return StudioContent(self._engine.open_picture(SAMPLE), StudioSource.SAMPLE)

    def open_file(self, path: Path) -> StudioContent:
        """A picture of nobody who is a patient, or a style; raises ``UnreadableImage``."""
        self._desk.allow(Action.USE_STUDIO)
        return StudioContent(self._engine.open_picture(path), StudioSource.FILE)

    def snapshot(self, picture: Picture) -> StudioContent:
        """A frame of the camera, of somebody who is not a patient."""
        self._desk.allow(Action.USE_STUDIO)
        return StudioContent(picture, StudioSource.WEBCAM)

    def pictures_of(self, patient_id: UUID) -> tuple[PatientPicture, ...]:
        """The kept pictures of a patient who agreed to the studio, newest first. Audited.

        Raises ``ConsentMissing`` and ``NotFound``.
        """
        user = self._allow_both(patient_id)
        with self._desk.unit_of_work() as work:
            _check_consent(work, work.patients.get(patient_id).id)
            kept = work.face_cases.pictured()
            found = tuple(
                PatientPicture(one.id, one.finished_at)
                for one in work.screenings.of_patient(patient_id)
                if one.id in kept
            )
            work.audit.record(AuditKind.READ, user.id, "patient", patient_id, "studio")
            work.commit()
        return found

    def picture_of(self, screening_id: UUID) -> StudioContent:
        """The face of a finished screening, as taken. Audited.

        Raises ``ConsentMissing``, and ``NotFound`` when no picture was kept.
        """
        user = self._allow_both()
        with self._desk.unit_of_work() as work:
            patient_id = work.screenings.get(screening_id).patient_id
            _check_consent(work, patient_id)
            images = work.images.get(screening_id)
            if images is None or screening_id not in work.face_cases.pictured():
                raise NotFound("No picture of this screening was kept.")
            work.audit.record(AuditKind.READ, user.id, "images", screening_id, "studio")
            work.commit()
        return StudioContent(
            self._engine.decoded(images.face_png), StudioSource.PATIENT, patient_id, screening_id
        )

    # --- drawing -------------------------------------------------------------------------------

    def transfer(self, content: StudioContent, style: Picture, wish: TransferWish) -> Transfer:
        """An optimised transfer, ready to run; raises ``InvalidInput`` and ``ConsentMissing``.

        The consent is looked up again whenever it is gone on with, which raises the same."""
        self._check(content)
        made = self._engine.transfer(content.picture, style, wish)
        return _CheckedTransfer(made, lambda: self._check(content), lambda: self._allowed(content))

    def redrawn(
        self, content: StudioContent, weights: Mapping[str, float], strength: float
    ) -> Picture:
        """With live styles; raises ``InvalidInput`` and ``ConsentMissing``."""
        self._check(content)
        return self._engine.redrawn(content.picture, weights, strength)

    def style_of_face(self, content: StudioContent, mode: Mode) -> Mapping[str, float]:
        """The styles that go with what the emotion head sees; empty without a face. A choice about
        pictures, which says nothing about what a person feels. Raises ``ConsentMissing``."""
        self._check(content)
        return _style_of_face(self._engine, content.picture, mode)

    def live(self) -> LiveStyles:
        """What redraws the frames of a camera that was just opened; nothing of them is kept."""
        self._desk.allow(Action.USE_STUDIO)
        return LiveStyles(self._engine, lambda: self._desk.session.require(Action.USE_STUDIO))

    # --- the gallery ---------------------------------------------------------------------------

    def keep(
        self,
        content: StudioContent,
        result: Picture,
        title: str,
        made_with: str,
        *,
        also_of_patient: bool = False,
    ) -> StudioPicture:
        """Put a result into the gallery of this laptop. Audited.

        A patient's picture stays out unless ``also_of_patient`` says that this is meant, and needs
        the consent still. Raises ``InvalidInput`` and ``ConsentMissing``.
        """
        user = self._desk.allow(Action.USE_STUDIO)
        if content.patient_id is not None and not also_of_patient:
            raise InvalidInput(
                "patient", "This is a patient's picture; it goes into the gallery on purpose alone."
            )
        made = StudioPicture(
            new_id(),
            self._desk.now(),
            user.id,
            clean_text(title, TITLE_LENGTH, "title") if has_ink(title) else "",
            content.source,
            clean_text(made_with, 200, "made_with"),
            content.patient_id,
            content.screening_id,
        )
        images = StudioImages(self._engine.encoded(content.picture), self._engine.encoded(result))
        with self._desk.unit_of_work() as work:
            _check_picture(work, content)
            work.gallery.add(made, images)
            about = content.patient_id or made.id
            subject = "studio picture" if content.patient_id is None else "patient"
            detail = "" if content.patient_id is None else f"studio picture {made.id}"
            work.audit.record(AuditKind.CREATED, user.id, subject, about, detail)
            work.commit()
        return made

    def gallery(self) -> tuple[StudioPicture, ...]:
        """Newest first. Pictures whose person took the consent back, perhaps on another laptop, or
        whose source the record keeps no more, are removed before."""
        user = self._desk.allow(Action.USE_STUDIO)
        with self._desk.unit_of_work() as work:
            if remove_left_behind(work, user.id):
                work.commit()
            return tuple(work.gallery.all())

    def thumbnail(self, picture_id: UUID) -> Picture:
        """What came out, small. Raises ``NotFound``."""
        self._desk.allow(Action.USE_STUDIO)
        with self._desk.unit_of_work() as work:
            self._entry(work, picture_id)
            images = work.gallery.images(picture_id)
        return self._engine.thumbnail(images.result_png)

    def images(self, picture_id: UUID) -> tuple[Picture, Picture]:
        """What went in and what came out; that of a patient is audited. Raises ``NotFound``."""
        user = self._desk.allow(Action.USE_STUDIO)
        with self._desk.unit_of_work() as work:
            found = self._entry(work, picture_id)
            if found.patient_id is not None:
                detail = f"studio picture {picture_id}"
                work.audit.record(AuditKind.READ, user.id, "patient", found.patient_id, detail)
                work.commit()
            images = work.gallery.images(picture_id)
        return self._engine.decoded(images.content_png), self._engine.decoded(images.result_png)

    def delete(self, picture_id: UUID) -> None:
        """Overwrite and remove; audited. Raises ``NotFound``."""
        user = self._desk.allow(Action.USE_STUDIO)
        with self._desk.unit_of_work() as work:
            work.gallery.get(picture_id)
            work.gallery.remove(picture_id)
            work.audit.record(AuditKind.IMAGES_REMOVED, user.id, "studio picture", picture_id)
            work.commit()

    def marked(self, content: StudioContent, result: Picture) -> bytes:
        """A PNG file to be saved, marked as altered; audited as an export."""
        user = self._check(content)
        self._note_out(user, AuditKind.EXPORTED, content.patient_id)
        return self._engine.marked(result)

    def marked_of(self, picture_id: UUID, *, printing: bool = False) -> bytes:
        """The same for an entry of the gallery, to be saved or printed. Raises ``NotFound``."""
        user = self._desk.allow(Action.USE_STUDIO)
        with self._desk.unit_of_work() as work:
            found = self._entry(work, picture_id)
            png = work.gallery.images(picture_id).result_png
        kind = AuditKind.PRINTED if printing else AuditKind.EXPORTED
        self._note_out(user, kind, found.patient_id, picture_id)
        return self._engine.marked(self._engine.decoded(png))

    # --- inside --------------------------------------------------------------------------------

    def _allow_both(self, patient_id: UUID | None = None) -> StaffUser:
        """The studio, and pictures of patients."""
        self._desk.allow(Action.USE_STUDIO, patient_id)
        return self._desk.allow(Action.SEE_SCREENINGS, patient_id)

    def _check(self, content: StudioContent) -> StaffUser:
        """Consent is looked up again whenever a patient's picture is used."""
        user = self._desk.allow(Action.USE_STUDIO)
        if content.patient_id is not None:
            with self._desk.unit_of_work() as work:
                _check_picture(work, content)
        return user

    def _allowed(self, content: StudioContent) -> None:
        """As ``_check``, also behind a lock: what runs, runs on."""
        if content.patient_id is not None:
            with self._desk.unit_of_work() as work:
                _check_picture(work, content)

    def _entry(self, work: UnitOfWork, picture_id: UUID) -> StudioPicture:
        found = work.gallery.get(picture_id)
        _check_picture(work, found)
        return found

    def _note_out(
        self,
        user: StaffUser,
        kind: AuditKind,
        patient_id: UUID | None,
        picture_id: UUID | None = None,
    ) -> None:
        with self._desk.unit_of_work() as work:
            if patient_id is None:
                work.audit.record(kind, user.id, "studio picture", picture_id)
            else:
                work.audit.record(kind, user.id, "patient", patient_id, "studio picture")
            work.commit()


class LiveStyles:
    """Redraws the frames of a camera, in the camera's thread. ``check`` raises ``NotSignedIn`` or
    ``AccessDenied`` once the window is locked or handed over: the camera ends with it, and nobody
    is written down as having tried anything."""

    def __init__(self, engine: StudioEngine, check: Callable[[], object]) -> None:
        self._engine = engine
        self._check = check

    def small(self, picture: Picture) -> Picture:
        """The middle of a frame in the size that is drawn live."""
        self._check()
        return self._engine.small(picture)

    def drawn(self, picture: Picture, weights: Mapping[str, float], strength: float) -> Picture:
        """A frame with live styles."""
        self._check()
        return self._engine.redrawn(picture, weights, strength)

    def style_of_face(self, picture: Picture, mode: Mode) -> Mapping[str, float]:
        """As ``StudioService.style_of_face``, of a frame, which shows no patient."""
        self._check()
        return _style_of_face(self._engine, picture, mode)


class _CheckedTransfer:
    """A transfer that may be gone on with as long as its picture may be used: a withdrawal or an
    erasure ends it while it runs, wherever that was recorded."""

    def __init__(
        self,
        transfer: Transfer,
        check: Callable[[], object],
        allowed: Callable[[], object],
    ) -> None:
        self._transfer = transfer
        self._check = check
        self._allowed = allowed

    def run(self, stop: Callable[[], bool]) -> Iterator[TransferNews]:
        """See `Transfer`."""
        self._check()
        looked = time.monotonic()
        for news in self._transfer.run(stop):
            if time.monotonic() - looked >= LOOKED_EVERY:
                try:
                    self._allowed()
                except (ConsentMissing, NotFound):
                    raise ConsentMissing(_ENDED) from None
                looked = time.monotonic()
            yield news


def remove_studio_pictures_left_behind(store: OpenStore, by: UUID) -> int:
    """Remove pictures whose person has taken the consent back elsewhere, or whose source is no
    longer in the record; how many those were."""
    with store.unit_of_work() as work:
        count = remove_left_behind(work, by)
        if count:
            work.commit()
    return count


def remove_left_behind(work: UnitOfWork, by: UUID) -> int:
    """The same inside a unit of work, which the caller commits."""
    of_patients = [
        (one, one.patient_id) for one in work.gallery.all() if one.patient_id is not None
    ]
    kept = work.face_cases.pictured() if of_patients else set()
    gone = 0
    for one, patient_id in of_patients:
        if one.screening_id not in kept or not _agrees(work, patient_id):
            gone += work.gallery.remove(one.id)
            work.audit.record(AuditKind.IMAGES_REMOVED, by, "patient", patient_id, "studio")
    return gone


def _style_of_face(engine: StudioEngine, picture: Picture, mode: Mode) -> Mapping[str, float]:
    emotions = engine.emotions(picture)
    return engine.style_for(emotions, mode) if emotions else {}


def _agrees(work: UnitOfWork, patient_id: UUID) -> bool:
    state = current_consent(work.consents.of_patient(patient_id))
    return all(state.get(purpose, False) for purpose in NEEDED)


def _check_consent(work: UnitOfWork, patient_id: UUID) -> None:
    if not _agrees(work, patient_id):
        raise ConsentMissing(
            "This person has not agreed to pictures being taken, read, kept and used in the style"
            " studio."
        )


def _check_picture(work: UnitOfWork, shown: StudioContent | StudioPicture) -> None:
    """A patient's picture, altered or not, is used no longer than the record keeps it."""
    if shown.patient_id is None:
        return
    _check_consent(work, shown.patient_id)
    if shown.screening_id not in work.face_cases.pictured():
        raise NotFound("No picture of this screening was kept.")
