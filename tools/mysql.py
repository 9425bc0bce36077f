"""Unpack a MySQL server for the tests into build/; nothing is installed on the system.

    python tools/mysql.py 8.4       build/mysql-8.4, from Ubuntu 26.04
    python tools/mysql.py 9         build/mysql-9, from Debian sid

Debian stable has no MySQL, so its packages are taken from where they are, with every library they
need down to the C library, and started through the loader among them: `build/mysql-9/mysqld`. Each
package is checked against its suite's index, and the index against the archive's signature. What is
there already stays; delete the folder for a newer one.

CLINIC_APP_DEBIAN_ARCHIVE and CLINIC_APP_UBUNTU_ARCHIVE name other mirrors, as a URL and suites:
"http://mirror.example/ubuntu resolute".
"""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

BUILD = Path(__file__).resolve().parents[1] / "build"
KEYRINGS = Path("/usr/share/keyrings")
SERVER = "mysql-server-core"
WAIT_SECONDS = 60.0

LEFT_OUT = frozenset({"perl", "debconf", "libc-bin", "libc-gconv-modules-extra", "media-types"})
"""What the server runs without: scripts, questions at installation, rare character sets."""

LAUNCHER = """#!/bin/sh
# mysqld of {version}, with the libraries it was built for.
root=$(dirname "$(readlink -f "$0")")
exec "$root/{loader}" --library-path "{libraries}" "$root/usr/sbin/mysqld" \\
  --no-defaults --basedir="$root/usr" --plugin-dir="$root/usr/lib/mysql/plugin" \\
  --character-sets-dir="$root/usr/share/mysql/charsets" "$@"
"""

Package = dict[str, str]


class Unavailable(Exception):
    """No server can be had; the reason as a sentence."""


class Archive(NamedTuple):
    """Where a distribution keeps its packages. What an earlier suite has counts."""

    url: str
    suites: tuple[str, ...]
    keyring: str
    """Name of the file that its signature is checked with."""


def archive(variable: str, default: str, keyring: str) -> Archive:
    url, *suites = os.environ.get(variable, default).split()
    return Archive(url.rstrip("/"), tuple(suites), keyring)


DEBIAN = archive(
    "CLINIC_APP_DEBIAN_ARCHIVE", "http://deb.debian.org/debian sid", "debian-archive-keyring.gpg"
)
UBUNTU = archive(
    "CLINIC_APP_UBUNTU_ARCHIVE",
    "http://archive.ubuntu.com/ubuntu resolute-updates resolute",
    "ubuntu-archive-keyring.gpg",
)
VERSIONS = {"8.4": UBUNTU, "9": DEBIAN}


def fetched(url: str, sha256: str | None = None) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=WAIT_SECONDS) as answer:  # noqa: S310
            content: bytes = answer.read()
    except OSError as error:
        raise Unavailable(f"{url} cannot be fetched ({error}).") from None
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise Unavailable(f"{url} is not what the signed index says.")
    return content


def signed(content: bytes, keyring: Path) -> str:
    """The text of an InRelease file, once its signature holds."""
    with tempfile.TemporaryDirectory() as folder:
        file, text = Path(folder, "InRelease"), Path(folder, "text")
        file.write_bytes(content)
        command = ["gpgv", "--status-fd", "1", "--keyring", str(keyring)]
        command += ["--output", str(text), str(file)]
        try:
            done = subprocess.run(command, check=False, capture_output=True)
        except FileNotFoundError:
            raise Unavailable("The program gpgv is missing: apt-get install gpgv") from None
        # Not its exit code: an archive signs with newer keys as well, and one signature is enough.
        if b"[GNUPG:] GOODSIG" not in done.stdout or b"[GNUPG:] BADSIG" in done.stdout:
            raise Unavailable(f"An archive's index is not signed by a key of {keyring}.")
        return text.read_text(encoding="utf-8")


def keyring_of(source: Archive) -> Path:
    """The keys that sign it: the system's own, or for Ubuntu those in a package of Debian's."""
    there = KEYRINGS / source.keyring
    if there.exists():
        return there
    if source is DEBIAN:
        raise Unavailable(f"{there} is missing: apt-get install debian-archive-keyring")
    folder = BUILD / "archive-keys"
    if not (folder / there.relative_to("/")).exists():
        unpack(DEBIAN, packages(DEBIAN)["ubuntu-keyring"], folder)
    return folder / there.relative_to("/")


