"""The audit trail: filters, a page of entries, the state of the chain, an extract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QHeaderView, QTableView

from clinic_app.domain.audit import AuditCheck
from clinic_app.domain.audit_heads import AuditHead
from clinic_app.services.audit import PAGE, AuditExtract
from clinic_app.services.audit_data import AuditRow
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.moments import local
from clinic_app.ui.screens.admin.audit.filters import AuditFilters
from clinic_app.ui.screens.admin.audit.gaps import check_words, told_words
from clinic_app.ui.screens.admin.audit.presenter import AuditPresenter
from clinic_app.ui.screens.admin.audit.rows import ABOUT, DETAILS, NEEDS_WIDTH, AuditTable
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.trouble import explain
from clinic_app.ui.widgets.basics import button, icon_button, label, restyle, row
from clinic_app.ui.widgets.fitted import Fitted
from clinic_app.ui.widgets.password_sheet import ask_password
from clinic_app.ui.widgets.row_table import row_table
from clinic_app.ui.workspace import Workspace

_ROW_HEIGHT = 38
_ROWS_IN_VIEW = 14


class AuditSection(Fitted, Section):
    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__(
            workspace,
            jobs,
            tr("Audit trail"),
            tr(
                "Every reading, change, print, export and refusal, in a chain that shows when"
                " somebody alters, removes or cuts off entries."
            ),
            width=1200,
        )
        self.presenter = AuditPresenter(self, workspace.services.audit, jobs)
        self._build_chain()
        box = self.card()
        self.filters = AuditFilters(self.presenter.search)
        box.addWidget(self.filters)
        self.rows = AuditTable()
        self.table = self._make_table()
        box.addWidget(self.table)
        self.nothing = label(tr("No entry fits these filters."), "muted")
        self.nothing.hide()
        box.addWidget(self.nothing)
        box.addLayout(self._pager())
        self._seen = False

    def arrive(self) -> None:
        if not self._seen:
            self.presenter.look()

    def catch_up(self) -> None:
        self.presenter.look_around()

    # --- for the presenter ---------------------------------------------------------------------

    def show_actors(self, actors: Mapping[UUID, str]) -> None:
        self.filters.show_actors(actors)

    def show_told(self, told: Mapping[str, AuditHead]) -> None:
        self.told.setText(told_words(told))
        self.told.setVisible(bool(told))

    def show_looking(self) -> None:
        for made in (self.newer, self.older, self.refresh):
            made.setEnabled(False)

    def show_rows(self, rows: Sequence[AuditRow], page: int, *, more: bool) -> None:
        self._seen = True
        self.rows.show(rows)
        self.table.scrollToTop()
        self.nothing.setVisible(not rows)
        self.newer.setEnabled(page > 0)
        self.older.setEnabled(more)
        self.refresh.setEnabled(True)
        if rows:
            last, first = rows[0].entry.number, rows[-1].entry.number
            text = tr("Page {page} · entries {last} to {first}, newest first")
            self.place.setText(text.format(page=page + 1, last=last, first=first))
        else:
            self.place.setText("")
        self.show_content()
        self.fit()

    def show_failure(self, error: BaseException) -> None:
        self._seen = False
        self.show_failed(error, self.presenter.look)

    def show_checking(self) -> None:
        self.verify.setEnabled(False)
        self._say(tr("Checking every entry…"), "muted")

    def show_check(self, check: AuditCheck) -> None:
        self.verify.setEnabled(True)
        self._say(*check_words(check))

    def show_check_failed(self, error: BaseException) -> None:
        self.verify.setEnabled(True)
        self._say(explain(error), "alarm")

    def ask_place(self, extract: AuditExtract) -> None:
        if not self.isVisible():  # covered by the lock since
            return
        name = f"audit-{local(extract.made_at):%Y-%m-%d}.csv"
        dialog = QFileDialog(self, tr("Save the extract"), name, tr("Tables (*.csv)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.presenter.save(extract, Path(path)))
        dialog.open()

    def show_saved(self, name: str) -> None:
        self.workspace.notices.tell(tr("Saved as “{name}”.").format(name=name))

    def show_trouble(self, error: BaseException) -> None:
        self.workspace.notices.report(error)

    # --- building ------------------------------------------------------------------------------

    def _build_chain(self) -> None:
        box = self.card()
        self.state = label(tr("The chain was not checked on this page yet."), "muted")
        box.addWidget(self.state)
        self.told = label("", "small")
        self.told.hide()
        box.addWidget(self.told)
        across = row()
        self.verify = icon_button(tr("Check the chain"), "shield", "", self.presenter.verify)
        self.export = icon_button(tr("Save an extract…"), "save", "", self._ask_password)
        across.addWidget(self.verify)
        across.addWidget(self.export)
        across.addStretch(1)
        box.addLayout(across)

    def _pager(self) -> QHBoxLayout:
        pager = row()
        self.refresh = button(tr("Look again"), "", self.presenter.again)
        self.newer = button(tr("Newer"), "", self.presenter.newer)
        self.older = button(tr("Older"), "", self.presenter.older)
        self.place = label("", "small")
        pager.addWidget(self.refresh)
        pager.addWidget(self.place, 1)
        pager.addWidget(self.newer)
        pager.addWidget(self.older)
        return pager

    def _make_table(self) -> QTableView:
        return row_table(
            self.rows,
            tr("Audit entries, {n} a page").format(n=PAGE),
            widest=len(NEEDS_WIDTH) + 3,
            to_contents=True,
        )

    def fit(self) -> None:
        self.table.verticalHeader().setDefaultSectionSize(scaled(_ROW_HEIGHT))
        self.table.setFixedHeight(scaled(_ROW_HEIGHT) * (_ROWS_IN_VIEW + 1))
        for number, least in NEEDS_WIDTH.items():
            self.table.setColumnHidden(number, self.table.width() < scaled(least))
        self.rows.narrow = self.table.isColumnHidden(DETAILS)
        header = self.table.horizontalHeader()
        mode = QHeaderView.ResizeMode
        header.setSectionResizeMode(
            ABOUT, mode.Stretch if self.rows.narrow else mode.ResizeToContents
        )

    def _ask_password(self) -> None:
        ask_password(
            self,
            self.jobs,
            title=tr("Save an extract of the audit trail"),
            text=tr(
                "It holds what the filters show now, all pages of it, and the state of the whole"
                " chain. The file is not encrypted: it names the staff and record numbers."
            ),
            confirm=tr("Continue"),
            work=self.presenter.extract,
            done=self.ask_place,
        )

    def _say(self, text: str, role: str) -> None:
        self.state.setText(text)
        self.state.setProperty("role", role)
        restyle(self.state)
