"""`clinic-app server sites`: the box of a group of clinics that learn together."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clinic_app.cli.options import Json
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.server_options import FromHost, Way, on_the_way
from clinic_app.domain.errors import InvalidInput

if TYPE_CHECKING:
    from clinic_app.domain.joint_learning import JoinedGroup, SiteMember

CARD_LIMIT = 100_000


@on_the_way
def sites(
    chosen: Way,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The group's name.")],
    card: Annotated[
        list[Path],
        typer.Option("--card", metavar="FILE", help="A clinic's card; again for each."),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="DIR", help="A new folder for the files.")
    ],
    comes_from: FromHost = "%",
    as_json: Json = False,
) -> None:
    """Make a group of clinics that learn together: its database, and a file for each clinic.

    Compare the codes of the cards with the clinics first. Each file is as secret as a key, and is
    for one clinic alone. The database is a new one, of this group alone.
    """
    from clinic_app.sync.sites.making import make_group, take_back

    members = tuple(map(_card, card))
    try:
        out.mkdir(mode=0o700)
    except OSError:
        raise InvalidInput("out", "The folder cannot be made; please name a new one.") from None
    try:
        with chosen.connected() as connection:
            made = make_group(
                connection, chosen.database, name, members, chosen.hosts, chosen.login, comes_from
            )
            try:
                paths = [_write(out, one) for one in made]
            except BaseException:
                take_back(connection, chosen.database, made)
                raise
    except BaseException:
        for one in out.iterdir():
            one.unlink()
        with suppress(OSError):
            out.rmdir()
        raise
    group = made[0].group
    if as_json:
        files = list(map(str, paths))
        print_json({"group": str(group.id), "name": group.name, "code": group.code, "files": files})
        return
    say(f"{one_line(group.name)}, code {group.code}")
    for member, path in zip(group.members, paths, strict=True):
        say(f"{one_line(member.name)}  {member.code}  {path}")
    say("Each file is as secret as a key: carry it to its clinic, and delete it afterwards.")


def _card(path: Path) -> SiteMember:
    from clinic_app.sync.sites.files import read_card

    try:
        with path.open("rb") as file:
            return read_card(file.read(CARD_LIMIT))
    except OSError:
        raise InvalidInput("card", f"The card {one_line(path.name)} cannot be read.") from None


def _write(folder: Path, joined: JoinedGroup) -> Path:
    from clinic_app.sync.sites.files import group_file

    path = folder / f"site-{joined.place + 1}.group"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(group_file(joined))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        raise InvalidInput("out", "The files cannot be written; nothing was made.") from None
    return path
