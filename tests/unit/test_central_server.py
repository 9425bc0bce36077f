"""The tests' own central server: asking one that has just gone away leaves nothing behind."""

from __future__ import annotations

import gc
import socket
import warnings
from pathlib import Path

import pymysql
import pytest

from tests.support.central import Server
from tests.support.certificates import Authority


def test_asking_a_server_that_is_gone_leaves_no_line_open(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.mkdir()
    server = Server(tmp_path / "server", Authority(), template=template)
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(server.socket))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(pymysql.OperationalError):
            server.root()
        assert not server.answers()
        gc.collect()
    assert not told
