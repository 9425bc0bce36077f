"""The enrolment file: everything a workstation needs to join the centre, signed by the root key.

It is a secret: it opens the account and holds the clinic key. It is carried to the workstation by
hand and deleted after joining. The signature shows damage and tampering; the root key's public half
is compared with the centre's when the workstation joins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.sync.file_values import key_text, read_key, read_text, read_whole
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
        content["signature"] = key_text(root.sign(_signed_part(content)))
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
                "key": key_text(self.workstation_key),
            },
            "clinic_key": key_text(self.clinic_key),
            "root_public_key": key_text(self.root_public_key),
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
        signature = read_key(plain["signature"])
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
        clinic_name=read_text(plain["clinic"]["name"]),
        hosts=tuple(
            Host(read_text(one["name"]), read_whole(one["port"], 1)) for one in plain["hosts"]
        ),
        database=read_text(plain["database"]),
        login=Login(
            read_text(plain["account"]), read_text(plain["password"]), read_text(plain["authority"])
        ),
        workstation_id=read_whole(workstation["id"], 1),
        workstation_name=read_text(workstation["name"]),
        workstation_key=read_key(workstation["key"], KEY_BYTES),
        clinic_key=read_key(plain["clinic_key"], KEY_BYTES),
        root_public_key=read_key(plain["root_public_key"], KEY_BYTES),
    )


def _signed_part(plain: Mapping[str, Any]) -> bytes:
    bare = {name: value for name, value in plain.items() if name != "signature"}
    return _CONTEXT + json.dumps(bare, sort_keys=True, separators=(",", ":")).encode()


def _not_ours() -> InvalidInput:
    return InvalidInput("file", "This is not an enrolment file of Clinic App.")
