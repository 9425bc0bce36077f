"""A real central server of the test's own: datadir, port, TLS; gone with the test, however it ends.

A MariaDB, or the MySQL that ``CLINIC_APP_TEST_SERVER`` names (``make test-mysql``).
"""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pymysql
from pymysql.constants import CR

from clinic_app.sync.mysql.connection import Host, Login
from tests.support.certificates import Authority, Pair
from tests.support.mysqld import MYSQL, OPTIONS, install_mysql

ADMIN = "root"
PASSWORD = "bench-anchor-Falcon"
START_SECONDS = 120.0
INSTALL_LINE = (
    "sudo apt-get install --no-install-recommends mariadb-server-core mariadb-client-core"
)
PORTS = (15_000, 30_000)
_given: set[int] = set()
_PR_SET_PDEATHSIG = 1


def program(name: str) -> str:
    """The path of one of MariaDB's programs."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert found, f"{name} is missing; please run: {INSTALL_LINE}"
    return found


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to outgoing connections.

    A server that is started again needs its port to be free still, and one that takes another's
    state listens for it only then: a port is given once, and every worker has ports of its own.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = random.SystemRandom().randrange(PORTS[0] + worker, PORTS[1], workers)
        if port in _given:
            continue
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port


def install(folder: Path) -> None:
    """Make an empty data folder (2 seconds, 26 MB).

    A server that starts removes what looks like its leftovers in the temporary folder: each has one
    of its own.
    """
    if MYSQL is not None:
        install_mysql(MYSQL, folder, _as_root())
        return
    temporary = folder.with_name(f"{folder.name}.tmp")
    temporary.mkdir(parents=True)
    done = subprocess.run(
        [
            program("mariadb-install-db"),
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
            "--innodb-log-file-size=8M",
            *_as_root(),
            f"--datadir={folder}",
            f"--tmpdir={temporary}",
        ],
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")


class Server:
    """One server. ``folder`` keeps data, certificates and log; ``template`` is a data folder."""

    def __init__(
        self,
        folder: Path,
        authority: Authority,
        *,
        template: Path | None = None,
        certificate: Pair | None = None,
        options: tuple[str, ...] = (),
        port: int | None = None,
        tls: bool = True,
        search: Path | None = None,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.authority = authority
        self._options = options
        self._tls = tls
        self._search = search
        self._process: subprocess.Popen[bytes] | None = None
        self._temporary = folder / "tmp"
        self._temporary.mkdir(parents=True)
        pair = certificate or authority.server("localhost")
        self._certificate, self._key = pair.write(folder, "server")
        self._authority_file = folder / "ca.pem"
        self._authority_file.write_text(authority.pem, encoding="ascii")
        self.data = folder / "data"
        if not self.data.exists():
            if template is None:
                install(self.data)
            else:
                shutil.copytree(template, self.data)

    @property
    def host(self) -> Host:
        return Host("127.0.0.1", self.port)

    @property
    def authority_file(self) -> Path:
        return self._authority_file

    @property
    def admin(self) -> Login:
        return Login(ADMIN, PASSWORD, self.authority.pem)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def start(self, *more: str) -> None:
        tls = (
            f"--ssl-ca={self._authority_file}",
            f"--ssl-cert={self._certificate}",
            f"--ssl-key={self._key}",
            "--require-secure-transport=ON",
        )
        command = [
            *_server(),
            *_as_root(),
            f"--datadir={self.data}",
            f"--tmpdir={self._temporary}",
            f"--socket={self.socket}",
            f"--pid-file={self.folder / 'pid'}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=64M",
            "--max-allowed-packet=16M",  # the least that we ask for
            "--character-set-server=latin1",  # what a bare start has: our tables must not care
            *(tls if self._tls else _without_tls()),
            *self._options,
            *more,
        ]
        path = os.environ.get("PATH", "")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env={**os.environ, "PATH": f"{self._search}:{path}" if self._search else path},
                preexec_fn=_end_with_the_test,
            )

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Until it answers; raises with the end of its log when it does not."""
        end = time.monotonic() + seconds
        while not self.answers():
            if self.has_ended or time.monotonic() > end:
                raise AssertionError(f"The server fails:\n{self.log_end()}")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it takes statements."""
        try:
            with self.root() as root, root.cursor() as cursor:
                cursor.execute("SELECT 1")
        except pymysql.MySQLError:
            return False
        return True

    def open(self) -> Server:
        """Start, wait, and give the administrator a password."""
        self.start()
        self.wait()
        self.add_administrator()
        return self

    def add_administrator(self) -> None:
        """Give it an administrator with a password, and nobody else."""
        with self.root() as root, root.cursor() as cursor:
            cursor.execute("DROP USER IF EXISTS ''@'localhost'")
            for host in ("127.0.0.1", "::1", socket.gethostname().lower()):
                cursor.execute("DROP USER IF EXISTS root@%s", (host,))
            cursor.execute("DROP USER IF EXISTS root@'%'")
            cursor.execute("CREATE USER root@'%%' IDENTIFIED BY %s REQUIRE SSL", (PASSWORD,))
            cursor.execute("GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION")

    def root(self, database: str | None = None) -> pymysql.connections.Connection:
        """A connection through the socket, beside everything that is tested.

        Raises ``pymysql.OperationalError`` when nobody listens. The line is opened here, since
        PyMySQL leaves its own one open when a server goes away at that moment.
        """
        connection = pymysql.connect(
            user=ADMIN,
            password="",
            database=database,
            charset="utf8mb4",
            autocommit=True,
            ssl_disabled=True,
            defer_connect=True,
        )
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(str(self.socket))
        except OSError as error:
            line.close()
            raise pymysql.OperationalError(CR.CR_CONNECTION_ERROR, str(error)) from error
        connection.connect(line)
        return connection

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Ask it to end; kill it when it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def restart(self, *more: str) -> None:
        self.start(*more)
        self.wait()

    def suspend(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def log_end(self) -> str:
        """The last errors and the last lines of what the server wrote down."""
        path = self.folder / "log"
        if not path.exists():
            return ""
        text = path.read_text(errors="replace")
        errors = [line for line in text.splitlines() if "ERROR" in line]
        return "\n".join([*errors[-20:], text[-3000:]])

    @property
    def socket(self) -> Path:
        return self.folder / "s"


def _server() -> tuple[str, ...]:
    """The program, and the options that one of the two alone has."""
    if MYSQL is not None:
        return (str(MYSQL.program), *OPTIONS)
    return (program("mariadbd"), "--no-defaults", "--innodb-log-file-size=48M")


def _without_tls() -> tuple[str, ...]:
    """MySQL has no switch for it, and makes certificates of its own when it finds none."""
    return ("--skip-ssl",) if MYSQL is None else ("--tls-version=",)


def _as_root() -> tuple[str, ...]:
    """A server refuses to run as root unless it is told to."""
    return ("--user=root",) if hasattr(os, "getuid") and os.getuid() == 0 else ()


def _end_with_the_test() -> None:
    """The kernel kills the server when the process that started it dies, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
