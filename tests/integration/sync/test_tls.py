"""No password leaves before the server has proved who it is; every way round must fail."""

from __future__ import annotations

import dataclasses
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pymysql
import pytest

from clinic_app.sync.centre import (
    CentreBusy,
    CentreRefused,
    CentreUnreachable,
    CentreUntrusted,
    ClockWrong,
)
from clinic_app.sync.mysql.connection import Connection, Host, Login, Patience
from clinic_app.sync.mysql.dial import Hosts
from tests.support.central import Server, free_port
from tests.support.certificates import Authority

IMPATIENT = Patience(connect=2, greet=2, read=2, write=2)


def connect(server: Server, *, name: str = "127.0.0.1", authority: str | None = None) -> str:
    """The cipher of a connection."""
    login = server.admin
    if authority is not None:
        login = dataclasses.replace(login, authority=authority)
    connection = Connection(Host(name, server.port), login, None)
    try:
        found = connection.row("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        assert found is not None
        return str(found[1])
    finally:
        connection.close()


def test_the_right_authority_and_name_connect_encrypted(central: Server) -> None:
    assert connect(central)
    assert connect(central, name="localhost")


def test_a_wrong_authority_is_refused(central: Server) -> None:
    with pytest.raises(CentreUntrusted, match="not signed by the authority"):
        connect(central, authority=Authority().pem)


def test_the_trap_of_ssl_ca_alone_is_real(central: Server, tmp_path: Path) -> None:
    """What our connection avoids: PyMySQL takes any certificate when given ``ssl_ca`` alone."""
    wrong = tmp_path / "wrong.pem"
    wrong.write_text(Authority().pem)
    with pymysql.connect(
        host="127.0.0.1",
        port=central.port,
        user=central.admin.account,
        password=central.admin.password,
        ssl_ca=str(wrong),
    ) as line:
        assert line.open


@pytest.mark.parametrize("text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\n"])
def test_no_authority_is_not_every_authority(central: Server, text: str) -> None:
    """An empty text must not fall back to the authorities of the operating system."""
    with pytest.raises(CentreUntrusted, match="holds no certificate"):
        connect(central, authority=text)


def test_an_account_that_requires_tls_is_refused_without(central: Server) -> None:
    with pytest.raises(pymysql.OperationalError) as refusal:
        pymysql.connect(
            host="127.0.0.1",
            port=central.port,
            user=central.admin.account,
            password=central.admin.password,
            ssl_disabled=True,
        )
    assert refusal.value.args[0] in (1045, 3159)


@pytest.fixture(scope="module")
def other_servers(
    tmp_path_factory: pytest.TempPathFactory, data_template: Path, authority: Authority
) -> Iterator[dict[str, Server]]:
    """Servers with a wrong name, an expired certificate, one not valid yet, and without TLS."""
    folder = tmp_path_factory.mktemp("servers")
    day = timedelta(days=1)
    certificates = {
        "name": authority.server("elsewhere.example", addresses=("10.9.8.7",)),
        "expired": authority.server("localhost", not_before=-9 * day, not_after=-day),
        "early": authority.server("localhost", not_before=day),
    }
    servers = {
        name: Server(folder / name, authority, template=data_template, certificate=certificate)
        for name, certificate in certificates.items()
    }
    servers["plain"] = Server(folder / "plain", authority, template=data_template, tls=False)
    try:
        for server in servers.values():
            server.start()
        for server in servers.values():
            server.wait()
            # Without an account for this address MySQL ends the talk before it shows a certificate.
            server.add_administrator()
        yield servers
    finally:
        for server in servers.values():
            server.stop()


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("name", "another host name"),
        ("expired", "expired"),
        ("plain", "does not offer an encrypted connection"),
    ],
)
def test_a_server_that_proves_nothing_gets_no_password(
    other_servers: dict[str, Server], which: str, said: str
) -> None:
    with pytest.raises(CentreUntrusted, match=said):
        connect(other_servers[which])


def test_a_certificate_of_the_future_is_a_matter_of_clocks(
    other_servers: dict[str, Server], central: Server
) -> None:
    early = other_servers["early"]
    with pytest.raises(ClockWrong, match="not valid yet"):
        connect(early)
    with pytest.raises(ClockWrong):
        Hosts((early.host, Host("127.0.0.1", free_port())), central.admin, None).open()
    Hosts((early.host, central.host), central.admin, None).open().close()


def test_an_untrusted_host_does_not_hide_a_good_one(
    other_servers: dict[str, Server], central: Server
) -> None:
    hosts = Hosts((other_servers["expired"].host, central.host), central.admin, None)
    hosts.open().close()
    assert hosts.hosts[0] == central.host, "the good one is tried first from now on"


def test_of_several_troubles_the_one_that_needs_a_person_is_told(
    other_servers: dict[str, Server], central: Server
) -> None:
    silent = Host("127.0.0.1", free_port())
    wrong = dataclasses.replace(central.admin, password="wrong")
    with pytest.raises(CentreRefused):
        Hosts((silent, central.host), wrong, None).open()
    with pytest.raises(CentreUntrusted):
        Hosts((other_servers["name"].host, central.host, silent), wrong, None).open()
    with pytest.raises(CentreUnreachable):
        Hosts((silent,), wrong, None).open()


class Answering:
    """Answers every connection with the same bytes, then waits or closes."""

    def __init__(self, answer: bytes, *, close: bool) -> None:
        self._answer, self._close = answer, close
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._kept: list[socket.socket] = []
        self.received = b""
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        try:
            line, _ = self._listener.accept()
        except OSError:
            return
        line.sendall(self._answer)
        self._kept.append(line)
        if self._close:
            line.close()
            return
        line.settimeout(5)
        try:
            while chunk := line.recv(4096):
                self.received += chunk
        except OSError:
            return

    def stop(self) -> None:
        self._listener.close()
        self._thread.join(10)
        for one in self._kept:
            one.close()


GREETING = (
    b"\x0a5.5.5-10.11.0-MariaDB\0\x01\0\0\0abcdefgh\0\xff\xf7\x08\x02\0\xff\x81\x15"
    + b"\0" * 10
    + b"ijklmnopqrst\0mysql_native_password\0"
)
"""A greeting whose capabilities lack CLIENT_SSL (0x0800): what a stripping proxy would send."""


@pytest.mark.parametrize(
    ("answer", "close", "expected"),
    [
        (b"", True, CentreUnreachable),
        (b"", False, CentreUnreachable),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", True, CentreUnreachable),
        (b"\x03\0\0\0\x0a\0\0", True, CentreUnreachable),
        (b"\x04\0\0\0\x0aabc", True, CentreUnreachable),
        (b"\x10\0\0\0\xff\x10\x04Too many conn", True, CentreBusy),
        (bytes([len(GREETING), 0, 0, 0]) + GREETING, False, CentreUntrusted),
    ],
)
def test_bytes_of_a_stranger_are_one_sentence(
    answer: bytes, close: bool, expected: type[Exception]
) -> None:
    stranger = Answering(answer, close=close)
    login = Login("north", "secret-Harbour", Authority().pem)
    try:
        with pytest.raises(expected):
            Connection(Host("127.0.0.1", stranger.port), login, "clinic", IMPATIENT)
    finally:
        stranger.stop()
    assert b"north" not in stranger.received, "not even the account's name was sent"
