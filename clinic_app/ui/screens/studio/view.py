"""The studio's pages behind chips: each is made when it is first opened."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from clinic_app.domain.access import Action, allows
from clinic_app.services.studio_data import StudioContent
from clinic_app.ui.screens.base import Screen
from clinic_app.ui.screens.studio.opening import KeptPictures
from clinic_app.ui.screens.studio.page import StudioPage
from clinic_app.ui.strings import tr
from clinic_app.ui.turns import Turns
from clinic_app.ui.widgets.basics import button, column, label, scrolling
from clinic_app.ui.widgets.containers import Centred, Pages
from clinic_app.ui.widgets.flow import Flow
from clinic_app.ui.workspace import Workspace

PAGES = (
    ("transfer", "Optimised transfer", Action.USE_STUDIO),
    ("live", "Live styles", Action.USE_STUDIO),
    ("gallery", "Gallery", Action.USE_STUDIO),
    ("look", "Reference look", Action.EDIT_LOOK),
)


class StudioScreen(Screen):
    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.jobs, tr("Style studio"))
        self._workspace = workspace
        self._turns = Turns()  # a transfer and a measurement go one after the other
        self._kept = KeptPictures(workspace.services.studio, self.jobs)
        self._made: dict[str, StudioPage] = {}
        self._chips: dict[str, QPushButton] = {}
        self._present = "transfer"
        self._pages = Pages()
        holder = QWidget()
        box = column(holder, margin=4, gap=2)
        box.addLayout(self._build_chips())
        box.addWidget(Centred(self._pages, 1240, leading=True))
        box.addStretch(1)
        column(self).addWidget(scrolling(holder))

    def arrive(self) -> None:
        self.open(self._present)
        self._kept.get_to_know()

    def renew(self) -> None:
        self.page(self._present).renew()

    def drop(self) -> None:
        for page in self._made.values():
            page.drop()
        super().drop()

    def page(self, name: str) -> StudioPage:
        """A page by its name; made when it is first asked for."""
        if name not in self._made:
            made = self._make(name)
            self._made[name] = made
            self._pages.add(made)
        return self._made[name]

    def open(self, name: str) -> None:
        """Show a page and let it look again."""
        self._present = name
        page = self.page(name)
        self._pages.show_page(page)
        self._chips[name].setChecked(True)
        page.arrive()

    def _build_chips(self) -> QVBoxLayout:
        lines = column(gap=1)
        flow = Flow()
        group = QButtonGroup(self)
        role = self._workspace.services.session.user.role
        for name, words, action in PAGES:
            if allows(role, action):
                made = button(tr(words), "chip", partial(self.open, name))
                made.setCheckable(True)
                group.addButton(made)
                self._chips[name] = made
                flow.add(made)
        lines.addWidget(flow)
        lines.addWidget(
            label(
                tr(
                    "Pictures made here are altered. They are no part of any record and say nothing"
                    " about anybody's health."
                ),
                "muted",
            )
        )
        return lines

    def _make(self, name: str) -> StudioPage:
        if name == "transfer":
            from clinic_app.ui.screens.studio.transfer.view import TransferPage

            return TransferPage(self._workspace, self.jobs, self._turns)
        if name == "live":
            from clinic_app.ui.screens.studio.live.view import LivePage

            live = LivePage(self._workspace, self.jobs)
            live.handed_over.connect(self._to_transfer)
            live.for_looks.connect(self._to_looks)
            return live
        if name == "gallery":
            from clinic_app.ui.screens.studio.gallery import GalleryPage

            return GalleryPage(self._workspace, self.jobs, partial(self.open, "transfer"))
        from clinic_app.ui.screens.studio.look.view import LookPage

        return LookPage(self._workspace, self.jobs, self._turns)

    def _to_transfer(self, content: StudioContent) -> None:
        from clinic_app.ui.screens.studio.transfer.view import TransferPage

        page = self.page("transfer")
        assert isinstance(page, TransferPage)
        page.take(content)
        self.open("transfer")

    def _to_looks(self, content: StudioContent) -> None:
        from clinic_app.ui.screens.studio.look.view import LookPage

        page = self.page("look")
        assert isinstance(page, LookPage)
        page.add_faces([content])
        self.open("look")
