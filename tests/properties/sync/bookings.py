"""Bookings that may overlap, and what a workstation shows of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from clinic_app.domain.appointments import AppointmentEvent, AppointmentEventKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.schedule import Slot
from clinic_app.services.sync_data import ConflictKind
from tests.integration.rounds.clinics import Workstation

DAY = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
CLINICIAN = UUID(int=7)


def book(one: Workstation, patient_id: UUID, hour: int) -> None:
    """Half an hour with the one clinician, without looking who has it already."""
    slot = Slot(DAY + timedelta(hours=hour), "UTC", 30, CLINICIAN)
    appointment_id, by = new_id(), one.user.id

    def event(kind: AppointmentEventKind) -> AppointmentEvent:
        return AppointmentEvent(
            new_id(), appointment_id, patient_id, kind, one.now(), by, slot=slot
        )

    def change(work) -> None:  # type: ignore[no-untyped-def]
        work.appointments.add(event(AppointmentEventKind.REQUESTED))
        work.appointments.add(event(AppointmentEventKind.APPROVED))

    one.do(change)


def overlapping_pairs(one: Workstation) -> set[frozenset[str]]:
    """The pairs in red on the conflicts page; each is flagged on both appointments as well."""
    found = [c for c in one.desk.conflicts() if c.kind is ConflictKind.OVERLAP]
    pairs = {frozenset(version.stamp for version in conflict.versions) for conflict in found}
    with one.store.unit_of_work() as work:
        for pair in pairs:
            for booked in pair:
                others = {
                    str(other) for other in work.appointments.get(UUID(booked)).conflicts_with
                }
                assert pair - {booked} <= others
    return pairs
