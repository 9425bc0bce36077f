"""The style studio: pictures redrawn for people, never for the record.

What is made here goes to the screen, into the gallery of this laptop or into a file that says that
it is altered. No screening, note or report takes a picture from here, and the readers of pictures
refuse the files. A patient's picture comes from the record, with the consent for the studio, and
does not go into the gallery unless that is asked for on purpose.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import InvalidInput, NotFound, StoreError
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import StaffUser, clean_text, has_ink
from clinic_app.domain.picture import Picture
from clinic_app.domain.studio import TITLE_LENGTH, BegunTransfer, StudioPicture, StudioSource
from clinic_app.paths import RESOURCES
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.record_pictures import know_some, refuse_known
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.studio_consent import check_consent, check_picture, remove_left_behind
from clinic_app.services.studio_data import (
    Mode,
    OpeningStopped,
    PatientPicture,
    StudioContent,
    StudioEngine,
    TakenUp,
    Transfer,
    TransferWish,
)
from clinic_app.services.studio_storage import StudioImages
from clinic_app.services.studio_transfers import TransferKeeping

SAMPLE = RESOURCES / "samples" / "astronaut.png"


class StudioService:
    """``engine`` is opened when something is drawn for the first time."""

    def __init__(self, desk: Desk, engine: Callable[[], StudioEngine]) -> None:
        self._desk = desk
        self._open = engine
        self._opening = threading.Lock()
        self._transfers = TransferKeeping(desk)

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

    def open_file(
        self, path: Path, progress: Progress = unheard, stop: Stop = never
    ) -> StudioContent:
        """A picture of nobody who is a patient, or a style. Where many pictures were kept since
        somebody last asked, it takes a while, of which ``progress`` is told.

        Raises ``UnreadableImage``, also for one that is in a record, and ``OpeningStopped``."""
        self._desk.allow(Action.USE_STUDIO)
        picture = self._engine.open_picture(path)
        refuse_known(self._desk, {path: picture}, self._engine.decoded, stop, progress)
        if stop():
            raise OpeningStopped("The picture was not opened.")
        return StudioContent(picture, StudioSource.FILE)

    def know_some(self) -> bool:
        """Get to know some of the pictures that were kept since somebody last opened a file, so
        that the next one is compared at once; whether there are more. It shows nothing of them and
        goes on behind the lock: that is nobody's attempt at anything, for the trail to note."""
        self._desk.allow_behind_lock(Action.USE_STUDIO)
        return know_some(self._desk, self._engine.decoded)

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
            check_consent(work, work.patients.get(patient_id).id)
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
            check_consent(work, patient_id)
            images = work.images.get(screening_id)
            if images is None or screening_id not in work.face_cases.pictured():
                raise NotFound("No picture of this screening was kept.")
            work.audit.record(AuditKind.READ, user.id, "images", screening_id, "studio")
            work.commit()
        return StudioContent(
            self._engine.decoded(images.face_png), StudioSource.PATIENT, patient_id, screening_id
        )

    def check(self, shown: StudioContent | StudioPicture) -> None:
        """Whether a picture may still be in view, also behind the lock: raises ``ConsentMissing``,
        and ``NotFound`` when the record does not keep it any more."""
        self._desk.allow_behind_lock(Action.USE_STUDIO)
        with self._desk.unit_of_work() as work:
            check_picture(work, shown)

    # --- drawing -------------------------------------------------------------------------------

    def transfer(
        self, content: StudioContent, style: Picture, wish: TransferWish, style_name: str = ""
    ) -> Transfer:
        """An optimised transfer, ready to run; raises ``InvalidInput`` and ``ConsentMissing``.

        It is put away as it runs, in the place of another one that this member of staff had begun.
        The consent is looked up again whenever it is gone on with, which raises the same."""
        self._check(content)
        return self._transfers.begin(self._engine, content, style, style_name, wish)

    def begun(self) -> BegunTransfer | None:
        """The transfer of this member of staff that has not come to its end; one that may not be
        gone on with is removed before."""
        user = self._desk.allow(Action.USE_STUDIO)
        with self._desk.unit_of_work() as work:
            if remove_left_behind(work, user.id):
                work.commit()
            return work.begun_transfers.of(user.id)

    def take_up(self, transfer_id: UUID) -> TakenUp:
        """Its pictures and where it was put away; that of a patient is audited. Raises ``NotFound``
        and ``ConsentMissing``."""
        self._desk.allow(Action.USE_STUDIO)
        return self._transfers.take_up(self._engine, transfer_id)

    def resumed(self, taken: TakenUp) -> Transfer:
        """Ready to run from where it was put away, to the very same picture. Raises
        ``ConsentMissing``, and ``WrongState`` when its state does not fit."""
        self._check(taken.content)
        return self._transfers.resumed(self._engine, taken)

    def forget(self, transfer_id: UUID) -> None:
        """Overwrite and remove an own begun transfer; nothing when it is gone already."""
        user = self._desk.allow(Action.USE_STUDIO)
        with self._desk.unit_of_work() as work:
            begun = work.begun_transfers.of(user.id)
            if begun is not None and begun.id == transfer_id:
                work.begun_transfers.remove(transfer_id)
                work.commit()

    def put_away(self) -> None:
        """The session ends: transfers that run are stopped and put away first."""
        self._transfers.put_away()

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
        came_out = self._engine.encoded(result)
        images = StudioImages(
            self._engine.encoded(content.picture),
            came_out,
            self._engine.encoded(self._engine.thumbnail(came_out)),
        )
        with self._desk.unit_of_work() as work:
            check_picture(work, content)
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
        """What came out, small; kept once it was made. Raises ``NotFound``."""
        self._desk.allow(Action.USE_STUDIO)
        with self._desk.unit_of_work() as work:
            self._entry(work, picture_id)
            small = work.gallery.small(picture_id)
            images = work.gallery.images(picture_id) if small is None else None
        if small is not None:
            return self._engine.decoded(small)
        assert images is not None
        made = self._engine.thumbnail(images.result_png)
        small = self._engine.encoded(made)
        # A store that is full or busy just now may keep it the next time.
        with contextlib.suppress(StoreError), self._desk.unit_of_work() as work:
            work.gallery.put_small(picture_id, small)
            work.commit()
        return made

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

    def marked(
        self, content: StudioContent, result: Picture, *, printing: bool = False, password: str = ""
    ) -> bytes:
        """A PNG file to be saved or printed, marked as altered; audited. What shows a patient is
        saved only after the own ``password``: raises ``WrongPassword``, ``SignInThrottled``."""
        user = self._check(content)
        self._check_leaving(content.patient_id, password, printing=printing)
        kind = AuditKind.PRINTED if printing else AuditKind.EXPORTED
        self._note_out(user, kind, content.patient_id)
        return self._engine.marked(result)

    def marked_of(self, picture_id: UUID, *, printing: bool = False, password: str = "") -> bytes:
        """The same for an entry of the gallery, to be saved or printed. Raises ``NotFound``."""
        user = self._desk.allow(Action.USE_STUDIO)
        with self._desk.unit_of_work() as work:
            found = self._entry(work, picture_id)
            png = work.gallery.images(picture_id).result_png
        self._check_leaving(found.patient_id, password, printing=printing)
        kind = AuditKind.PRINTED if printing else AuditKind.EXPORTED
        self._note_out(user, kind, found.patient_id, picture_id)
        return self._engine.marked(self._engine.decoded(png))

    # --- inside --------------------------------------------------------------------------------

    def _allow_both(self, patient_id: UUID | None = None) -> StaffUser:
        """The studio, and pictures of patients."""
        self._desk.allow(Action.USE_STUDIO, patient_id)
        return self._desk.allow(Action.SEE_SCREENINGS, patient_id)

    def _check_leaving(self, patient_id: UUID | None, password: str, *, printing: bool) -> None:
        if patient_id is not None and not printing:
            self._desk.reauthenticate(password)

    def _check(self, content: StudioContent) -> StaffUser:
        """Consent is looked up again whenever a patient's picture is used."""
        user = self._desk.allow(Action.USE_STUDIO)
        if content.patient_id is not None:
            with self._desk.unit_of_work() as work:
                check_picture(work, content)
        return user

    def _entry(self, work: UnitOfWork, picture_id: UUID) -> StudioPicture:
        found = work.gallery.get(picture_id)
        check_picture(work, found)
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


def _style_of_face(engine: StudioEngine, picture: Picture, mode: Mode) -> Mapping[str, float]:
    emotions = engine.emotions(picture)
    return engine.style_for(emotions, mode) if emotions else {}
