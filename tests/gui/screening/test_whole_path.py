"""The whole path on the real encrypted store, models and renderer, with a recorded camera."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from clinic_app.domain.consent import Purpose
from clinic_app.domain.finding import SourceKind
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.ui.screens.report.view import ReportScreen
from clinic_app.ui.screens.screening.capture.ports import Stage
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.widgets.camera import CameraLoop
from tests.gui.screening.conftest import RealClinic, Window


def test_a_screening_from_consent_to_the_printed_report(
    real_clinic: RealClinic, real_window: Window, recorded_camera: Path, tmp_path: Path
) -> None:
    window, services = real_window, real_clinic.services
    patient = real_clinic.add_patient()
    draft = services.screenings.start(patient.id)
    screen = window.open(draft.id)

    _give_consent(window)
    loop = screen.capture.camera
    _take_picture(window)
    window.until(lambda: not loop.running)
    window.click(screen.capture.forward)

    assert screen.presenter.step is Step.PHQ9
    window.keys(screen.phq9.rows[0], "2")
    for item, key in enumerate("21110100", start=1):
        window.keys(screen.phq9.rows[item], key)
    window.click(screen.phq9.difficulty[1])
    window.click(screen.phq9.hand_in)

    _answer_gad7_in_patient_mode(window)

    assert screen.presenter.step is Step.JUDGEMENT
    window.click(screen.judgement.choices[ClinicianSeverity.MILD])
    QTest.keyClicks(screen.judgement.note, "Tired, but in good contact.")
    window.click(screen.judgement.next)

    assert screen.presenter.step is Step.RESULT
    assert services.screenings.draft(draft.id).revealed_at is None
    window.click(screen.result.reveal)
    finding = services.screenings.draft(draft.id).finding
    assert finding is not None
    assert screen.result.details.isVisibleTo(window.page)
    assert screen.result.bars.isVisibleTo(window.page) is (finding.severity is not None)
    window.click(screen.result.next)

    assert screen.presenter.step is Step.FINISH
    window.click(screen.finish.save)
    window.until(lambda: isinstance(window.desk.present, ReportScreen))
    report = window.desk.present
    assert isinstance(report, ReportScreen)
    window.until(lambda: report.place.text() != "")
    assert report.place.text().startswith("Page 1 of ")

    saved = services.screenings.get(draft.id)
    assert saved.finding is not None
    assert saved.finding.source is SourceKind.WEBCAM
    assert saved.finding.quality.accepted
    assert saved.judgement is not None
    assert saved.judgement.note == "Tired, but in good contact."
    assert saved.estimate_shown_at is not None
    assert [response.score.total for response in saved.responses] == [8, 4]
    report.presenter.save(tmp_path / "report.pdf")
    window.settle()
    text = _text_of((tmp_path / "report.pdf").read_bytes())
    for expected in ("Okafor", "PHQ-9", "GAD-7", "isible depressive affect"):
        assert expected in text


def _give_consent(window: Window) -> None:
    consent = window.screen.consent
    elsewhere = {Purpose.STUDIO, Purpose.JOINT_LEARNING}  # no part of care
    assert set(Purpose) - set(consent.purposes) == elsewhere
    for asked in consent.purposes.values():
        window.click(asked.yes)
    window.click(consent.next)
    assert window.screen.presenter.step is Step.PICTURE


def _take_picture(window: Window) -> None:
    capture = window.screen.capture
    loop: CameraLoop = capture.camera
    with window.qtbot.waitSignal(loop.seen, timeout=30_000):
        QTest.mouseClick(capture.open_camera, Qt.MouseButton.LeftButton)
    window.until(lambda: capture.presenter.stage is Stage.ACCEPTED)


def _answer_gad7_in_patient_mode(window: Window) -> None:
    screen = window.screen
    window.click(screen.gad7.hand_over)
    window.until(lambda: screen.patient.isVisible())
    assert not window.desk.navigation.isVisible()
    for key in "2122112":  # the second answer is "1"
        window.keys(screen.patient, key)
        QTest.keyClick(screen.patient, Qt.Key.Key_Right)
        window.settle()
    window.keys(screen.patient, "1")  # the difficulty
    QTest.keyClick(screen.patient, Qt.Key.Key_Right)
    window.settle()
    window.click(screen.patient.hand_back)
    window.take_back()


def _text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
