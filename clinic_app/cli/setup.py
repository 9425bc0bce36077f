"""`clinic-app setup`: an unattended first run from a file of answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli import doors
from clinic_app.cli.options import Json, Store
from clinic_app.cli.output import print_json, say
from clinic_app.cli.recovery import key_lines, key_must_arrive
from clinic_app.cli.values import shortened
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.people import CrisisContact, DeploymentContext

if TYPE_CHECKING:
    from clinic_app.services.front_door import SetUpAnswers, SetUpDone

ANSWERS_LIMIT = 1_000_000


def setup(
    answers: Annotated[
        Path,
        typer.Option("--answers", metavar="FILE.json", help="The answers, or - to read stdin."),
    ],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Set up a clinic: profile, crisis contacts, administrator. Prints the recovery key once.

    The file holds {"clinic": …, "crisis_contacts": …, "deployment_context": "clinic",
    "administrator": {"user": …, "password": …}}.
    """
    given = answers_from(_read(answers))
    door = doors.front_door(store)
    try:
        done = door.set_up(given)
        _print(done, given.user_name, as_json)  # before anything else can fail
        door.sign_out(done.services)
    finally:
        door.close()


def _print(done: SetUpDone, user_name: str, as_json: bool) -> None:
    clinic = done.services.clinic.profile()
    about = {
        "clinic": {"id": str(clinic.id), "name": clinic.name},
        "deployment_context": clinic.deployment_context.value,
        "face_module_enabled": clinic.face_module_enabled,
        "administrator": {"user": user_name},
    }
    with key_must_arrive("The clinic was made"):
        if as_json:
            print_json({**about, "recovery_key": done.recovery_key})
        else:
            say(f"{clinic.name} is set up.\n{key_lines(done.recovery_key)}")


def answers_from(plain: Any) -> SetUpAnswers:
    """The answers in a parsed file; raises ``InvalidInput`` for the first part that is wrong."""
    from clinic_app.services.front_door import SetUpAnswers

    if not isinstance(plain, dict):
        raise InvalidInput("answers", "The answers must be one JSON object.")
    _known(plain, "answers", "clinic", "crisis_contacts", "deployment_context", "administrator")
    clinic = _clinic(plain.get("clinic"))
    administrator = plain.get("administrator")
    if not isinstance(administrator, dict):
        raise InvalidInput(
            "administrator",
            "The answers need an “administrator” with “user” and “password”.",
        )
    _known(administrator, "administrator", "user", "password", "display_name")
    return SetUpAnswers(
        clinic_name=clinic["name"],
        crisis_contacts=_contacts(plain.get("crisis_contacts")),
        deployment_context=_context(plain.get("deployment_context")),
        user_name=_text(administrator, "user", "administrator"),
        password=_text(administrator, "password", "administrator"),
        display_name=_text(administrator, "display_name", "administrator", required=False),
        address=clinic["address"],
        phone=clinic["phone"],
    )


def _read(path: Path) -> Any:
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(ANSWERS_LIMIT + 1)
        else:
            with path.open("rb") as file:
                data = file.read(ANSWERS_LIMIT + 1)
    except OSError as error:
        raise InvalidInput("answers", f"The file “{path.name}” cannot be read.") from error
    if len(data) > ANSWERS_LIMIT:
        raise InvalidInput("answers", f"The file “{path.name}” is too large for a set of answers.")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InvalidInput("answers", f"The file “{path.name}” is not JSON text.") from error


def _clinic(value: Any) -> dict[str, str]:
    if isinstance(value, str):
        value = {"name": value}
    if not isinstance(value, dict):
        raise InvalidInput("clinic", "The answers need a “clinic”: its name.")
    _known(value, "clinic", "name", "address", "phone")
    return {
        "name": _text(value, "name", "clinic"),
        "address": _text(value, "address", "clinic", required=False),
        "phone": _text(value, "phone", "clinic", required=False),
    }


def _contacts(value: Any) -> tuple[CrisisContact, ...]:
    """A list of objects or of "Name: phone" texts; one alone, or names with their numbers."""
    if isinstance(value, dict) and "name" not in value:
        value = [{"name": name, "phone": phone} for name, phone in value.items()]
    elif isinstance(value, (dict, str)):
        value = [value]
    if not isinstance(value, list) or not value:
        raise InvalidInput(
            "crisis_contacts",
            "The answers need “crisis_contacts”: at least one with a name and a phone number.",
        )
    return tuple(_contact(one) for one in value)


def _contact(value: Any) -> CrisisContact:
    if isinstance(value, str):
        name, _, phone = value.rpartition(":")
        value = {"name": name, "phone": phone}
    if not isinstance(value, dict):
        raise InvalidInput("crisis_contacts", "A crisis contact needs a name and a phone number.")
    _known(value, "crisis contact", "name", "phone", "hours")
    return CrisisContact(
        _text(value, "name", "crisis contact"),
        _text(value, "phone", "crisis contact"),
        _text(value, "hours", "crisis contact", required=False),
    )


def _context(value: Any) -> DeploymentContext:
    try:
        return DeploymentContext(value)
    except ValueError as error:
        known = ", ".join(context.value for context in DeploymentContext)
        raise InvalidInput(
            "deployment_context", f"The “deployment_context” must be one of {known}."
        ) from error


def _known(part: dict[str, Any], whose: str, *names: str) -> None:
    """A name that is written wrong would lose what stands under it, without a word."""
    for name in part:
        if name not in names:
            may = ", ".join(f"“{known}”" for known in names)
            raise InvalidInput(whose, f"The {whose} may hold {may}, and no “{shortened(name)}”.")


def _text(part: dict[str, Any], key: str, whose: str, *, required: bool = True) -> str:
    value = part.get(key, "")
    if isinstance(value, str) and (value.strip() or not required):
        return value
    if value in ("", None) or isinstance(value, str):
        if not required:
            return ""
        raise InvalidInput(key, f"The {whose} needs a “{key}”.")
    raise InvalidInput(key, f"The “{key}” of the {whose} must be a text.")
