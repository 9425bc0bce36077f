"""The languages of the window, who has reviewed them, and the wording that awaits a clinician."""

from __future__ import annotations

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from clinic_app.services.translations import Language, catalogue, languages
from clinic_app.ui.jobs import Jobs
from clinic_app.ui.language import number_text
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.strings import tr
from clinic_app.ui.theme import scaled
from clinic_app.ui.widgets.basics import label
from clinic_app.ui.widgets.fields import text_edit
from clinic_app.ui.widgets.languages import standing_of
from clinic_app.ui.workspace import Workspace

_TABLE_HEIGHT = 520
"""In pixels at 100% text size; the table scrolls inside it."""


class LanguagesSection(Section):
    """One card a language; under a translation its clinical texts beside the English."""

    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__(
            workspace,
            jobs,
            tr("Languages"),
            tr(
                "What the window can speak. Questionnaires keep their official wording, and the"
                " clinic decides whether a translation is good enough for the people it sees."
            ),
            width=1200,
        )
        self.tables: dict[str, QTableView] = {}
        for language in languages():
            self._add(language)

    def arrive(self) -> None:
        self.show_content()

    def _add(self, language: Language) -> None:
        texts = catalogue(language.code)
        box = self.card(language.name, standing_of(language))
        if not texts.clinical:
            return
        box.addWidget(
            label(
                tr(
                    "{n} texts about consent, safety, results and the patient's own pages have not"
                    " been checked by a clinician. Until then the English counts."
                ).format(n=number_text(len(texts.clinical)))
            )
        )
        find = text_edit(tr("Find in these texts"), limit=60)
        find.setAccessibleName(tr("Find in these texts"))
        table = _table(language, {one: texts.text(one) for one in sorted(texts.clinical)})
        model = table.model()
        assert isinstance(model, QSortFilterProxyModel)
        find.textChanged.connect(model.setFilterFixedString)
        find.textChanged.connect(lambda _: table.resizeRowsToContents())
        self.tables[language.code] = table
        box.addWidget(find)
        box.addWidget(table)


def _table(language: Language, texts: dict[str, str]) -> QTableView:
    held = QStandardItemModel(0, 2)
    held.setHorizontalHeaderLabels(["English", language.name])
    for english, translated in texts.items():
        held.appendRow([_cell(english), _cell(translated)])
    shown = QSortFilterProxyModel()
    shown.setSourceModel(held)
    shown.setFilterKeyColumn(-1)
    shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    table = QTableView()
    held.setParent(table)
    shown.setParent(table)
    table.setModel(shown)
    table.setAccessibleName(tr("Texts that await a clinical review"))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.setFixedHeight(scaled(_TABLE_HEIGHT))
    return table


def _cell(text: str) -> QStandardItem:
    made = QStandardItem(text)
    made.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    return made
