"""The settings: who reaches them, and how their sections are found and fit."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QPushButton

from clinic_app.domain.people import Role
from clinic_app.ui.appearance import Choice, Look
from clinic_app.ui.screens.admin.devices import DevicesSection
from clinic_app.ui.screens.admin.view import AdminScreen
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD
from tests.gui.conftest import Driver


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.DOCTOR])
def test_nobody_but_administrators_reaches_the_settings(outside: Driver, role: Role) -> None:
    outside.clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    outside.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)
    outside.until(lambda: outside.window.desk is not None)
    outside.settle()
    assert not outside.desk.navigation.offers("admin")
    outside.shortcut(Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    outside.desk.go_to("admin")
    outside.settle()
    assert outside.desk.header.title.text() == "Today"
    assert AdminScreen(outside.desk.workspace).offered == ()


def test_an_administrator_is_offered_every_section_and_each_opens(
    inside: Driver, settings: AdminScreen
) -> None:
    assert len(settings.offered) == 17
    for name in settings.offered:
        settings.open(name)
        inside.settle()
        assert settings.section.heading.isVisible()
        assert "Try again" not in inside.words(settings.section)


def test_twice_as_large_text_fits_every_section(inside: Driver, settings: AdminScreen) -> None:
    inside.appearance.choice = Choice(Look.LIGHT, 2.0)
    inside.appearance.apply()
    beyond = []
    for name in settings.offered:
        settings.open(name)
        inside.settle()
        section = settings.section
        beyond += [
            f"{name}: {type(one).__name__} {one.accessibleName()}"
            for kind in (QPushButton, QLineEdit, QComboBox, QPlainTextEdit)
            for one in section.findChildren(kind)
            if one.isVisible()
            and one.mapTo(inside.window, one.rect().topRight()).x() > inside.window.width()
        ]
    assert beyond == []


def test_controls_of_every_section_have_names_of_their_own(
    inside: Driver, settings: AdminScreen
) -> None:
    for name in settings.offered:
        settings.open(name)
        inside.settle()
        section = settings.section
        names = [
            one.accessibleName() or one.text()
            for one in section.findChildren(QPushButton)
            if one.isVisible()
        ]
        assert all(names)
        assert len(set(names)) == len(names), name
        for kind in (QLineEdit, QComboBox, QPlainTextEdit):
            for one in section.findChildren(kind):
                inner = isinstance(one.parentWidget(), QComboBox)
                assert one.accessibleName() or inner or not one.isVisible(), name


def test_a_narrow_window_chooses_the_section_from_a_list(
    inside: Driver, settings: AdminScreen
) -> None:
    assert not settings.choose.isVisible()
    inside.window.resize(960, 700)
    inside.settle()
    assert settings.choose.isVisible()
    settings.choose.setCurrentIndex(settings.choose.findData("devices"))
    settings.choose.activated.emit(settings.choose.currentIndex())
    inside.settle()
    assert isinstance(settings.section, DevicesSection)


def test_the_section_in_front_is_in_view_in_the_list_beside_it(
    inside: Driver, settings: AdminScreen
) -> None:
    inside.window.resize(1280, 700)
    inside.settle()
    for name in (settings.offered[-1], settings.offered[0]):
        settings.open(name)
        inside.settle()
        chosen = next(
            one
            for one in settings.findChildren(QPushButton)
            if one.isCheckable() and one.isChecked() and one.isVisible()
        )
        assert chosen.visibleRegion().boundingRect().size() == chosen.size(), name