def packages(source: Archive) -> dict[str, Package]:
    """The signed index by the names of packages, and of what they provide."""
    keyring, index = keyring_of(source), f"main/binary-{architecture()}/Packages.xz"
    found: dict[str, Package] = {}
    for suite in source.suites:
        release = signed(fetched(f"{source.url}/dists/{suite}/InRelease"), keyring)
        line = re.search(rf"^ ([0-9a-f]{{64}}) +\d+ {re.escape(index)}$", release, re.MULTILINE)
        if line is None:
            raise Unavailable(f"Suite {suite} has no packages for this machine.")
        folder = index.rpartition("/")[0]  # by its hash: the plain name may be renewed meanwhile
        content = fetched(f"{source.url}/dists/{suite}/{folder}/by-hash/SHA256/{line[1]}", line[1])
        every = list(paragraphs(lzma.decompress(content).decode()))
        for one in every:
            found.setdefault(one["Package"], one)
        for one in every:
            for name in names(one.get("Provides", "")):
                found.setdefault(name, one)
    return found


def architecture() -> str:
    try:
        done = subprocess.run(
            ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
        )
    except FileNotFoundError:
        raise Unavailable("This needs dpkg, the package tool of Debian and Ubuntu.") from None
    return done.stdout.strip()


def paragraphs(text: str) -> Iterator[Package]:
    for paragraph in text.strip().split("\n\n"):
        yield dict(re.findall(r"^([\w-]+): (.*)$", paragraph, re.MULTILINE))


def names(relation: str) -> Iterator[str]:
    """The first choice of each relation, without version and architecture."""
    for one in filter(str.strip, relation.split(",")):
        yield re.split(r"[ (:|]", one.strip())[0]


def closure(known: dict[str, Package], name: str) -> list[Package]:
    """The package and all it needs to run."""
    found: dict[str, Package] = {}
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name in LEFT_OUT or name in found:
            continue
        if name not in known:
            raise Unavailable(f"The archive has no package {name} at the moment.")
        one = found[name] = known[name]
        waiting += [*names(one.get("Depends", "")), *names(one.get("Pre-Depends", ""))]
    return list({one["Package"]: one for one in found.values()}.values())


def unpack(source: Archive, one: Package, folder: Path) -> None:
    with tempfile.NamedTemporaryFile(suffix=".deb") as file:
        file.write(fetched(f"{source.url}/{one['Filename']}", one["SHA256"]))
        file.flush()
        subprocess.run(["dpkg-deb", "-x", file.name, str(folder)], check=True)


def write_launcher(folder: Path, version: str) -> None:
    (loader,) = {*folder.glob("usr/lib*/ld-linux*"), *folder.glob("lib*/ld-linux*")}
    libraries = (*folder.glob("usr/lib/*-linux-gnu*"), *folder.glob("usr/lib/mysql/private"))
    paths = ":".join(f"$root/{path.relative_to(folder)}" for path in libraries)
    launcher = folder / "mysqld"
    launcher.write_text(
        LAUNCHER.format(version=version, loader=loader.relative_to(folder), libraries=paths)
    )
    launcher.chmod(0o755)
    subprocess.run([str(launcher), "--version"], check=True, stdout=subprocess.DEVNULL)


def install(version: str) -> None:
    folder, source = BUILD / f"mysql-{version}", VERSIONS[version]
    if (folder / "mysqld").exists():
        return
    known = packages(source)
    server = known.get(SERVER, {"Version": "none"})
    if not re.match(rf"{re.escape(version)}\.", server["Version"]):
        raise Unavailable(
            f"The archive's MySQL is {server['Version']} at the moment, not {version}."
        )
    every = closure(known, SERVER)
    print(f"MySQL {server['Version']}: {len(every)} packages into {folder}", flush=True)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for one in every:
        unpack(source, one, part)
    write_launcher(part, server["Version"])
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not set(sys.argv[1:]) <= set(VERSIONS):
        sys.exit(f"usage: python tools/mysql.py {'|'.join(VERSIONS)} ...")
    try:
        for wanted in sys.argv[1:]:
            install(wanted)
    except Unavailable as reason:
        sys.exit(f"No MySQL {wanted} can be had: {reason}")
