"""A card with its pictures: these come as bytes, nothing is ever read from disk or network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextCursor, QTextDocument, QTextFragment
from PySide6.QtWidgets import QTextBrowser

from clinic_app.ui.theme import scaled

DRAWN_AT = 1.6
"""Pixels of a picture for each pixel on an ordinary screen: sharp on fine screens and when
enlarged."""


class CardBrowser(QTextBrowser):
    """Shows Markdown whose pictures were handed in by name; follows no link."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures: dict[str, QImage] = {}
        self.setOpenLinks(False)
        # As tall as its text: the page scrolls, and a bar beside every card would say otherwise.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_markdown(self, markdown: str, pictures: Mapping[str, bytes]) -> None:
        """Replace what is shown; a picture that cannot be decoded leaves its place empty."""
        self._pictures = {
            name: image
            for name, data in pictures.items()
            if not (image := QImage.fromData(data)).isNull()
        }
        self.setMarkdown(markdown)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Only what was handed in: a card is a document, not a web page."""
        if kind == QTextDocument.ResourceType.ImageResource.value:
            return self._pictures.get(
                QUrl(name).toString(), QImage(1, 1, QImage.Format.Format_ARGB32)
            )
        return None

    def fit_pictures(self, width: int) -> None:
        """Pictures at their own size, no wider than the text."""
        for fragment in list(self._shown()):
            image = fragment.charFormat().toImageFormat()
            known = self._pictures.get(image.name())
            if known is None:
                continue
            wanted = min(scaled(round(known.width() / DRAWN_AT)), width - 4)
            image.setWidth(wanted)
            image.setHeight(known.height() * wanted / known.width())
            cursor = QTextCursor(self.document())
            cursor.setPosition(fragment.position())
            cursor.setPosition(
                fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor
            )
            cursor.setCharFormat(image)
            spaced = cursor.blockFormat()
            spaced.setTopMargin(scaled(12))
            spaced.setBottomMargin(scaled(12))
            cursor.setBlockFormat(spaced)

    def _shown(self) -> Iterator[QTextFragment]:
        """Every picture in the document."""
        block = self.document().begin()
        while block.isValid():
            place = block.begin()
            while not place.atEnd():
                fragment = place.fragment()
                if fragment.charFormat().isImageFormat():
                    yield fragment
                place += 1
            block = block.next()
