"""The clinic's reference look: tried and measured by an administrator, adopted with a signature,
taken back in one step, and used for every picture read from then on.

Measurements and decisions travel with sync: pictures of one clinic must read alike on all of its
laptops. Stored findings stay as they are and name the look that they were read with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import NotFound, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.picture import Picture
from clinic_app.domain.reference_look import (
    LookEvent,
    LookEventKind,
    LookHistory,
    Measurement,
    ReferenceLook,
    checked_recipe,
    fold_looks,
    look_reason,
    objection_text,
    objections,
)
from clinic_app.domain.studio import StudioSource
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.look_data import (
    LookBench,
    LookDecision,
    LookPreview,
    LookRow,
    LookState,
    LookStopped,
)
from clinic_app.services.reading import CameraDevice, FaceReader, LiveCamera, Reading
from clinic_app.services.record_pictures import refuse_known
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.studio_data import StudioContent


class LookService:
    def __init__(self, desk: Desk, bench: LookBench) -> None:
        self._desk = desk
        self._bench = bench

    def state(self) -> LookState:
        """The look in use and everything that was measured, newest first."""
        self._desk.allow(Action.SEE_MODELS)
        models = self._bench.models()
        with self._desk.unit_of_work() as work:
            events = work.look_events.all()
            names = {one.id: one.display_name for one in work.users.all()}
        history = fold_looks(events)
        reading = history.read_with(models)
        rows = tuple(
            LookRow(one, objections(one, history, models), one == reading)
            for one in reversed(history.looks)
        )
        back = history.read_with_after_a_step_back(models)
        return LookState(
            in_use=reading,
            idle=history.in_use if reading is None else None,
            rows=rows,
            can_go_back=history.in_use is not None,
            back_to=back.version if back is not None else "",
            decisions=tuple(
                LookDecision(
                    kind=one.kind,
                    look=_version_of(history, one.look_id),
                    at=one.at,
                    who=names.get(one.by, ""),
                    text=one.text,
                )
                for one in reversed(events)
                if one.kind is not LookEventKind.MEASURED
            ),
        )

    def preview(
        self, weights: Mapping[str, float], strength: float, picture: Path | None = None
    ) -> LookPreview:
        """How a face looks with this blend; nothing is kept. Raises ``InvalidInput``,
        ``UnreadableImage``, also for a picture that is in a record, ``ModelRejected``."""
        self._desk.allow(Action.EDIT_LOOK)
        recipe = checked_recipe(weights, strength)
        if picture is not None:
            refuse_known(self._desk, {picture: self._bench.opened(picture)}, self._bench.decoded)
        return self._bench.preview(recipe, picture)

    def measure(
        self,
        weights: Mapping[str, float],
        strength: float,
        pictures: Sequence[Path | StudioContent],
        progress: Progress = unheard,
        stop: Stop = never,
        *,
        different_people: bool = False,
    ) -> ReferenceLook:
        """The lighting ablation of this blend on photos and on what the camera of the studio took;
        the figures are kept, the pictures are not. ``different_people`` is the user's word, kept
        with the figures: every face, the sample portrait among them, is of another person.

        Raises ``InvalidInput``, ``UnreadableImage``, also for a picture that is in a record,
        ``LookStopped``, ``ModelRejected``, and ``WrongState`` when another look was adopted
        meanwhile.
        """
        user = self._desk.allow(Action.EDIT_LOOK)
        recipe = checked_recipe(weights, strength)
        opened: dict[Path, Picture | None] = {}
        faces: list[Path | Picture] = []
        for picture in pictures:
            if stop():
                raise LookStopped("The measurement was stopped.")
            if isinstance(picture, Path):
                opened[picture] = self._bench.opened(picture)
                faces.append(picture)
            elif picture.source is StudioSource.WEBCAM:
                faces.append(picture.picture)
            else:
                raise WrongState("A look is measured on photos and on pictures of the camera.")
        if opened:
            refuse_known(self._desk, opened, self._bench.decoded, stop)
        if stop():
            raise LookStopped("The measurement was stopped.")
        models = self._bench.models()
        with self._desk.unit_of_work() as work:
            before = fold_looks(work.look_events.all())
        reading = before.read_with(models)
        present = None if reading is None else reading.recipe
        found = self._bench.measure(recipe, present, faces, progress, stop)
        with self._desk.unit_of_work() as work:
            history = fold_looks(work.look_events.all())
            if history.in_use != before.in_use:
                raise WrongState("Another look came into use meanwhile. Please measure again.")
            now, number = (
                self._desk.now(),
                1 + max((one.number for one in history.looks), default=0),
            )
            present_id = None if reading is None else reading.id
            look = ReferenceLook(
                new_id(),
                number,
                recipe,
                now,
                user.id,
                Measurement(found, present_id, different_people),
            )
            work.look_events.add(
                LookEvent(new_id(), LookEventKind.MEASURED, now, user.id, look.id, look)
            )
            work.audit.record(AuditKind.CREATED, user.id, "look", look.id, look.version)
            work.commit()
        return look

    def adopt(self, look_id: UUID, reason: str, password: str) -> ReferenceLook:
        """Read pictures with this look from now on, signed with a reason and the password.

        Raises ``WrongState`` with what stands against it, ``InvalidInput`` without a reason,
        ``NotFound``, ``WrongPassword``.
        """
        user = self._desk.allow(Action.EDIT_LOOK)
        text = look_reason(reason)
        self._desk.reauthenticate(password)
        models = self._bench.models()
        with self._desk.unit_of_work() as work:
            history = fold_looks(work.look_events.all())
            look = history.find(look_id)
            if look is None:
                raise NotFound("This look is not stored here.")
            against = objections(look, history, models)
            if against:
                raise WrongState("{why}", why=objection_text(against))
            self._tell(work, LookEventKind.ADOPTED, look.id, text)
            work.audit.record(AuditKind.SIGNED, user.id, "look", look.id, f"adopted {look.version}")
            work.commit()
        return look

    def take_back(self, reason: str, password: str, to: str | None = None) -> ReferenceLook | None:
        """One step back, to the look before or to the shipped one; signed as an adoption is. ``to``
        is what was told to whoever signs, as `LookState.back_to`.

        Raises ``WrongState`` when the shipped look is in use, and when the step leads elsewhere
        than ``to`` by now.
        """
        user = self._desk.allow(Action.EDIT_LOOK)
        text = look_reason(reason)
        self._desk.reauthenticate(password)
        models = self._bench.models()
        with self._desk.unit_of_work() as work:
            history = fold_looks(work.look_events.all())
            if history.in_use is None:
                raise WrongState("The shipped look is in use already.")
            after = history.read_with_after_a_step_back(models)
            if to is not None and to != (after.version if after is not None else ""):
                raise WrongState("Another decision came in between. Please look again.")
            back = history.before[-1] if history.before else None
            self._tell(work, LookEventKind.TAKEN_BACK, None if back is None else back.id, text)
            work.audit.record(AuditKind.SIGNED, user.id, "look", history.in_use.id, "taken back")
            work.commit()
        return back

    def _tell(self, work: UnitOfWork, kind: LookEventKind, look_id: UUID | None, text: str) -> None:
        by = self._desk.session.user.id
        work.look_events.add(LookEvent(new_id(), kind, self._desk.now(), by, look_id, text=text))


def _version_of(history: LookHistory, look_id: UUID | None) -> str:
    """Empty for the shipped look; a look whose measurement has not come with sync yet goes by the
    end of its version."""
    if look_id is None:
        return ""
    found = history.find(look_id)
    return f"…-{look_id.hex[-4:]}" if found is None else found.version


class ClinicReader:
    """The face reader of a signed-in clinic: reads with the look that the clinic has adopted, as
    long as it was measured with the models that read."""

    def __init__(self, reader: FaceReader, desk: Desk) -> None:
        self._reader = reader
        self._desk = desk

    def read_file(self, path: Path, stop: Callable[[], bool] = lambda: False) -> Reading:
        return self._looking().read_file(path, stop)

    def cameras(self) -> Sequence[CameraDevice]:
        return self._reader.cameras()

    def open_camera(self, device: CameraDevice) -> LiveCamera:
        return self._looking().open_camera(device)

    def warm_up(self) -> None:
        self._reader.warm_up()

    def models(self) -> str:
        return self._reader.models()

    def with_look(self, look: ReferenceLook | None) -> FaceReader:
        return self._reader.with_look(look)

    def _looking(self) -> FaceReader:
        with self._desk.unit_of_work() as work:
            history = fold_looks(work.look_events.all())
        if history.in_use is None:
            return self._reader
        return self._reader.with_look(history.read_with(self._reader.models()))
