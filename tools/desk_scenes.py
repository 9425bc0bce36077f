"""The desk on the demo clinic: the day, people, safety steps, settings, the studio, the lock."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from appointment_scenes import appointment_scenes
from learning_scenes import learning_scenes
from moves import Move, areas, drop_sheet, go, scroll_to_end, scroll_to_start, sheet_of
from PySide6.QtWidgets import QPushButton
from studio_scenes import studio_scenes

from clinic_app.domain.consent import Purpose
from clinic_app.services.backup_data import StaffPassword
from clinic_app.services.demo import DemoClinic
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.tasks import NewTask
from clinic_app.ui.screens.admin.backup.view import BackupSection
from clinic_app.ui.screens.admin.view import AdminScreen
from clinic_app.ui.screens.handover.give import open_handover
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.patients.view import PatientsScreen
from clinic_app.ui.screens.register.view import RegisterScreen
from clinic_app.ui.screenshots import Scene, desk_of
from clinic_app.ui.shell.keymap import show_keys
from clinic_app.ui.shell.window import MainWindow


def desk_scenes(door: FrontDoor, clinic: DemoClinic, backups: Path) -> list[Scene]:
    people = {patient.given_name: patient.id for patient in clinic.patients}

    def search(text: str) -> Move:
        def move(window: MainWindow) -> None:
            screen = desk_of(window).present
            assert isinstance(screen, PatientsScreen)
            screen.search_for(text)

        return move

    def register(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert isinstance(screen, RegisterScreen)
        screen.form.given_name.setText("Ada")
        screen.form.birth_date.insert("7.3.1984")
        screen.register.click()

    def withdraw(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert isinstance(screen, PatientScreen)
        screen.consent.switch_of(Purpose.KEEP_IMAGES).click()
        screen.consent.switch_of(Purpose.CAPTURE).click()

    def give_up(window: MainWindow) -> None:
        desk_of(window).go_back()

    def undo(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert isinstance(screen, PatientScreen)
        screen.consent.undo.click()

    def safety(window: MainWindow) -> None:
        flow = clinic.services.safety.unfinished()[0].flow
        desk_of(window).show_safety(flow.id, flow.patient_id)

    def hand_over(window: MainWindow) -> None:
        sheet = sheet_of(window)
        choices = [one for one in sheet.findChildren(QPushButton) if one.isCheckable()]
        choices[1].click()

    def say(_window: MainWindow) -> None:
        for rating in (5, 5, 4, 5, 4, 5, 3, 5, 4, 5, 2, 4, 5, 5, 4):
            text = "Kind staff, and the waiting room was cold" if rating > 3 else "A long wait"
            clinic.services.feedback.rate(rating, text)

    def unlock(window: MainWindow) -> None:
        page = window.lock_page
        assert page is not None
        page.password.edit.setText(clinic.phrase)
        page.try_password()

    def show_all_keys(window: MainWindow) -> None:
        show_keys(desk_of(window))

    return [
        *_day(clinic, people["Ben"]),
        *appointment_scenes(clinic),
        Scene("patients", (drop_sheet, lambda window: desk_of(window).show_patients())),
        Scene("patients-nobody", (search("Nobody"),)),
        Scene("register", (lambda window: desk_of(window).show_register("Example"), register)),
        Scene("patient", (give_up, lambda window: desk_of(window).show_patient(people["Ada"]))),
        Scene("patient-timeline", (scroll_to_end,)),
        Scene("consent", (scroll_to_start, withdraw, _scroll_to_consent)),
        Scene(
            "patient-safety",
            (undo, lambda window: desk_of(window).show_patient(people["Emil"])),
        ),
        Scene("safety", (safety,)),
        Scene("safety-hand-over", (hand_over,)),
        Scene("feedback", (drop_sheet, say, go("feedback"))),
        Scene("models", (go("models"),)),
        *_admin(clinic, backups),
        *studio_scenes(clinic.services.studio),
        *learning_scenes(door, clinic),
        Scene("keys", (show_all_keys,)),
        Scene("lock", (drop_sheet, lambda window: window.lock())),
        Scene("offline", (unlock, _tell_and_warn)),
    ]


def _admin(clinic: DemoClinic, backups: Path) -> list[Scene]:
    """The settings, section by section."""

    def back_up(window: MainWindow) -> None:
        section = _settings(window).section
        assert isinstance(section, BackupSection)
        section.presenter.write(backups / "harbour-clinic.clinicbackup")

    def try_out(window: MainWindow) -> None:
        section = _settings(window).section
        assert isinstance(section, BackupSection)
        me = clinic.services.session.user.user_name
        (made,) = clinic.services.backups.files(backups)
        section.presenter.drill(made.path, StaffPassword(me, clinic.phrase))

    def open_section(name: str) -> Move:
        def move(window: MainWindow) -> None:
            _settings(window).open(name)

        return move

    return [
        Scene("admin-users", (go("admin"),)),
        *(
            Scene(f"admin-{name}", (open_section(name),))
            for name in ("clinic", "texts", "learning", "retention", "erasures", "audit")
        ),
        Scene("admin-backup", (open_section("backup"), back_up, try_out)),
    ]


def _settings(window: MainWindow) -> AdminScreen:
    screen = desk_of(window).present
    assert isinstance(screen, AdminScreen)
    return screen


def _day(clinic: DemoClinic, patient_id: UUID) -> list[Scene]:
    """The worklist, tasks of today, and a handover being written."""
    tasks, me = clinic.services.tasks, clinic.services.session.user.id
    day = tasks.today()

    def fill(window: MainWindow) -> None:
        tasks.add(NewTask("Call back about the referral", "", me, day - timedelta(3), patient_id))
        tasks.add(NewTask("Write to the school", "Two pages are enough.", me, day, patient_id))
        tasks.add(NewTask("Order questionnaires", owner=me))
        desk_of(window).show_tasks()

    def hand_over(window: MainWindow) -> None:
        desk = desk_of(window)
        open_handover(desk, desk.workspace, lambda _: None)

    return [
        Scene("worklist", (lambda window: desk_of(window).show_worklist(),)),
        Scene("tasks", (fill,)),
        Scene("handover", (lambda window: desk_of(window).show_today(), hand_over)),
        Scene("today-tasks", (drop_sheet,)),
    ]


def _tell_and_warn(window: MainWindow) -> None:
    desk_of(window).show_today()
    window.notices.warn("The disk is nearly full. Please free some space on this laptop.")
    window.notices.tell("The consent is recorded.")


def _scroll_to_consent(window: MainWindow) -> None:
    screen = desk_of(window).present
    assert isinstance(screen, PatientScreen)
    areas(window)[0].ensureWidgetVisible(screen.consent.pending)
