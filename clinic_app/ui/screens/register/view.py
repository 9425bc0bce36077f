"""The page to register a patient."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import Patient
from clinic_app.ui.moments import local_day
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.patients.rows import born_text
from clinic_app.ui.screens.register.form import PatientForm
from clinic_app.ui.screens.register.presenter import RegisterPresenter
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, card, clear, column, label, row, scrolling
from clinic_app.ui.widgets.containers import Centred
from clinic_app.ui.widgets.states import picture
from clinic_app.ui.workspace import Workspace


class RegisterScreen(Screen):
    def __init__(self, workspace: Workspace, family_name: str = "") -> None:
        super().__init__(workspace.jobs, tr("Register a patient"))
        self.back_text = tr("Patients")
        self._workspace = workspace
        self._over = False
        self.presenter = RegisterPresenter(self, workspace.services.patients, self.jobs)
        self.form = PatientForm()
        self.form.family_name.setText(family_name)
        self.form.entered.connect(self._register)
        self.form.identity_typed.connect(self._look)
        holder, box = card(gap=3)
        box.addWidget(
            label(tr("Only name and birth date are needed; the rest can follow."), "muted")
        )
        box.addWidget(self.form)
        self._similar_box = column(gap=1)
        self._similar = QFrame()
        self._similar.setProperty("role", "warning")
        inner = column(self._similar, margin=2, gap=1)
        inner.addLayout(self._similar_box)
        self._similar.hide()
        box.addWidget(self._similar)
        self._failure = label("", "error")
        self._failure.hide()
        box.addWidget(self._failure)
        line = row()
        self.cancel = button(tr("Cancel"), "", self.go_back)
        line.addWidget(self.cancel)
        line.addStretch(1)
        self.register = button(tr("Register"), "primary", self._register)
        line.addWidget(self.register)
        box.addLayout(line)
        page = QWidget()
        column(page, margin=4).addWidget(Centred(holder, 760))
        column(self).addWidget(scrolling(page))

    def arrive(self) -> None:
        first = self.form.given_name if self.form.family_name.text() else self.form.family_name
        first.setFocus()

    def go_back(self) -> None:
        if not self.cancel.isEnabled():  # on its way into the store: it is told how that ends
            return
        self._over = True
        self._workspace.navigator.show_patients()

    def unfinished(self) -> str:
        if self._over or not self.form.touched:
            return ""
        return tr("This patient is not registered yet.")

    def show_similar(self, people: Sequence[Patient]) -> None:
        clear(self._similar_box)
        self._similar.setVisible(bool(people))
        self.register.setText(tr("Register anyway") if people else tr("Register"))
        if not people:
            return
        top = row(gap=1)
        top.addWidget(picture("alert", 20, "warning"))
        top.addWidget(label(tr("Is it one of these people?"), "strong"), 1)
        self._similar_box.addLayout(top)
        today = local_day(utc_now())
        for patient in people:
            line = row(gap=2)
            words = column()
            words.setSpacing(2)
            words.addWidget(label(patient.display_name, "strong"))
            facts = [born_text(patient.birth_date, patient.age_on(today))]
            facts += [text for text in (patient.phone, patient.local_number) if text]
            words.addWidget(label(" · ".join(facts), "small"))
            line.addLayout(words, 1)
            open_it = button(tr("Open this one"), "", self._opener(patient))
            open_it.setAccessibleName(
                tr("Open the record of {name}").format(name=patient.display_name)
            )
            line.addWidget(open_it)
            self._similar_box.addLayout(line)
        self._similar_box.addSpacing(UNIT // 2)
        self._similar_box.addWidget(
            label(tr("If not, “Register anyway” makes a new record."), "small")
        )

    def show_error(self, error: InvalidInput) -> None:
        if not self.form.fields.show_error(error):
            self.show_failure(error)

    def show_busy(self, busy: bool) -> None:
        self._failure.hide()
        for one in (self.cancel, self._similar, self.register):
            one.setEnabled(not busy)

    def show_failure(self, error: BaseException) -> None:
        self._failure.setText(explain(error))
        self._failure.show()

    def show_registered(self, patient: Patient) -> None:
        self._over = True
        self._workspace.notices.tell(tr("{name} is registered.").format(name=patient.display_name))
        self._workspace.navigator.show_patient(patient.id)

    def _register(self) -> None:
        self.form.fields.clear_errors()
        try:
            values = self.form.values()
        except InvalidInput as error:
            self.show_error(error)
            return
        self.presenter.register(values)

    def _look(self) -> None:
        try:
            values = self.form.values()
        except InvalidInput:
            return
        self.presenter.look_for_similar(values)

    def _opener(self, patient: Patient) -> Callable[[], None]:
        def open_it() -> None:
            self._over = True
            self._workspace.navigator.show_patient(patient.id)

        return open_it
