"""The MySQL that stands in for MariaDB when ``CLINIC_APP_TEST_SERVER`` names one.

``tools/mysql.py`` unpacks it into ``build/``. The variable is "mysql-8.4" or "mysql-9".
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from clinic_app.paths import ROOT

VARIABLE = "CLINIC_APP_TEST_SERVER"

OPTIONS = (
    "--innodb-redo-log-capacity=64M",
    "--mysqlx=OFF",
    "--sql-require-primary-key=ON",  # what a group asks for
    "--secure-file-priv=",  # as with MariaDB, rights alone keep files from being written
)


@dataclass(frozen=True)
class Mysql:
    """One unpacked server."""

    folder: Path

    @property
    def program(self) -> Path:
        return self.folder / "mysqld"


def chosen() -> Mysql | None:
    """None for MariaDB."""
    name = os.environ.get(VARIABLE, "mariadb")
    if name == "mariadb":
        return None
    made = Mysql(ROOT / "build" / name)
    version = name.removeprefix("mysql-")
    assert made.program.exists(), f"{name} is missing; please run: python tools/mysql.py {version}"
    return made


MYSQL = chosen()


def install_mysql(mysql: Mysql, folder: Path, options: tuple[str, ...]) -> None:
    """A copy of an empty data folder, which takes MySQL 10 to 20 seconds and is made once."""
    empty = mysql.folder / "empty"
    with FileLock(mysql.folder / "empty.lock"):
        if not empty.exists():
            part = empty.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            done = subprocess.run(
                [str(mysql.program), "--initialize-insecure", *options, f"--datadir={part}"],
                check=False,
                capture_output=True,
                timeout=300,
            )
            assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")
            (part / "auto.cnf").unlink()  # each copy is a server of its own
            part.rename(empty)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(empty, folder)
