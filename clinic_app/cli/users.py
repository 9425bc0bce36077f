"""`clinic-app users`: accounts of the staff."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.values import member
from clinic_app.domain.errors import NotSignedIn, WrongPassword
from clinic_app.domain.people import Role, StaffUser
from clinic_app.domain.record_codec import to_plain

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices

app = typer.Typer(
    help=f"Accounts of the staff. {SIGN_IN} A new password is read from CLINIC_APP_NEW_PASSWORD.",
    no_args_is_help=True,
)
User = Annotated[str, typer.Argument(metavar="USER", help="The user name.")]


@app.command("add")
def add(
    user: User,
    role: Annotated[Role, typer.Option("--role")],
    name: Annotated[str, typer.Option("--name", help="As it stands on records.")] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Give a new member of staff an account."""
    from clinic_app.services.staff import NewStaff

    new = NewStaff(user, name, role, new_password())
    with signed_in(store) as services:
        made = services.staff.add(new, credentials()[1])
    _print(made, "has an account now", as_json)


@app.command("list")
def list_users(store: Store = None, as_json: Json = False) -> None:
    """List every account, switched-off ones too."""
    with signed_in(store) as services:
        every = services.staff.everybody()
    if as_json:
        print_json([user_json(one) for one in every])
        return
    for one in every:
        off = "" if one.active else "  switched off"
        say(f"{one.user_name}  {one.role.value}  {one_line(one.display_name)}{off}")


@app.command("edit")
def edit(
    user: User,
    name: Annotated[str | None, typer.Option("--name")] = None,
    role: Annotated[Role | None, typer.Option("--role")] = None,
    title: Annotated[str | None, typer.Option("--title")] = None,
    registration_number: Annotated[str | None, typer.Option("--registration-number")] = None,
    phone: Annotated[str | None, typer.Option("--phone")] = None,
    email: Annotated[str | None, typer.Option("--email")] = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Change name, role, or what stands under a signature; what is left out stays."""
    from clinic_app.services.meanwhile import form_of
    from clinic_app.services.staff import StaffChange

    with signed_in(store) as services:
        known = _find(services, user)
        change = StaffChange(
            display_name=known.display_name if name is None else name,
            role=role or known.role,
            title=known.title if title is None else title,
            registration_number=(
                known.registration_number if registration_number is None else registration_number
            ),
            phone=known.phone if phone is None else phone,
            email=known.email if email is None else email,
        )
        after = services.staff.edit(
            known.id, change, credentials()[1], over=form_of(StaffChange, known)
        )
    _print(after, "was changed", as_json)


@app.command("disable")
def disable(user: User, store: Store = None, as_json: Json = False) -> None:
    """Switch an account off: its password opens the records no more, its history stays."""
    with signed_in(store) as services:
        after = services.staff.disable(_find(services, user).id, credentials()[1])
        left = services.staff.unsigned_notes(after.id)
    if as_json:
        notes = {"count": left.count, "people": left.people, "sealed": left.sealed}
        print_json({**user_json(after), "unsigned_notes": notes})
        return
    _print(after, "is switched off", as_json)
    if left.sealed:
        say(f"Unsigned notes that nobody can read now: {left.sealed}; see `users hand-over-notes`.")


@app.command("hand-over-notes")
def hand_over_notes(
    user: User,
    to: Annotated[str, typer.Option("--to", metavar="USER", help="Who may read them.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands with each note.")],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Let a colleague read the unsigned notes of somebody whose account is off."""
    with signed_in(store) as services:
        left, receiver = _find(services, user), _find(services, to)
        count = services.staff.hand_over_notes(left.id, receiver.id, reason, credentials()[1])
    if as_json:
        print_json({"from": user_json(left), "to": user_json(receiver), "notes": count})
        return
    say(f"Unsigned notes that {one_line(receiver.display_name)} can read now: {count}.")


@app.command("enable")
def enable(user: User, store: Store = None, as_json: Json = False) -> None:
    """Switch an account on again, with a new password."""
    chosen = new_password()
    with signed_in(store) as services:
        after = services.staff.enable(_find(services, user).id, chosen, credentials()[1])
    _print(after, "is switched on", as_json)


@app.command("reset-password")
def reset_password(user: User, store: Store = None, as_json: Json = False) -> None:
    """Give a colleague a new password."""
    chosen = new_password()
    with signed_in(store) as services:
        known = _find(services, user)
        services.staff.set_password(known.id, chosen, credentials()[1])
    _print(known, "has a new password", as_json)


@app.command("change-password")
def change_password(store: Store = None, as_json: Json = False) -> None:
    """Give oneself a new password; the old one opens nothing any more."""
    chosen = new_password()
    with signed_in(store) as services:
        services.staff.change_own_password(credentials()[1], chosen)
        own = services.session.user
    _print(own, "has a new password", as_json)


def new_password() -> str:
    """From the environment; raises ``NotSignedIn`` when it is missing."""
    password = os.environ.get("CLINIC_APP_NEW_PASSWORD", "")
    if not password:
        raise NotSignedIn("Please set CLINIC_APP_NEW_PASSWORD to the new password.")
    try:
        password.encode()
    except UnicodeEncodeError as error:
        raise WrongPassword("The new password is not text that can be typed.") from error
    return password


def user_json(user: StaffUser) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(user)
    return plain


def _find(services: ClinicServices, name: str) -> StaffUser:
    return member(services.staff.everybody(), name)


def _print(user: StaffUser, what: str, as_json: bool) -> None:
    if as_json:
        print_json(user_json(user))
    else:
        say(f"{one_line(user.display_name)} ({user.user_name}) {what}.")
