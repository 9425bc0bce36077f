"""The window on a real encrypted store: set up, closed, opened again, and the demo clinic."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt

from clinic_app.app import open_demo, open_front_door
from clinic_app.ui.screens.setup.view import SetUpScreen
from clinic_app.ui.screens.sign_in.view import SignInScreen
from clinic_app.ui.shell.doors import Doors, Opened
from tests.gui.conftest import Driver

Drive = Callable[[Doors], Driver]
PASSWORD = "quiet harbour lamp"


def doors(folder: Path) -> Doors:
    def demo() -> Opened:
        front_door, made_up = open_demo(folder)
        return Opened(front_door, made_up.services)

    return Doors(lambda: open_front_door(folder), demo)


def set_up(driver: Driver) -> None:
    driver.click("Set up this clinic")
    page = driver.window.entry.page
    assert isinstance(page, SetUpScreen)
    driver.type(page.clinic.name, "Harbour Clinic")
    driver.click("Next")
    fields = page.contacts.fields_of(0)
    driver.type(fields["crisis_contact_name"].editor, "Night line")
    driver.type(fields["crisis_contact_phone"].editor, "0800 111 222")
    driver.click("Next")
    driver.click("Next")
    driver.type(page.account.user_name, "amina")
    driver.type(page.account.password.edit, PASSWORD)
    driver.type(page.account.repeated.edit, PASSWORD)
    driver.click("Set up the clinic")
    driver.type(page.key.typed, page.presenter.groups[page.presenter._asked])
    driver.click("Open the clinic")
    driver.until(lambda: driver.window.desk is not None)
    driver.settle()


def test_what_was_entered_is_there_after_closing_and_opening_again(
    drive: Drive, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    first = drive(doors(folder))
    set_up(first)
    first.desk.show_register()
    first.settle()
    form = first.desk.present.form  # type: ignore[union-attr]
    first.type(form.family_name, "Adeyemi")
    first.type(form.birth_date, "23.11.1996")
    first.click("Register")
    assert first.desk.header.title.text() == "Adeyemi"
    first.window.close()
    first.until(lambda: not first.window.isVisible())
    assert b"Adeyemi" not in (folder / "clinic.db").read_bytes()

    again = drive(doors(folder))
    assert isinstance(again.window.entry.page, SignInScreen)
    again.sign_in("amina", "not the password")
    assert "wrong" in again.words()
    again.window.entry.page.sign_in.user_name.clear()
    again.sign_in("amina", PASSWORD)
    again.until(lambda: again.window.desk is not None)
    again.desk.show_patients("adeyemi")
    again.settle()
    assert again.desk.present.rows.rowCount() == 1  # type: ignore[union-attr]
    again.window.close()
    again.until(lambda: not again.window.isVisible())


def test_a_second_window_is_told_that_the_clinic_is_open(drive: Drive, tmp_path: Path) -> None:
    first = drive(doors(tmp_path / "store"))
    set_up(first)
    second = drive(doors(tmp_path / "store"))
    second.sign_in("amina", PASSWORD)
    assert second.window.desk is None
    assert "The clinic is already open" in second.words()
    first.window.close()
    first.until(lambda: not first.window.isVisible())
    second.click("Sign in")  # what was typed is still there
    second.until(lambda: second.window.desk is not None)
    second.settle()
    second.window.close()
    second.until(lambda: not second.window.isVisible())


def test_the_demo_clinic_is_marked_and_kept_apart(drive: Drive, tmp_path: Path) -> None:
    driver = drive(doors(tmp_path))
    driver.click("Try the demo clinic")
    driver.until(lambda: driver.window.desk is not None)
    driver.settle()
    assert "Demo clinic: made-up people" in driver.words()
    assert "Safety steps to finish" in driver.words()
    assert (tmp_path / "demo" / "clinic.db").exists()
    assert not (tmp_path / "clinic.db").exists()
    driver.press(Qt.Key.Key_F1)
    driver.press(Qt.Key.Key_Escape)
    driver.window.close()
    driver.until(lambda: not driver.window.isVisible())


def test_a_damaged_store_is_told_with_what_to_do(drive: Drive, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    first = drive(doors(folder))
    set_up(first)
    first.window.close()
    first.until(lambda: not first.window.isVisible())
    (folder / "clinic.db").write_bytes(b"SQLite format 3\0 this is no encrypted store" * 100)
    again = drive(doors(folder))
    again.sign_in("amina", PASSWORD)
    assert again.window.desk is None
    assert "The records cannot be opened" in again.words()
    assert "Do not delete anything." in again.words()
