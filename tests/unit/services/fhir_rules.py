"""The rules of FHIR R4B (4.3.0) that our bundles have to keep, written down for the tests.

Required elements, closed value sets and invariants are those of https://hl7.org/fhir/R4B.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
REQUIRED = {
    "Organization": ("name",),
    "Practitioner": ("name",),
    "Patient": ("name", "gender", "birthDate"),
    "Consent": ("status", "scope", "category", "policyRule"),
    "QuestionnaireResponse": ("status", "questionnaire", "subject", "authored", "item"),
    "Observation": ("status", "code", "subject", "effectiveDateTime"),
    "Appointment": ("status", "participant"),
    "Task": ("status", "intent", "for"),
    "Procedure": ("status", "subject", "code"),
    "Flag": ("status", "code", "subject"),
    "DocumentReference": ("status", "content"),
    "AdverseEvent": ("actuality", "subject"),
    "Communication": ("status",),
}
ALLOWED = {
    "Consent": {"active", "rejected", "inactive"},
    "QuestionnaireResponse": {"completed"},
    "Observation": {"final", "preliminary"},
    "Appointment": {"proposed", "booked", "cancelled", "fulfilled", "noshow"},
    "Task": {"requested", "completed", "cancelled"},
    "Procedure": {"completed"},
    "Flag": {"active", "inactive"},
    "DocumentReference": {"current", "entered-in-error"},
    "Communication": {"in-progress", "completed"},
}
LISTS = {
    *("name", "given", "prefix", "telecom", "address", "category", "performer", "organization"),
    *("item", "answer", "component", "interpretation", "participant", "author", "content"),
    *("recipient", "payload", "contributor"),
    *("relatesTo", "link", "coding", "extension", "entry", "derivedFrom", "identifier"),
}
SINGLE = {("QuestionnaireResponse", "author"), ("Organization", "name")}


def check_bundle(bundle: dict[str, Any], files: dict[str, bytes]) -> None:
    """Raise ``AssertionError`` at the first rule that is broken."""
    assert bundle["resourceType"] == "Bundle"
    assert bundle["type"] == "collection"
    resources = [entry["resource"] for entry in bundle["entry"]]
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert urls == [f"urn:uuid:{one['id']}" for one in resources]
    assert len(set(urls)) == len(urls)
    for one in (bundle, *resources):
        assert _ID.fullmatch(one["id"])
        for path, value in _walk(one):
            assert value not in (None, "", [], {}), f"{one['resourceType']}: {path} is empty"
    named = {
        value for one in resources for path, value in _walk(one) if path[-1:] == ("reference",)
    }
    assert named <= set(urls)
    for one in resources:
        _check(one, files)


def _walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, path)


def _check(one: dict[str, Any], files: dict[str, bytes]) -> None:
    kind = one["resourceType"]
    missing = [name for name in REQUIRED[kind] if name not in one]
    assert not missing, f"{kind} lacks {missing}"
    if kind in ALLOWED:
        assert one["status"] in ALLOWED[kind]
    for name, value in one.items():
        if name in LISTS and (kind, name) not in SINGLE:
            assert isinstance(value, list), f"{kind}.{name} is a list"
        if name in ("authored", "effectiveDateTime", "date", "created", "start", "end"):
            assert datetime.fromisoformat(value).tzinfo is not None
    if kind == "Patient":
        assert one["gender"] in ("male", "female", "other", "unknown")
        date.fromisoformat(one["birthDate"])
    if kind == "Observation":  # obs-6: a value, or a reason for having none
        values = [name for name in one if name.startswith("value")]
        assert len(values) + ("dataAbsentReason" in one) == 1
        for part in one.get("component", []):
            assert "code" in part
    if kind == "Appointment":
        assert ("start" in one) == ("end" in one)  # app-2
        if "start" not in one:  # app-3
            assert one["status"] in ("proposed", "cancelled", "waitlist")
        if "cancelationReason" in one:  # app-4
            assert one["status"] in ("cancelled", "noshow")
        for part in one["participant"]:
            assert part["status"] in ("accepted", "declined", "tentative", "needs-action")
    if kind == "AdverseEvent":
        assert one["actuality"] in ("actual", "potential")
    if kind == "DocumentReference":
        _check_attachment(one["content"][0]["attachment"], files)


def _check_attachment(attachment: dict[str, Any], files: dict[str, bytes]) -> None:
    if "url" in attachment:
        content = files[attachment["url"]]
        assert attachment["size"] == len(content)
    else:
        content = base64.b64decode(attachment["data"], validate=True)
    digest = hashlib.sha1(content, usedforsecurity=False).digest()
    assert attachment["hash"] == base64.b64encode(digest).decode()
