"""Official translations in the settings: looked at, loaded with the password, listed, removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.wordings import Wording
from clinic_app.ui.screens.admin.instruments import InstrumentsSection
from clinic_app.ui.screens.admin.view import AdminScreen
from tests.fakes.clinic import PASSWORD
from tests.gui.admin.conftest import open_section, prove
from tests.gui.conftest import Driver
from tests.unit.services.test_instruments import written


@pytest.fixture
def section(inside: Driver, settings: AdminScreen) -> InstrumentsSection:
    return open_section(inside, settings, "instruments", InstrumentsSection)


def loaded(driver: Driver) -> tuple[Wording, ...]:
    return driver.clinic.services.clinic.profile().wordings


def test_a_translation_is_loaded_listed_and_removed(
    inside: Driver, section: InstrumentsSection, tmp_path: Path
) -> None:
    assert inside.words(section).count("Came with the program.") == 2
    section.look_at(written(tmp_path))
    inside.settle()
    sheet = inside.sheet
    asked = inside.words(sheet)
    assert "Load GAD-7 xx xx-1?" in asked
    assert "Source: A made-up publisher, page 3. Licence: Free to use unchanged." in asked
    assert loaded(inside) == ()
    prove(inside, PASSWORD)
    (one,) = loaded(inside)
    assert (one.instrument, one.language) == (InstrumentName.GAD7, "xx")
    words = inside.words(section)
    assert "A made-up publisher, page 3" in words
    assert "xx-1" in words
    assert one.fingerprint[:16] in words
    inside.click("Remove GAD-7 xx xx-1", section)
    prove(inside, PASSWORD)
    assert loaded(inside) == ()
    assert "made-up publisher" not in inside.words(section)


def test_a_wrong_password_loads_nothing(
    inside: Driver, section: InstrumentsSection, tmp_path: Path
) -> None:
    section.look_at(written(tmp_path))
    inside.settle()
    prove(inside, "not the password")
    assert loaded(inside) == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not json", "This file is not JSON."),
        (b"[]", "The file needs exactly these fields"),
        (None, "cannot be read."),
    ],
)
def test_a_bad_file_is_told_in_one_sentence_and_changes_nothing(
    inside: Driver,
    section: InstrumentsSection,
    tmp_path: Path,
    content: bytes | None,
    sentence: str,
) -> None:
    path = tmp_path / "words.json"
    if content is not None:
        path.write_bytes(content)
    section.look_at(path)
    inside.settle()
    assert inside.desk.sheet is None
    assert sentence in inside.words(section)
    assert loaded(inside) == ()
    section.look_at(written(tmp_path))
    inside.settle()
    assert sentence not in inside.words(section)


def test_other_words_under_a_known_version_are_refused_before_the_password(
    inside: Driver, section: InstrumentsSection, tmp_path: Path
) -> None:
    inside.clinic.services.instruments.load(written(tmp_path), PASSWORD)
    section.look_at(written(tmp_path, stem="other words"))
    inside.settle()
    assert inside.desk.sheet is None
    assert "is loaded already with other words" in inside.words(section)


def test_the_file_is_chosen_in_a_dialog(inside: Driver, section: InstrumentsSection) -> None:
    inside.click("Load a translation…", section)
    dialog = section.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.reject()
