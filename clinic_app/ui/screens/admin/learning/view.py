"""What there is to learn from, the heads with their figures, and the one in use."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFrame,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
)

from clinic_app.domain.finding import Band
from clinic_app.domain.local_head import Comparison, LocalHead, figures_against
from clinic_app.services.learning_data import HeadRow, LearningState, LearningStopped, Member
from clinic_app.services.training_export import WARNING, TrainingExport
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.language import number_text
from clinic_app.ui.moments import day_text, local_day
from clinic_app.ui.screens.admin.learning.figures import add_figures
from clinic_app.ui.screens.admin.learning.presenter import LearningPresenter, Work
from clinic_app.ui.screens.admin.learning.sheets import AskSignedReason, show_card, show_members
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.strings import BAND_LABELS, tr
from clinic_app.ui.theme import UNIT
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import (
    button,
    card,
    clear,
    column,
    icon_button,
    label,
    line,
    restyle,
    row,
)
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.progress import ProgressCard
from clinic_app.ui.widgets.states import Emptiness
from clinic_app.ui.workspace import Workspace

_DOING = {
    Work.FIT: "Fitting a head…",
    Work.COMPARE: "Comparing on the locked part…",
    Work.EXPORT: "Writing the training set…",
}


class LearningSection(Section):
    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__(
            workspace,
            jobs,
            tr("Local heads"),
            tr(
                "A local head reads beside the shipped estimate as doctors here banded pictures. It"
                " changes no stored result, removes no “cannot tell” and moves no flag."
            ),
        )
        services = workspace.services
        self.presenter = LearningPresenter(self, services.learning, services.training_export, jobs)
        self._build_standing()
        self.progress = ProgressCard(self.presenter.stop)
        self.body.addWidget(self.progress)
        self._holder, self._heads = card(gap=2)
        self.body.addWidget(self._holder)
        self._state: LearningState | None = None
        self._compare: list[QPushButton] = []
        self._asked_with = ""

    def arrive(self) -> None:
        self.presenter.look()

    def catch_up(self) -> None:
        if not self.presenter.working:  # which looks at its end
            self.presenter.look()

    def drop(self) -> None:
        self.presenter.stop()

    # --- for the presenter ---------------------------------------------------------------------

    def show_state(self, state: LearningState) -> None:
        if state != self._state:
            self._show_facts(state)
            with kept_focus(self._holder):
                self._show_heads(state)
            self._state = state
        self._allow(not self.presenter.working)
        self.show_content()

    def _show_heads(self, state: LearningState) -> None:
        clear(self._heads)
        self._compare = []
        self._heads.addWidget(label(tr("Heads"), "heading"))
        looks = tr("Looks at the locked part so far: {n}. Each one asks for more certainty.")
        self._heads.addWidget(label(looks.format(n=state.looks), "small"))
        if not state.rows:
            text = tr("Fit one when nothing is missing above.")
            self._heads.addWidget(Emptiness("trend", tr("No head was fitted yet"), text))
        for head in state.rows:
            self._heads.addWidget(line())
            self._heads.addWidget(self._head(head))
        self.roll_back.setVisible(state.can_roll_back)
        self._back_to = state.roll_back_to

    def _name_with_keyboard(self) -> str:
        """Of the button of a head that has it; empty without one."""
        focused = QApplication.focusWidget()
        inside = focused is not None and self._holder.isAncestorOf(focused)
        return focused.accessibleName() if focused is not None and inside else ""

    def show_failure(self, error: BaseException) -> None:
        self.show_failed(error, self.presenter.look)

    def show_trouble(self, error: BaseException) -> None:
        self.workspace.notices.report(error)

    def show_working(self, work: Work) -> None:
        self._said.hide()
        self._asked_with = self._name_with_keyboard()
        self.progress.begin(tr(_DOING[work]), stoppable=work is not Work.COMPARE)
        self._allow(False)

    def heard(self, share: float) -> None:
        self.progress.show_share(share)

    def show_fitted(self, head: LocalHead) -> None:
        words = tr("{head} is fitted on {n} cases. Compare it before anybody may use it.")
        self._end(words.format(head=head.version, n=len(head.cases)), "good")

    def show_compared(self, comparison: Comparison) -> None:
        against = figures_against(comparison)
        if against:
            self._end(" ".join(one.text(tr) for one in against), "muted")
        elif comparison.champion is None:
            self._end(tr("It is better than the shipped head beyond the interval."), "good")
        else:
            words = tr(
                "It is better than the shipped head and than the head in use beyond the interval."
            )
            self._end(words, "good")

    def show_exported(self, done: TrainingExport) -> None:
        words = tr(
            "“{name}” is written: {cases} cases of {people} people, {crops} crops. {warning}"
        )
        self._end(
            words.format(
                name=done.path.name,
                cases=done.cases,
                people=done.people,
                crops=done.crops,
                warning=tr(WARNING),
            ),
            "good",
        )

    def show_ended(self, error: BaseException) -> None:
        self._end(explain(error), "muted" if isinstance(error, LearningStopped) else "alarm")

    def show_card(self, head: LocalHead, text: str) -> None:
        self.sheet = show_card(self, head, text)

    def show_members(self, head: LocalHead, members: tuple[Member, ...]) -> None:
        self.sheet = show_members(self, head, members)

    # --- building ------------------------------------------------------------------------------

    def _build_standing(self) -> None:
        box = self.card()
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(2 * UNIT)
        self._facts.setVerticalSpacing(UNIT)
        self._facts.setColumnStretch(1, 1)
        box.addLayout(self._facts)
        self._missing = column(gap=1)
        box.addLayout(self._missing)
        across = row()
        self.fit = icon_button(tr("Fit a new head"), "trend", "primary", self.presenter.fit)
        across.addWidget(self.fit)
        self.roll_back = button(tr("Roll back…"), "", self._ask_roll_back)
        across.addWidget(self.roll_back)
        across.addStretch(1)
        box.addLayout(across)
        more = row()
        self.export = button(tr("Export the training set…"), "", self._choose_place)
        more.addWidget(self.export)
        see = self.workspace.navigator.show_learning
        more.addWidget(button(tr("Pictures to read, and drift"), "link", see))
        more.addStretch(1)
        box.addLayout(more)
        self._said = label("", "good")
        self._said.hide()
        box.addWidget(self._said)

    def _show_facts(self, state: LearningState) -> None:
        clear(self._facts)
        in_use = tr("none: the shipped head alone")
        for head in state.rows:
            if head.in_use:
                idle = tr("{head}, which reads no picture now: it is for other models")
                version = head.head.version
                in_use = version if head.reads else idle.format(head=version)
        cases = tr("{settled} settled: {fitted} to fit on, {locked} locked away for judging")
        self._fact(0, tr("Local head in use"), in_use)
        self._fact(
            1,
            tr("Cases"),
            cases.format(settled=state.settled, fitted=state.fitted, locked=state.locked),
        )
        self._fact(2, tr("Waiting for readers"), str(state.waiting))
        self._fact(3, tr("Models"), state.base or tr("no picture was taken yet"))
        self._fact(4, tr("People to fit on"), _people(state.guard.fitted))
        self._fact(5, tr("People locked away"), _people(state.guard.judged))
        clear(self._missing)
        if state.elsewhere:
            words = tr(
                "Settled cases that other models have read do not count: {number}. A head learns"
                " from pictures that the models in use have read; kept pictures are not read again."
            )
            text = words.format(number=number_text(state.elsewhere))
            self._missing.addWidget(label(text, "caution"))
        if state.to_drop:
            words = tr(
                "Training sets that were exported hold cases whose person does not agree any more:"
                " {number} in all, with those dropped already. Please have them dropped:"
                " “clinic-app learning export --withdrawn” lists their pseudonyms."
            )
            text = words.format(number=number_text(state.to_drop))
            self._missing.addWidget(label(text, "caution", selectable=True))
        missing = (*state.guard.missing_to_fit, *state.guard.missing_to_judge)
        if missing:
            self._missing.addWidget(label(tr("Still missing"), "strong"))
        for one in missing:
            self._missing.addWidget(label(one.text(tr), "caution"))

    def _fact(self, number: int, caption: str, words: str) -> None:
        top = Qt.AlignmentFlag.AlignTop
        self._facts.addWidget(label(caption, "muted", wrap=False), number, 0, top)
        self._facts.addWidget(label(words, "strong"), number, 1)

    def _head(self, one: HeadRow) -> QFrame:
        made = QFrame()
        box = column(made, gap=1)
        name = row()
        name.addWidget(label(one.head.version, "strong"))
        if one.in_use:
            name.addWidget(label(tr("in use"), "badge", wrap=False))
        name.addStretch(1)
        box.addLayout(name)
        about = tr("{cases} cases of {people} people, fitted {day}, for {base}")
        box.addWidget(
            label(
                about.format(
                    cases=len(one.head.cases),
                    people=one.head.people,
                    day=day_text(local_day(one.head.fitted_at)),
                    base=one.head.base,
                ),
                "small",
            )
        )
        if one.head.sites:
            together = tr("Fitted together by {clinics}, on {n} cases of all")
            words = together.format(clinics=", ".join(one.head.sites), n=one.head.all_cases)
            box.addWidget(label(words, "small"))
        if one.comparison is not None:
            add_figures(box, one.comparison)
        for text in one.against:
            box.addWidget(label(text.text(tr), "caution"))
        box.addLayout(self._buttons(one))
        return made

    def _buttons(self, one: HeadRow) -> QVBoxLayout:
        lines = column()
        across = row()
        named = one.head.version
        for words, act, shown in (
            (tr("Compare"), partial(self.presenter.compare, one.head.id), True),
            (tr("Promote…"), partial(self._ask_promote, one.head), not one.in_use),
            (tr("Card"), partial(self.presenter.read_card, one.head), True),
            (tr("Cases"), partial(self.presenter.read_members, one.head), True),
        ):
            if not shown:
                continue
            made = button(words, "", act)
            made.setAccessibleName(f"{words} {named}")
            if words == tr("Promote…"):
                made.setEnabled(not one.against)
            if words == tr("Compare"):
                if one.past_comparing:  # among the reasons above; no look is spent on it
                    made.setEnabled(False)
                else:
                    self._compare.append(made)
            across.addWidget(made)
        across.addStretch(1)
        lines.addLayout(across)
        return lines

    # --- inside --------------------------------------------------------------------------------

    def _ask_promote(self, head: LocalHead) -> None:
        self.asked = AskSignedReason(
            self,
            self.jobs,
            title=tr("Put {head} into use").format(head=head.version),
            text=tr(
                "From the next picture on it reads beside the shipped estimate, which stays. Stored"
                " results do not change. One step takes it back."
            ),
            confirm=tr("Promote"),
            work=lambda reason, password: self.workspace.services.learning.promote(
                head.id, reason, password
            ),
            done=lambda _: self.workspace.notices.tell(tr("The head is in use.")),
        )
        self.asked.sheet.closed.connect(self.presenter.look)

    def _ask_roll_back(self) -> None:
        to = self._back_to
        self.asked = AskSignedReason(
            self,
            self.jobs,
            title=tr("Roll back"),
            text=tr("In use afterwards: {head}. Stored results do not change.").format(
                head=to or tr("no local head")
            ),
            confirm=tr("Roll back"),
            work=lambda reason, password: self.workspace.services.learning.roll_back(
                reason, password, to
            ),
            done=lambda _: self.workspace.notices.tell(tr("Rolled back.")),
        )
        self.asked.sheet.closed.connect(self.presenter.look)

    def _choose_place(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, tr("Where to write the training set"), folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("ZIP (*.zip)"))
        dialog.setDefaultSuffix("zip")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.ask_export(Path(path)))
        dialog.open()

    def ask_export(self, place: Path) -> None:
        """The warning and the password; the set is written beside other work."""

        def work(password: str) -> str:
            self.workspace.services.clinic.prove(password)
            return password

        ask_password(
            self,
            self.jobs,
            title=tr("Export the training set"),
            text=tr(WARNING),
            confirm=tr("I know that; write it"),
            work=work,
            done=lambda password: self.presenter.write_export(place, password),
        )

    def _end(self, text: str, role: str) -> None:
        self.progress.hide()
        self._said.setText(text)
        self._said.setProperty("role", role)
        restyle(self._said)
        self._said.show()
        self._allow(True)
        if self._name_with_keyboard():  # which went on to the next button of the heads
            for made in self._compare:
                if made.accessibleName() == self._asked_with:
                    made.setFocus()

    def _allow(self, allowed: bool) -> None:
        """What takes long, one at a time."""
        self.fit.setEnabled(allowed)
        self.export.setEnabled(allowed and self._state is not None and self._state.settled > 0)
        for made in self._compare:
            made.setEnabled(allowed)


def _people(counts: tuple[int, ...]) -> str:
    """How many people have a case of each band."""
    return ", ".join(
        f"{tr(BAND_LABELS[band]).lower()} {count}" for band, count in zip(Band, counts, strict=True)
    )
