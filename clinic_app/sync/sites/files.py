"""Cards and group files: how clinics that learn together are told to each other, by hand.

A card holds a name and a public key. A group file is a secret, as an enrolment file is: it opens
the account and holds the group's key. Its code, which clinics compare by word of mouth, shows
whether somebody put other keys in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.joint_learning import (
    JoinedGroup,
    SiteGroup,
    SiteHost,
    SiteLogin,
    SiteMember,
)
from clinic_app.domain.people import clean_name
from clinic_app.services.sites_data import FEWEST_SITES
from clinic_app.sync.file_values import key_text, read_key, read_text, read_whole
from clinic_app.sync.keys import KEY_BYTES

CARD = "clinic-app sites card 1"
GROUP = "clinic-app sites group 1"
SIZE_LIMIT = 1_000_000
"""Bytes; a longer file is something else."""

MOST_MEMBERS = 100


def card_file(member: SiteMember) -> bytes:
    return _written({"format": CARD, **_member(member)})


def read_card(content: bytes) -> SiteMember:
    """Raises ``InvalidInput`` (field ``card``)."""
    try:
        return _read_member(_plain(content, CARD))
    except _BROKEN:
        raise InvalidInput("card", "This is not a card of a clinic.") from None


def group_file(joined: JoinedGroup) -> bytes:
    group, login = joined.group, joined.login
    return _written(
        {
            "format": GROUP,
            "group": {
                "id": str(group.id),
                "name": group.name,
                "key": key_text(joined.key),
                "members": [_member(one) for one in group.members],
            },
            "place": joined.place,
            "hosts": [{"name": host.name, "port": host.port} for host in login.hosts],
            "database": login.database,
            "account": login.account,
            "password": login.password,
            "authority": login.authority,
        }
    )


def read_group(content: bytes) -> JoinedGroup:
    """Raises ``InvalidInput`` (field ``file``)."""
    try:
        plain = _plain(content, GROUP)
        told = plain["group"]
        members = tuple(map(_read_member, told["members"]))
        group = SiteGroup(UUID(told["id"]), _name(told["name"]), members)
        check_members(group)
        place = read_whole(plain["place"])
        members[place]
        hosts = tuple(
            SiteHost(read_text(one["name"]), read_whole(one["port"])) for one in plain["hosts"]
        )
        login = SiteLogin(
            hosts,
            database=read_text(plain["database"]),
            account=read_text(plain["account"]),
            password=read_text(plain["password"]),
            authority=read_text(plain["authority"]),
        )
        return JoinedGroup(group, place, login, read_key(told["key"], KEY_BYTES))
    except _BROKEN:
        raise InvalidInput("file", "This is not a file of a group of clinics.") from None


_BROKEN = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    RecursionError,
    InvalidInput,
)


def check_members(group: SiteGroup) -> None:
    """Raises ``InvalidInput`` (field ``card``) unless they are enough and all different: one key at
    two places would count twice, and its owner would see the sums of the third alone."""
    names = {one.name.casefold() for one in group.members}
    keys = {one.public_key for one in group.members}
    if not len(names) == len(keys) == len(group.members):
        raise InvalidInput("card", "Two of the cards have the same name or the same key.")
    if not FEWEST_SITES <= len(group.members) <= MOST_MEMBERS:
        raise InvalidInput(
            "card",
            "A group has {least} to {most} clinics.",
            least=FEWEST_SITES,
            most=MOST_MEMBERS,
        )


def _plain(content: bytes, kind: str) -> Mapping[str, Any]:
    if len(content) > SIZE_LIMIT:
        raise ValueError("too long")
    plain = json.loads(content)
    if not isinstance(plain, dict) or plain.get("format") != kind:
        raise ValueError("something else")
    return plain


def _member(one: SiteMember) -> dict[str, str]:
    return {"name": one.name, "public_key": key_text(one.public_key)}


def _read_member(plain: Mapping[str, Any]) -> SiteMember:
    return SiteMember(_name(plain["name"]), read_key(plain["public_key"], KEY_BYTES))


def _name(text: Any) -> str:
    return clean_name(read_text(text), "name", required=True)


def _written(plain: Mapping[str, Any]) -> bytes:
    return json.dumps(plain, ensure_ascii=False, indent=1).encode() + b"\n"
