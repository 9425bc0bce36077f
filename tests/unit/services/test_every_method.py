"""Every method of every service: what it asks for first, and who is let in, at the laptop or not.

The table below names them all; a method that is added and not written down fails the first test.
"""

from __future__ import annotations

import collections.abc as abc
import dataclasses
import enum
import inspect
import typing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from clinic_app.domain.access import Action, allows
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import AccessDenied, NotSignedIn
from clinic_app.domain.feedback import Agreement
from clinic_app.domain.people import Role
from clinic_app.domain.picture import Picture
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.domain.reviews import Verdict
from clinic_app.domain.schedule import Frequency
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.appointments import NewAppointment, Repeat
from clinic_app.services.front_door import ClinicServices
from clinic_app.services.session import Session, SessionState
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic

FIRST_ASKED: dict[Action, tuple[str, ...]] = {
    Action.ADJUDICATE: (
        "adjudication.agree",
        "adjudication.pass_over",
        "adjudication.picture",
        "adjudication.queue",
        "adjudication.record",
    ),
    Action.EDIT_MODELS: (
        "model_sets.keep",
        "model_sets.use",
    ),
    Action.EXPORT_TRAINING: ("training_export.earlier", "training_export.write"),
    Action.EDIT_LOOK: (
        "looks.adopt",
        "looks.measure",
        "looks.preview",
        "looks.take_back",
    ),
    Action.FIT_HEAD: ("learning.compare", "learning.fit", "learning.withdrawn_in_use"),
    Action.PROMOTE_HEAD: ("learning.promote", "learning.roll_back"),
    Action.SHARE_LEARNING: (
        "sites.advance",
        "sites.agree",
        "sites.join_group",
        "sites.look_at_group",
        "sites.save_card",
        "sites.stop",
    ),
    Action.SEE_LEARNING: (
        "learning.card",
        "learning.drift",
        "learning.members",
        "learning.state",
        "sites.look",
        "sites.standing",
    ),
    Action.ANSWER_QUESTIONNAIRE: (
        "screenings.answer",
        "screenings.answer_difficulty",
        "screenings.complete",
        "patient_home.look",
        "patient_home.questionnaires",
    ),
    Action.ASK_ERASURE: ("erasures.ask",),
    Action.BACK_UP: (
        "backups.files",
        "backups.look",
        "backups.standing",
        "backups.suggested_name",
        "backups.write",
    ),
    Action.CLOSE_INCIDENT: (
        "feedback.close_incident",
        "feedback.reopen_incident",
    ),
    Action.DECIDE_APPOINTMENT: (
        "appointments.approve",
        "appointments.book",
        "appointments.book_series",
        "appointments.cancel",
        "appointments.complete",
        "appointments.deny",
        "appointments.no_show",
        "appointments.reschedule",
    ),
    Action.DECIDE_ERASURE: (
        "erasures.complete",
        "erasures.plan",
        "erasures.refuse",
        "erasures.requests",
    ),
    Action.EDIT_CLINIC: (
        "clinic.renew_recovery_key",
        "clinic.save",
        "instruments.load",
        "instruments.look_at",
        "instruments.remove",
        "instruments.wordings",
    ),
    Action.EDIT_OWN_AVAILABILITY: (
        "availability.add_absence",
        "availability.set_hours",
        "availability.take_back_absence",
    ),
    Action.EDIT_TASKS: (
        "tasks.add",
        "tasks.cancel",
        "tasks.change",
        "tasks.finish",
        "tasks.mine",
        "tasks.of_patient",
        "tasks.open",
        "tasks.owners",
        "tasks.reopen",
        "tasks.today",
    ),
    Action.EDIT_USERS: (
        "staff.add",
        "staff.check_new",
        "staff.disable",
        "staff.edit",
        "staff.enable",
        "staff.everybody",
        "staff.hand_over_notes",
        "staff.set_password",
        "staff.unsigned_notes",
    ),
    Action.EXPORT_FEEDBACK: (
        "feedback.agreements",
        "feedback.export",
        "feedback.ratings",
    ),
    Action.EXPORT_PATIENT: (
        "reports.whole_screening",
        "exports.plan",
        "exports.write",
    ),
    Action.GIVE_FEEDBACK: (
        "feedback.agree",
        "feedback.rate",
    ),
    Action.GIVE_OWN_CONSENT: (
        "consents.give_own",
        "patient_home.consent",
    ),
    Action.HANDLE_SAFETY: (
        "forms.discard",
        "forms.keep",
        "forms.kept",
        "safety.acknowledge",
        "safety.assess",
        "safety.clinicians",
        "safety.hand_over",
        "safety.of_screening",
        "safety.raise_concern",
        "safety.unfinished",
    ),
    Action.HAND_OVER_WORK: (
        "handovers.colleagues",
        "handovers.give",
        "handovers.newest",
        "handovers.receive",
        "handovers.suggestions",
        "handovers.waiting",
    ),
    Action.JOIN_CENTRE: ("sync.join",),
    Action.MERGE_PATIENTS: (
        "merges.compare",
        "merges.merge",
        "merges.suggestions",
        "merges.undo",
    ),
    Action.PRINT_REPORT: (
        "reports.allow_copy",
        "reports.allow_export",
        "reports.audit",
        "reports.draft",
        "reports.feedback",
        "reports.one_screening",
        "reports.person",
        "reports.screening",
        "reports.verify",
    ),
    Action.RECORD_CONSENT: ("consents.record",),
    Action.RECORD_INTERVENTION: (
        "interventions.add",
        "interventions.kinds",
    ),
    Action.REGISTER_PATIENT: (
        "patients.correct",
        "patients.register",
    ),
    Action.REPORT_INCIDENT: (
        "feedback.note_incident",
        "feedback.report_incident",
    ),
    Action.REQUEST_APPOINTMENT: (
        "appointments.clinicians",
        "appointments.free_times",
        "appointments.request",
    ),
    Action.RESTORE: ("backups.drill",),
    Action.REVIEW_SCREENING: (
        "reviews.conclude",
        "reviews.judge",
        "reviews.reveal",
        "reviews.unfinished",
    ),
    Action.RUN_RETENTION: (
        "retention.dry_run",
        "retention.run",
        "retention.save",
        "retention.settings",
    ),
    Action.SEE_APPOINTMENTS: (
        "appointments.calendar",
        "appointments.closed_without_time",
        "appointments.export",
        "appointments.get",
        "appointments.of_patient",
        "appointments.requested",
        "appointments.today",
        "availability.absences",
        "availability.hours",
    ),
    Action.SEE_AUDIT: (
        "audit.actors",
        "audit.browse",
        "audit.entries",
        "audit.extract",
        "audit.told",
        "audit.verify",
    ),
    Action.SEE_DEVICES: ("devices.devices",),
    Action.SEE_FEEDBACK: (
        "feedback.analysis",
        "feedback.incident",
        "feedback.incidents",
        "feedback.material",
    ),
    Action.SEE_MODELS: (
        "model_sets.card",
        "model_sets.known",
        "reviews.agreement",
        "looks.state",
    ),
    Action.SEE_NOTES: (
        "notes.get",
        "notes.of_patient",
        "notes.signed_beside",
        "pages.of_patient",
        "interventions.of_patient",
    ),
    Action.SEE_OWN_RESULTS: ("patient_home.results",),
    Action.SEE_PATIENTS: (
        "staff.change_own_password",
        "staff.names",
        "patients.get",
        "patients.search",
        "patients.similar",
        "consents.current",
        "consents.history",
        "merges.history",
        "erasures.of_patient",
    ),
    Action.SEE_SCREENINGS: (
        "screenings.beside_estimate",
        "screenings.count_of_patient",
        "screenings.get",
        "screenings.images",
        "screenings.newest",
        "screenings.of_patient",
        "screenings.safety_flows",
        "screenings.withheld",
        "timeline.of_patient",
        "timeline.older_screenings",
        "reviews.get",
        "reviews.of_patient",
        "reviews.of_screening",
    ),
    Action.SEE_WORKLIST: (
        "worklist.count",
        "worklist.of_patient",
        "worklist.overdue",
        "worklist.page",
        "worklist.today",
        "reports.worklist",
    ),
    Action.SETTLE_CONFLICT: (
        "sync.conflicts",
        "sync.resolve",
    ),
    Action.SIGN_NOTE: ("notes.sign",),
    Action.SYNC: (
        "sync.marks",
        "sync.round",
        "sync.status",
    ),
    Action.TAKE_SCREENING: (
        "clinic.hand_over",
        "screenings.abandon",
        "screenings.attach",
        "screenings.check_capture",
        "screenings.draft",
        "screenings.drafts",
        "screenings.finish",
        "screenings.judge",
        "screenings.leave_out",
        "screenings.record_questionnaire",
        "screenings.reveal",
        "screenings.set_cautions",
        "screenings.start",
        "timeline.unfinished",
    ),
    Action.USE_STUDIO: (
        "studio.delete",
        "studio.begun",
        "studio.check",
        "studio.forget",
        "studio.gallery",
        "studio.images",
        "studio.keep",
        "studio.live",
        "studio.marked",
        "studio.marked_of",
        "studio.open_file",
        "studio.picture_of",
        "studio.pictures_of",
        "studio.redrawn",
        "studio.resumed",
        "studio.sample",
        "studio.snapshot",
        "studio.style_of_face",
        "studio.style_pictures",
        "studio.styles",
        "studio.take_up",
        "studio.thumbnail",
        "studio.transfer",
    ),
    Action.WRITE_NOTE: (
        "notes.add_to",
        "notes.discard",
        "notes.draft_addendum",
        "notes.edit",
        "notes.headings",
        "notes.take_over",
        "notes.unsigned",
        "notes.write",
    ),
}

