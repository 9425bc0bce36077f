"""The gallery of the studio through the window."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QListWidgetItem

from clinic_app.ui.screens.studio.gallery import GalleryPage
from clinic_app.ui.screens.studio.view import StudioScreen
from tests.fakes.studio import shaded
from tests.gui.conftest import Driver
from tests.gui.studio.conftest import go_to


def has_picture(item: QListWidgetItem) -> bool:
    image = item.icon().pixmap(64, 64).toImage()
    return image.pixelColor(image.rect().center()).alpha() > 0


def test_small_pictures_are_made_beside_the_window_and_once(
    inside: Driver, screen: StudioScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = inside.clinic
    studio, drawn_in = clinic.services.studio, clinic.engine.thumbnails
    decoded: list[int] = []
    monkeypatch.setattr(QImage, "fromData", lambda *_: decoded.append(1))
    for title in ("Harbour", "Boat", "Lamp"):
        made = studio.keep(studio.sample(), shaded(200), title, "ink")
        gallery = clinic.store.tables.gallery
        gallery[made.id] = (made, replace(gallery[made.id][1], small_png=None))  # of old
    drawn_in.clear()
    go_to(inside, "Gallery")
    page = screen.page("gallery")
    assert isinstance(page, GalleryPage)
    assert page.list.count() == 3
    inside.until(lambda: all(has_picture(page.list.item(n)) for n in range(3)))
    sides = page.list.iconSize()
    for number in range(3):
        place = page.list.visualItemRect(page.list.item(number))
        assert place.height() > sides.height()  # room for the picture and its name
        assert place.width() >= sides.width()
    assert drawn_in == [drawn_in[0]] * 3
    assert drawn_in[0].startswith("lane-")
    studio.keep(studio.sample(), shaded(200), "Fourth", "ink")
    page.arrive()
    inside.until(lambda: page.list.count() == 4)
    inside.until(lambda: all(has_picture(page.list.item(n)) for n in range(4)))
    first, second = (page.list.visualItemRect(page.list.item(n)) for n in (0, 1))
    drawn = page.list.viewport().grab().toImage()
    chosen, other = (drawn.pixelColor(one.left() + 4, one.center().y()) for one in (first, second))
    assert chosen != other  # it shows which one is chosen
    assert len(drawn_in) == 4  # the fourth came with one
    assert decoded == []
