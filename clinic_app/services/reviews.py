"""A doctor's review: the own severity first, then the estimate, then agree or overrule.

The screening stays as it is; reviews are kept beside it. Until the own severity is recorded, the
estimate and its picture are withheld from who may review (see ``withholding``).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.cautions import Caution
from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongState
from clinic_app.domain.finding import FaceImages, Finding
from clinic_app.domain.ids import new_id
from clinic_app.domain.kappa import Agreement, agreements
from clinic_app.domain.people import StaffUser
from clinic_app.domain.reviews import (
    Review,
    ReviewEvent,
    ReviewEventKind,
    Verdict,
    checked_review_event,
)
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.minors import taken_of_minor
from clinic_app.services.session import Desk
from clinic_app.services.withholding import JUDGE_FIRST, hidden_of, judged_by, visible

SEVERITY_MODEL = "severity"
"""Name of the model in ``Finding.models`` whose version the agreement is counted by."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a doctor sees once the own severity is recorded; ``images`` only where kept.

    ``cautions`` and ``minor`` say what makes the estimate less reliable for this person.
    """

    review: Review
    finding: Finding | None
    images: FaceImages | None
    cautions: tuple[Caution, ...]
    minor: bool


class ReviewService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def judge(self, screening_id: UUID, severity: ClinicianSeverity) -> Review:
        """Record the own severity, before the estimate is shown; it stays as it is.

        Who judged the screening when it was taken keeps that judgement. Raises ``WrongState`` for
        a second review by the same person, ``InvalidInput`` for another severity than then.
        """
        user = self._desk.allow(Action.REVIEW_SCREENING)
        with self._desk.unit_of_work() as work:
            screening = work.screenings.get(screening_id)
            if any(one.reviewer == user.id for one in work.reviews.of_screening(screening_id)):
                raise WrongState("You have already recorded your severity for this screening.")
            earlier = judged_by(screening, user.id)
            if earlier not in (None, severity):
                raise InvalidInput(
                    "severity",
                    "You judged this person when the screening was taken; that judgement stays.",
                )
            event = ReviewEvent(
                id=new_id(),
                review_id=new_id(),
                screening_id=screening_id,
                patient_id=screening.patient_id,
                kind=ReviewEventKind.JUDGED,
                at=self._desk.now(),
                by=user.id,
                severity=severity,
            )
            work.reviews.add(checked_review_event(None, event))
            work.audit.record(AuditKind.CREATED, user.id, "review", event.review_id)
            work.commit()
            return work.reviews.get(event.review_id)

    def reveal(self, review_id: UUID) -> Revealed:
        """The estimate and its picture, to who has recorded the own severity; this is audited."""
        user = self._own(review_id)
        with self._desk.unit_of_work() as work:
            review = work.reviews.get(review_id)
            screening = work.screenings.get(review.screening_id)
            finding, minor = screening.finding, taken_of_minor(work, screening)
            images = work.images.get(review.screening_id) if finding is not None else None
            if finding is not None:
                work.audit.record(
                    AuditKind.ESTIMATE_SHOWN, user.id, "screening", review.screening_id
                )
            if images is not None:
                work.audit.record(AuditKind.READ, user.id, "images", review.screening_id)
            work.commit()
        return Revealed(review, finding, images, screening.cautions, minor)

    def conclude(self, review_id: UUID, verdict: Verdict, text: str = "") -> Review:
        """Agree with the estimate, overrule it with a reason, or say that there was none.

        Raises ``InvalidInput`` for overruling without a reason and for a verdict that does not fit
        (there is an estimate, or there is none), ``WrongState`` once it is concluded.
        """
        user = self._own(review_id)
        with self._desk.unit_of_work() as work:
            review = work.reviews.get(review_id)
            finding = work.screenings.get(review.screening_id).finding
            reading = finding.severity if finding is not None else None
            if (reading is None) != (verdict is Verdict.NO_ESTIMATE):
                if reading is None:
                    raise InvalidInput(
                        "verdict", "There is no estimate to agree with or to overrule."
                    )
                raise InvalidInput("verdict", "Please agree with the estimate or overrule it.")
            event = ReviewEvent(
                id=new_id(),
                review_id=review_id,
                screening_id=review.screening_id,
                patient_id=review.patient_id,
                kind=ReviewEventKind.CONCLUDED,
                at=self._desk.now(),
                by=user.id,
                verdict=verdict,
                text=text,
                model_version=finding.models.get(SEVERITY_MODEL, "") if finding else "",
                estimate_band=reading.band if reading is not None else None,
            )
            work.reviews.add(checked_review_event(review, event))
            work.audit.record(AuditKind.CHANGED, user.id, "review", review_id, verdict.value)
            work.commit()
            return work.reviews.get(review_id)

    def get(self, review_id: UUID) -> Review:
        """Raises ``NotFound``, and ``WrongState`` for a colleague's before the own judgement; the
        reading is audited."""
        user = self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            review = work.reviews.get(review_id)
            if hidden_of(work, work.reviews.of_screening(review.screening_id), user):
                raise WrongState(JUDGE_FIRST)
            work.audit.record(AuditKind.READ, user.id, "review", review_id)
            work.commit()
        return review

    def of_screening(self, screening_id: UUID) -> list[Review]:
        """In order of judgement, unfinished ones too; the reading is audited."""
        user = self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            work.screenings.get(screening_id)
            found = work.reviews.of_screening(screening_id)
            shown = visible(found, hidden_of(work, found, user))
            work.audit.record(AuditKind.READ, user.id, "reviews", screening_id)
            work.commit()
        return shown

    def of_patient(self, patient_id: UUID) -> list[Review]:
        """Newest first; the reading is audited."""
        user = self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            found = work.reviews.of_patient(patient_id)
            shown = visible(found, hidden_of(work, found, user))
            work.audit.record(AuditKind.READ, user.id, "reviews", patient_id)
            work.commit()
        return shown

    def unfinished(self) -> list[Review]:
        """One's own reviews that were begun and not concluded, oldest first."""
        user = self._desk.allow(Action.REVIEW_SCREENING)
        with self._desk.unit_of_work() as work:
            return work.reviews.unfinished(user.id)

    def agreement(self) -> tuple[Agreement, ...]:
        """How doctors and estimates agree, by model version."""
        user = self._desk.allow(Action.SEE_MODELS)
        with self._desk.unit_of_work() as work:
            counted = agreements(work.reviews.agreement())
            work.audit.record(AuditKind.READ, user.id, "agreement")
            work.commit()
        return counted

    def _own(self, review_id: UUID) -> StaffUser:
        user = self._desk.allow(Action.REVIEW_SCREENING)
        with self._desk.unit_of_work() as work:
            review = work.reviews.get(review_id)
        if review.reviewer != user.id:
            self._desk.refuse(Action.REVIEW_SCREENING, review_id)
            raise AccessDenied("Only the person who began this review can go on with it.")
        return user
