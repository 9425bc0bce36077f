"""A window that is signed in on a workstation of a centre."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.clinic import FakeClinic
from tests.fakes.sync import JOINED
from tests.gui.conftest import Driver


@pytest.fixture
def joined(clinic: FakeClinic, outside: Driver) -> Iterator[Driver]:
    """Signed in on a workstation of a centre; rounds come when the test asks for them."""
    clinic.sync.now = JOINED
    outside.sign_in()
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    services = outside.window._services
    assert services is not None
    clinic.services = services
    outside.desk.link.cancel()
    yield outside
    if clinic.sync.gate is not None:
        clinic.sync.gate.set()
