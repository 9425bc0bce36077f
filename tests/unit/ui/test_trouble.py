"""Logs and sentences: type and place, never what a record holds."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic_app.domain.errors import StoreFull, WrongPassword
from clinic_app.ui import trouble

SECRET = "Okafor, Chidi"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "not made yet"
    handler = trouble.log_to(folder)
    yield folder / trouble.LOG_NAME
    logging.getLogger().removeHandler(handler)
    handler.close()


@pytest.fixture
def _hooks() -> Iterator[None]:
    before = sys.excepthook, threading.excepthook
    yield
    sys.excepthook, threading.excepthook = before


def fail() -> None:
    raise ValueError(SECRET)


def test_nothing_is_written_before_there_is_something_to_tell(log: Path) -> None:
    logging.getLogger("window").info("opened")
    assert not log.parent.exists()


def test_a_mistake_is_logged_with_type_and_place_only(log: Path) -> None:
    with pytest.raises(ValueError, match=SECRET) as caught:
        fail()
    trouble.log_mistake(caught.value)
    text = log.read_text()
    assert "ValueError at test_trouble.py" in text
    assert "fail" in text
    assert SECRET not in text


def test_what_a_library_says_is_not_written_down(log: Path) -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("sqlalchemy.pool").exception("lost %s", SECRET)
    text = log.read_text()
    assert "sqlalchemy.pool" in text
    assert SECRET not in text


@pytest.mark.usefixtures("_hooks")
def test_an_error_nobody_caught_is_logged_and_told(log: Path) -> None:
    told: list[BaseException] = []
    trouble.catch_mistakes(told.append)
    with pytest.raises(ValueError, match=SECRET) as caught:
        fail()
    sys.excepthook(ValueError, caught.value, caught.value.__traceback__)
    assert told == [caught.value]
    worker = threading.Thread(target=fail)
    worker.start()
    worker.join()
    assert log.read_text().count("ValueError at") == 2
    assert SECRET not in log.read_text()


def test_known_trouble_has_its_sentence_and_a_mistake_an_apology(log: Path) -> None:
    assert trouble.explain(StoreFull("The disk is full.")) == "The disk is full."
    assert SECRET not in trouble.explain(ValueError(SECRET))
    assert log.exists()
    assert trouble.explain_refusal(WrongPassword("User name or password.")) == (
        "This password is not right."
    )
