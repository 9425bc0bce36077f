"""Pictures of patients in the studio, and files that leave it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit

from clinic_app.domain.studio import StudioSource
from clinic_app.ui.screens.studio.pictures import write_picture
from clinic_app.ui.screens.studio.transfer.view import TransferPage
from clinic_app.ui.screens.studio.view import StudioScreen
from tests.fakes.clinic import PASSWORD
from tests.fakes.studio import shaded
from tests.gui.conftest import Driver
from tests.unit.services.test_studio import ALL, screened


def choose_patient(driver: Driver, page: TransferPage) -> None:
    driver.click("A patient's…", page)
    sheet = page.content.sheet
    assert sheet is not None
    driver.type(sheet.search, "Okafor")
    driver.settle()
    sheet.people.setCurrentRow(0)
    sheet.people.itemActivated.emit(sheet.people.item(0))
    driver.settle()


def test_a_patients_picture_comes_with_consent_and_goes_into_the_gallery_on_purpose_alone(
    inside: Driver, transfer: TransferPage
) -> None:
    clinic = inside.clinic
    patient, _ = screened(clinic, *ALL)
    choose_patient(inside, transfer)
    inside.click("Use this picture", inside.desk.sheet)
    content = transfer.content.content
    assert content is not None
    assert (content.source, content.patient_id) == (StudioSource.PATIENT, patient)
    transfer.settings.steps.slider.setValue(0)
    inside.click("Start", transfer)
    inside.click("Put into the gallery", transfer)
    assert clinic.store.tables.gallery == {}
    inside.click("Leave it out", inside.desk.sheet)
    assert clinic.store.tables.gallery == {}
    inside.click("Put into the gallery", transfer)
    inside.click("Put it into the gallery", inside.desk.sheet)
    ((made, _),) = clinic.store.tables.gallery.values()
    assert made.patient_id == patient


def test_a_patients_picture_is_saved_only_after_the_password(
    inside: Driver, transfer: TransferPage, tmp_path: Path
) -> None:
    screened(inside.clinic, *ALL)
    choose_patient(inside, transfer)
    inside.click("Use this picture", inside.desk.sheet)
    transfer.settings.steps.slider.setValue(0)
    inside.click("Start", transfer)
    inside.click("Save…", transfer)
    assert "The picture is not encrypted" in inside.words(inside.sheet)
    assert transfer.findChildren(QFileDialog) == []
    field = inside.sheet.findChild(QLineEdit)
    inside.type(field, PASSWORD)
    inside.press(Qt.Key.Key_Return, field)
    (dialog,) = transfer.findChildren(QFileDialog)
    path = tmp_path / "out.png"
    dialog.fileSelected.emit(str(path))
    dialog.close()
    inside.settle()
    assert path.read_bytes().endswith(b"altered")


def test_without_consent_the_sheet_says_so(inside: Driver, transfer: TransferPage) -> None:
    screened(inside.clinic, *ALL[:3])
    choose_patient(inside, transfer)
    sheet = transfer.content.sheet
    assert sheet is not None
    assert "has not agreed" in sheet.said.text()
    assert not sheet.use.isEnabled()


def test_a_file_that_leaves_says_that_it_is_altered(
    inside: Driver, screen: StudioScreen, tmp_path: Path
) -> None:
    clinic = inside.clinic
    studio, path = clinic.services.studio, tmp_path / "out.png"
    content = studio.sample()
    write_picture(
        inside.jobs, inside.desk.workspace.notices, lambda: studio.marked(content, shaded(9)), path
    )
    inside.settle()
    assert path.read_bytes().endswith(b"altered")
    assert "marked as altered" in inside.words()
