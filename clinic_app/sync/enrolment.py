"""The enrolment file: everything a workstation needs to join the centre, signed by the root key.

It is a secret: it opens the account and holds the clinic key. It is carried to the workstation by
hand and deleted after joining. The signature shows damage and tampering; the root key's public half
is compared with the centre's when the workstation joins.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.sync.keys import KEY_BYTES, RootKey, is_signed
from clinic_app.sync.mysql.connection import Host, Login

FORMAT = "clinic-app enrolment 1"
SIZE_LIMIT = 1_000_000
"""Bytes; a longer file is something else."""

_CONTEXT = b"clinic-app enrolment file 1\0"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """``workstation_key`` is an Ed25519 private key, ``clinic_key`` an AES key, 32 bytes each."""

    clinic_id: UUID
    clinic_name: str
    hosts: tuple[Host, ...]
    database: str
    login: Login
    workstation_id: int
    workstation_name: str
    workstation_key: bytes = field(repr=False)
    clinic_key: bytes = field(repr=False)
    root_public_key: bytes

    def to_bytes(self, root: RootKey) -> bytes:
        """The file, signed."""
        content = self._plain()
        content["signature"] = _text(root.sign(_signed_part(content)))
        return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"

    def _plain(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "clinic": {"id": str(self.clinic_id), "name": self.clinic_name},
            "hosts": [{"name": host.name, "port": host.port} for host in self.hosts],
            "database": self.database,
            "account": self.login.account,
            "password": self.login.password,
            "authority": self.login.authority,
            "workstation": {
                "id": self.workstation_id,
                "name": self.workstation_name,
                "key": _text(self.workstation_key),
            },
            "clinic_key": _text(self.clinic_key),
            "root_public_key": _text(self.root_public_key),
        }


def read_enrolment(content: bytes) -> Enrolment:
    """The enrolment in a file; raises ``InvalidInput`` for anything else or an altered one."""
    if len(content) > SIZE_LIMIT:
        raise _not_ours()
    try:
        plain = json.loads(content)
        if not isinstance(plain, dict) or plain.get("format") != FORMAT:
            raise _not_ours()
        found = _read(plain)
        signature = _bytes(plain["signature"], None)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _not_ours() from None
    if not is_signed(found.root_public_key, signature, _signed_part(plain)):
        raise InvalidInput(
            "file", "This enrolment file was altered or damaged. Please ask for a new one."
        )
    return found


def _read(plain: Mapping[str, Any]) -> Enrolment:
    workstation = plain["workstation"]
    return Enrolment(
        clinic_id=UUID(plain["clinic"]["id"]),
        clinic_name=_string(plain["clinic"]["name"]),
        hosts=tuple(Host(_string(one["name"]), _port(one["port"])) for one in plain["hosts"]),
        database=_string(plain["database"]),
        login=Login(
            _string(plain["account"]), _string(plain["password"]), _string(plain["authority"])
        ),
        workstation_id=_whole(workstation["id"]),
        workstation_name=_string(workstation["name"]),
        workstation_key=_bytes(workstation["key"], KEY_BYTES),
        clinic_key=_bytes(plain["clinic_key"], KEY_BYTES),
        root_public_key=_bytes(plain["root_public_key"], KEY_BYTES),
    )


def _signed_part(plain: Mapping[str, Any]) -> bytes:
    bare = {name: value for name, value in plain.items() if name != "signature"}
    return _CONTEXT + json.dumps(bare, sort_keys=True, separators=(",", ":")).encode()


def _not_ours() -> InvalidInput:
    return InvalidInput("file", "This is not an enrolment file of Clinic App.")


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(text: Any, length: int | None) -> bytes:
    content = base64.b64decode(_string(text), validate=True)
    if length is not None and len(content) != length:
        raise ValueError("wrong length")
    return content


def _string(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("not a text")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 1 << 16:
        raise TypeError("not a number of a workstation")
    return value


def _port(value: Any) -> int:
    return _whole(value)
