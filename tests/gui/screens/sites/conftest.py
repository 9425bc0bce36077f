"""Other clinics to learn with, in memory."""

from __future__ import annotations

import pytest

from clinic_app.services.sites import SitesService
from tests.fakes.sites import METHODS, FakeSites


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> FakeSites:
    fake = FakeSites()
    for name in METHODS:
        monkeypatch.setattr(SitesService, name, getattr(fake, name))
    return fake
