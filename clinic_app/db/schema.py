"""The schema's revision: checked at every opening, upgraded only when it is behind.

alembic takes a third of a second to import, so it is only touched when there is something to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from clinic_app.db.engine import database_access, file_of
from clinic_app.db.fold import FOLD
from clinic_app.db.oplog import fold_anew, note_rules, replay, rules
from clinic_app.db.transaction import Transaction
from clinic_app.db.trouble import DAMAGED
from clinic_app.domain.errors import StoreDamaged, StoreTooNew
from clinic_app.services.backup_data import Progress, unheard

if TYPE_CHECKING:
    from alembic.config import Config

REVISION = "0017"
"""Newest migration; a test holds it equal to alembic's head."""


def create_schema(engine: Engine) -> None:
    """Make all tables in a new file."""
    with database_access(file_of(engine)), engine.begin() as connection:
        _upgrade(connection)


def ensure_schema(engine: Engine, progress: Progress = unheard) -> None:
    """Bring a store up to date, in one transaction: its tables, and the rows where they were made
    by other rules of the fold. That takes a minute for a large clinic: ``progress`` hears the share
    that is done, of a store that is up to date nothing. When it raises, or the program is killed,
    everything is as before and the next opening begins again.

    Raises ``StoreTooNew`` for a revision or rules that this program does not know, ``StoreDamaged``
    when there is no revision.
    """
    with database_access(file_of(engine)), engine.connect() as connection:
        found = _revision(connection)
        folded_by = rules(Transaction(connection))
    if found == REVISION and folded_by == FOLD:
        return
    if folded_by > FOLD or (found != REVISION and found not in known_revisions()):
        raise StoreTooNew(
            "These records were written by a newer version of the program. Please update it."
        )
    with database_access(file_of(engine)), engine.begin() as connection:
        db = Transaction(connection)
        if found != REVISION:
            _upgrade(connection)
        if folded_by == FOLD:
            replay(db, progress)
        else:
            fold_anew(db, progress)
            note_rules(db)
        progress(1.0)


def known_revisions() -> list[str]:
    """Every migration, newest first."""
    from alembic.script import ScriptDirectory

    directory = ScriptDirectory.from_config(_config())
    return [script.revision for script in directory.walk_revisions()]


def _revision(connection: Connection) -> str:
    try:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except OperationalError as error:
        if "no such table" in str(error.orig):
            raise StoreDamaged(DAMAGED) from error
        raise
    if not isinstance(found, str):
        raise StoreDamaged(DAMAGED)
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    migrations = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", migrations.replace("%", "%%"))  # as configparser asks
    config.set_main_option("path_separator", "os")
    return config
