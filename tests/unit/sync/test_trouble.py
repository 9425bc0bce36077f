"""Which trouble an error of MySQL, MariaDB or Galera means, without the server's own words."""

from __future__ import annotations

import ssl

import pytest
from pymysql import err

from clinic_app.sync.centre import (
    AlreadyThere,
    CentreBusy,
    CentreFull,
    CentreRefused,
    CentreUnreachable,
    CentreUntrusted,
    ClockWrong,
    SyncTrouble,
    WorkstationRevoked,
)
from clinic_app.sync.mysql.trouble import trouble

SECRET = "Access denied for user 'clinic_1'@'10.0.0.7' (using password: hunter2)"


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        (err.IntegrityError(1062, SECRET), AlreadyThere),
        (err.OperationalError(1040, SECRET), CentreBusy),
        (err.OperationalError(1205, SECRET), CentreBusy),
        (err.OperationalError(1213, SECRET), CentreBusy),
        (err.OperationalError(1226, SECRET), CentreBusy),
        (err.OperationalError(1142, SECRET), CentreRefused),
        (err.OperationalError(1369, SECRET), CentreRefused),
        (err.OperationalError(1045, SECRET), CentreRefused),
        (err.OperationalError(1049, SECRET), CentreRefused),
        (err.ProgrammingError(1146, SECRET), CentreRefused),
        (err.OperationalError(1153, SECRET), CentreRefused),
        (err.OperationalError(3118, SECRET), WorkstationRevoked),
        (err.OperationalError(4151, SECRET), WorkstationRevoked),
        (err.OperationalError(2003, SECRET), CentreUnreachable),
        (err.OperationalError(2006, SECRET), CentreUnreachable),
        (err.OperationalError(2013, SECRET), CentreUnreachable),
        (err.OperationalError(1047, SECRET), CentreUnreachable),
        (err.OperationalError(1053, SECRET), CentreUnreachable),
        (err.OperationalError(1180, SECRET), CentreUnreachable),
        (err.OperationalError(4031, SECRET), CentreUnreachable),
        (err.OperationalError(3100, SECRET), CentreUnreachable),
        (err.OperationalError(3101, SECRET), CentreUnreachable),
        (err.OperationalError(3168, SECRET), CentreUnreachable),
        (err.OperationalError(3169, SECRET), CentreUnreachable),
        (err.InterfaceError(0, ""), CentreUnreachable),
        (err.InternalError("Packet sequence number wrong"), CentreUnreachable),
        (err.OperationalError(1290, SECRET), CentreFull),
        (err.OperationalError(1836, SECRET), CentreFull),
        (err.OperationalError(1021, SECRET), CentreFull),
        (err.OperationalError(1114, SECRET), CentreFull),
        (err.OperationalError(3675, SECRET), CentreFull),
        (err.OperationalError(1030, SECRET), CentreFull),
        (err.OperationalError(2026, SECRET), CentreUntrusted),
        (err.OperationalError(3159, SECRET), CentreUntrusted),
        (err.OperationalError(9999, SECRET), SyncTrouble),
    ],
)
def test_a_number_is_one_kind_of_trouble(error: err.MySQLError, meant: type[Exception]) -> None:
    found = trouble(error)
    assert type(found) is meant
    sentence = str(found)
    assert "hunter2" not in sentence
    assert "clinic_1" not in sentence
    assert meant is AlreadyThere or sentence.endswith(".")


def test_an_unknown_number_is_told_for_the_helpdesk() -> None:
    assert "9999" in str(trouble(err.OperationalError(9999, SECRET)))


def test_a_line_cut_in_the_handshake_is_no_matter_of_trust() -> None:
    error = err.OperationalError(2003, SECRET)
    error.original_exception = ssl.SSLEOFError(8, "EOF occurred")
    assert type(trouble(error)) is CentreUnreachable
    error.original_exception = ssl.SSLError(1, "wrong version number")
    assert type(trouble(error)) is CentreUntrusted


@pytest.mark.parametrize(
    ("code", "meant", "said"),
    [
        (9, ClockWrong, "not valid yet"),
        (10, CentreUntrusted, "expired, or the clock"),
        (62, CentreUntrusted, "another host name"),
        (20, CentreUntrusted, "not signed by the authority"),
    ],
)
def test_a_certificate_that_does_not_hold_says_why(
    code: int, meant: type[Exception], said: str
) -> None:
    error = err.OperationalError(2003, SECRET)
    cause = error.original_exception = ssl.SSLCertVerificationError(1, "verify failed")
    cause.verify_code = code
    found = trouble(error)
    assert type(found) is meant
    assert said in str(found)
