"""The made-up clinic on a real encrypted store: cut short, gone on with, and read by the models."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_app.db.vault import FolderVault
from clinic_app.domain.finding import AbstainReason
from clinic_app.inference.intake.photo import read_photo
from clinic_app.inference.pipeline import open_face_reader
from clinic_app.inference.samples import PORTRAIT, SamplePictures, changed_portrait
from clinic_app.paths import MODELS
from clinic_app.services.demo import DEMO_PHRASE, DEMO_USER
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.made_up.clinic import FillingStopped, seed_clinic
from clinic_app.services.reading import Reading
from tests.fakes.reading import FakeFaceReader, FakeModelShelf, finding
from tests.fakes.reports import FakeRenderer
from tests.integration.cli.clinic import QUICK_ROUNDS

NOON = datetime(2025, 5, 2, 12, tzinfo=UTC)


def read(number: int, taken_at: datetime) -> Reading:
    return Reading(finding(), None)


def go_on(folder: Path, people: int) -> list[str]:
    """Fill until so many people were met; their numbers as they lie in the store."""
    vault = FolderVault(folder, rounds=QUICK_ROUNDS)
    door = FrontDoor(vault, FakeFaceReader(), FakeModelShelf(), FakeRenderer())
    wait = iter([False] * people)
    with pytest.raises(FillingStopped):
        seed_clinic(door, read, stop=lambda: next(wait, True))
    door.close()
    services = door.sign_in(DEMO_USER, DEMO_PHRASE)
    assert services.audit.verify().intact
    found = [row.patient.local_number for row in services.patients.search("", limit=50)]
    door.sign_out(services)
    return sorted(filter(None, found))


def test_a_filling_that_was_cut_short_goes_on_and_keeps_people_whole(tmp_path: Path) -> None:
    assert go_on(tmp_path / "clinic", 1) == ["M-001"]
    assert go_on(tmp_path / "clinic", 4) == ["M-001", "M-002", "M-003", "M-004"]


def test_changed_portraits_are_read_by_the_models_and_some_cannot_be() -> None:
    pictures = SamplePictures(open_face_reader(MODELS))
    readings = [pictures(number, NOON) for number in range(24)]
    assert all(one.finding.captured_at == NOON for one in readings)
    assert len({one.finding.source_sha256 for one in readings}) > 16
    abstained = {one.finding.abstained for one in readings}
    assert None in abstained
    assert abstained & {AbstainReason.QUALITY, AbstainReason.NO_FACE, AbstainReason.TOO_SMALL}
    assert all(one.finding.models["severity"] for one in readings)


def test_a_portrait_is_changed_the_same_way_every_time() -> None:
    portrait = read_photo(PORTRAIT).image
    for number in range(6):
        first, again = (changed_portrait(portrait, number) for _ in range(2))
        assert first.tobytes() == again.tobytes()
