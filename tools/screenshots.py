"""Take the pictures of the guide from the real window on the demo clinic, drawn into memory.

    python tools/screenshots.py docs/screenshots [--size 1280x800] [--text 100] [--look light]
        [--language en]

Everything is real: an encrypted store in a temporary folder, the shipped models on the sample
portrait, the report as it is printed. Everybody is made up.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from appointment_scenes import appointment_scenes
from filled_scenes import filled_scenes
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QScrollArea
from studio_scenes import studio_scenes
from sync_scenes import sync_scenes, two_laptops

from clinic_app.app import open_demo, open_front_door, open_seeded
from clinic_app.cli.demo import take_screening
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import StoreInUse
from clinic_app.domain.notes import NoteKind
from clinic_app.domain.people import DeploymentContext
from clinic_app.domain.screening import Screening
from clinic_app.services.backup_data import StaffPassword
from clinic_app.services.demo import DemoClinic
from clinic_app.services.patients import NewPatient
from clinic_app.services.tasks import NewTask
from clinic_app.services.translations import languages
from clinic_app.ui.language import speak
from clinic_app.ui.screens.admin.backup.view import BackupSection
from clinic_app.ui.screens.admin.view import AdminScreen
from clinic_app.ui.screens.first_run.view import FirstRunScreen
from clinic_app.ui.screens.handover.give import open_handover
from clinic_app.ui.screens.patient.view import PatientScreen
from clinic_app.ui.screens.patient_home.view import PatientHomeScreen
from clinic_app.ui.screens.patients.view import PatientsScreen
from clinic_app.ui.screens.register.view import RegisterScreen
from clinic_app.ui.screens.screening.case import Step
from clinic_app.ui.screens.screening.view import ScreeningScreen
from clinic_app.ui.screens.setup.view import SetUpScreen
from clinic_app.ui.screens.sign_in.presenter import ADVICE
from clinic_app.ui.screens.sign_in.view import SignInScreen
from clinic_app.ui.screenshots import LOOKS, Scene, desk_of, photograph
from clinic_app.ui.shell.doors import Doors, Opened
from clinic_app.ui.shell.keymap import show_keys
from clinic_app.ui.shell.window import MainWindow
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import apply_theme
from clinic_app.ui.widgets.tile import Tile

Move = Callable[[MainWindow], None]
_MADE_UP_PHRASE = ("quiet", "harbour", "lamp")


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", default="1280x800", help="of the window, in pixels")
    parser.add_argument("--text", type=int, default=100, help="size of text in percent, 100-200")
    parser.add_argument("--language", choices=[one.code for one in languages()], default="en")
    parser.add_argument(
        "--look", choices=sorted(LOOKS), action="append", help="default: light and dark"
    )
    parser.add_argument(
        "--filled", type=Path, metavar="OUT", help="the clinic of `demo --seed-clinic --out OUT`"
    )
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    width, _, height = chosen.size.partition("x")
    for look in chosen.look or ("light", "dark"):
        frame = _frame(look, int(width), int(height), chosen.text / 100, chosen.language)
        if chosen.filled:
            print(*take_filled_pictures(chosen.filled, chosen.folder, look, frame), sep="\n")
            continue
        with tempfile.TemporaryDirectory(prefix="clinic-app-pictures-") as store:
            for path in take_pictures(Path(store), chosen.folder, look, frame):
                print(path)


def take_filled_pictures(out: Path, folder: Path, look: str, frame: Move) -> list[Path]:
    """The screens of the large demo clinic in one look; it is made when it is not there yet."""
    door, clinic = open_seeded(out)
    try:
        opened = Opened(door, clinic.services)
        doors = Doors(lambda: door, lambda: opened)
        first, *others = filled_scenes(opened)
        taken = photograph(
            doors, (Scene(first.name, (frame, *first.moves)), *others), folder, (look,)
        )
        door.sign_out(clinic.services)
    finally:
        door.close()
    return taken


def take_pictures(store: Path, folder: Path, look: str, frame: Move) -> list[Path]:
    """Every screen in one look."""

    def take(doors: Doors, *scenes: Scene) -> list[Path]:
        first = Scene(scenes[0].name, (frame, *scenes[0].moves))
        return photograph(doors, (first, *scenes[1:]), folder, (look,))

    taken = take(Doors(lambda: open_front_door(store / "empty"), _no_demo), *_first_run())
    door, clinic = open_demo(store)
    try:
        opened = Opened(door, clinic.services)
        doors = Doors(lambda: door, lambda: opened)
        draft, _ = take_screening(clinic.services)
        backups = store / "backups"
        backups.mkdir()
        enter = Scene("today", (lambda window: window.entry.entered.emit(opened),))
        taken += take(doors, *_sign_in(), enter, *_desk(clinic, backups), *_screening(draft.id))
        screening = clinic.services.screenings.finish(draft.id)
        ada = next(patient for patient in clinic.patients if patient.given_name == "Ada")
        clinic.services.patients.register(
            NewPatient(ada.family_name, "Adah", ada.birth_date, ada.phone)
        )
        pages = (*_report(opened, screening), *_reviewing(screening), *_duplicates())
        taken += take(doors, *pages, *_last(opened, clinic))
        clinic.services.session.give_back()
        door.sign_out(clinic.services)
    finally:
        door.close()
    return taken + _take_sync(store / "two", take)


def _take_sync(store: Path, take: Callable[..., list[Path]]) -> list[Path]:
    """Sync, on a demo clinic of its own."""
    two = two_laptops(store)
    try:
        opened = Opened(two.door, two.demo.services)
        first, *others = sync_scenes(two)
        enter = Scene(first.name, (lambda window: window.entry.entered.emit(opened), *first.moves))
        return take(Doors(lambda: two.door, lambda: opened), enter, *others)
    finally:
        two.close()


def _frame(look: str, width: int, height: int, scale: float, language: str) -> Move:
    def frame(window: MainWindow) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        apply_theme(application, LOOKS[look], scale)
        speak(language)
        window.resize(width, height)

    return frame


def _no_demo() -> Opened:
    raise RuntimeError("The pictures of the first run never open the demo.")


# --- before signing in ------------------------------------------------------------------------


def _first_run() -> list[Scene]:
    def start(window: MainWindow) -> None:
        _first_page(window).click()

    def name(window: MainWindow) -> None:
        page = _set_up(window)
        page.clinic.name.setText("Harbour Clinic")
        page.clinic.address.setText("1 Made-up Quay")

    def contact(window: MainWindow) -> None:
        fields = _set_up(window).contacts.fields_of(0)
        for field, text in (
            ("crisis_contact_name", "Made-up crisis line"),
            ("crisis_contact_phone", "000 111 222"),
        ):
            fields[field].editor.setProperty("text", text)

    def school(window: MainWindow) -> None:
        _set_up(window).context.choose(DeploymentContext.SCHOOL)

    def account(window: MainWindow) -> None:
        page = _set_up(window).account
        page.user_name.setText("amina")
        page.display_name.setText("Amina Example")
        for edit in (page.password.edit, page.repeated.edit):
            edit.setText(" ".join(_MADE_UP_PHRASE))

    def on(window: MainWindow) -> None:
        _set_up(window).next.click()

    return [
        Scene("first-run"),
        Scene("set-up-clinic", (start, name)),
        Scene("set-up-contacts-missing", (on, on)),
        Scene("set-up-contacts", (contact,)),
        Scene("set-up-place", (on, school)),
        Scene("set-up-account", (on, account)),
        Scene("set-up-key", (on,)),
    ]


def _first_page(window: MainWindow) -> Tile:
    page = window.entry.page
    assert isinstance(page, FirstRunScreen)
    return page.set_up


def _set_up(window: MainWindow) -> SetUpScreen:
    page = window.entry.page
    assert isinstance(page, SetUpScreen)
    return page


def _sign_in() -> list[Scene]:
    def page(window: MainWindow) -> SignInScreen:
        shown = window.entry.page
        assert isinstance(shown, SignInScreen)
        return shown

    def in_use(window: MainWindow) -> None:
        title, advice = ADVICE[StoreInUse]
        page(window).show_store_trouble(
            title, StoreInUse("Another copy of the program has this clinic open."), advice
        )

    return [
        Scene("sign-in"),
        Scene("sign-in-in-use", (in_use,)),
        Scene("recovery", (lambda window: page(window).show_recovery(),)),
    ]


# --- at the desk ------------------------------------------------------------------------------


def _desk(clinic: DemoClinic, backups: Path) -> list[Scene]:
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
        sheet = desk_of(window).sheet
        assert sheet is not None
        choices = [one for one in sheet.findChildren(QPushButton) if one.isCheckable()]
        choices[1].click()

    def say(_window: MainWindow) -> None:
        for rating in (5, 5, 4, 5, 4, 5, 3, 5, 4, 5, 2, 4, 5, 5, 4):
            text = "Kind staff, and the waiting room was cold" if rating > 3 else "A long wait"
            clinic.services.feedback.rate(rating, text)

    def drop_sheet(window: MainWindow) -> None:
        sheet = desk_of(window).sheet
        assert sheet is not None
        sheet.dismiss()

    def unlock(window: MainWindow) -> None:
        page = window.lock_page
        assert page is not None
        page.password.edit.setText(clinic.phrase)
        page.try_password()

    return [
        *_day(clinic, people["Ben"]),
        *appointment_scenes(clinic),
        Scene("patients", (drop_sheet, lambda window: desk_of(window).show_patients())),
        Scene("patients-nobody", (search("Nobody"),)),
        Scene("register", (lambda window: desk_of(window).show_register("Example"), register)),
        Scene("patient", (give_up, lambda window: desk_of(window).show_patient(people["Ada"]))),
        Scene("patient-timeline", (_scroll_to_end,)),
        Scene("consent", (_scroll_to_start, withdraw, _scroll_to_consent)),
        Scene(
            "patient-safety",
            (undo, lambda window: desk_of(window).show_patient(people["Emil"])),
        ),
        Scene("safety", (safety,)),
        Scene("safety-hand-over", (hand_over,)),
        Scene("feedback", (drop_sheet, say, lambda window: desk_of(window).go_to("feedback"))),
        Scene("models", (lambda window: desk_of(window).go_to("models"),)),
        *_admin(clinic, backups),
        *studio_scenes(clinic.services.studio),
        Scene("keys", (lambda window: _ignore(show_keys(desk_of(window))),)),
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
        Scene("admin-users", (lambda window: desk_of(window).go_to("admin"),)),
        *(
            Scene(f"admin-{name}", (open_section(name),))
            for name in ("clinic", "texts", "learning", "retention", "erasures", "audit")
        ),
        Scene("admin-backup", (open_section("backup"), back_up, try_out)),
        Scene("learning", (lambda window: desk_of(window).show_learning(),)),
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

    def drop_sheet(window: MainWindow) -> None:
        sheet = desk_of(window).sheet
        assert sheet is not None
        sheet.dismiss()

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


def _ignore(_: object) -> None:
    return None


def _screening(draft_id: UUID) -> list[Scene]:
    def open_it(window: MainWindow) -> None:
        window.notices.clear()
        desk_of(window).show_screening(draft_id)

    return [
        Scene("screening-consent", (open_it, _step(Step.CONSENT))),
        *(Scene(f"screening-{one.value}", (_step(one),)) for one in (Step.PICTURE, Step.JUDGEMENT)),
        Scene("result", (_step(Step.RESULT),)),
        Scene("result-estimate", (_scroll_to_end,)),
        Scene("screening-finish", (_step(Step.FINISH),)),
    ]


def _step(name: Step) -> Move:
    def move(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert isinstance(screen, ScreeningScreen)
        screen.presenter.go(name)

    return move


def _report(opened: Opened, screening: Screening) -> list[Scene]:
    return [
        Scene(
            "report",
            (
                lambda window: window.entry.entered.emit(opened),
                lambda window: desk_of(window).show_report(screening.id),
            ),
        )
    ]


def _reviewing(screening: Screening) -> list[Scene]:
    """The page of whoever was screened, a note with headings, and a review on a sheet."""

    def page(window: MainWindow) -> PatientScreen:
        screen = desk_of(window).present
        assert isinstance(screen, PatientScreen)
        return screen

    def plan(window: MainWindow) -> None:
        notes = page(window).notes
        notes.kind.setCurrentIndex(list(NoteKind).index(NoteKind.SAFETY_PLAN))
        notes.kind.activated.emit(notes.kind.currentIndex())

    def show_plan(window: MainWindow) -> None:
        _areas(window)[0].ensureWidgetVisible(page(window).notes.sign)

    def press(words: str) -> Move:
        def move(window: MainWindow) -> None:
            sheet = desk_of(window).sheet
            assert sheet is not None
            next(one for one in sheet.findChildren(QPushButton) if one.text() == tr(words)).click()

        return move

    return [
        Scene(
            "patient-plan",
            (lambda window: desk_of(window).show_patient(screening.patient_id), plan, show_plan),
        ),
        Scene("review", (_scroll_to_end, lambda window: page(window).review(screening))),
        Scene("review-estimate", (press("Record and show the estimate"),)),
        Scene("patient-reviewed", (press("Agree"), _scroll_to_end)),
    ]


def _duplicates() -> list[Scene]:
    def compare(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert screen is not None
        next(
            one for one in screen.findChildren(QPushButton) if one.text() == tr("Compare…")
        ).click()

    return [
        Scene("duplicates", (lambda window: desk_of(window).show_duplicates(),)),
        Scene("duplicates-compare", (compare,)),
    ]


def _last(opened: Opened, clinic: DemoClinic) -> list[Scene]:
    """The laptop in the patient's hands: the last pictures, for the session stays handed over."""
    ben = next(patient.id for patient in clinic.patients if patient.given_name == "Ben")
    draft = opened.services.screenings.start(ben)

    def hand_over(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert isinstance(screen, ScreeningScreen)
        screen.presenter.hand_over()

    def take_back(window: MainWindow) -> None:
        sheet = desk_of(window).sheet
        assert sheet is not None
        field = sheet.findChild(QLineEdit)
        assert field is not None
        field.setText(clinic.phrase)
        field.returnPressed.emit()

    def feedback(window: MainWindow) -> None:
        screen = desk_of(window).present
        assert isinstance(screen, PatientHomeScreen)
        screen.said.click()

    def questionnaire(window: MainWindow) -> None:
        sheet = desk_of(window).sheet
        if sheet is not None:
            sheet.dismiss()
        desk_of(window).show_screening(draft.id)

    return [
        Scene("screening-questionnaire", (questionnaire, _step(Step.GAD7))),
        Scene("patient-mode", (hand_over,)),
        Scene(
            "patient-mode-leave",
            (lambda window: desk_of(window).leave_patient_mode(lambda: None),),
        ),
        Scene(
            "patient-home",
            (take_back, lambda window: desk_of(window).show_patient_home(ben)),
        ),
        Scene("patient-home-feedback", (feedback,)),
    ]


# --- scrolling --------------------------------------------------------------------------------


def _areas(window: MainWindow) -> list[QScrollArea]:
    present = desk_of(window).present
    found = present.findChildren(QScrollArea) if present is not None else []
    return [area for area in found if area.isVisible()]


def _scroll_to_end(window: MainWindow) -> None:
    for area in _areas(window):
        area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())


def _scroll_to_start(window: MainWindow) -> None:
    for area in _areas(window):
        area.verticalScrollBar().setValue(0)


def _scroll_to_consent(window: MainWindow) -> None:
    screen = desk_of(window).present
    assert isinstance(screen, PatientScreen)
    _areas(window)[0].ensureWidgetVisible(screen.consent.pending)


if __name__ == "__main__":
    main()
