"""Optimised transfer: what goes in on the left, what becomes of it on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPlainTextEdit, QProgressBar, QVBoxLayout

from clinic_app.domain.picture import Picture
from clinic_app.domain.studio import BegunTransfer
from clinic_app.services.studio_data import StudioContent, TakenUp, TransferNews, TransferWish
from clinic_app.ui.jobs import ScreenJobs
from clinic_app.ui.screens.studio.content import ContentCard
from clinic_app.ui.screens.studio.keeping import ask_to_keep, save_out
from clinic_app.ui.screens.studio.page import StudioPage
from clinic_app.ui.screens.studio.pictures import print_picture
from clinic_app.ui.screens.studio.styles import StyleCard
from clinic_app.ui.screens.studio.transfer.offer import Offer
from clinic_app.ui.screens.studio.transfer.presenter import State, TransferPresenter
from clinic_app.ui.screens.studio.transfer.settings import SettingsCard
from clinic_app.ui.screens.studio.watch import PictureWatch
from clinic_app.ui.screens.studio.words import log_line, waiting_words
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.turns import Ahead, Turns
from clinic_app.ui.widgets.basics import button, card, clear, column, icon_button, label, row
from clinic_app.ui.widgets.camera import image_of
from clinic_app.ui.widgets.compare import CompareView
from clinic_app.ui.widgets.containers import FollowingColumns
from clinic_app.ui.widgets.fields import text_edit
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.widgets.loss_chart import LossChart, LossPoint
from clinic_app.ui.widgets.progress import time_left_text
from clinic_app.ui.workspace import Workspace


class TransferPage(StudioPage):
    """Signals:
    kept: something was put into the gallery.
    """

    kept = Signal()

    def __init__(self, workspace: Workspace, jobs: ScreenJobs, turns: Turns) -> None:
        super().__init__(workspace, jobs)
        self.presenter = TransferPresenter(self, workspace.services.studio, jobs, turns)
        self._shown: tuple[int, Picture] | None = None
        self.content = ContentCard(workspace, jobs)
        self.styles = StyleCard(workspace, jobs)
        self.settings = SettingsCard()
        columns = FollowingColumns(break_at=760, side_width=340)
        for one in (self.content, self.styles, self.settings):
            columns.side_box.addWidget(one)
        self.offer = Offer(
            self.presenter.take_up, self.presenter.start_again, self.presenter.forget
        )
        columns.main_box.addWidget(self.offer)
        self._build_result(columns.main_box)
        column(self).addWidget(columns)
        self._watch = PictureWatch(
            self,
            workspace.services.studio,
            jobs,
            lambda: (self.content.content, self.presenter.content),
            self.presenter.withdraw,
        )
        self.content.chosen.connect(lambda _: self._ready())
        self.styles.chosen.connect(self._ready)
        self.show_state(State.IDLE)

    def arrive(self) -> None:
        self.styles.load()
        self._watch.ask()
        self.presenter.look()

    def drop(self) -> None:
        self.presenter.drop()
        self.content.opening.leave()
        self.styles.opening.leave()

    def take(self, content: StudioContent) -> None:
        """A picture that another page hands over."""
        self.content.take(content)

    # --- for the presenter -------------------------------------------------------------------

    def show_state(self, state: State) -> None:
        acting = any(one.hasFocus() for one in (self.start, self.cancel, self.go_on))
        busy = state in (State.WAITING, State.RUNNING, State.STOPPING)
        self.start.setVisible(not busy)
        self.cancel.setVisible(busy)
        self.go_on.setVisible(state is State.STOPPED)
        self.bar.setVisible(state is not State.IDLE)
        self._ready()
        if acting:
            self._focus_act(busy)
        if state is State.DONE:
            self.progress.setText(tr("Done"))
        elif state is State.STOPPED:
            self.progress.setText(tr("Stopped. You can go on, or start anew."))
        elif state is State.FAILED:
            self.progress.setText("")
        elif state is State.STOPPING:
            self.progress.setText(tr("Stopping…"))
        has = self._shown is not None and not busy
        for one in (self.keep, self.save, self.print, self.title):
            one.setEnabled(has)

    def show_offer(self, begun: BegunTransfer | None) -> None:
        acting = self.offer.isAncestorOf(self.focusWidget() or self)
        self.offer.show_begun(begun)
        if begun is None and acting:
            self._focus_act(self.presenter.busy)

    def show_taken_up(self, taken: TakenUp) -> None:
        self.content.take(taken.content)
        self.styles.take(taken.begun.style_name, taken.style)
        self.settings.show_wish(taken.begun.wish)

    def show_waiting(self, ahead: Ahead) -> None:
        words = waiting_words(ahead)
        self.progress.setText(words)
        self.bar.setAccessibleDescription(words)

    def show_outputs(self, outputs: Sequence[tuple[int, Picture]]) -> None:
        for step, picture in outputs:
            self._add_output(step, picture)
            self._show_result(step, picture)

    def show_begun(self, wish: TransferWish) -> None:
        self._trouble.hide()
        self._shown = None
        self.bar.setRange(0, wish.steps)
        self.bar.setValue(0)
        self.progress.setText(tr("Beginning…"))
        self.chart.begin(wish.steps)
        self.log.clear()
        clear(self._outputs)
        self._output_flow = Flow()  # ten of them do not fit into one line
        self._outputs.addWidget(self._output_flow)
        self._output_group = QButtonGroup(self)
        content = self.content.content
        if content is not None:
            before = image_of(content.picture)
            self.compare.show_pictures(before, before)

    def show_news(self, news: list[TransferNews]) -> None:
        last = news[-1]
        for one in news:
            point = LossPoint(one.step, one.content_loss, one.style_loss, one.total)
            self.chart.add(point)
            if one.picture is not None:
                self.log.appendPlainText(log_line(one))
            if one.picture is not None and one.output:
                self._add_output(one.step, one.picture)
        newest = next((one for one in reversed(news) if one.picture is not None), None)
        if newest is not None and newest.picture is not None:
            self._show_result(newest.step, newest.picture)
        self.bar.setValue(last.step)
        if self.presenter.busy:
            words = tr("Step {step} of {steps}, {left}").format(
                step=last.step, steps=last.steps, left=time_left_text(last.seconds_left)
            )
            self.progress.setText(words)
            self.bar.setAccessibleDescription(words)

    def show_trouble(self, error: BaseException) -> None:
        self._trouble.setText(explain(error))
        self._trouble.show()

    def show_withdrawn(self) -> None:
        self._shown = None
        clear(self._outputs)
        self.log.clear()
        self.compare.show_nothing()
        self.content.forget()

    def show_kept(self) -> None:
        self._workspace.notices.tell(tr("Put into the gallery."))
        self.kept.emit()

    # --- building ----------------------------------------------------------------------------

    def _build_result(self, main: QVBoxLayout) -> None:
        holder, box = card(margin=2, gap=2)
        main.addWidget(holder)
        self._trouble = label("", "error")
        self._trouble.hide()
        box.addWidget(self._trouble)
        self.compare = CompareView(tags=(tr("Picture"), tr("Result")), empty=tr("No picture yet"))
        self.compare.keep_large(340)
        box.addWidget(self.compare, 1)
        self._outputs = column()
        box.addLayout(self._outputs)
        line = row(gap=2)
        self.progress = label(tr("Choose a picture and a style."), "muted")
        line.addWidget(self.progress, 1)
        self.start = button(tr("Start"), "primary", self._start)
        self.cancel = button(tr("Cancel"), "", self.presenter.cancel)
        self.go_on = button(tr("Go on"), "", self.presenter.go_on)
        for one in (self.go_on, self.cancel, self.start):
            line.addWidget(one)
        box.addLayout(line)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of the transfer"))
        box.addWidget(self.bar)
        across = Flow()
        self.title = text_edit(tr("Title (optional)"), limit=80)
        self.title.setAccessibleName(tr("Title in the gallery"))
        self.keep = button(tr("Put into the gallery"), "", self._keep)
        self.save = icon_button(tr("Save…"), "save", "", self._save)
        self.print = icon_button(tr("Print…"), "print", "", self._print)
        for widget in (self.title, self.keep, self.save, self.print):
            across.add(widget)
        box.addWidget(across)
        self._build_losses(main)

    def _build_losses(self, main: QVBoxLayout) -> None:
        holder, box = card(margin=2, gap=1)
        main.addWidget(holder)
        box.addWidget(label(tr("Losses"), "heading"))
        self.chart = LossChart()
        box.addWidget(self.chart)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setTabChangesFocus(True)
        self.log.setMaximumBlockCount(500)
        self.log.setFixedHeight(scaled(110))
        self.log.setAccessibleName(tr("Log of the losses"))
        self.log.setPlaceholderText(tr("Each preview writes a line here."))
        box.addWidget(self.log)
        main.addStretch(1)

    # --- inside ------------------------------------------------------------------------------

    def _focus_act(self, busy: bool) -> None:
        """What was pressed has gone: to what can be pressed in its place."""
        for one in (self.cancel,) if busy else (self.go_on, self.start, self.content.sample):
            if one.isVisibleTo(self) and one.isEnabled():
                one.setFocus()
                return

    def _ready(self) -> None:
        content, style = self.content.content, self.styles.picture
        ready = content is not None and style is not None
        self.start.setEnabled(ready and not self.presenter.busy)
        if self.presenter.state is State.IDLE:
            words = tr("Ready.") if ready else tr("Choose a picture and a style.")
            self.progress.setText(words)
            if content is not None:
                before = image_of(content.picture)
                self.compare.show_pictures(before, before)

    def _start(self) -> None:
        content, style = self.content.content, self.styles.picture
        if content is not None and style is not None:
            self.presenter.start(content, style, self.styles.name, self.settings.wish())

    def _show_result(self, step: int, picture: Picture) -> None:
        self._shown = (step, picture)
        made_from = self.presenter.content
        if made_from is not None:
            self.compare.show_pictures(image_of(made_from.picture), image_of(picture))

    def _add_output(self, step: int, picture: Picture) -> None:
        words = tr("Step {step}").format(step=step)
        made = button(words, "chip", lambda: self._show_result(step, picture))
        made.setCheckable(True)
        made.setAccessibleName(tr("Show the picture after step {step}").format(step=step))
        self._output_group.addButton(made)
        made.setChecked(True)
        self._output_flow.add(made)
        made.show()

    def _keep(self) -> None:
        content, shown = self.presenter.content, self._shown
        if content is not None and shown is not None:
            step, picture = shown
            title = self.title.text()
            ask_to_keep(
                self,
                content,
                lambda of_patient: self.presenter.keep(
                    picture, step, title, also_of_patient=of_patient
                ),
            )

    def _save(self) -> None:
        content, shown = self.presenter.content, self._shown
        if content is not None and shown is not None:
            studio = self._workspace.services.studio
            save_out(
                self,
                self._workspace,
                self._jobs,
                lambda password: studio.marked(content, shown[1], password=password),
                tr("Studio picture"),
                of_patient=content.patient_id is not None,
            )

    def _print(self) -> None:
        content, shown = self.presenter.content, self._shown
        if content is not None and shown is not None:
            studio = self._workspace.services.studio
            print_picture(
                self,
                self._jobs,
                self._workspace.notices,
                lambda: studio.marked(content, shown[1], printing=True),
            )
