"""How long pictures and unfinished screenings stay; first tried out, then done."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.site import Retention
from clinic_app.services.retention import RetentionKind, RetentionPlan
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.moments import day_text, local_day
from clinic_app.ui.screens.admin.profile.form import whole_number
from clinic_app.ui.screens.admin.retention.presenter import RetentionPresenter
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import answer_row, button, clear, column, label, row
from clinic_app.ui.widgets.fields import Field, Fields, text_edit
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.states import picture
from clinic_app.ui.workspace import Workspace

KIND_WORDS = {
    RetentionKind.KEPT_IMAGES: "Kept pictures of finished screenings",
    RetentionKind.DRAFT_IMAGES: "Pictures of unfinished screenings that were left alone",
    RetentionKind.DRAFTS: "Unfinished screenings that were left alone",
    RetentionKind.FORMS: "Begun forms that were left alone",
    RetentionKind.TRANSFERS: "Studio transfers that were left alone or whose account is off",
}
_OPTIONAL = ("kept_image_days", "draft_days")


class RetentionSection(Section):
    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__(
            workspace,
            jobs,
            tr("Retention"),
            tr(
                "How long pictures and unfinished screenings stay. Results, notes and safety steps"
                " are records of care and stay. Nothing goes before you have seen what it would be."
            ),
            width=760,
        )
        self.presenter = RetentionPresenter(self, workspace.services.retention, jobs)
        self._build_settings()
        box = self.card(
            tr("What would go today"),
            tr("The dry run counts with what stands above, saved or not, and changes nothing."),
        )
        self._outcome = column(gap=1)
        box.addLayout(self._outcome)
        buttons = row()
        self.dry = button(tr("Dry run"), "", self._dry_run)
        self.remove = button(tr("Remove what is due…"), "danger", self.presenter.remove)
        self.remove.setEnabled(False)
        buttons.addWidget(self.dry)
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        box.addLayout(buttons)

    def arrive(self) -> None:
        if not self.unfinished():
            self.presenter.look()

    def catch_up(self) -> None:
        self.arrive()

    def unfinished(self) -> str:
        try:
            typed = self._typed()
        except InvalidInput:
            typed = None
        if not self.presenter.differs(typed):
            return ""
        return tr("The changes under “{title}” are not saved yet.").format(title=self.title)

    # --- for the presenter ---------------------------------------------------------------------

    def show_settings(self, settings: Retention) -> None:
        self.fields.clear_errors()
        for name, edit in self.edits.items():
            days = getattr(settings, name)
            edit.setText("" if days is None else str(days))
        self._forget_plan()
        self.show_content()

    def show_failure(self, error: BaseException) -> None:
        self.show_failed(error, self.presenter.look)

    def show_error(self, error: InvalidInput) -> None:
        self.fields.show_error(error)

    def show_trouble(self, error: BaseException) -> None:
        self.workspace.notices.report(error)

    def show_working(self, working: bool) -> None:
        self.dry.setEnabled(not working)
        self.dry.setText(tr("Looking…") if working else tr("Dry run"))

    def show_plan(self, plan: RetentionPlan, *, saved: bool) -> None:
        clear(self._outcome)
        if not plan.items:
            self._say("check", "good", tr("Nothing is due."), "")
        for kind in RetentionKind:
            found = [one for one in plan.items if one.kind is kind]
            if found:
                oldest = local_day(min(one.since for one in found))
                since = tr("the oldest of {day}").format(day=day_text(oldest))
                self._say("clock", "warning", f"{len(found)} · {tr(KIND_WORDS[kind])}", since)
        if plan.items and not saved:
            text = tr("These settings are not saved. Save them before anything can be removed.")
            self._outcome.addWidget(label(text, "caution"))
        self.remove.setEnabled(bool(plan.items) and saved)
        self.reveal(self.remove)

    def ask_to_save(self, work: Callable[[str], Retention]) -> None:
        ask_password(
            self,
            self.jobs,
            title=tr("Save how long things stay"),
            text=tr(
                "Pictures of unfinished screenings that are due go by themselves at the next"
                " sign-in; everything else waits until it is removed here."
            ),
            confirm=tr("Save"),
            work=work,
            done=self._saved,
        )

    def ask_to_remove(self, plan: RetentionPlan, work: Callable[[str], RetentionPlan]) -> None:
        counts = "; ".join(
            f"{plan.count(kind)} · {tr(KIND_WORDS[kind])}"
            for kind in RetentionKind
            if plan.count(kind)
        )
        ask_password(
            self,
            self.jobs,
            title=tr("Remove what is due?"),
            text=tr("{counts}. This cannot be undone.").format(counts=counts),
            confirm=tr("Remove for good"),
            work=work,
            done=self._removed,
        )

    # --- inside --------------------------------------------------------------------------------

    def _build_settings(self) -> None:
        box = self.card(tr("Days after which things go"))
        empty = tr("Empty: kept until a person decides.")
        self.edits: dict[str, QLineEdit] = {}
        self.fields = Fields({})
        for name, caption, hint in (
            ("kept_image_days", tr("Kept pictures, after the screening"), empty),
            (
                "draft_image_days",
                tr("Pictures of an unfinished screening, after its last change"),
                tr("Pictures that the person agreed to keep stay."),
            ),
            ("draft_days", tr("Unfinished screenings, after their last change"), empty),
        ):
            edit = self.edits[name] = text_edit(tr("days"), limit=5)
            edit.textEdited.connect(lambda _: self._forget_plan())
            edit.returnPressed.connect(self._dry_run)
            box.addWidget(self.fields.add(name, Field(caption, edit, hint=hint)))
        self.save = button(tr("Save…"), "primary", self._save)
        box.addLayout(answer_row(self.save))

    def _typed(self) -> Retention:
        def days(name: str) -> int | None:
            if name in _OPTIONAL and not self.edits[name].text().strip():
                return None
            return whole_number(self.edits[name], name)

        number = whole_number(self.edits["draft_image_days"], "draft_image_days")
        return Retention(days("kept_image_days"), number, days("draft_days"))

    def _with_typed(self, act: Callable[[Retention], None]) -> None:
        self.fields.clear_errors()
        try:
            typed = self._typed()
        except InvalidInput as error:
            self.show_error(error)
            return
        act(typed)

    def _dry_run(self) -> None:
        self._with_typed(self.presenter.dry_run)

    def _save(self) -> None:
        self._with_typed(self.presenter.save)

    def _saved(self, settings: Retention) -> None:
        self.presenter.saved(settings)
        self.workspace.notices.tell(tr("The settings are saved."))

    def _removed(self, plan: RetentionPlan) -> None:
        self._forget_plan()
        clear(self._outcome)
        text = tr("{n} removed.").format(n=len(plan.items))
        self._say("check", "good", text, tr("The audit trail has one entry for each."))

    def _forget_plan(self) -> None:
        """What is shown no longer fits what is typed."""
        clear(self._outcome)
        self._outcome.addWidget(label(tr("Not looked at yet."), "small"))
        self.remove.setEnabled(False)

    def _say(self, drawing: str, tone: str, text: str, more: str) -> None:
        across = row(gap=1)
        across.addWidget(picture(drawing, 18, tone))
        words = column()
        words.setSpacing(0)
        words.addWidget(label(text, "strong"))
        if more:
            words.addWidget(label(more, "small"))
        across.addLayout(words, 1)
        self._outcome.addLayout(across)
