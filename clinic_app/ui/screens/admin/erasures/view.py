"""Requests for erasure: what waits, what was decided, by whom and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QFrame

from clinic_app.domain.erasure import Erasure, ErasureState
from clinic_app.domain.errors import NotFound
from clinic_app.domain.paging import Page, Position
from clinic_app.ui.jobs import Jobs, Lane
from clinic_app.ui.moments import moment_text
from clinic_app.ui.screens.admin.section import Section
from clinic_app.ui.screens.subject.erase_sheet import EraseSheet
from clinic_app.ui.screens.subject.texts import STATE_ROLES, STATE_WORDS, story_of
from clinic_app.ui.strings import tr
from clinic_app.ui.widgets.basics import button, card, clear, column, label, line, row
from clinic_app.ui.widgets.focus import kept_focus
from clinic_app.ui.widgets.states import Emptiness
from clinic_app.ui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Found:
    page: Page[Erasure, Position]
    people: Mapping[UUID, str]
    staff: Mapping[UUID, str]


class ErasuresSection(Section):
    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        super().__init__(
            workspace,
            jobs,
            tr("Erasure requests"),
            tr(
                "Anybody of the staff records a request on the person's page; an administrator"
                " decides. The request and the decision stay as a record."
            ),
        )
        self.sheet: EraseSheet | None = None
        self._after: list[Position | None] = [None]
        holder, self._list = card(margin=2, gap=1)
        self.body.addWidget(holder)
        across = row()
        across.addStretch(1)
        self.newer = button(tr("Newer"), "", self._turn_back)
        self.older = button(tr("Older"), "", self._turn)
        across.addWidget(self.newer)
        across.addWidget(self.older)
        self.body.addLayout(across)
        self._next: Position | None = None

    def arrive(self) -> None:
        services, after = self.workspace.services, self._after[-1]

        def read() -> _Found:
            page = services.erasures.requests(after=after)
            people = {}
            for one in page.rows:
                if one.patient_id not in people:
                    try:
                        people[one.patient_id] = services.patients.get(one.patient_id).display_name
                    except NotFound:
                        people[one.patient_id] = tr("a record that is not on this laptop")
            return _Found(page, people, services.staff.names())

        self.jobs.submit(
            Lane.DATABASE,
            read,
            done=self._show,
            failed=lambda error: self.show_failed(error, self.arrive),
        )

    def catch_up(self) -> None:
        self.arrive()

    def _show(self, found: _Found) -> None:
        with kept_focus(self):
            self._fill(found)
        self._next = found.page.next
        self.older.setVisible(self._next is not None)
        self.newer.setVisible(len(self._after) > 1)
        self.show_content()

    def _fill(self, found: _Found) -> None:
        clear(self._list)
        rows: Sequence[Erasure] = found.page.rows
        if not rows:
            self._list.addWidget(
                Emptiness(
                    "check",
                    tr("Nobody has asked for erasure"),
                    tr("Requests are recorded on the person's page, under “Erase…”."),
                )
            )
        for number, one in enumerate(rows):
            if number:
                self._list.addWidget(line())
            self._list.addWidget(self._line(one, found))

    def _line(self, one: Erasure, found: _Found) -> QFrame:
        made = QFrame()
        across = row(made, gap=2)
        words = column()
        words.setSpacing(2)
        name = row()
        name.addWidget(label(found.people[one.patient_id], "strong"))
        state = label(tr(STATE_WORDS[one.state]), STATE_ROLES[one.state], wrap=False)
        name.addWidget(state)
        name.addStretch(1)
        words.addLayout(name)
        for text in story_of(one, found.staff):
            words.addWidget(label(text, "small"))
        across.addLayout(words, 1)
        waits = one.state is ErasureState.ASKED
        go = button(tr("Decide…") if waits else tr("Open…"), "", partial(self._open, one))
        person = found.people[one.patient_id]
        day = moment_text(one.asked_at)
        go.setAccessibleName(f"{tr('Decide') if waits else tr('Open')} {person}, {day}")
        across.addWidget(go)
        return made

    def _open(self, one: Erasure) -> None:
        self.sheet = EraseSheet(self, self.workspace, one.patient_id)
        self.sheet.sheet.closed.connect(self.arrive)

    def _turn(self) -> None:
        if self._next is not None:
            self._after.append(self._next)
            self.arrive()

    def _turn_back(self) -> None:
        if len(self._after) > 1:
            self._after.pop()
            self.arrive()
