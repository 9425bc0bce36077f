"""Long random histories: the screens are always a fold of the log, and equal a plain model."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from clinic_app.db.engine import make_engine
from clinic_app.db.files import make_private_file
from clinic_app.db.fold import append, apply
from clinic_app.db.log_rows import operation_of
from clinic_app.db.oplog import rebuild
from clinic_app.db.schema import create_schema
from clinic_app.db.store import EncryptedStore
from clinic_app.db.tables import SCREEN_TABLES, log_head, oplog
from clinic_app.db.transaction import Transaction
from clinic_app.db.vault import FolderVault
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.cautions import Caution
from clinic_app.domain.consent import ConsentEvent, GivenBy, Purpose
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.ids import new_id
from clinic_app.domain.notes import Note, signed
from clinic_app.domain.operations import first_break
from clinic_app.domain.people import (
    ClinicProfile,
    CrisisContact,
    DeploymentContext,
    Patient,
    Role,
    StaffUser,
)
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.safety import SafetyEventKind
from clinic_app.services.storage import UnitOfWork
from tests.fakes.store import FakeStore
from tests.integration.db.records import (
    NOON,
    PASSWORD,
    ROUNDS,
    USER,
    a_draft,
    a_finding,
    a_safety_event,
    a_screening,
)
from tests.properties.care_steps import CARE_STEPS, care_change, care_seen

words = st.text(
    st.one_of(
        st.sampled_from("aZé ß\u0301\n\"'%\\\x00😀李عक्"), st.characters(exclude_categories=("Cs",))
    ),
    max_size=12,
)
STEPS = (
    "register",
    "correct",
    "correct",
    "consent",
    "screening",
    "draft",
    "finish",
    "safety",
    "safety_step",
    "note",
    "edit_note",
    "sign_note",
    "images",
    "remove_images",
    "user",
    "edit_user",
    "edit_clinic",
    *CARE_STEPS,
)
WORDS = ("", "García", "李小明", "a longer text, " * 40, 'it\'s "quoted" %_\\', "😀\n\u0301")
steps = st.tuples(st.sampled_from(STEPS), st.integers(0, 2**32), words)
units = st.lists(st.tuples(st.lists(steps, max_size=8), st.booleans()), max_size=12)


@dataclass
class World:
    """What exists so far, so that steps can refer to it; the same steps run on store and model."""

    by: UUID = field(default_factory=new_id)
    patients: list[UUID] = field(default_factory=list)
    drafts: list[UUID] = field(default_factory=list)
    screenings: list[UUID] = field(default_factory=list)
    flows: list[tuple[UUID, UUID, UUID]] = field(default_factory=list)
    notes: list[UUID] = field(default_factory=list)
    users: list[UUID] = field(default_factory=list)
    told: list[tuple[Any, ...]] = field(default_factory=list)
    clinicians: list[UUID] = field(default_factory=lambda: [new_id(), new_id()])
    span = (NOON - timedelta(days=3), NOON + timedelta(days=5))

    def copy(self) -> World:
        lists = {k: list(v) for k, v in vars(self).items() if isinstance(v, list)}
        return replace(self, **lists)


Change = Callable[[UnitOfWork], None]


def change(world: World, name: str, number: int, words: str) -> Change | None:
    """The change that a step means now; ``None`` when there is nothing to apply it to."""
    at = NOON + timedelta(seconds=number % 86_400, microseconds=number % 997)

    def pick(items: list[Any]) -> Any:
        return items[number % len(items)] if items else None

    patient = pick(world.patients)
    if name == "register":
        born = date(1900, 1, 1) + timedelta(days=number % 40_000)
        made = Patient(new_id(), words or "x", words[::-1], born, words, registered_at=at)
        world.patients.append(made.id)
        return lambda work: work.patients.add(made)
    if name == "user":
        user = StaffUser(new_id(), f"u{number}", words, Role.DOCTOR)
        world.users.append(user.id)
        return lambda work: work.users.add(user)
    if name == "edit_user" and (user_id := pick(world.users)):
        active = bool(number % 2)
        return lambda work: work.users.save(
            replace(work.users.get(user_id), display_name=words, active=active)
        )
    if name == "edit_clinic":
        return lambda work: work.clinic.save(
            replace(work.clinic.get(), name=words, idle_lock_minutes=number % 60)
        )
    return None if patient is None else about(world, name, number, words, patient, at)


def about(
    world: World, name: str, number: int, words: str, patient: UUID, at: Any
) -> Change | None:
    by = world.by

    def pick(items: list[Any]) -> Any:
        return items[number % len(items)] if items else None

    match name:
        case "correct":
            part = ("family_name", "given_name", "phone", "local_number")[number % 4]
            return lambda work: work.patients.save(
                replace(work.patients.get(patient), **{part: words})
            )
        case "consent":
            purpose = list(Purpose)[number % 5]
            event = ConsentEvent(
                new_id(), patient, purpose, bool(number % 2), GivenBy.PATIENT, by, at, words
            )
            return lambda work: work.consents.add(event)
        case "screening":
            finding = a_finding() if number % 2 else None
            screening = a_screening(patient, by, finished_at=at, finding=finding)
            screening = replace(screening, cautions=tuple(Caution)[: number % 8])
            world.screenings.append(screening.id)
            return lambda work: work.screenings.add(screening)
        case "draft":
            draft = replace(
                a_draft(patient, by, changed_at=at),
                finding=a_finding(),
                cautions=tuple(Caution)[number % 8 :],
                left_out=tuple(InstrumentName)[: number % 3],
            )
            world.drafts.append(draft.id)
            return lambda work: work.drafts.save(draft)
        case "finish" if world.drafts:
            draft_id = world.drafts.pop(number % len(world.drafts))
            finished = replace(a_screening(patient, by, finished_at=at), id=draft_id)
            world.screenings.append(draft_id)

            def finish(work: UnitOfWork) -> None:
                work.screenings.add(finished)
                work.drafts.remove(draft_id)

            return finish
        case "safety":
            opened = replace(a_safety_event(patient, by, at=at), handed_to=words)
            world.flows.append((opened.flow_id, opened.screening_id, patient))
            return lambda work: work.safety.add(opened)
        case "safety_step" if world.flows:
            flow_id, screening_id, whose = pick(world.flows)
            kind = list(SafetyEventKind)[number % 5]
            step = a_safety_event(
                whose, by, kind=kind, flow_id=flow_id, screening_id=screening_id, at=at
            )
            return lambda work: work.safety.add(replace(step, item_nine=number % 4))
        case "note":
            note = Note(new_id(), patient, by, at, words * (1 + number % 50))
            world.notes.append(note.id)
            return lambda work: work.notes.add(note)
        case "edit_note" | "sign_note" if world.notes:
            note_id = pick(world.notes)

            def edit(work: UnitOfWork) -> None:
                stored = work.notes.get(note_id)
                if stored.signed_at is None:
                    edited = replace(stored, text=words, written_at=at)
                    work.notes.save(signed(edited, by, at) if name == "sign_note" else edited)

            return edit
        case "images" if world.screenings:
            png = words.encode() * 40
            whose = pick(world.screenings)
            return lambda work: work.images.put(whose, FaceImages(png, png[::-1]), kept=True)
        case "remove_images":
            return lambda work: work.images.remove_of_patient(patient) and None
    return care_change(world, name, number, words, patient, at)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rebuild") / "store"
    FolderVault(folder, rounds=ROUNDS).create(USER, PASSWORD, lambda store: None).store.close()
    return folder


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema and no rows."""
    path = tmp_path_factory.mktemp("rebuild") / "empty.db"
    make_private_file(path)
    engine = make_engine(path, b"e" * 32)
    create_schema(engine)
    engine.dispose()
    return path


