"""How `clinic-app server` reaches the central database, and where the root key comes from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from clinic_app.domain.errors import InvalidInput, NotSignedIn

if TYPE_CHECKING:
    from clinic_app.sync.administration import Administration
    from clinic_app.sync.keys import RootKey
    from clinic_app.sync.mysql.connection import Connection, Host, Login

PASSWORD = "CLINIC_APP_DB_PASSWORD"  # noqa: S105 - the name of the variable
ROOT_KEY = "CLINIC_APP_ROOT_KEY"
AUTHORITY_LIMIT = 1_000_000

FromHost = Annotated[
    str,
    typer.Option("--from-host", metavar="PATTERN", help="Where the account may come from: 10.1.%"),
]
RootKeyFile = Annotated[
    Path | None,
    typer.Option(
        "--root-key-file",
        metavar="FILE",
        help=f"The root key; without it {ROOT_KEY}, else the file that `server init` keeps.",
    ),
]


@dataclass(frozen=True)
class Way:
    """An administrator's way to the database."""

    hosts: tuple[Host, ...]
    login: Login
    database: str

    @contextmanager
    def open(self) -> Iterator[Administration]:
        from clinic_app.sync.administration import Administration

        with self._reached() as (connection, host):
            yield Administration(connection, self.database, host)

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """The line alone."""
        with self._reached() as (connection, _):
            yield connection

    @contextmanager
    def _reached(self) -> Iterator[tuple[Connection, Host]]:
        from clinic_app.sync.mysql.dial import Hosts as HostList

        hosts = HostList(self.hosts, self.login, None)
        connection = hosts.open()
        try:
            yield connection, hosts.hosts[0]
        finally:
            connection.close()

    @contextmanager
    def open_with_root(self, file: Path | None) -> Iterator[tuple[Administration, RootKey, Path]]:
        """The centre, its root key, and where this computer's encrypted copy of the log is."""
        with self.open() as centre:
            clinic_id = centre.identity().clinic_id
            yield centre, root_key(clinic_id, file), key_folder() / f"{clinic_id}.copy"


def way(
    host: Annotated[
        list[str],
        typer.Option(
            "--host",
            metavar="HOST[:PORT]",
            help="The central server; again for each further one, tried in this order.",
        ),
    ],
    ca: Annotated[
        Path,
        typer.Option("--ca", metavar="FILE", help="Certificate (PEM) that signs the servers'."),
    ],
    admin_user: Annotated[
        str,
        typer.Option("--admin-user", metavar="U", help=f"Its password is read from {PASSWORD}."),
    ],
    database: Annotated[
        str, typer.Option("--database", metavar="D", help="The clinic's database.")
    ],
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="Where no other is named.")
    ] = 3306,
) -> Way:
    """The way that the options name; raises ``InvalidInput`` or ``NotSignedIn``."""
    from clinic_app.sync.mysql.connection import Login, tls_context
    from clinic_app.sync.mysql.grants import check_database_name

    check_database_name(database)
    pem = _text_of(ca, "certificate authority")
    tls_context(pem)
    password = os.environ.get(PASSWORD, "")
    if not password:
        raise NotSignedIn(f"Please set {PASSWORD} to the password of “{admin_user}”.")
    hosts = tuple(_host(one, port) for one in host)
    return Way(hosts, Login(admin_user, password, pem), database)


def on_the_way(command: Callable[..., None]) -> Callable[..., None]:
    """A command that has the options of ``way`` too; its first argument is what they name."""
    shared = signature(way, eval_str=True).parameters
    _, *own = signature(command, eval_str=True).parameters.values()

    @wraps(command)
    def run(**given: Any) -> None:
        chosen = way(**{name: given.pop(name) for name in shared})
        command(chosen, **given)

    named = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in (*shared.values(), *own)]
    run.__signature__ = Signature(named)  # type: ignore[attr-defined] # what Typer reads
    run.__annotations__ = {one.name: one.annotation for one in named}
    return run


def key_folder() -> Path:
    """Where `server init` keeps root keys: the user's own data folder of the server's upkeep."""
    from platformdirs import user_data_path

    return user_data_path("clinic-app-server", appauthor=False)


def key_file(clinic_id: UUID) -> Path:
    return key_folder() / f"{clinic_id}.key"


def keep_root_key(clinic_id: UUID, root: RootKey) -> Path:
    """Write the root key where only this user can read it."""
    from clinic_app.db.files import make_private_folder, write_atomically

    path = key_file(clinic_id)
    make_private_folder(path.parent)
    write_atomically(path, f"{root.printed()}\n".encode("ascii"))
    return path


def root_key(clinic_id: UUID, file: Path | None) -> RootKey:
    """The root key from the file named, the environment or the kept file, in this order."""
    from clinic_app.sync.keys import RootKey

    if file is not None:
        return RootKey.typed(_text_of(file, "root key"))
    typed = os.environ.get(ROOT_KEY, "").strip()
    if typed:
        return RootKey.typed(typed)
    kept = key_file(clinic_id)
    if not kept.exists():
        raise InvalidInput(
            "root key",
            f"The clinic's root key is not on this computer. Please set {ROOT_KEY} to it, or name"
            " its file with --root-key-file.",
        )
    return RootKey.typed(_text_of(kept, "root key"))


def _host(text: str, port: int) -> Host:
    """``name``, ``name:port``, ``[v6]:port`` or a bare IPv6 address."""
    from clinic_app.sync.mysql.connection import Host

    name, given = text, ""
    if text.startswith("["):
        name, _, rest = text[1:].partition("]")
        given = rest.removeprefix(":")
    elif text.count(":") == 1:
        name, _, given = text.partition(":")
    if not name or (given and not (given.isdecimal() and 0 < int(given) < 1 << 16)):
        raise InvalidInput("host", f"“{text}” is not the name of a server, like db.example:3306.")
    return Host(name, int(given) if given else port)


def _text_of(path: Path, what: str) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(AUTHORITY_LIMIT)
        return content.decode("ascii")
    except OSError:
        raise InvalidInput(what, f"The file of the {what} cannot be read.") from None
    except UnicodeDecodeError:
        raise InvalidInput(what, f"The file of the {what} holds something else.") from None
