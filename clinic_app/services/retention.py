"""How long things stay: face images, and screenings that nobody goes on with.

Images of drafts that nobody agreed to keep go by themselves at sign-in. The rest goes when an
administrator has seen what it would be (`RetentionService.dry_run`) and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic_app.domain.access import Action
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose, current_consent
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.forms import FormDraft, FormKind
from clinic_app.domain.screening import Draft
from clinic_app.domain.site import LONGEST_DAYS, SHORTEST_DAYS, Retention, kept_since
from clinic_app.services.session import Desk
from clinic_app.services.storage import OpenStore, UnitOfWork
from clinic_app.services.studio_consent import remove_left_behind


class RetentionKind(StrEnum):
    KEPT_IMAGES = "kept_images"
    DRAFT_IMAGES = "draft_images"
    DRAFTS = "drafts"
    FORMS = "forms"
    TRANSFERS = "transfers"


@dataclass(frozen=True, slots=True)
class RetentionItem:
    """What would go: the draft, screening, begun form or begun transfer of the studio, and since
    when it is counted. Whose picture a transfer is of is not told."""

    kind: RetentionKind
    record_id: UUID
    patient_id: UUID | None
    since: datetime


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """A dry run: what would go, oldest first within each kind, and under which settings."""

    settings: Retention
    items: tuple[RetentionItem, ...]

    def count(self, kind: RetentionKind) -> int:
        return sum(one.kind is kind for one in self.items)


class RetentionService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def settings(self) -> Retention:
        self._desk.allow(Action.RUN_RETENTION)
        with self._desk.unit_of_work() as work:
            return work.clinic.get().retention

    def save(self, settings: Retention, password: str) -> Retention:
        """Change the settings; nothing goes before ``run``, except draft images at sign-in.

        ``password`` is asked for again. Raises ``InvalidInput`` and ``WrongPassword``.
        """
        user = self._desk.allow(Action.RUN_RETENTION)
        checked_retention(settings)
        self._desk.reauthenticate(password)
        with self._desk.unit_of_work() as work:
            clinic = work.clinic.get()
            work.clinic.save(replace(clinic, retention=settings))
            detail = (
                f"retention: kept images {settings.kept_image_days}, draft images"
                f" {settings.draft_image_days}, drafts {settings.draft_days} days"
            )
            work.audit.record(AuditKind.CHANGED, user.id, "clinic", clinic.id, detail)
            work.commit()
        return settings

    def dry_run(self, settings: Retention | None = None) -> RetentionPlan:
        """What would go today, under the clinic's settings or under others; nothing changes."""
        user = self._desk.allow(Action.RUN_RETENTION)
        if settings is not None:
            checked_retention(settings)
        with self._desk.unit_of_work() as work:
            work.audit.record(AuditKind.READ, user.id, "retention", None, "dry run")
            work.commit()
            chosen = settings or work.clinic.get().retention
            return RetentionPlan(chosen, tuple(_due(work, chosen, self._desk.now())))

    def run(self, password: str, shown: RetentionPlan | None = None) -> RetentionPlan:
        """Remove what is due under the clinic's settings; what went is returned and audited.

        With ``shown``, the dry run that somebody has seen, nothing else goes: another laptop, or
        midnight, may have made more of it due since. ``password`` is asked for again. Raises
        ``WrongPassword``.
        """
        user = self._desk.allow(Action.RUN_RETENTION)
        self._desk.reauthenticate(password)
        now = self._desk.now()
        seen = None if shown is None else frozenset(shown.items)
        with self._desk.unit_of_work() as work:
            settings = work.clinic.get().retention
            items = tuple(one for one in _due(work, settings, now) if seen is None or one in seen)
            for item in items:
                _remove(work, item, user.id)
            remove_left_behind(work, user.id)  # what the studio made of a picture goes with it
            counts = ", ".join(
                f"{kind.value} {sum(one.kind is kind for one in items)}" for kind in RetentionKind
            )
            work.audit.record(AuditKind.CHANGED, user.id, "retention", None, counts)
            work.commit()
        return RetentionPlan(settings, items)


def checked_retention(settings: Retention) -> Retention:
    """The settings; raises ``InvalidInput`` unless each is a believable number of days."""
    for name in ("kept_image_days", "draft_image_days", "draft_days"):
        days = getattr(settings, name)
        if days is None and name != "draft_image_days":
            continue
        if type(days) is not int or not SHORTEST_DAYS <= days <= LONGEST_DAYS:
            raise InvalidInput(
                name,
                "Please enter a number of days from {least} to {most}.",
                least=SHORTEST_DAYS,
                most=LONGEST_DAYS,
            )
    return settings


