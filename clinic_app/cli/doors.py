"""The ways from a command to the program's parts; everything heavy is imported on use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from clinic_app.cli.output import shown_share
from clinic_app.domain.errors import ClinicError, NotSignedIn, WrongPassword

if TYPE_CHECKING:
    from clinic_app.inference.style.feedforward import StyleBook
    from clinic_app.inference.style.perceptual import PerceptualStep
    from clinic_app.services.clinic_services import ClinicServices
    from clinic_app.services.front_door import FrontDoor
    from clinic_app.services.reading import FaceReader, ModelShelf
    from clinic_app.services.report_data import ReportRenderer
    from clinic_app.services.studio_data import StudioEngine


def front_door(store: Path | None) -> FrontDoor:
    """The closed clinic in ``store`` (``None``: the usual folder)."""
    from clinic_app.app import open_front_door

    return open_front_door(store_folder(store))


def store_folder(store: Path | None) -> Path:
    """The folder that `front_door` looks into."""
    from clinic_app.app import default_folder

    return store.expanduser().absolute() if store is not None else default_folder()


def face_reader() -> FaceReader:
    from clinic_app.inference.pipeline import open_face_reader
    from clinic_app.paths import MODELS

    return open_face_reader(MODELS)


def style_book() -> StyleBook:
    from clinic_app.inference.style.feedforward import open_style_book
    from clinic_app.paths import MODELS

    return open_style_book(MODELS)


def studio_engine() -> StudioEngine:
    from clinic_app.inference.studio import open_studio
    from clinic_app.paths import MODELS

    return open_studio(lambda: MODELS)


def perceptual_step(threads: int) -> PerceptualStep:
    from clinic_app.inference.style.perceptual import open_perceptual
    from clinic_app.paths import MODELS

    return open_perceptual(MODELS, threads)


def model_shelf() -> ModelShelf:
    from clinic_app.inference.cards import open_model_shelf
    from clinic_app.paths import MODELS

    return open_model_shelf(MODELS)


def report_renderer() -> ReportRenderer:
    from clinic_app.reports.renderer import open_report_renderer

    return open_report_renderer()


def credentials() -> tuple[str, str]:
    """User name and password from the environment; raises ``NotSignedIn`` when one is missing.

    Bytes that are no text raise ``WrongPassword``: they cannot have been chosen.
    """
    user = os.environ.get("CLINIC_APP_USER", "").strip()
    password = os.environ.get("CLINIC_APP_PASSWORD", "")
    missing = [
        name
        for name, value in (("CLINIC_APP_USER", user), ("CLINIC_APP_PASSWORD", password))
        if not value
    ]
    if missing:
        names = " and ".join(missing)
        raise NotSignedIn(f"Please set {names} to sign in.")
    _check_text(user + password)
    return user, password


def colleague_password() -> str:
    """The password of a second member of staff; raises as ``credentials`` does."""
    password = os.environ.get("CLINIC_APP_COLLEAGUE_PASSWORD", "")
    if not password:
        raise NotSignedIn("Please set CLINIC_APP_COLLEAGUE_PASSWORD to the colleague's password.")
    _check_text(password)
    return password


def _check_text(typed: str) -> None:
    try:
        typed.encode()
    except UnicodeEncodeError as error:
        raise WrongPassword("User name or password is not text that can be typed.") from error


@contextmanager
def signed_in(store: Path | None) -> Iterator[ClinicServices]:
    """The services of the member of staff named in the environment, signed out at the end."""
    user, password = credentials()
    door = front_door(store)
    try:
        with shown_share("Bringing the records up to date with this version") as tell:
            services = door.sign_in(user, password, tell)
        try:
            yield services
        except BaseException:
            with suppress(ClinicError):  # what went wrong first is what counts
                door.sign_out(services)
            raise
        door.sign_out(services)
    finally:
        door.close()
