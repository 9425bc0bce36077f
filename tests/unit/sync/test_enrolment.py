"""Enrolment files and the root key: what is altered or mistyped is refused."""

from __future__ import annotations

import json
import secrets
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clinic_app.domain.errors import InvalidInput
from clinic_app.sync.centre import Enrolled
from clinic_app.sync.enrolment import SIZE_LIMIT, Enrolment, read_enrolment
from clinic_app.sync.keys import RootKey, certificate_message, is_signed
from clinic_app.sync.mysql.connection import Host, Login

CLINIC = UUID("01900000-0000-7000-8000-000000000001")
ROOT = RootKey.new()
ENROLMENT = Enrolment(
    CLINIC,
    "Hafen-Klinik 港",
    (Host("db1.example", 3306), Host("::1", 3307)),
    "clinic",
    Login("clinic_1", "secret-Password", "-----BEGIN CERTIFICATE-----"),
    7,
    "North",
    Ed25519PrivateKey.generate().private_bytes_raw(),
    secrets.token_bytes(32),
    ROOT.public,
)


def test_a_file_gives_back_what_was_enrolled() -> None:
    assert read_enrolment(ENROLMENT.to_bytes(ROOT)) == ENROLMENT


def test_nothing_secret_is_in_what_an_error_would_print() -> None:
    shown = repr(ENROLMENT)
    for secret in ("secret-Password", repr(ENROLMENT.clinic_key), repr(ENROLMENT.workstation_key)):
        assert secret not in shown


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("database",), "other"),
        (("account",), "clinic_2"),
        (("authority",), "another authority"),
        (("hosts", 0, "name"), "evil.example"),
        (("workstation", "id"), 8),
        (("clinic", "name"), "Other"),
    ],
)
def test_an_altered_file_is_refused(path: tuple[str | int, ...], value: object) -> None:
    plain = json.loads(ENROLMENT.to_bytes(ROOT))
    place = plain
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(InvalidInput, match="altered or damaged"):
        read_enrolment(json.dumps(plain).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b"null",
        b'{"format": "clinic-app enrolment 1"}',
        b'{"format": "clinic-app enrolment 2"}',
        b"[" * 100_000,
        b" " * (SIZE_LIMIT + 1),
        ENROLMENT.to_bytes(ROOT)[:-40],
        ENROLMENT.to_bytes(ROOT).replace(b'"port": 3306', b'"port": 0'),
        ENROLMENT.to_bytes(ROOT).replace(b'"port": 3306', b'"port": true'),
    ],
    ids=range(12),
)
def test_anything_else_is_not_an_enrolment_file(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="not an enrolment file"):
        read_enrolment(content)


def test_a_file_signed_by_another_root_key_is_refused() -> None:
    with pytest.raises(InvalidInput, match="altered or damaged"):
        read_enrolment(ENROLMENT.to_bytes(RootKey.new()))


def test_a_printed_root_key_is_typed_in_again() -> None:
    printed = ROOT.printed()
    assert len(printed.split("-")) == 14
    sloppy = printed.lower().replace("-", "  ").replace("o", "0").replace("b", "8")
    assert RootKey.typed(sloppy).public == ROOT.public


@pytest.mark.parametrize("place", range(0, 56, 5))
def test_one_mistyped_letter_is_noticed(place: int) -> None:
    symbols = list(ROOT.printed().replace("-", ""))
    symbols[place] = "A" if symbols[place] != "A" else "C"
    with pytest.raises(InvalidInput, match="compare it again"):
        RootKey.typed("".join(symbols))


@pytest.mark.parametrize(
    "typed", ["", "AAAA", "ключ", ROOT.printed() + "A", ROOT.printed()[:-1]], ids=range(5)
)
def test_what_is_no_root_key_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        RootKey.typed(typed)


def test_the_clinic_key_opens_for_its_own_root_key_and_clinic_alone() -> None:
    key = secrets.token_bytes(32)
    wrapped = ROOT.wrap(key, CLINIC)
    assert key not in wrapped
    assert ROOT.unwrap(wrapped, CLINIC) == key
    with pytest.raises(InvalidInput):
        RootKey.new().unwrap(wrapped, CLINIC)
    with pytest.raises(InvalidInput):
        ROOT.unwrap(wrapped, UUID(int=1))
    with pytest.raises(InvalidInput):
        ROOT.unwrap(b"", CLINIC)


def test_a_certificate_covers_all_that_names_a_workstation() -> None:
    one = Enrolled(7, "North", "clinic_1", bytes(32))
    signature = ROOT.sign(certificate_message(CLINIC, one))
    assert is_signed(ROOT.public, signature, certificate_message(CLINIC, one))
    others = (
        Enrolled(8, "North", "clinic_1", bytes(32)),
        Enrolled(7, "Nort", "hclinic_1", bytes(32)),
        Enrolled(7, "North", "clinic_2", bytes(32)),
        Enrolled(7, "North", "clinic_1", b"k" * 32),
    )
    for other in others:
        assert not is_signed(ROOT.public, signature, certificate_message(CLINIC, other))
    assert not is_signed(ROOT.public, signature, certificate_message(UUID(int=1), one))
    assert not is_signed(b"", signature, b"")
