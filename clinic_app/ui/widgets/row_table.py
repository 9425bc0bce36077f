"""A table of records: one row is chosen at a time, and nothing is written in it."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView


def row_table(
    rows: QAbstractItemModel, name: str, *, widest: int, to_contents: bool = False
) -> QTableView:
    """``name`` is for screen readers, ``widest`` the column that takes what the others leave: they
    are as wide as what is in them (``to_contents``), or as the screen says."""
    table = QTableView()
    table.setAccessibleName(name)
    table.setModel(rows)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionsClickable(False)
    if to_contents:
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(widest, QHeaderView.ResizeMode.Stretch)
    return table