OPEN = frozenset(
    {
        *("clinic.lock", "clinic.profile", "clinic.resume", "safety.crisis_contacts"),
        *("appointments.day", "appointments.usual_minutes", "appointments.zone"),
        *("reports.preview", "studio.put_away"),
    }
)
"""Nothing of any record: the clinic's own settings, the lock, pages that are in hand already."""
THEN_ASKED = {
    "reports.audit": Action.SEE_AUDIT,
    "reports.feedback": Action.SEE_FEEDBACK,
    "reports.whole_screening": Action.PRINT_REPORT,
    "reports.worklist": Action.PRINT_REPORT,
}
"""What is asked for beside the first action."""
HOLDER = frozenset(name for names in FIRST_ASKED.values() for name in names if "_home." in name)
"""Only while a patient holds the laptop, whoever is signed in."""
BEHIND_LOCK = frozenset({"studio.check", "sync.round", "sync.status"})
"""Goes on by itself behind the lock and shows nothing of any record."""
FIRST = {name: action for action, names in FIRST_ASKED.items() for name in names}
STAFF = (Role.COUNSELOR, Role.DOCTOR, Role.ADMINISTRATOR)
_OUTSIDE = frozenset({"session", "face_reader", "models"})
"""The session itself (tested on its own) and what holds no records."""


