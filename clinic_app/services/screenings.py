"""Taking a screening: every step is durable at once, the finished screening is immutable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.cautions import Caution, beside_estimate, in_order
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.errors import (
    ConsentMissing,
    FaceModuleOff,
    NotFound,
    SafetyFlowOpen,
    WrongState,
)
from clinic_app.domain.finding import FaceImages, Finding
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import NOTE_LIMIT
from clinic_app.domain.people import StaffUser, clean_text
from clinic_app.domain.questionnaires import INSTRUMENTS, InstrumentName
from clinic_app.domain.safety import SafetyFlow
from clinic_app.domain.screening import (
    ClinicianSeverity,
    Draft,
    Judgement,
    Screening,
    finish,
)
from clinic_app.services.answering import Answering
from clinic_app.services.learning import with_local_reading
from clinic_app.services.minors import taken_of_minor
from clinic_app.services.reading import Reading
from clinic_app.services.safety import flows_of_screening
from clinic_app.services.storage import UnitOfWork
from clinic_app.services.withholding import (
    JUDGE_FIRST,
    draft_for,
    judged_by_another,
    withheld_from,
    without_estimates,
)


class ScreeningService(Answering):
    """Drafts from the first step to the finished screening; answers are kept by `Answering`."""

    # --- drafts -----------------------------------------------------------------------------

    def start(self, patient_id: UUID) -> Draft:
        """The patient's open draft, or a new one: there is at most one."""
        user = self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            existing = work.drafts.of_patient(patient_id)
            if existing is not None:
                return draft_for(existing, user)
            now = self._desk.now()
            draft = Draft(new_id(), patient_id, user.id, now, now)
            work.drafts.save(draft)
            work.audit.record(AuditKind.CREATED, user.id, "draft", draft.id)
            work.commit()
        return draft

    def draft(self, draft_id: UUID) -> Draft:
        """Raises ``NotFound``; the reading is audited."""
        user = self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            draft = work.drafts.get(draft_id)
            work.audit.record(AuditKind.READ, user.id, "draft", draft_id)
            work.commit()
        return draft_for(draft, user)

    def drafts(self) -> list[Draft]:
        """Every open draft on this workstation, newest change first; the reading is audited."""
        user = self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            found = work.drafts.all()
            work.audit.record(AuditKind.READ, user.id, "drafts")
            work.commit()
        return [draft_for(draft, user) for draft in found]

    def abandon(self, draft_id: UUID) -> None:
        """Throw a draft away with its images; a safety flow it opened stays open."""
        user = self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            work.drafts.get(draft_id)
            work.images.remove(draft_id)
            work.drafts.remove(draft_id)
            work.audit.record(AuditKind.CHANGED, user.id, "draft", draft_id, "abandoned")
            work.commit()

    # --- the picture ------------------------------------------------------------------------

    def check_capture(self, patient_id: UUID) -> None:
        """Raises ``FaceModuleOff``, ``ConsentMissing`` or ``WrongState`` when none may be taken."""
        self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            _check_capture(work, patient_id)
            draft = work.drafts.of_patient(patient_id)
            if draft is not None:
                _check_not_shown(draft)

    def set_cautions(self, draft_id: UUID, cautions: Iterable[Caution]) -> Draft:
        """Keep what makes an estimate less reliable for this person, in place of what was kept."""
        user = self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            draft = work.drafts.get(draft_id)
            draft = self._save(work, replace(draft, cautions=in_order(cautions)))
            work.audit.record(AuditKind.CHANGED, user.id, "draft", draft_id, "cautions")
            work.commit()
        return draft

    def attach(self, draft_id: UUID, reading: Reading, *, shown: bool = False) -> Draft:
        """Put a reading (also "cannot tell") into the draft, replacing an earlier one.

        ``shown`` says that whoever took it has seen the estimate already (the command line prints
        it); that is kept. Once an estimate was shown the picture stays: raises ``WrongState``,
        so that nobody takes pictures until one agrees with the judgement or against it. "Cannot
        tell" is no estimate: a better picture may follow.
        """
        user = self._desk.allow(Action.TAKE_SCREENING)
        seen = shown and reading.finding.severity is not None
        with self._desk.unit_of_work() as work:
            draft = work.drafts.get(draft_id)
            _check_capture(work, draft.patient_id)
            _check_not_shown(draft)
            work.images.remove(draft_id)
            if reading.images is not None:
                work.images.put(draft_id, reading.images, kept=False)
            draft = self._save(
                work,
                replace(
                    draft,
                    finding=with_local_reading(work, reading.finding),
                    has_images=reading.images is not None,
                    revealed_at=draft.revealed_at or (self._desk.now() if seen else None),
                ),
            )
            if seen:
                work.audit.record(AuditKind.ESTIMATE_SHOWN, user.id, "draft", draft_id)
            work.audit.record(AuditKind.CHANGED, user.id, "draft", draft_id, "picture")
            work.commit()
        return draft

    def images(self, screening_id: UUID) -> FaceImages | None:
        """The crops of a draft or of a screening whose images were kept; the reading is audited.

        Raises ``WrongState`` for a finished screening whose estimate is withheld from the reader.
        """
        user = self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            if _hidden(work, screening_id, user):
                raise WrongState(JUDGE_FIRST)
            found = work.images.get(screening_id)
            if found is not None:
                work.audit.record(AuditKind.READ, user.id, "images", screening_id)
                work.commit()
        return found

    # --- questionnaires that are left out ----------------------------------------------------

    def leave_out(self, draft_id: UUID, instrument: InstrumentName) -> Draft:
        """Remember that staff went past a questionnaire on purpose; any answer undoes it."""
        user = self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            draft = work.drafts.get(draft_id)
            left_out = {*draft.left_out, instrument}
            ordered = tuple(name for name in InstrumentName if name in left_out)
            draft = self._save(work, replace(draft, left_out=ordered))
            detail = f"{instrument.value} left out"
            work.audit.record(AuditKind.CHANGED, user.id, "draft", draft_id, detail)
            work.commit()
        return draft

    # --- judgement, reveal, finish -----------------------------------------------------------

    def judge(
        self,
        draft_id: UUID,
        severity: ClinicianSeverity,
        note: str = "",
        *,
        flagged: bool = False,
    ) -> Draft:
        """Record the clinician's own judgement; once the estimate was shown it stays as it is.

        Where the estimate was shown without one (a picture taken from the command line) a first
        judgement can still be given; its time tells that it came after.
        """
        user = self._desk.allow_to_keep(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            draft = work.drafts.get(draft_id)
            if draft.revealed_at is not None and draft.judgement is not None:
                raise WrongState(
                    "The judgement was recorded before the estimate was shown and stays as it is."
                )
            judgement = Judgement(
                severity, user.id, self._desk.now(), clean_text(note, NOTE_LIMIT, "note"), flagged
            )
            draft = self._save(work, replace(draft, judgement=judgement))
            work.audit.record(AuditKind.CHANGED, user.id, "draft", draft_id, "judgement")
            work.commit()
        return draft

    def reveal(self, draft_id: UUID) -> Finding:
        """The estimate, once the own judgement is recorded; the showing is audited."""
        user = self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            draft = work.drafts.get(draft_id)
            if draft.finding is None:
                raise WrongState("No picture has been taken.")
            if draft.judgement is None:
                raise WrongState(JUDGE_FIRST)
            if judged_by_another(draft, user):
                if draft.revealed_at is None:
                    raise WrongState(JUDGE_FIRST)
                raise WrongState(
                    "A colleague judged this person when the picture was taken. Please finish the"
                    " screening and record your own judgement in a review; then you see the"
                    " estimate."
                )
            if draft.revealed_at is None:
                self._save(work, replace(draft, revealed_at=self._desk.now()))
            work.audit.record(AuditKind.ESTIMATE_SHOWN, user.id, "draft", draft_id)
            work.commit()
            return draft.finding

    def finish(self, draft_id: UUID) -> Screening:
        """Turn the draft into an immutable screening.

        Raises ``SafetyFlowOpen`` until the safety flow is done, ``WrongState`` for a picture alone
        and while answers are given that were not handed in: they would be lost.
        Images stay only with the consent to keep them.
        """
        user = self._desk.allow(Action.TAKE_SCREENING)
        with self._desk.unit_of_work() as work:
            draft = work.drafts.get(draft_id)
            _check_handed_in(draft)
            flow = work.safety.of_screening(draft_id)
            if flow is not None and flow.blocks_finishing:
                raise SafetyFlowOpen(
                    "Please complete the safety steps before you finish this screening."
                )
            consent = current_consent(work.consents.of_patient(draft.patient_id))
            images = work.images.get(draft_id) if draft.has_images else None
            keep = images is not None and consent.get(Purpose.KEEP_IMAGES, False)
            screening = finish(draft, self._desk.now(), images_kept=keep)
            work.screenings.add(screening)
            if keep and images is not None:
                work.images.put(draft_id, images, kept=True)
            else:
                work.images.remove(draft_id)
            work.drafts.remove(draft_id)
            work.audit.record(AuditKind.CREATED, user.id, "screening", screening.id)
            work.commit()
        return screening

    # --- reading back -----------------------------------------------------------------------

    def get(self, screening_id: UUID) -> Screening:
        """Without the ``finding`` that is ``withheld``; the reading is audited.

        Raises ``NotFound``.
        """
        user = self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            screening = work.screenings.get(screening_id)
            (shown,) = _shown(work, [screening], user)
            work.audit.record(AuditKind.READ, user.id, "screening", screening_id)
            work.commit()
        return shown

    def beside_estimate(self, screening_id: UUID) -> str:
        """What has to be said beside the estimate of this draft or screening, in English.

        Empty when nothing applies. Raises ``NotFound``.
        """
        self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            taken = _taken(work, screening_id)
            minor = taken_of_minor(work, taken)
        return beside_estimate(taken.cautions, minor=minor)

    def withheld(self, screening_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Which of these finished screenings the reader must judge before the estimate is shown.

        Raises ``NotFound``.
        """
        user = self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            return withheld_from(work, [work.screenings.get(one) for one in screening_ids], user)

    def of_patient(self, patient_id: UUID, limit: int = 200) -> list[Screening]:
        """Newest first, as ``get`` gives them; the reading is audited. Raises ``NotFound``."""
        user = self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            work.patients.get(patient_id)
            found = _shown(work, work.screenings.of_patient(patient_id, limit), user)
            work.audit.record(AuditKind.READ, user.id, "screenings", patient_id)
            work.commit()
        return found

    def count_of_patient(self, patient_id: UUID) -> int:
        """How many finished screenings this patient has."""
        self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            return work.screenings.count_of_patient(patient_id)

    def newest(self, limit: int = 50) -> list[Screening]:
        """The newest of all patients, as ``get`` gives them; the reading is audited."""
        user = self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            found = _shown(work, work.screenings.newest(limit), user)
            work.audit.record(AuditKind.READ, user.id, "screenings")
            work.commit()
        return found

    def safety_flows(self, patient_id: UUID, screening_id: UUID) -> tuple[SafetyFlow, ...]:
        """Every safety flow of one screening or draft, oldest first."""
        self._desk.allow(Action.SEE_SCREENINGS)
        with self._desk.unit_of_work() as work:
            return flows_of_screening(work, patient_id, screening_id)


def _shown(work: UnitOfWork, found: Sequence[Screening], user: StaffUser) -> list[Screening]:
    return list(without_estimates(found, withheld_from(work, found, user)))


def _taken(work: UnitOfWork, screening_id: UUID) -> Draft | Screening:
    try:
        return work.screenings.get(screening_id)
    except NotFound:
        return work.drafts.get(screening_id)


def _hidden(work: UnitOfWork, screening_id: UUID, user: StaffUser) -> bool:
    try:
        screening = work.screenings.get(screening_id)
    except NotFound:  # a draft: its picture is on the page of who takes it
        return False
    return bool(withheld_from(work, [screening], user))


def _check_handed_in(draft: Draft) -> None:
    for sheet in draft.sheets:
        given = any(value is not None for value in sheet.answers)
        if given and sheet.completed_at is None:
            raise WrongState(
                "The {title} was started but not handed in; please complete it first.",
                title=INSTRUMENTS[sheet.instrument].title,
            )


def _check_not_shown(draft: Draft) -> None:
    cannot_tell = draft.finding is not None and draft.finding.severity is None
    if draft.revealed_at is not None and not cannot_tell:
        raise WrongState(
            "The estimate of this screening has been shown, so no other picture can be put into"
            " it; please finish or abandon this draft first."
        )


def _check_capture(work: UnitOfWork, patient_id: UUID) -> None:
    work.patients.get(patient_id)
    if not work.clinic.get().face_module_enabled:
        raise FaceModuleOff(
            "Pictures are switched off for this place of work; the questionnaires stay available."
        )
    consent = current_consent(work.consents.of_patient(patient_id))
    if not (consent.get(Purpose.CAPTURE) and consent.get(Purpose.ANALYSIS)):
        raise ConsentMissing(
            "This patient has not consented to taking and analysing a picture. You can record the"
            " consent, or go on with the questionnaires alone."
        )
