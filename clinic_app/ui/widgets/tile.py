"""A big button with a title and a sentence, for choices that need explaining."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from clinic_app.ui.widgets.basics import column, label, row
from clinic_app.ui.widgets.states import picture


class Tile(QPushButton):
    """As tall as its words need; checkable tiles are choices, others go somewhere."""

    def __init__(
        self,
        title: str,
        text: str,
        *,
        drawing: str = "",
        checkable: bool = False,
        on_click: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self.setProperty("role", "tile")
        self.setCheckable(checkable)
        self.setAutoDefault(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        line = row(self, margin=2, gap=2)
        if drawing:
            line.addWidget(picture(drawing, 36, "accent"), 0, Qt.AlignmentFlag.AlignVCenter)
        words = column()
        words.setSpacing(2)
        words.addWidget(label(title, "heading" if drawing else "strong"))
        words.addWidget(label(text, "muted"))
        line.addLayout(words, 1)
        if not checkable:
            line.addWidget(picture("forward", 20, "accent"))
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if on_click is not None:
            self.clicked.connect(lambda _checked=False: on_click())

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(width) if layout is not None else -1
