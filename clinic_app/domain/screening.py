"""A screening: a draft while it is being taken, immutable once it is finished."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.cautions import Caution
from clinic_app.domain.errors import WrongState
from clinic_app.domain.finding import Finding
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName, Response
from clinic_app.domain.wordings import Wording


class ClinicianSeverity(StrEnum):
    """The clinician's own judgement of how severe the person's state is."""

    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Recorded before the estimate is shown, so that it cannot be led by it."""

    severity: ClinicianSeverity
    by: UUID
    at: datetime
    note: str = ""
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a questionnaire has come, for whoever must not read what was answered.

    ``answered`` item by item; ``problem``: one was reported, so that the functional item is asked.
    """

    instrument: InstrumentName
    answered: tuple[bool, ...]
    problem: bool
    language: str
    wording: Wording | None

    @property
    def begun(self) -> bool:
        """Whether there is an answer."""
        return any(self.answered)


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """Answers being given to one administration: they are kept from the first one on.

    ``item_nine_left`` says that it was handed in without item 9 of the PHQ-9, which has not been
    touched since: handing it in again is then nothing new. ``version`` and ``language`` are of the
    words it is asked in; ``wording`` are these words, which stay until it is handed in, whatever
    the site loads meanwhile (``None`` for a form that was filled in elsewhere).
    """

    instrument: InstrumentName
    answers: tuple[int | None, ...]
    answered_by: AnsweredBy
    difficulty: int | None = None
    completed_at: datetime | None = None
    item_nine_left: bool = False
    version: str = "en-1"
    language: str = "en"
    wording: Wording | None = None

    @property
    def begun(self) -> bool:
        """Whether there is an answer."""
        return any(value is not None for value in self.answers)

    @property
    def progress(self) -> Progress:
        """The same without the answers."""
        answered = tuple(value is not None for value in self.answers)
        return Progress(self.instrument, answered, any(self.answers), self.language, self.wording)


@dataclass(frozen=True, slots=True)
class Draft:
    """A screening that is not finished; stays on this workstation, encrypted.

    ``id`` becomes the screening's. ``has_images`` says that the face images of ``finding`` are
    held beside the draft. ``left_out`` are questionnaires that staff went past on purpose.
    """

    id: UUID
    patient_id: UUID
    started_by: UUID
    started_at: datetime
    changed_at: datetime
    sheets: tuple[AnswerSheet, ...] = ()
    finding: Finding | None = None
    has_images: bool = False
    judgement: Judgement | None = None
    revealed_at: datetime | None = None
    cautions: tuple[Caution, ...] = ()
    left_out: tuple[InstrumentName, ...] = ()

    def sheet(self, name: InstrumentName) -> AnswerSheet | None:
        return next((sheet for sheet in self.sheets if sheet.instrument is name), None)

    @property
    def hides_estimate(self) -> bool:
        """Whether there is a picture whose estimate is kept back: not judged, or not shown yet."""
        judged_and_shown = self.judgement is not None and self.revealed_at is not None
        return self.finding is not None and not judged_and_shown

    @property
    def responses(self) -> tuple[Response, ...]:
        """The questionnaires that are complete."""
        return tuple(
            Response(
                sheet.instrument,
                sheet.answers,
                sheet.answered_by,
                sheet.completed_at,
                sheet.difficulty,
                sheet.version,
                sheet.language,
                sheet.wording.fingerprint if sheet.wording else "",
            )
            for sheet in self.sheets
            if sheet.completed_at is not None
        )


@dataclass(frozen=True, slots=True)
class Screening:
    """One finished screening; never changed. Reviews and notes are added beside it."""

    id: UUID
    patient_id: UUID
    taken_by: UUID
    started_at: datetime
    finished_at: datetime
    responses: tuple[Response, ...]
    judgement: Judgement | None
    finding: Finding | None
    estimate_shown_at: datetime | None = None
    images_kept: bool = False
    cautions: tuple[Caution, ...] = ()

    def response(self, name: InstrumentName) -> Response | None:
        return next((one for one in self.responses if one.instrument is name), None)


def as_it_stands(draft: Draft) -> Screening:
    """What the draft holds so far, in the form of a screening, to be printed as a draft."""
    return Screening(
        id=draft.id,
        patient_id=draft.patient_id,
        taken_by=draft.started_by,
        started_at=draft.started_at,
        finished_at=draft.changed_at,
        responses=draft.responses,
        judgement=draft.judgement,
        finding=draft.finding,
        estimate_shown_at=draft.revealed_at,
        cautions=draft.cautions,
    )


def finish(draft: Draft, at: datetime, *, images_kept: bool) -> Screening:
    """The immutable screening of a draft.

    Raises ``WrongState`` when there is nothing but a face reading: that alone is no screening, and
    when there is a picture but no own judgement: the picture would be read without one, and that
    one is missing must not tell what was read.
    """
    if not draft.responses and draft.judgement is None:
        raise WrongState(
            "A screening needs a questionnaire or your own judgement;"
            " the picture alone is not enough."
        )
    if draft.finding is not None and draft.judgement is None:
        raise WrongState(
            "Please record your own judgement beside the picture before you finish;"
            " “cannot tell” is a valid one."
        )
    return replace(as_it_stands(draft), finished_at=at, images_kept=images_kept)