def contents(db: Transaction, *tables: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Every row and column as SQLite holds it."""
    return {
        table.name: [
            tuple(row)
            for row in db.rows(
                text(
                    f"SELECT {', '.join(f'{c.name}, typeof({c.name})' for c in table.c)}"
                    f" FROM {table.name}"
                    f" ORDER BY {', '.join(c.name for c in table.primary_key)}"
                )
            )
        ]
        for table in tables
    }


def blank(empty: Path, folder: Path, name: str) -> Iterator[Transaction]:
    path = folder / name
    shutil.copy(empty, path)
    engine = make_engine(path, b"e" * 32)
    with engine.connect() as connection:
        yield Transaction(connection)
    engine.dispose()


def seen(work: UnitOfWork, world: World) -> list[Any]:
    """Everything the services can read."""
    every: list[Any] = [
        work.patients.count(),
        work.screenings.count(),
        work.screenings.newest(1000),
        work.drafts.all(),
        work.safety.unfinished(),
        sorted(work.users.all(), key=lambda user: user.id),
        work.clinic.get(),
        [work.images.get(screening_id) for screening_id in world.screenings],
    ]
    for patient_id in world.patients:
        every += [
            work.patients.get(patient_id),
            work.consents.of_patient(patient_id),
            work.screenings.of_patient(patient_id),
            work.safety.of_patient(patient_id),
            work.notes.of_patient(patient_id),
            work.drafts.of_patient(patient_id),
        ]
    every += [work.safety.of_screening(screening_id) for _, screening_id, _ in world.flows]
    return every + care_seen(work, world)


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=units, order=st.randoms(use_true_random=False))
def test_rebuilding_from_the_log_gives_the_same_bytes(
    template: Path, empty: Path, history: list[Any], order: random.Random
) -> None:
    live_through(template, empty, history, order)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_long_history_rebuilds_to_the_same_bytes(template: Path, empty: Path, seed: int) -> None:
    chance = random.Random(seed)
    names = [*STEPS, "register", "register"]
    history = [
        (
            [
                (chance.choice(names), chance.randrange(2**32), chance.choice(WORDS))
                for _ in range(chance.randrange(12))
            ],
            chance.random() < 0.8,
        )
        for _ in range(50)
    ]
    live_through(template, empty, history, chance)


def live_through(template: Path, empty: Path, history: list[Any], order: random.Random) -> None:
    """Run a history on store and model, then compare what both show and what the log rebuilds."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(template, folder / "store")
        vault = FolderVault(folder / "store", rounds=ROUNDS)
        store, model, world = vault.unlock(USER, PASSWORD), FakeStore(), World()
        profile = ClinicProfile(new_id(), "C", (CrisisContact("a", "1"),), DeploymentContext.CLINIC)
        for one in (store, model):
            with one.unit_of_work() as work:
                work.clinic.add(profile)
                work.commit()
        for taken, committed in history:
            world = run_unit(store, model, world, taken, committed=committed)
        store.close()
        store = vault.unlock(USER, PASSWORD)
        with store.unit_of_work() as work, model.unit_of_work() as expected:
            assert seen(work, world) == seen(expected, world)
            assert work.audit.verify().intact
        assert isinstance(store, EncryptedStore)
        try:
            compare_rebuilt(store, empty, folder, order)
        finally:
            store.close()


def run_unit(store: Any, model: Any, world: World, taken: Any, *, committed: bool) -> World:
    after = world.copy()
    with store.unit_of_work() as work, model.unit_of_work() as expected:
        for step in taken:
            made = change(after, *step)
            if made is not None:
                made(work)
                made(expected)
                work.audit.record(AuditKind.CHANGED, None, step[0])
        if not committed:
            return world
        work.commit()
        expected.commit()
    return after


def compare_rebuilt(store: EncryptedStore, empty: Path, folder: Path, order: random.Random) -> None:
    db = store.begin()
    try:
        original = contents(db, *SCREEN_TABLES, log_head, oplog)
        for target in blank(empty, folder, "rebuilt.db"):
            count = rebuild(db, target)
            assert contents(target, *SCREEN_TABLES, log_head, oplog) == original
        operations = [operation_of(row) for row in db.rows(select(oplog).order_by(oplog.c.seq))]
        assert len(operations) == count
        assert first_break(operations) is None
        order.shuffle(operations)
        for target in blank(empty, folder, "shuffled.db"):
            for operation in operations:
                append(target, operation)
            apply(target, operations[: len(operations) // 2])
            screens = {table.name for table in SCREEN_TABLES}
            assert contents(target, *SCREEN_TABLES) == {name: original[name] for name in screens}
    finally:
        db.close()
        store.end()
