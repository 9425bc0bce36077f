"""Reports that were issued about this person, with the number by which paper is checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtWidgets import QWidget

from clinic_app.domain.issued import SHORTEST_HASH, IssuedReport
from clinic_app.ui.moments import moment_text
from clinic_app.ui.screens.patient.texts import Names, name_of
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, clear, column, label, row

SHOWN_AT_FIRST = 5


class DocumentsPanel(QWidget):
    def __init__(
        self, open_report: Callable[[UUID], None], open_reports: Callable[[], None]
    ) -> None:
        super().__init__()
        self._open = open_report
        box = column(self, gap=1)
        across = row()
        across.addWidget(label(tr("Documents"), "heading"), 1)
        self.reports = button(tr("Reports…"), "", open_reports)
        across.addWidget(self.reports)
        box.addLayout(across)
        self._list = column(gap=1)
        box.addLayout(self._list)
        self._all = False

    def show_documents(self, documents: Sequence[IssuedReport], names: Names) -> None:
        """Newest first."""
        clear(self._list)
        if not documents:
            self._list.addWidget(label(tr("No report was issued yet."), "muted"))
        shown = len(documents) if self._all else SHOWN_AT_FIRST
        for one in documents[:shown]:
            self._add(one, names)
        if len(documents) > shown:

            def show_all() -> None:
                self._all = True
                self.show_documents(documents, names)

            number = len(documents) - shown
            self._list.addWidget(
                button(tr("Show {number} older").format(number=number), "link", show_all)
            )

    def _add(self, one: IssuedReport, names: Names) -> None:
        across = row()
        words = column()
        words.setSpacing(2)
        words.addWidget(label(one.kind.replace("_", " ").capitalize(), "strong"))
        by = name_of(one.by, names)
        words.addWidget(label(f"{moment_text(one.issued_at)} · {by}", "small"))
        number = one.data_sha256[: 2 * SHORTEST_HASH]
        words.addWidget(
            label(tr("Check number {number}").format(number=number), "small", selectable=True)
        )
        across.addLayout(words, 1)
        if one.subject_id is not None and one.kind == "screening":
            subject = one.subject_id
            across.addWidget(button(tr("Open"), "quiet", lambda: self._open(subject)))
        self._list.addLayout(across)
