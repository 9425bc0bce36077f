"""Of each server on the list it is known when it answered last, and why it last did not."""

from __future__ import annotations

from clinic_app.sync.mysql.connection import Host
from clinic_app.sync.mysql.dial import MysqlDial
from tests.support.central import Server, free_port
from tests.support.centre import RealCentre


def test_the_server_that_answers_comes_first_and_the_other_says_why_not(
    centre: RealCentre, central: Server
) -> None:
    away = Host("127.0.0.1", free_port())
    dial = MysqlDial(centre.enrol("North", (away, central.host)))
    assert [(one.name, one.last_success) for one in dial.standing()] == [
        (str(away), None),
        (str(central.host), None),
    ]
    dial().close()
    first, second = dial.standing()
    assert (first.name, first.trouble) == (str(central.host), None)
    assert first.last_success is not None
    assert (second.name, second.last_success) == (str(away), None)
    assert second.trouble is not None
    assert "cannot be reached" in second.trouble
