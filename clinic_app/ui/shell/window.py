"""The main window: before sign-in, at the desk, locked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QWidget

from clinic_app.domain.people import ClinicProfile
from clinic_app.ui.appearance import Appearance
from clinic_app.ui.hints import HintMemory
from clinic_app.ui.jobs import JobRunner, Lane
from clinic_app.ui.language import speak, spoken
from clinic_app.ui.shell.account import AccountWatch
from clinic_app.ui.shell.desk import Desk
from clinic_app.ui.shell.dialog_guard import DialogGuard
from clinic_app.ui.shell.doors import Doors, Opened
from clinic_app.ui.shell.entry import Entry
from clinic_app.ui.shell.idle import IdleWatch
from clinic_app.ui.shell.keymap import KEYS, show_keys
from clinic_app.ui.shell.lock import LockPage
from clinic_app.ui.shell.notices import NoticeBoard
from clinic_app.ui.shell.patient_guard import PatientGuard
from clinic_app.ui.shell.steady_hand import SteadyHand
from clinic_app.ui.shell.term import TermWatch
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import column
from clinic_app.ui.widgets.languages import choose_language
from clinic_app.ui.widgets.sheet import HOST, ask

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices
    from clinic_app.services.front_door import FrontDoor


_SMALLEST = (960, 640)


class MainWindow(QMainWindow):
    """One window for everything.

    Signals:
        ready: a page that can be used is shown for the first time.
        desk_opened: somebody has signed in and sees the first screen.
    """

    ready = Signal()
    desk_opened = Signal()

    def __init__(self, doors: Doors, jobs: JobRunner, appearance: Appearance) -> None:
        super().__init__()
        self.setWindowTitle("Clinic App")
        self.setMinimumSize(*_SMALLEST)
        self._jobs = jobs
        self._appearance = appearance
        self._front_door: FrontDoor | None = None
        self._services: ClinicServices | None = None
        self._may_close = self._closing = self._unkept = False
        self._account: AccountWatch | None = None
        self.desk: Desk | None = None
        self.lock_page: LockPage | None = None
        self._pages = QStackedWidget()
        self._pages.setProperty(HOST, True)
        self._outside = NoticeBoard(self._pages)
        centre = QWidget()
        box = column(centre)
        box.setSpacing(0)
        box.addWidget(self._outside)
        box.addWidget(self._pages, 1)
        self.setCentralWidget(centre)
        self.entry = Entry(doors, jobs)
        self._pages.addWidget(self.entry)
        self.entry.entered.connect(self._open)
        self.entry.ready.connect(self.ready)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self._idle = IdleWatch(application)
        self._idle.idle.connect(self.lock)
        self._guard = DialogGuard(application, self)
        self._patient_guard = PatientGuard(application, self)
        self._steady_hand = SteadyHand(self)
        self._shortcuts = [self._shortcut(keys, key.name) for key in KEYS for keys in key.keys]
        self._inside: NoticeBoard | None = None
        self._language = spoken().code

    def start(self) -> None:
        """Look whether there is a clinic and show the way in."""
        self.entry.start()

    @property
    def notices(self) -> NoticeBoard:
        """Where something is told now: nothing of the desk is shown over the lock."""
        return self._outside if self._inside is None else self._inside

    @property
    def locked(self) -> bool:
        return self._pages.currentWidget() is self.lock_page

    # --- at the desk -------------------------------------------------------------------------

    def _open(self, opened: Opened) -> None:
        self._front_door, self._services = opened.front_door, opened.services
        self._jobs.submit(
            Lane.DATABASE,
            opened.services.clinic.profile,
            done=lambda profile: self._show_desk(opened, profile),
            failed=self._fail_to_open,
        )

    def _show_desk(self, opened: Opened, profile: ClinicProfile) -> None:
        services = opened.services
        self._outside.clear()
        self._inside = NoticeBoard(self._pages)
        kept = self._appearance.hints_path
        hints = HintMemory(kept, services.session.user.id) if kept is not None else None
        self.desk = Desk(services, profile, self._jobs, self._inside, hints)
        self.lock_page = LockPage(
            self._jobs, services.clinic, profile, services.session.user.display_name
        )
        self._account = AccountWatch(services.session, self.desk, self.lock_page, self.lock)
        self._pages.addWidget(self.desk)
        self._pages.addWidget(self.lock_page)
        navigation = self.desk.navigation
        navigation.lock_asked.connect(self.lock)
        navigation.sign_out_asked.connect(self.sign_out)
        navigation.password_asked.connect(self.desk.change_password)
        navigation.theme_asked.connect(self._appearance.toggle_theme)
        navigation.language_asked.connect(self._offer_languages)
        navigation.keys_asked.connect(lambda: show_keys(self.desk or self))
        self.desk.patient_mode_changed.connect(self._follow_patient_mode)
        self.desk.profile_changed.connect(self._follow_profile)
        self.lock_page.unlocked.connect(self._unlock)
        self.lock_page.sign_out_asked.connect(self.sign_out)
        TermWatch(self.desk, self.lock_page, self._inside, self.lock, lambda: self.locked)
        self._pages.setCurrentWidget(self.desk)
        self.entry.forget()
        self.desk.show_today()
        self._idle.start(profile.idle_lock_minutes)
        self.setWindowTitle(f"Clinic App · {profile.name}")
        self.desk_opened.emit()

    def _fail_to_open(self, error: BaseException) -> None:
        explain(error)
        self._leave(self.entry.start)

    def _follow_profile(self) -> None:
        """The clinic's settings were changed at the desk."""
        if self.desk is not None:
            if not self.locked:
                self._idle.start(self.desk.profile.idle_lock_minutes)
            self.setWindowTitle(f"Clinic App · {self.desk.profile.name}")

    # --- language ----------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._follow_language()

    def _offer_languages(self) -> None:
        if self.desk is not None:
            choose_language(self.desk, lambda code: self._keep_then(lambda: self._take(code)))

    def _take(self, code: str) -> None:
        if not self.locked:  # made anew, the window would lift a lock that came meanwhile
            speak(code)

    def _follow_language(self) -> None:
        """Build what is on screen anew. A patient's choice ends with the patient's pages."""
        desk, language = self.desk, spoken().code
        if desk is not None and desk.patient_at_laptop is not None:
            desk.patient_mode.retell()
            return
        if language == self._language:
            return
        self._language = language
        self._appearance.keep_language(language)
        if desk is None:
            self.entry.retell()
            return
        front_door, services, profile = self._front_door, self._services, desk.profile
        assert front_door is not None
        assert services is not None
        desk.close_down()
        self._drop_desk()
        self._show_desk(Opened(front_door, services), profile)

    def _follow_patient_mode(self, on: bool) -> None:
        if not on:
            speak(self._language)
        for shortcut in self._shortcuts:
            shortcut.setEnabled(not on)
        self._follow_staff()
        if not on and self._account is not None:
            if self._account.stays_locked:
                self.lock()
            else:
                self._account.take_role(go=False)

    def _follow_staff(self) -> None:
        """Dialogs and notices wait until a member of staff is in front of the window again."""
        desk = self.desk
        away = desk is not None and (self.locked or desk.patient_at_laptop is not None)
        self._guard.set_on(away)
        self._patient_guard.set_on(desk is not None and desk.patient_at_laptop is not None)
        if self._inside is not None:
            self._inside.hold(away)

    # --- lock --------------------------------------------------------------------------------

    def lock(self) -> None:
        """Cover the window; what was typed is kept first and stays in place."""
        services = self._services  # nobody's once somebody signs out
        if self.desk is None or self.lock_page is None or services is None or self.locked:
            return
        self._unkept = False
        self.desk.leaving.keep_typed(self._tell_unkept)
        if self.desk.patient_at_laptop is not None:
            self.desk.cover()
        self._idle.stop()
        self._pages.setCurrentWidget(self.lock_page)
        self._follow_staff()
        self.lock_page.lock(in_patient_mode=self.desk.patient_at_laptop is not None)
        self._jobs.submit(
            Lane.DATABASE, services.clinic.lock, done=lambda _: None, failed=self.notices.report
        )

    def _unlock(self) -> None:
        if self.desk is None or self.lock_page is None or self._account is None:
            return
        if self._account.stays_locked:
            self.desk.patient_mode.end()
            self.lock_page.lock(in_patient_mode=False)
            self._account.tell()
            return
        self._pages.setCurrentWidget(self.desk)
        self._follow_staff()
        self._idle.start(self.desk.profile.idle_lock_minutes)
        patient = self.desk.patient_at_laptop
        if patient is not None:
            self.desk.enter_patient_mode(patient)
            self.desk.uncover()
        else:
            self._account.take_role(go=True)
            self.desk.look_at_waiting()

    def _tell_unkept(self, error: BaseException | None) -> None:
        self._unkept = error is not None
        if error is not None:
            self.notices.report(error)

    # --- sign out and close ------------------------------------------------------------------

    def sign_out(self) -> None:
        """Back to the sign-in screen; what was typed is kept first. Not from a patient's hands."""
        if self.desk is not None and self.desk.patient_at_laptop is not None:
            return
        if not self._warned_of_loss():
            self._keep_then(lambda: self._leave(self.entry.start))

    def _warned_of_loss(self) -> bool:
        """Say once, on the lock page, that something typed below it would be lost; asked again it
        is meant."""
        desk, page = self.desk, self.lock_page
        if desk is None or page is None or not self.locked or page.warned:
            return False
        unkept = tr("What was typed last could not be kept.") if self._unkept else ""
        sentence = unkept or desk.leaving.at_risk
        if sentence:
            page.warn(sentence)
        return bool(sentence)

    def _keep_then(self, go_on: Callable[[], None]) -> None:
        if self.desk is None or self.locked:  # what stood there was kept when the lock came
            go_on()
        else:
            self.desk.leaving.then(go_on, whole_window=True)

    def _leave(self, then: Callable[[], None]) -> None:
        """End the session and close the store, then go on."""
        self._idle.stop()
        if self.desk is not None:
            self.desk.close_down()
        front_door, services = self._front_door, self._services
        self._front_door = self._services = None

        def end() -> None:
            if front_door is not None and services is not None:
                try:
                    front_door.sign_out(services)
                finally:
                    front_door.close()

        def go_on() -> None:
            self._drop_desk()
            self.setWindowTitle("Clinic App")
            then()

        def failed(error: BaseException) -> None:
            explain(error)
            go_on()

        self._jobs.submit(Lane.DATABASE, end, done=lambda _: go_on(), failed=failed)

    def _drop_desk(self) -> None:
        self._pages.setCurrentWidget(self.entry)
        for page in (self.desk, self.lock_page):
            if page is not None:
                self._pages.removeWidget(page)
                page.deleteLater()
        if self._inside is not None:
            self._inside.clear()
        self.desk = self.lock_page = self._inside = self._account = None
        self._follow_staff()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._steady_hand.attach()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
            return
        event.ignore()
        if self._closing or self._refuse_to_close() or self._warned_of_loss():
            return
        self._keep_then(self._close)

    def _refuse_to_close(self) -> bool:
        """A patient holds the laptop, safety steps are under way, or a key is unconfirmed."""
        if self.desk is not None:
            if self.desk.patient_at_laptop is not None:
                return True
            sheet = self.desk.sheet
            if sheet is not None and not sheet.dismissible and not self.locked:
                self.notices.warn(tr("Please finish what is open in this window first."))
                return True
            return False
        if self.entry.must_not_close:
            ask(
                self.entry,
                title=tr("The recovery key is not confirmed"),
                text=tr(
                    "The clinic is set up. Once this window closes, the key is not shown again, and"
                    " a forgotten password would lose all records."
                ),
                yes=tr("Close without confirming"),
                no=tr("Go back to the key"),
                danger=True,
                on_yes=self._close,
            )
            return True
        return False

    def _close(self) -> None:
        self._closing = True
        self.entry.stop()

        def really_close() -> None:
            self._may_close = True
            self.close()

        self._leave(really_close)

    # --- keys --------------------------------------------------------------------------------

    def _shortcut(self, keys: str, name: str) -> QShortcut:
        made = QShortcut(QKeySequence(keys), self)
        made.setContext(Qt.ShortcutContext.WindowShortcut)
        made.setAutoRepeat(name in ("larger", "smaller"))
        made.activated.connect(lambda: self._press(name))
        return made

    def _press(self, name: str) -> None:
        look = {
            "larger": self._appearance.larger_text,
            "smaller": self._appearance.smaller_text,
            "normal": self._appearance.normal_text,
            "theme": self._appearance.toggle_theme,
            "lock": self.lock,
        }
        if name in look:
            look[name]()
            return
        desk = self.desk
        if desk is None or self.locked or desk.sheet is not None:
            return
        places = {
            "find": desk.find_patient,
            "register": desk.show_register,
            "back": desk.go_back,
            "sync": desk.show_sync,
            "keys": lambda: show_keys(desk),
        }
        places.get(name, lambda: desk.go_to(name))()