def methods() -> dict[str, Any]:
    """Every public method of the services by name."""
    hints = typing.get_type_hints(ClinicServices)
    return {
        f"{one.name}.{name}": method
        for one in dataclasses.fields(ClinicServices)
        if one.name not in _OUTSIDE
        for name, method in inspect.getmembers(hints[one.name], inspect.isfunction)
        if not name.startswith("_")
    }


METHODS = methods()


def plain(wanted: Any, patient_id: UUID) -> Any:
    """Something of this type; every identifier is the patient's."""
    samples: dict[Any, Any] = {
        UUID: patient_id,
        str: "x",
        bool: True,
        int: 1,
        float: 0.5,
        bytes: b"",
        date: date(2026, 3, 2),
        datetime: datetime(2026, 3, 2, tzinfo=UTC),
        Path: Path("no-such-folder/x.zip"),
        Picture: Picture(1, 1, bytes(3)),
        Repeat: Repeat(Frequency.DAILY, 2),
    }
    if wanted in samples:
        return samples[wanted]
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return next(iter(wanted))
    if typing.get_origin(wanted) in (abc.Iterable, abc.Sequence, tuple):
        return ()
    if typing.get_origin(wanted) is abc.Mapping:
        return {}
    if typing.get_args(wanted):
        return plain(typing.get_args(wanted)[0], patient_id)
    hints = typing.get_type_hints(wanted)
    needed = (
        one
        for one in dataclasses.fields(wanted)
        if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    )
    return wanted(**{one.name: plain(hints[one.name], patient_id) for one in needed})


