"""Migrations and tables say the same, and the revision constant is alembic's head."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect

from clinic_app import db
from clinic_app.db.engine import make_engine
from clinic_app.db.files import make_private_file
from clinic_app.db.schema import REVISION, create_schema, ensure_schema, known_revisions
from clinic_app.db.screens import SCREENS
from clinic_app.db.tables import DERIVED, SCREEN_TABLES, metadata
from clinic_app.domain.operations import EntityKind

KEY = b"k" * 32


@pytest.fixture
def make(tmp_path: Path):  # type: ignore[no-untyped-def]
    engines: list[Engine] = []

    def made(name: str) -> Engine:
        make_private_file(tmp_path / name)
        engines.append(make_engine(tmp_path / name, KEY))
        return engines[-1]

    yield made
    for engine in engines:
        engine.dispose()


def schema(engine: Engine) -> dict[str, str]:
    """Every table, index and trigger by name, white space aside."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").all()
    return {name: re.sub(r"\s+", "", sql or "") for name, sql in rows if name != "alembic_version"}


def test_migrating_from_nothing_gives_the_tables(make) -> None:  # type: ignore[no-untyped-def]
    migrated, made = make("migrated"), make("made")
    create_schema(migrated)
    with made.begin() as connection:
        metadata.create_all(connection)
    left, right = schema(migrated), schema(made)
    left.pop("sqlite_autoindex_alembic_version_1", None)
    assert left == right
    assert any("_no_" in name for name in right)


def test_the_constant_is_the_newest_migration() -> None:
    assert known_revisions()[0] == REVISION


def test_the_program_may_lie_in_a_folder_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`%` means something to the reader of alembic's settings."""
    known = known_revisions()
    elsewhere = tmp_path / "100 % l'été %(here)s"
    shutil.copytree(Path(db.schema.__file__).parent / "migrations", elsewhere / "migrations")
    monkeypatch.setattr(db.schema, "__file__", str(elsewhere / "schema.py"))
    assert known_revisions() == known


def test_ensuring_a_current_schema_changes_nothing(make) -> None:  # type: ignore[no-untyped-def]
    engine = make("store")
    create_schema(engine)
    before = schema(engine)
    ensure_schema(engine)
    assert schema(engine) == before


def test_a_failed_migration_leaves_nothing(make, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    from alembic.operations import Operations

    engine, real, calls = make("store"), Operations.execute, []

    def stumble(self: Operations, *arguments: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 7:
            raise OSError("power cut")
        return real(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Operations, "execute", stumble)
    with pytest.raises(OSError, match="power"):
        create_schema(engine)
    assert inspect(engine).get_table_names() == []
    monkeypatch.undo()
    create_schema(engine)
    assert "oplog" in inspect(engine).get_table_names()


def test_every_kind_of_operation_has_a_screen() -> None:
    assert set(SCREENS) == set(EntityKind)
    derived = {table.name for table in DERIVED}
    assert {screen.table.name for screen in SCREENS.values()} | derived == {
        table.name for table in SCREEN_TABLES
    }
