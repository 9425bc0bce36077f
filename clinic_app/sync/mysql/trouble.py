"""From the numbers of MySQL, MariaDB and Galera to the trouble they mean.

The server's own words are never passed on: they may name accounts, hosts and values.
"""

from __future__ import annotations

import ssl

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

DUPLICATE_KEY = 1062
CHECK_OPTION_FAILED = 1369

_BUSY = frozenset({
    1040,  # too many connections
    1203,  # too many connections of this account
    1205,  # lock wait: only the statement was rolled back
    1213,  # deadlock, or a Galera certification that lost: the transaction was rolled back
    1226,  # a limit of this account (MAX_USER_CONNECTIONS)
    1317,  # query interrupted
    1969,  # MariaDB: statement took too long
    3024,  # MySQL: statement took too long
    3572,  # NOWAIT
})  # fmt: skip
_UNREACHABLE = frozenset({
    0,     # PyMySQL: the connection is closed (InterfaceError)
    1047,  # Galera: this node is not part of the primary component
    1053,  # shutting down
    1077, 1079, 1080,
    1152, 1154, 1156, 1157, 1158, 1159, 1160, 1161,  # packets cut or out of order
    1180,  # error during COMMIT, whose outcome is not known
    1184,
    1927,  # MariaDB: connection was killed
    2002, 2003, 2006, 2013, 2055,
    3032,  # MySQL: server is offline
    3100, 3101, 3796,  # Group Replication: not agreed on, rolled back, not in the primary view
    3168, 3169,  # MySQL: server isn't available, connection was killed
    4031,  # MySQL: disconnected for being idle
})  # fmt: skip
_FULL = frozenset({
    1021,  # disk full
    1026,  # error writing file
    1030,  # error from the storage engine (28: no space)
    1041,  # out of memory
    1114,  # table full
    3675,  # MySQL: disk full while a tablespace grows
})  # fmt: skip
_READ_ONLY = frozenset({1290, 1792, 1836})
_WRONG_LOGIN = frozenset({1044, 1045, 1130, 1251, 1698, 1820, 1862, 3955})
_NO_RIGHT = frozenset({1142, 1143, 1227, 1370, 1419})
_NO_DATABASE = frozenset({1049, 1146, 1356, 1449})
_LOCKED = frozenset({3118, 4151})
_NO_TLS = frozenset({2026, 3159})
_TOO_BIG = frozenset({1105, 1153, 1406})

REVOKED = (
    "This workstation has been withdrawn from the centre; it takes nothing from here any more."
)

_CUT = "The connection to the central server was cut. Nothing is lost; the next round goes on."
_NO_ANSWER = "The central server cannot be reached. Nothing is lost; please try again later."


def trouble(error: Exception) -> SyncTrouble | AlreadyThere:
    """What a failed statement or connection means."""
    certificate = _certificate_trouble(error)
    if certificate is not None:
        return certificate
    code = _code(error)
    if code == DUPLICATE_KEY:
        return AlreadyThere()
    if code in (2002, 2003):
        return CentreUnreachable(_NO_ANSWER)
    if code is None or code in _UNREACHABLE:
        return CentreUnreachable(_CUT)
    if code in _BUSY:
        return CentreBusy("The central server is busy. Please try again in a moment.")
    if code in _FULL:
        return CentreFull("The central server has no room left. Please tell who looks after it.")
    if code in _READ_ONLY:
        return CentreFull("The central server takes no changes at the moment (it is read-only).")
    if code in _LOCKED:
        return WorkstationRevoked(REVOKED)
    return _refusal(code)


def _refusal(code: int) -> SyncTrouble:
    if code in _NO_TLS:
        return CentreUntrusted("The central server does not offer an encrypted connection.")
    if code in _WRONG_LOGIN:
        return CentreRefused(
            "The central server refuses this account: wrong name or password, not allowed from"
            " here, or without encryption."
        )
    if code in _NO_RIGHT or code == CHECK_OPTION_FAILED:
        return CentreRefused("The central server does not allow this to this account.")
    if code in _NO_DATABASE:
        return CentreRefused("The clinic's database is missing or incomplete on this server.")
    if code in _TOO_BIG:
        return CentreRefused("A record is larger than the central server takes.")
    return SyncTrouble("The central server reports an unexpected error (number {code}).", code=code)


def _code(error: Exception) -> int | None:
    first = error.args[0] if error.args else None
    return first if isinstance(error, err.MySQLError) and isinstance(first, int) else None


def _certificate_trouble(error: Exception) -> CentreUntrusted | ClockWrong | None:
    cause = getattr(error, "original_exception", error)
    if not isinstance(cause, ssl.SSLError) or isinstance(
        cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)
    ):
        return None
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return CentreUntrusted("The encrypted connection to the central server cannot be made.")
    if cause.verify_code == _EXPIRED:
        return CentreUntrusted(
            "The central server's certificate has expired, or the clock of this laptop is ahead."
        )
    if cause.verify_code == _NOT_YET_VALID:
        return ClockWrong(
            "By the clock of this laptop the central server's certificate is not valid yet. Please"
            " compare date and time."
        )
    if cause.verify_code in _OTHER_NAME:
        return CentreUntrusted("The central server's certificate is made out to another host name.")
    return CentreUntrusted(
        "The central server's certificate is not signed by the authority of this clinic."
    )


_NOT_YET_VALID = 9
_EXPIRED = 10
_OTHER_NAME = (62, 64)
"""X509_V_ERR_CERT_NOT_YET_VALID, CERT_HAS_EXPIRED, HOSTNAME_MISMATCH and IP_ADDRESS_MISMATCH."""
