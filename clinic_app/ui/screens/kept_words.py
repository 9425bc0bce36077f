"""The words of a form: kept after a pause in the typing, and there again when it is reopened."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from PySide6.QtCore import QTimer, SignalInstance
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from clinic_app.domain.clock import utc_now
from clinic_app.domain.forms import TICKED, FormDraft, FormKind
from clinic_app.services.forms import FormService
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.moments import clock_text, near_text
from clinic_app.ui.strings import tr
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, column, frame, label, restyle, row
from clinic_app.ui.widgets.sheet import ask

PAUSE_MS = 900
"""A pause in the typing after which the words are kept."""

Edit = QLineEdit | QPlainTextEdit | QComboBox | QCheckBox


class KeptWords(QWidget):
    """A line for the foot of a form; only staff's forms, never what a patient answers.

    ``edits`` are the form's fields by name, as they stand in a new form. Only what differs from
    that is kept, so that a suggested day is not brought back when it has become the past; ticks
    are kept as they stand once anything else is.

    Attributes:
        offer: a card for the top of the form; it shows itself when kept words have come back.
    """

    def __init__(
        self,
        forms: FormService,
        jobs: Jobs,
        form: FormKind,
        subject_id: UUID,
        edits: Mapping[str, Edit],
    ) -> None:
        super().__init__()
        self._forms = forms
        self._jobs = jobs
        self._form = form
        self._subject_id = subject_id
        self._edits = edits
        self._new = {name: _text(edit) for name, edit in edits.items()}
        self._sent: dict[str, str] = {}
        self._asked = self._held = self._over = False
        across = row(self, gap=2)
        self.state = label("", "small")
        across.addWidget(self.state, 1)
        self.anew = button(tr("Start anew…"), "quiet", self._ask_to_start_anew)
        self.anew.hide()
        across.addWidget(self.anew)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.keep)
        self.offer = frame("info")
        self._offered = label("")
        self._make_offer()
        for edit in edits.values():
            _changed(edit).connect(self._typed)

    @property
    def typed(self) -> dict[str, str]:
        """What differs from a new form."""
        now = {name: _text(edit) for name, edit in self._edits.items()}
        changed = {name: text for name, text in now.items() if text != self._new[name]}
        if not changed:
            return {}
        return {
            name: text
            for name, text in now.items()
            if name in changed or isinstance(self._edits[name], QCheckBox)
        }

    def restore(self) -> None:
        """Bring kept words back, once, unless something is being written already."""
        if self._asked:
            return
        self._asked = True

        def show(draft: FormDraft | None) -> None:
            if draft is None or not draft.texts or self.typed or self._over:
                return
            self._sent = dict(draft.texts)
            self._fill({**self._new, **draft.texts})
            when = near_text(draft.changed_at, utc_now())
            words = tr("You began this and have not handed it in. Last kept: {when}.")
            self._offered.setText(words.format(when=when))
            self.offer.show()

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._forms.kept(self._form, self._subject_id),
            done=show,
            failed=self._show_unkept,
        )

    def keep(self) -> None:
        """Put what was typed into the store; asked for at once, before whatever comes next."""
        self._pause.stop()
        typed = self.typed
        if self._held or self._over or typed == self._sent:
            return
        before, self._sent = self._sent, typed

        def work() -> FormDraft | None:
            if typed:
                return self._forms.keep(self._form, self._subject_id, typed)
            self._forms.discard(self._form, self._subject_id)
            return None

        def done(draft: FormDraft | None) -> None:
            if draft is None:
                self._say("")
            elif self._sent is typed and not self._over:
                time = clock_text(draft.changed_at)
                self._say(tr("Kept at {time}, not handed in.").format(time=time))
                self.anew.setVisible(self.offer.isHidden())

        def failed(error: BaseException) -> None:
            if self._sent is typed and not self._over:
                self._sent = before
                self._show_unkept(error)

        self._jobs.submit(
            Lane.DATABASE,
            work,
            done=done,
            failed=failed,
        )

    def hold(self) -> None:
        """The form is on its way in: what is typed until it is refused is kept after that."""
        self.keep()
        self._held = True

    def go_on(self) -> None:
        """The form was refused."""
        self._held = False
        self._typed()

    def end(self) -> None:
        """The form is handed in: nothing is kept any more."""
        self._pause.stop()
        self._over = True

    # --- inside ------------------------------------------------------------------------------

    def _make_offer(self) -> None:
        box = column(self.offer, margin=2, gap=1)
        box.addWidget(self._offered)
        across = row()
        across.addStretch(1)
        self.discard = button(tr("Discard…"), "quiet", self._ask_to_start_anew)
        self.resume = button(tr("Go on with it"), "", self._take_up)
        across.addWidget(self.discard)
        across.addWidget(self.resume)
        box.addLayout(across)
        self.offer.hide()

    def _take_up(self) -> None:
        self.offer.hide()
        self.anew.show()
        next(iter(self._edits.values())).setFocus()

    def _typed(self) -> None:
        if not self._over and self.typed != self._sent:
            self._say(tr("Not kept yet…"))
            self._pause.start()

    def _ask_to_start_anew(self) -> None:
        ask(
            self,
            title=tr("Start this form anew?"),
            text=tr("What you wrote in it is removed."),
            yes=tr("Start anew"),
            danger=True,
            on_yes=self._start_anew,
        )

    def _start_anew(self) -> None:
        self._pause.stop()

        def done(_: None) -> None:
            self._sent = {}
            self._fill(self._new)
            self._say("")
            self.anew.hide()
            self.offer.hide()
            next(iter(self._edits.values())).setFocus()

        self._jobs.submit(
            Lane.DATABASE,
            lambda: self._forms.discard(self._form, self._subject_id),
            done=done,
            failed=self._show_unkept,
        )

    def _fill(self, texts: Mapping[str, str]) -> None:
        for name, edit in self._edits.items():
            _put(edit, texts[name])
        self._pause.stop()

    def _show_unkept(self, error: BaseException) -> None:
        self._say(explain(error), "error")

    def _say(self, text: str, role: str = "small") -> None:
        self.state.setText(text)
        self.state.setProperty("role", role)
        restyle(self.state)


def _text(edit: Edit) -> str:
    if isinstance(edit, QCheckBox):
        return TICKED if edit.isChecked() else ""
    if isinstance(edit, QComboBox):
        return edit.currentText() if edit.isEditable() else str(edit.currentData())
    return edit.text() if isinstance(edit, QLineEdit) else edit.toPlainText()


def _put(edit: Edit, text: str) -> None:
    """A choice that is not offered any more leaves the one that a new form has."""
    if isinstance(edit, QCheckBox):
        edit.setChecked(text == TICKED)
    elif isinstance(edit, QPlainTextEdit):
        edit.setPlainText(text)
    elif isinstance(edit, QLineEdit):
        edit.setText(text)
    elif edit.isEditable():
        edit.setEditText(text)
    else:
        known = [str(edit.itemData(place)) for place in range(edit.count())]
        if text in known:
            edit.setCurrentIndex(known.index(text))


def _changed(edit: Edit) -> SignalInstance:
    if isinstance(edit, QCheckBox):
        return edit.toggled
    if isinstance(edit, QComboBox):
        return edit.currentTextChanged
    return edit.textChanged