def _due(work: UnitOfWork, settings: Retention, now: datetime) -> Iterator[RetentionItem]:
    if settings.kept_image_days is not None:
        before = kept_since(now, settings.kept_image_days)
        for screening_id, finished_at in work.images.kept_before(before):
            patient_id = work.screenings.get(screening_id).patient_id
            yield RetentionItem(RetentionKind.KEPT_IMAGES, screening_id, patient_id, finished_at)
    drafts = sorted(work.drafts.all(), key=lambda draft: (draft.changed_at, draft.id))
    forgotten = [draft for draft in drafts if _may_go(work, draft, settings, now)]
    left_behind = [draft for draft in drafts if _images_may_go(work, draft, settings, now)]
    for kind, found in (
        (RetentionKind.DRAFT_IMAGES, [one for one in left_behind if one not in forgotten]),
        (RetentionKind.DRAFTS, forgotten),
    ):
        for draft in found:
            yield RetentionItem(kind, draft.id, draft.patient_id, draft.changed_at)
    if settings.draft_days is not None:
        for form in work.forms.changed_before(kept_since(now, settings.draft_days)):
            if not _waits_for_safety(work, form):
                yield RetentionItem(RetentionKind.FORMS, form.id, form.patient_id, form.changed_at)
    active = {one.id for one in work.users.all() if one.active}
    for one in sorted(work.begun_transfers.all(), key=lambda begun: (begun.worked_on_at, begun.id)):
        days, since = settings.draft_days, one.worked_on_at
        left_alone = days is not None and since < kept_since(now, days)
        if left_alone or one.begun_by not in active:  # who has left ends it no more
            yield RetentionItem(RetentionKind.TRANSFERS, one.id, None, since)


def _waits_for_safety(work: UnitOfWork, form: FormDraft) -> bool:
    if form.form is not FormKind.SAFETY_ASSESSMENT:
        return False
    return work.safety.flow(form.subject_id).blocks_finishing


def _may_go(work: UnitOfWork, draft: Draft, settings: Retention, now: datetime) -> bool:
    """Left alone for long enough, and nobody is waiting for its safety steps."""
    if settings.draft_days is None or draft.changed_at >= kept_since(now, settings.draft_days):
        return False
    flows = work.safety.of_patient(draft.patient_id)
    return not any(flow.blocks_finishing and flow.screening_id == draft.id for flow in flows)


def _images_may_go(work: UnitOfWork, draft: Draft, settings: Retention, now: datetime) -> bool:
    """Left alone for long enough, and the person has not agreed that the images are kept."""
    if not draft.has_images or draft.changed_at >= kept_since(now, settings.draft_image_days):
        return False
    consent = current_consent(work.consents.of_patient(draft.patient_id))
    return not consent.get(Purpose.KEEP_IMAGES)


def _remove(work: UnitOfWork, item: RetentionItem, by: UUID) -> None:
    if item.kind is RetentionKind.KEPT_IMAGES:
        work.images.remove(item.record_id)
        subject, detail = "screening", "retention"
    elif item.kind is RetentionKind.DRAFT_IMAGES:
        work.images.remove(item.record_id)
        work.drafts.save(replace(work.drafts.get(item.record_id), has_images=False))
        subject, detail = "draft", "left alone"
    elif item.kind is RetentionKind.FORMS:
        work.forms.remove(item.record_id)
        work.audit.record(AuditKind.CHANGED, by, "form_draft", item.record_id, "left alone")
        return
    elif item.kind is RetentionKind.TRANSFERS:
        shown = work.begun_transfers.get(item.record_id).patient_id
        work.begun_transfers.remove(item.record_id)
        subject, about = (
            ("studio transfer", item.record_id) if shown is None else ("patient", shown)
        )
        work.audit.record(AuditKind.IMAGES_REMOVED, by, subject, about, "studio, left alone")
        return
    else:
        work.images.remove(item.record_id)
        work.drafts.remove(item.record_id)
        work.audit.record(AuditKind.CHANGED, by, "draft", item.record_id, "removed, left alone")
        return
    work.audit.record(AuditKind.IMAGES_REMOVED, by, subject, item.record_id, detail)


def remove_images_left_behind(store: OpenStore, by: UUID, now: datetime) -> int:
    """Remove the images of drafts that were left alone; their readings stay.

    Returns the number of drafts that lost theirs. Images that the person agreed to keep stay.
    """
    with store.unit_of_work() as work:
        settings = work.clinic.get().retention
        drafts = [one for one in work.drafts.all() if _images_may_go(work, one, settings, now)]
        for draft in drafts:
            kind = RetentionKind.DRAFT_IMAGES
            _remove(work, RetentionItem(kind, draft.id, draft.patient_id, draft.changed_at), by)
        if drafts:
            work.commit()
    return len(drafts)
