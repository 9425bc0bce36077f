"""One MariaDB for all tests of a worker, and a fresh clinic in it for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from clinic_app.sync.enrolment import Enrolment
from tests.support.central import Server, install
from tests.support.centre import RealCentre, make_centre
from tests.support.certificates import Authority


@pytest.fixture(scope="session")
def data_template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """An empty data folder, made once for all workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / "mariadb-template"
    with FileLock(shared / "mariadb-template.lock"):
        if not folder.exists():
            made = shared / "mariadb-template.part"
            install(made)
            made.rename(folder)
    return folder


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="session")
def central(
    tmp_path_factory: pytest.TempPathFactory, data_template: Path, authority: Authority
) -> Iterator[Server]:
    """Shared: a test that stops it, or fills it, starts a server of its own."""
    server = Server(tmp_path_factory.mktemp("central"), authority, template=data_template)
    try:
        yield server.open()
    finally:
        server.stop()


@pytest.fixture
def centre(central: Server) -> Iterator[RealCentre]:
    """A clinic of its own in the shared server."""
    made = make_centre(central)
    yield made
    made.close()


@pytest.fixture
def north(centre: RealCentre) -> Enrolment:
    return centre.enrol("North")
