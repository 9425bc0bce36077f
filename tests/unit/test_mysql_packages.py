"""Which packages a MySQL for the tests is made of, and that nothing unsigned is unpacked."""

from __future__ import annotations

import http.server
import runpy
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clinic_app.paths import ROOT

INDEX = """Package: mysql-server-core
Version: 9.7.4-2
Depends: libc6 (>= 2.38), virtual-zip, perl:any (>= 5.6), libone | libother
Description: a server
 of several lines

Package: libc6
Depends: libgcc-s1

Package: libgcc-s1
Depends: libc6

Package: libone

Package: zip-ng
Provides: virtual-zip (= 1), another
"""


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, archive: str) -> dict[str, Any]:
    monkeypatch.setenv("CLINIC_APP_DEBIAN_ARCHIVE", f"{archive} sid")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return runpy.run_path(str(ROOT / "tools/mysql.py"))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[str]:
    """A mirror that serves what lies in ``tmp_path``."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given, directory=str(tmp_path))

        def log_message(self, *given: Any) -> None:
            """Nothing to stderr."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_server_is_taken_with_all_it_runs_on_and_without_scripts(tool: dict[str, Any]) -> None:
    every = list(tool["paragraphs"](INDEX))
    known = {one["Package"]: one for one in every} | {"virtual-zip": every[-1]}
    found = {one["Package"] for one in tool["closure"](known, "mysql-server-core")}
    assert found == {"mysql-server-core", "libc6", "libgcc-s1", "libone", "zip-ng"}
    del known["libone"]
    with pytest.raises(Exception, match="no package libone at the moment"):
        tool["closure"](known, "mysql-server-core")


def test_what_was_altered_on_the_way_is_refused(
    tool: dict[str, Any], archive: str, tmp_path: Path
) -> None:
    (tmp_path / "one.deb").write_bytes(b"something else")
    with pytest.raises(Exception, match="not what the signed index says"):
        tool["fetched"](f"{archive}one.deb", "0" * 64)


def test_an_index_without_a_good_signature_is_refused(tool: dict[str, Any], tmp_path: Path) -> None:
    """Also where gpgv is missing: then nothing can be known of it."""
    keys = tmp_path / "keys.gpg"
    keys.write_bytes(b"")
    with pytest.raises(Exception, match=r"not signed|gpgv is missing"):
        tool["signed"](b"Suite: sid\n", keys)


def test_an_archive_that_is_away_is_one_sentence(tool: dict[str, Any], archive: str) -> None:
    with pytest.raises(Exception, match=r"InRelease cannot be fetched"):
        tool["fetched"](f"{archive}dists/sid/InRelease")
