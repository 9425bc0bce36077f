"""Before somebody has signed in: the first run, signing in, a store in use, the recovery key."""

from __future__ import annotations

from clinic_app.domain.errors import StoreInUse
from clinic_app.domain.people import DeploymentContext
from clinic_app.ui.screens.first_run.view import FirstRunScreen
from clinic_app.ui.screens.setup.view import SetUpScreen
from clinic_app.ui.screens.sign_in.presenter import ADVICE
from clinic_app.ui.screens.sign_in.view import SignInScreen
from clinic_app.ui.screenshots import Scene
from clinic_app.ui.shell.window import MainWindow
from clinic_app.ui.widgets.tile import Tile

_MADE_UP_PHRASE = ("quiet", "harbour", "lamp")


def first_run_scenes() -> list[Scene]:
    def start(window: MainWindow) -> None:
        _first_page(window).click()

    def name(window: MainWindow) -> None:
        page = _set_up(window)
        page.clinic.name.setText("Harbour Clinic")
        page.clinic.address.setText("1 Made-up Quay")

    def contact(window: MainWindow) -> None:
        fields = _set_up(window).contacts.fields_of(0)
        for field, text in (
            ("crisis_contact_name", "Made-up crisis line"),
            ("crisis_contact_phone", "000 111 222"),
        ):
            fields[field].editor.setProperty("text", text)

    def school(window: MainWindow) -> None:
        _set_up(window).context.choose(DeploymentContext.SCHOOL)

    def account(window: MainWindow) -> None:
        page = _set_up(window).account
        page.user_name.setText("amina")
        page.display_name.setText("Amina Example")
        for edit in (page.password.edit, page.repeated.edit):
            edit.setText(" ".join(_MADE_UP_PHRASE))

    def on(window: MainWindow) -> None:
        _set_up(window).next.click()

    return [
        Scene("first-run"),
        Scene("set-up-clinic", (start, name)),
        Scene("set-up-contacts-missing", (on, on)),
        Scene("set-up-contacts", (contact,)),
        Scene("set-up-place", (on, school)),
        Scene("set-up-account", (on, account)),
        Scene("set-up-key", (on,)),
    ]


def _first_page(window: MainWindow) -> Tile:
    page = window.entry.page
    assert isinstance(page, FirstRunScreen)
    return page.set_up


def _set_up(window: MainWindow) -> SetUpScreen:
    page = window.entry.page
    assert isinstance(page, SetUpScreen)
    return page


def sign_in_scenes() -> list[Scene]:
    def page(window: MainWindow) -> SignInScreen:
        shown = window.entry.page
        assert isinstance(shown, SignInScreen)
        return shown

    def in_use(window: MainWindow) -> None:
        title, advice = ADVICE[StoreInUse]
        page(window).show_store_trouble(
            title, StoreInUse("Another copy of the program has this clinic open."), advice
        )

    return [
        Scene("sign-in"),
        Scene("sign-in-in-use", (in_use,)),
        Scene("recovery", (lambda window: page(window).show_recovery(),)),
    ]