def refused(services: ClinicServices, name: str, patient_id: UUID) -> bool:
    """Whether the method was refused; anything else that goes wrong comes after the door."""
    service, method = name.split(".")
    hints = typing.get_type_hints(METHODS[name])
    named = {
        one.name: plain(hints[one.name], patient_id)
        for one in inspect.signature(METHODS[name]).parameters.values()
        if one.default is inspect.Parameter.empty and one.name != "self"
    }
    try:
        getattr(getattr(services, service), method)(**named)
    except AccessDenied:
        return True
    except NotSignedIn:
        raise
    except Exception:  # noqa: BLE001 - made-up arguments: there is no such record, or a wrong password
        return False
    return False


def refusals(clinic: FakeClinic) -> int:
    """How often somebody was turned away, as the trail has it."""
    return sum(
        entry.kind is AuditKind.REFUSED and entry.subject == "action"
        for entry in clinic.store.tables.audit
    )


def test_every_method_is_written_down() -> None:
    assert set(METHODS) == set(FIRST) | OPEN
    assert set(FIRST).isdisjoint(OPEN)
    assert sum(map(len, FIRST_ASKED.values())) == len(FIRST)


@pytest.mark.parametrize("name", sorted(FIRST))
def test_a_method_asks_first_for_the_action_that_is_written_down(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = FakeClinic()
    patient = clinic.add_patient()
    asked: list[Action] = []
    for door in ("require", "require_behind_lock"):
        kept = getattr(Session, door)

        def noted(self: Session, action: Action, kept: Any = kept) -> Any:
            asked.append(action)
            return kept(self, action)

        monkeypatch.setattr(Session, door, noted)
    refused(clinic.services, name, patient.id)
    assert asked[0] is FIRST[name]
    assert name not in THEN_ASKED or THEN_ASKED[name] in asked


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("service", sorted({name.split(".")[0] for name in METHODS}))
def test_the_table_of_access_decides_for_every_role(role: Role, service: str) -> None:
    for name in (one for one in METHODS if one.startswith(f"{service}.")):
        clinic = FakeClinic()
        patient = clinic.add_patient()
        clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
        services = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
        needed = [FIRST.get(name), THEN_ASKED.get(name)]
        let_in = all(allows(role, one) for one in needed if one) and name not in HOLDER
        before = refusals(clinic)
        mine = service == "availability"  # the own hours; somebody else's are another action
        about = services.session.user.id if mine else patient.id
        assert refused(services, name, about) is not let_in, name
        assert (refusals(clinic) > before) is not let_in, name


@pytest.mark.parametrize("whose", ["own", "somebody else's"])
@pytest.mark.parametrize("service", sorted({name.split(".")[0] for name in METHODS}))
def test_a_patient_at_the_laptop_gets_past_no_door_of_the_staff(service: str, whose: str) -> None:
    for name in (one for one in FIRST if one.startswith(f"{service}.")):
        if allows(Role.PATIENT, FIRST[name]) or name in BEHIND_LOCK:
            continue  # the tests below
        if name == "appointments.of_patient":
            continue
        clinic = FakeClinic()
        own, other = clinic.add_patient(), clinic.add_patient("Quimby")
        clinic.services.clinic.hand_over(own.id)
        before, tables = refusals(clinic), clinic.store.tables
        about = own.id if whose == "own" else other.id
        assert refused(clinic.services, name, about), name
        assert refusals(clinic) == before + 1, name
        changed = {k for k, v in vars(clinic.store.tables).items() if v != getattr(tables, k)}
        assert changed == {"audit"}, name


@pytest.mark.parametrize("service", sorted({name.split(".")[0] for name in METHODS}))
def test_behind_the_lock_every_door_is_shut(service: str) -> None:
    for name in (one for one in FIRST if one.startswith(f"{service}.")):
        if name in BEHIND_LOCK:
            continue
        clinic = FakeClinic()
        patient = clinic.add_patient()
        clinic.services.clinic.lock()
        with pytest.raises(NotSignedIn):
            refused(clinic.services, name, patient.id)


PHQ9 = InstrumentName.PHQ9
OF_THE_PERSON: dict[str, abc.Callable[[ClinicServices, UUID, UUID], object]] = {
    "screenings.answer": lambda s, _, draft: s.screenings.answer(
        draft, PHQ9, 0, 1, AnsweredBy.PATIENT
    ),
    "screenings.answer_difficulty": lambda s, _, draft: s.screenings.answer_difficulty(
        draft, PHQ9, 1
    ),
    "screenings.complete": lambda s, _, draft: s.screenings.complete(draft, PHQ9),
    "consents.give_own": lambda s, who, _: s.consents.give_own(who, {Purpose.CAPTURE: True}),
    "appointments.request": lambda s, who, _: s.appointments.request(NewAppointment(who)),
    "appointments.of_patient": lambda s, who, _: s.appointments.of_patient(who),
    "appointments.free_times": lambda s, who, _: s.appointments.free_times(patient_id=who),
    "feedback.rate": lambda s, who, _: s.feedback.rate(4, patient_id=who),
    "feedback.agree": lambda s, who, _: s.feedback.agree(
        who, next(one.screening_id for one in s.patient_home.results()), Agreement.AGREE
    ),
}
"""What a patient may do: for the own record only."""
ABOUT_NOBODY = frozenset({"appointments.clinicians", *HOLDER})


def handed_over() -> tuple[FakeClinic, UUID, UUID, dict[UUID, UUID]]:
    """Two people with a begun draft and a reviewed result each; the first has the laptop."""
    clinic = FakeClinic()
    people = [clinic.add_patient(), clinic.add_patient("Quimby")]
    take, drafts = clinic.services.screenings, {}
    for one in people:
        done = take.record_questionnaire(
            one.id, InstrumentName.GAD7, (0,) * 7, AnsweredBy.PATIENT
        ).id
        take.finish(done)
        review = clinic.services.reviews.judge(done, ClinicianSeverity.NONE)
        clinic.services.reviews.conclude(review.id, Verdict.NO_ESTIMATE)
        drafts[one.id] = take.start(one.id).id
        take.answer(drafts[one.id], PHQ9, 0, 1, AnsweredBy.PATIENT)
    clinic.services.clinic.hand_over(people[0].id)
    return clinic, people[0].id, people[1].id, drafts


def test_what_a_patient_may_do_is_tested_for_the_own_and_for_somebody_elses_record() -> None:
    patients = {name for name, action in FIRST.items() if allows(Role.PATIENT, action)}
    assert patients | {"appointments.of_patient"} == set(OF_THE_PERSON) | ABOUT_NOBODY


@pytest.mark.parametrize("name", OF_THE_PERSON)
def test_a_patient_does_it_for_the_own_record_alone(name: str) -> None:
    clinic, own, other, drafts = handed_over()
    call = OF_THE_PERSON[name]
    call(clinic.services, own, drafts[own])
    before, tables = refusals(clinic), clinic.store.tables
    with pytest.raises(AccessDenied):
        call(clinic.services, other, drafts[other])
    assert refusals(clinic) == before + 1
    now = vars(clinic.store.tables)
    assert {kind for kind, rows in now.items() if rows != getattr(tables, kind)} == {"audit"}


@pytest.mark.parametrize("name", sorted(HOLDER))
def test_the_own_pages_are_those_of_who_holds_the_laptop(name: str) -> None:
    clinic, own, _other, _drafts = handed_over()
    assert not refused(clinic.services, name, own)
    clinic.services.session.resume(PASSWORD)
    assert clinic.services.session.state is SessionState.ACTIVE
    assert refused(clinic.services, name, own)
