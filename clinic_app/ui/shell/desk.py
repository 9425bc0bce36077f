"""The signed-in window: navigation, header and the screens; the navigator of every screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.people import ClinicProfile
from clinic_app.domain.worklist import WorklistFilter
from clinic_app.services.session import SessionState
from clinic_app.services.worklist import EVERYBODY
from clinic_app.ui.hints import HintBar, HintMemory
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.moments import local_day
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.shell.centre_link import CentreLink
from clinic_app.ui.shell.clinic_settings import ClinicSettings
from clinic_app.ui.shell.freshness import Freshness
from clinic_app.ui.shell.header import Header
from clinic_app.ui.shell.joint_rounds import JointRounds
from clinic_app.ui.shell.leaving import Leaving
from clinic_app.ui.shell.navigation import Navigation
from clinic_app.ui.shell.notices import NoticeBoard
from clinic_app.ui.shell.patient_mode import PatientMode
from clinic_app.ui.shell.places import PLACES
from clinic_app.ui.shell.rounds import SyncState
from clinic_app.ui.shell.screen_stack import ScreenStack
from clinic_app.ui.sync_words import indicator_of
from clinic_app.ui.widgets.basics import column, row
from clinic_app.ui.widgets.sheet import HOST, Sheet, sheet_over
from clinic_app.ui.workspace import Workspace

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices


_LOOK_AGAIN_MS = 20_000
"""How often the number of waiting changes is looked up."""


class Desk(QWidget):
    """One member of staff at work; implements ``ui.workspace.Navigator``.

    Signals:
        patient_mode_changed: True when a patient holds the laptop.
        profile_changed: the clinic's settings were changed; ``profile`` holds them.
    """

    patient_mode_changed = Signal(bool)
    profile_changed = Signal()

    def __init__(
        self,
        services: ClinicServices,
        profile: ClinicProfile,
        jobs: Jobs,
        notices: NoticeBoard,
        hints: HintMemory | None = None,
    ) -> None:
        super().__init__()
        self.setProperty(HOST, True)
        self._jobs = jobs
        self._settings = ClinicSettings(profile, services.clinic, jobs, notices)
        self.link = CentreLink(services.sync, jobs, self)
        self.workspace = Workspace(services, jobs, notices, self, self.link.rounds)
        self._last_patient: UUID | None = None
        self.navigation = Navigation(profile, services.session.user)
        self.header = Header()
        self.hint = HintBar(hints) if hints is not None else None
        self.stack = ScreenStack()
        self.patient_mode = PatientMode(self, self.workspace, self.stack)
        self.leaving = Leaving(self, self.stack, self._handed_over, notices.tell)
        self._freshness = Freshness(
            lambda: self.present, self._undisturbed, lambda: local_day(utc_now())
        )
        line = row(self, gap=0)
        line.addWidget(self.navigation)
        right = column()
        right.setSpacing(0)
        right.addWidget(self.header)
        right.addWidget(notices)
        if self.hint is not None:
            right.addWidget(self.hint)
        right.addWidget(self.stack, 1)
        line.addLayout(right, 1)
        self.stack.shown.connect(self._take_screen)
        self.patient_mode.changed.connect(self._show_patient_mode)
        self.stack.heading_changed.connect(self._show_heading)
        self.navigation.chosen.connect(self.go_to)
        self.header.back_asked.connect(self.go_back)
        self.header.find_asked.connect(self.find_patient)
        self.navigation.sync_asked.connect(self.show_sync)
        self.link.changed.connect(self._show_sync_state)
        self.link.moved.connect(self._freshness.take)
        self.link.moved.connect(self._settings.take_round)
        self._settings.changed.connect(self._follow_settings)
        self._joint = JointRounds(services, jobs, notices, self.show_heads)
        self.link.moved.connect(self._joint.go_on)
        self._show_sync_state(self.link.state)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_AGAIN_MS)
        self._timer.timeout.connect(self.look_at_waiting)
        self._timer.start()

    # --- Navigator ---------------------------------------------------------------------------

    def show_today(self) -> None:
        self._visit("today")

    def show_worklist(self) -> None:
        self._visit("worklist")

    def show_tasks(self) -> None:
        self._visit("tasks")

    def show_appointments(self, day: date | None = None) -> None:
        def arrived(screen: Screen) -> None:
            from clinic_app.ui.screens.appointments.view import AppointmentsScreen

            if isinstance(screen, AppointmentsScreen) and day is not None:
                screen.show_day(day)

        self._visit("appointments", arrived)

    def show_patients(self, text: str = "") -> None:
        def arrived(screen: Screen) -> None:
            from clinic_app.ui.screens.patients.view import PatientsScreen

            if isinstance(screen, PatientsScreen):
                screen.search_for(text)

        self._visit("patients", arrived)

    def show_register(self, family_name: str = "") -> None:
        from clinic_app.ui.screens.register.view import RegisterScreen

        self._leave_for("patients", lambda: RegisterScreen(self.workspace, family_name))

    def show_duplicates(self) -> None:
        from clinic_app.ui.screens.duplicates.view import DuplicatesScreen

        self._leave_for("patients", lambda: DuplicatesScreen(self.workspace))

    def show_patient(self, patient_id: UUID) -> None:
        from clinic_app.ui.screens.patient.view import PatientScreen

        def make() -> QWidget:
            self._last_patient = patient_id
            return PatientScreen(self.workspace, patient_id)

        self._leave_for("patients", make)

    def show_screening(self, draft_id: UUID) -> None:
        from clinic_app.ui.screens.screening import open_screening

        self._leave_for("patients", lambda: open_screening(self.workspace, draft_id))

    def show_report(self, screening_id: UUID) -> None:
        from clinic_app.ui.screens.report import open_report

        self._leave_for("patients", lambda: open_report(self.workspace, screening_id))

    def show_reports(
        self, patient_id: UUID | None = None, wanted: WorklistFilter = EVERYBODY
    ) -> None:
        from clinic_app.ui.screens.report import open_reports

        place = "worklist" if patient_id is None else "patients"
        self._leave_for(place, lambda: open_reports(self.workspace, patient_id, wanted))

    def show_patient_home(self, patient_id: UUID) -> None:
        from clinic_app.ui.screens.patient_home.view import PatientHomeScreen

        self._leave_for("patients", lambda: PatientHomeScreen(self.workspace, patient_id))

    def show_safety(self, flow_id: UUID, patient_id: UUID) -> None:
        if self.patient_at_laptop is not None:
            return
        from clinic_app.ui.screens.safety.view import open_safety

        sheet = open_safety(self.workspace, self, flow_id, patient_id)
        sheet.closed.connect(self.refresh)

    def show_feedback(self) -> None:
        self._visit("feedback")

    def show_sync(self) -> None:
        def make() -> Screen:
            from clinic_app.ui.screens.sync.view import SyncScreen

            screen = SyncScreen(self.workspace, self.link)
            screen.joined.connect(self._settings.look)
            return screen

        self.leaving.then(lambda: self.stack.visit("sync", make))

    def show_conflicts(self) -> None:
        from clinic_app.ui.screens.conflicts.view import ConflictsScreen

        self._leave_for("conflicts", lambda: ConflictsScreen(self.workspace, self.look_at_waiting))

    def show_learning(self) -> None:
        self._visit("learning")

    def show_heads(self) -> None:
        if self.navigation.offers("admin"):
            self._show_admin("learning")

    def show_models(self) -> None:
        self._visit("models")

    def show_studio(self) -> None:
        self._visit("studio")

    def enter_patient_mode(self, patient_id: UUID) -> None:
        self.patient_mode.enter(patient_id)

    def leave_patient_mode(self, then: Callable[[], None]) -> None:
        self.patient_mode.leave(then)

    # --- for the window ----------------------------------------------------------------------

    @property
    def profile(self) -> ClinicProfile:
        """The clinic's settings."""
        return self._settings.profile

    @property
    def patient_at_laptop(self) -> UUID | None:
        return self.patient_mode.patient_id

    @property
    def present(self) -> QWidget | None:
        return self.stack.present

    @property
    def sheet(self) -> Sheet | None:
        """What lies over the desk."""
        return sheet_over(self)

    def go_to(self, place: str) -> None:
        """A place of the navigation by its name."""
        places = {
            "today": self.show_today,
            "worklist": self.show_worklist,
            "patients": self.show_patients,
            "appointments": self.show_appointments,
            "tasks": self.show_tasks,
            "feedback": self.show_feedback,
            "learning": self.show_learning,
            "models": self.show_models,
            "studio": self.show_studio,
            "admin": self._show_admin,
        }
        if self.navigation.offers(place):
            places[place]()

    def change_password(self) -> None:
        """A new password for who is signed in."""
        if self.patient_at_laptop is not None:
            return
        from clinic_app.ui.screens.admin.users.passwords import OwnPassword

        services = self.workspace.services
        user = services.session.user
        least = self.profile.password_policy.minimum_length
        self._own_password = OwnPassword(
            self, self._jobs, self.workspace.notices, services.staff, user.user_name, least
        )

    def find_patient(self) -> None:
        """The list of patients with an empty search."""
        self.show_patients()

    def go_back(self) -> None:
        screen = self.present
        if isinstance(screen, Screen):
            if screen.back_text:
                screen.go_back()
        elif self._last_patient is not None:
            self.show_patient(self._last_patient)
        else:
            self.show_today()

    def cover(self) -> None:
        """The lock comes while a patient holds the laptop."""
        screen = self.present
        if isinstance(screen, Screen):
            screen.cover()
        sheet = self.sheet
        if sheet is not None:
            sheet.dismiss()

    def uncover(self) -> None:
        """The laptop goes back into the patient's hands."""
        screen = self.present
        if isinstance(screen, Screen):
            screen.uncover()

    def refresh(self) -> None:
        """Look again, after a lock or a sheet."""
        screen = self.present
        if isinstance(screen, Screen):
            screen.arrive()
        self.look_at_waiting()

    def look_at_waiting(self) -> None:
        """Update how sync stands; catch up with a round that came at a bad moment."""
        self.link.rounds.look()
        self._freshness.catch_up()

    def close_down(self) -> None:
        """The desk goes: stop looking, let screens stop what they run."""
        self._timer.stop()
        self.link.rounds.end()
        self.stack.clear()
        self._settings.close()

    # --- inside ------------------------------------------------------------------------------

    def _show_sync_state(self, state: SyncState) -> None:
        from clinic_app.ui.screens.today.view import TodayScreen

        self.navigation.show_sync(indicator_of(state, utc_now()))
        today = self.stack.kept("today")
        if isinstance(today, TodayScreen) and state.status is not None:
            today.show_sync(state.status)

    def _undisturbed(self) -> bool:
        session = self.workspace.services.session
        active = session.state is SessionState.ACTIVE
        return active and not self._handed_over() and self.sheet is None

    def _handed_over(self) -> bool:
        return self.patient_at_laptop is not None

    def _show_admin(self, section: str = "") -> None:
        from clinic_app.ui.screens.admin.view import AdminScreen

        def make() -> Screen:
            screen = AdminScreen(self.workspace)
            screen.profile_saved.connect(self._settings.take)
            return screen

        def go() -> None:
            screen = self.stack.visit("admin", make)
            if section and isinstance(screen, AdminScreen):
                screen.open(section)

        self.leaving.then(go)

    def _follow_settings(self) -> None:
        self.navigation.show_clinic(self.profile)
        self.profile_changed.emit()

    def _visit(self, place: str, arrived: Callable[[Screen], None] = lambda _: None) -> None:
        """Show the screen of a place of the navigation, which stays alive between visits."""

        def make() -> Screen:
            return PLACES[place](self.workspace)

        self.leaving.then(lambda: arrived(self.stack.visit(place, make)))

    def _leave_for(self, place: str, make: Callable[[], QWidget]) -> None:
        """Show a screen that lives for one visit."""
        self.leaving.then(lambda: self.stack.enter(place, make()))

    def _take_screen(self, place: str, kept: bool) -> None:
        """A screen has come to the front."""
        self.navigation.mark(place)
        if self.hint is not None:
            self.hint.show_place(place if kept else "")
        self._show_heading()
        self._freshness.begin()
        screen = self.present
        if isinstance(screen, Screen):
            screen.arrive()
        self.look_at_waiting()

    def _show_heading(self) -> None:
        self.header.show_heading(self.present)

    def _show_patient_mode(self) -> None:
        handed_over = self._handed_over()
        sheet = self.sheet
        if handed_over and sheet is not None and sheet.dismissible:
            sheet.dismiss()
        self.navigation.setVisible(not handed_over)
        self.header.setVisible(not handed_over)
        if handed_over and self.hint is not None:
            self.hint.hide()
        self.patient_mode_changed.emit(handed_over)
