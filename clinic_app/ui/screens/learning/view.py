"""One picture at a time with five answers; beside it how readers agree; drift on a second page."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QImage, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import QButtonGroup, QLabel, QPushButton, QVBoxLayout, QWidget

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.learning_data import Queue, TogetherCase
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.learning.drift_panel import DriftPanel
from clinic_app.ui.screens.learning.presenter import ReadingPresenter
from clinic_app.ui.screens.learning.sites.panel import SitesPanel
from clinic_app.ui.strings import JUDGEMENT_LABELS, tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain, explain_refusal
from clinic_app.ui.widgets.basics import (
    button,
    card,
    clear,
    column,
    frame,
    label,
    row,
    scrolling,
)
from clinic_app.ui.widgets.choices import ChoiceRow
from clinic_app.ui.widgets.containers import Centred, Columns, Pages
from clinic_app.ui.widgets.fields import Field, text_edit
from clinic_app.ui.widgets.sheet import ask
from clinic_app.ui.widgets.states import Busy, Emptiness, Failure
from clinic_app.ui.workspace import Workspace

SEVERITIES = tuple(ClinicianSeverity)
_PICTURE, _SMALL = 224, 160
_QUESTION = "How much depressive affect does this face show?"
_ABOUT = (
    "Only what is visible in this one picture counts: not a diagnosis, and not what you know of"
    " the person. Nobody else's reading and no estimate is shown to you. What you record stays."
)
_BLIND = (
    "You get no picture of a screening that you took or reviewed, of a person whose report you"
    " printed or of a result whose answer you entered, on any laptop, nor where you saw the"
    " estimate or exported the record on this one. What you opened or saw on another laptop is not"
    " known here: please press “I know the result…” then."
)
PAGES = (
    ("read", "Pictures to read"),
    ("drift", "Drift"),
    ("sites", "With other clinics"),
)


class LearningScreen(Screen):
    choices: ChoiceRow
    confirm: QPushButton
    _trouble: QLabel

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Learning"))
        self._workspace = workspace
        services = workspace.services
        self.presenter = ReadingPresenter(self, services.adjudication, self.jobs)
        self._severity: ClinicianSeverity | None = None
        self._pages = Pages()
        self.drift = DriftPanel(services.learning, self.jobs)
        self.sites = SitesPanel(workspace, self.jobs)
        self._reading = self._reading_page()
        for page in (self._reading, self.drift, self.sites):
            self._pages.add(page)
        holder = QWidget()
        box = column(holder, margin=4, gap=2)
        box.addLayout(self._chips())
        box.addWidget(Centred(self._pages, 1240, leading=True))
        box.addStretch(1)
        column(self).addWidget(scrolling(holder))
        for number, _ in enumerate(SEVERITIES):
            keys = QShortcut(QKeySequence(str(number + 1)), self._reading)
            keys.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            keys.activated.connect(partial(self._press, number))

    def arrive(self) -> None:
        self.presenter.look()
        if self._pages.current is self.sites:
            self.sites.look()

    def renew(self) -> None:
        """A picture stays with who reads it, as long as it may be read."""
        if self._pages.current is self.sites:
            self.sites.look()
        elif self._pages.current is self._reading:
            self.presenter.look(quietly=True)

    def drop(self) -> None:
        self.drift.stop()
        super().drop()

    # --- for the presenter -------------------------------------------------------------------

    def show_busy(self) -> None:
        self._say(Busy(tr("Looking…")))

    def show_picture(self, queue: Queue, png: bytes) -> None:
        self._severity = None
        self.choices.show_choice(None)
        self.confirm.setEnabled(False)
        self._trouble.hide()
        image = QImage.fromData(png)
        self._face = QPixmap.fromImage(image)
        self._fit_picture()
        self._inside.show_page(self._case)
        self.show_standing(queue)
        self.choices.buttons[0].setFocus()

    def show_standing(self, queue: Queue) -> None:
        self._left.setText(tr("{n} left for you").format(n=len(queue.cases)))
        self._show_standing(queue)

    def show_nothing(self, queue: Queue) -> None:
        self._show_standing(queue)
        self._say(Emptiness("check", tr("No picture waits for you"), self._why_none(queue)))

    def show_recorded(self) -> None:
        self._workspace.notices.tell(tr("Your reading is kept."))

    def show_passed_over(self) -> None:
        self._workspace.notices.tell(tr("Left to others."))

    def show_together_picture(self, case: UUID, png: bytes) -> None:
        if self._offered is not None and self._offered.screening_id == case:
            self._together_face = QPixmap.fromImage(QImage.fromData(png))
            self._together_said.hide()
            self.together_picture.show()
            self._fit_picture()

    def show_no_together_picture(self, case: UUID, error: BaseException) -> None:
        if self._offered is not None and self._offered.screening_id == case:
            self._together_said.setText(explain(error))

    def show_failure(self, error: BaseException) -> None:
        self._say(Failure(explain(error), self.presenter.look))

    def show_refused(self, error: BaseException) -> None:
        if isinstance(error, InvalidInput) and error.field == "text" and self._reason is not None:
            self._reason.show_error(str(error))
            return
        self._trouble.setText(explain_refusal(error))
        self._trouble.show()
        self.confirm.setEnabled(self._severity is not None)

    def show_gone(self, error: BaseException) -> None:
        self._workspace.notices.report(error)

    # --- building ----------------------------------------------------------------------------

    def _chips(self) -> QVBoxLayout:
        lines = column()
        across = row()
        self._group = QButtonGroup(self)
        self.places: dict[str, QPushButton] = {}
        for name, words in PAGES:
            made = button(tr(words), "chip", partial(self.open, name))
            made.setCheckable(True)
            made.setAccessibleName(tr(words))
            self._group.addButton(made)
            self.places[name] = made
            across.addWidget(made)
        across.addStretch(1)
        self.places["read"].setChecked(True)
        lines.addLayout(across)
        return lines

    def ask_to_pass_over(self) -> None:
        """A slip must not take a case from its reader: nothing brings it back."""
        ask(
            self,
            title=tr("Leave this picture to others?"),
            text=tr(
                "Only if you know its result already. It will not be given to you again, also when"
                " you change your mind."
            ),
            yes=tr("Leave it to others"),
            no=tr("Go on reading it"),
            on_yes=self.presenter.pass_over,
        )

    def open(self, name: str) -> None:
        """The page of pictures (``read``), of drift, or of other clinics (``sites``)."""
        self.places[name].setChecked(True)
        self.drift.stop()
        if name == "drift":
            self._pages.show_page(self.drift)
            self.drift.look()
        elif name == "sites":
            self._pages.show_page(self.sites)
            self.sites.look()
        else:
            self._pages.show_page(self._reading)
            self.presenter.look()

    def _reading_page(self) -> QWidget:
        columns = Columns(break_at=860, side_width=320)
        holder, box = card(gap=2)
        self._inside = Pages()
        self._case = self._case_page()
        self._others = QWidget()
        self._others_box = column(self._others)
        self._inside.add(self._others)
        self._inside.add(self._case)
        box.addWidget(self._inside)
        columns.main_box.addWidget(holder)
        columns.main_box.addStretch(1)
        side, inside = card(margin=2, gap=1)
        inside.addWidget(label(tr("How readers agree"), "heading"))
        self._standing = column(gap=1)
        inside.addLayout(self._standing)
        columns.side_box.addWidget(side)
        self._together_holder, self._together = card(margin=2, gap=2)
        self._together_holder.hide()
        columns.side_box.addWidget(self._together_holder)
        columns.side_box.addStretch(1)
        self._together_face, self.together_picture = QPixmap(), QLabel()
        self._together_said = QLabel()
        self._together_count = QLabel()
        self._offered: TogetherCase | None = None
        self._reason: Field | None = None
        return columns

    def _case_page(self) -> QWidget:
        page = QWidget()
        box = column(page, gap=2)
        self._left = label("", "small")
        box.addWidget(self._left)
        self.picture = QLabel()
        self.picture.setAccessibleName(tr("The picture to read"))
        self.picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._face = QPixmap()
        box.addWidget(self.picture)
        box.addWidget(label(tr(_QUESTION), "heading"))
        box.addWidget(label(tr(_ABOUT), "muted"))
        words = [tr(JUDGEMENT_LABELS[one]).capitalize() for one in SEVERITIES]
        self.choices = ChoiceRow(words, self._choose)
        for number, made in enumerate(self.choices.buttons, 1):
            made.setAccessibleName(tr("You see: {word}").format(word=made.text()))
            made.setToolTip(tr("Key {n}").format(n=number))
        box.addWidget(self.choices)
        self._trouble = label("", "error")
        self._trouble.hide()
        box.addWidget(self._trouble)
        across = row()
        self.know = button(tr("I know the result…"), "quiet", self.ask_to_pass_over)
        self.know.setAccessibleDescription(tr("Leaves this picture to other readers"))
        self.know.setToolTip(tr("Leaves this picture to other readers"))
        across.addWidget(self.know)
        across.addStretch(1)
        self.confirm = button(tr("Record and go on"), "primary", self._record)
        self.confirm.setEnabled(False)
        across.addWidget(self.confirm)
        box.addLayout(across)
        return page

    # --- inside ------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit_picture()

    def _fit_picture(self) -> None:
        for face, place, size in (
            (self._face, self.picture, _PICTURE),
            (self._together_face, self.together_picture, _SMALL),
        ):
            if not face.isNull():
                side = scaled(size)
                place.setPixmap(
                    face.scaled(
                        QSize(side, side),
                        Qt.AspectRatioMode.KeepAspectRatio,
                        Qt.TransformationMode.SmoothTransformation,
                    )
                )

    def _press(self, place: int) -> None:
        if self._inside.current is self._case:
            self.choices.show_choice(place)
            self._choose(place)
            self.confirm.setFocus()

    def _choose(self, place: int) -> None:
        self._severity = SEVERITIES[place]
        self.confirm.setEnabled(True)

    def _record(self) -> None:
        if self._severity is not None:
            self.confirm.setEnabled(False)
            self.presenter.record(self._severity)

    def _say(self, widget: QWidget) -> None:
        clear(self._others_box)
        self._others_box.addWidget(widget)
        self._inside.show_page(self._others)

    def _why_none(self, queue: Queue) -> str:
        text = tr("Pictures come here from people who agreed to training and to keeping images.")
        if queue.withheld:
            more = tr("{n} more wait for somebody else: you may know their estimate.")
            text += " " + more.format(n=queue.withheld)
        if queue.without_picture:
            more = tr("{n} cannot be read by anybody: no picture of them is kept here.")
            text += " " + more.format(n=queue.without_picture)
        return text

    def _show_standing(self, queue: Queue) -> None:
        clear(self._standing)
        self._standing.addWidget(label(tr("{n} cases settled").format(n=queue.settled)))
        if queue.kappa is None:
            words = tr("Weighted kappa is not defined yet; {n} read twice").format(n=queue.pairs)
        else:
            between = ""
            if queue.interval is not None:
                between = f" ({queue.interval[0]:.2f} {tr('to')} {queue.interval[1]:.2f})"
            words = tr("Weighted kappa {kappa}{between}; {n} read twice").format(
                kappa=f"{queue.kappa:.2f}", between=between, n=queue.pairs
            )
        self._standing.addWidget(label(words))
        about = tr("Between first and second readers, before anybody settles a difference.")
        self._standing.addWidget(label(about, "small"))
        self._standing.addWidget(label(tr("Reading blind"), "strong"))
        self._standing.addWidget(label(tr(_BLIND), "small"))
        if self._offered is None or self._offered not in queue.together:
            self._offer(queue.together[0] if queue.together else None)
        count = tr("Pictures that were read in three different ways: {n}")
        self._together_count.setText(count.format(n=len(queue.together)))

    def _offer(self, case: TogetherCase | None) -> None:
        """One after another, so that each reason is about one case; what is being written about it
        stays for as long as it is to be settled."""
        self._offered = case
        clear(self._together)
        self._together_face = QPixmap()  # its place has just gone with the rest
        self._together_count = label("", "small")
        self._reason = None
        self._together_holder.setVisible(case is not None)
        if case is not None:
            self._show_together(case)

    def _show_together(self, case: TogetherCase) -> None:
        self._together.addWidget(label(tr("To be settled together"), "heading"))
        self._together.addWidget(self._together_count)
        self.together_picture = QLabel()
        self.together_picture.setAccessibleName(tr("The picture to be settled together"))
        self.together_picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.together_picture.hide()
        self._together_said = label(tr("Reading…"), "small")
        for widget in (self.together_picture, self._together_said):
            self._together.addWidget(widget)
        self.presenter.look_again(case.screening_id)
        said = frame("sunken")
        lines = column(said, margin=2, gap=1)
        for name, severity in case.said:
            lines.addWidget(label(f"{name or tr('A colleague')}: {tr(JUDGEMENT_LABELS[severity])}"))
        self._together.addWidget(said)
        chosen: list[ClinicianSeverity] = []
        words = [tr(JUDGEMENT_LABELS[one]).capitalize() for one in SEVERITIES]
        keep = button(tr("Keep what we agreed on"), "primary")
        keep.setEnabled(False)

        def choose(place: int) -> None:
            chosen[:] = [SEVERITIES[place]]
            keep.setEnabled(True)

        choices = ChoiceRow(words, choose)
        for made in choices.buttons:
            made.setAccessibleName(tr("Agreed on: {word}").format(word=made.text()))
        self._together.addWidget(choices)
        edit = text_edit(limit=500)
        self._reason = Field(tr("How you came to it"), edit)
        self._together.addWidget(self._reason)
        keep.clicked.connect(
            lambda: self.presenter.agree(case.screening_id, chosen[0], edit.text())
        )
        self._together.addWidget(keep)
