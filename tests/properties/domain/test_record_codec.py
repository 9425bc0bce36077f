"""Every record survives the way to JSON and back, byte for byte."""

from __future__ import annotations

import dataclasses
import json
import typing
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_app.domain.audit import AuditCheck, AuditEntry
from clinic_app.domain.consent import ConsentEvent
from clinic_app.domain.finding import (
    ActivationMap,
    Asymmetry,
    FaceImages,
    Finding,
    FrameStatistics,
    Quality,
    SeverityReading,
    ThreeLevelReading,
)
from clinic_app.domain.notes import Note
from clinic_app.domain.people import ClinicProfile, CrisisContact, Patient, StaffUser
from clinic_app.domain.questionnaires import Response, Score
from clinic_app.domain.record_codec import from_plain, to_plain
from clinic_app.domain.safety import SafetyAssessment, SafetyEvent, SafetyFlow
from clinic_app.domain.screening import AnswerSheet, Draft, Judgement, Screening
from clinic_app.domain.studio import BegunTransfer, TransferWish

FLAT = (
    AnswerSheet,
    Asymmetry,
    ActivationMap,
    AuditCheck,
    AuditEntry,
    BegunTransfer,
    ClinicProfile,
    ConsentEvent,
    CrisisContact,
    FaceImages,
    FrameStatistics,
    Judgement,
    Note,
    Patient,
    Quality,
    Response,
    SafetyAssessment,
    SafetyEvent,
    SafetyFlow,
    Score,
    SeverityReading,
    StaffUser,
    ThreeLevelReading,
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
moments = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
for kind, strategy in ((float, numbers), (str, texts), (datetime, moments)):
    st.register_type_strategy(kind, strategy)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """Any finding that keeps its rule: a reading or a reason, never both."""
    fields = {
        field.name: draw(st.from_type(_hint(Finding, field.name)))
        for field in dataclasses.fields(Finding)
    }
    if draw(st.booleans()):
        fields |= {"abstained": None, "severity": draw(st.from_type(SeverityReading))}
    else:
        reasons = _hint(Finding, "abstained")
        fields |= {"severity": None, "abstained": draw(st.from_type(reasons).filter(bool))}
    return Finding(**fields)


def _hint(kind: type, name: str) -> Any:
    return typing.get_type_hints(kind)[name]


st.register_type_strategy(Finding, findings())
thorough = settings(
    max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def there_and_back(record: Any) -> Any:
    return from_plain(type(record), json.loads(json.dumps(to_plain(record), allow_nan=False)))


@pytest.mark.parametrize("kind", FLAT, ids=lambda kind: kind.__name__)
@thorough
@given(data=st.data())
def test_a_record_comes_back_as_it_was(kind: type, data: st.DataObject) -> None:
    record = data.draw(st.from_type(kind))
    assert there_and_back(record) == record
    assert to_plain(there_and_back(record)) == to_plain(record)


@thorough
@given(st.one_of(findings(), st.from_type(Draft), st.from_type(Screening)))
def test_a_finding_comes_back_inside_a_draft_and_a_screening(record: object) -> None:
    assert there_and_back(record) == record


@given(
    st.builds(Note, text=texts),
    st.dictionaries(texts.filter(lambda name: name not in NOTE_FIELDS), st.integers()),
)
def test_fields_of_a_newer_version_are_passed_over(note: Note, more: dict[str, int]) -> None:
    assert from_plain(Note, {**to_plain(note), **more}) == note


NOTE_FIELDS = {field.name for field in dataclasses.fields(Note)}


@given(st.builds(Patient))
def test_fields_that_an_older_version_lacks_take_their_default(patient: Patient) -> None:
    plain = to_plain(patient)
    for name in ("phone", "sex", "local_number", "registered_at"):
        del plain[name]
    read = from_plain(Patient, plain)
    assert (read.phone, read.local_number, read.registered_at) == ("", "", None)


@given(st.builds(Note), st.sampled_from(["id", "patient_id", "author", "written_at", "text"]))
def test_a_record_without_what_it_needs_is_refused(note: Note, name: str) -> None:
    plain = to_plain(note)
    del plain[name]
    with pytest.raises(ValueError, match="not a Note"):
        from_plain(Note, plain)


junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), numbers, texts),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200)
@given(st.sampled_from([*FLAT, Finding, Draft, Screening]), junk)
def test_what_is_no_record_is_refused_and_never_crashes(kind: type, plain: object) -> None:
    try:
        from_plain(kind, plain)
    except ValueError:
        return
    # Only a record whose fields all have defaults can be read from an empty object.
    assert isinstance(plain, dict)


@given(st.builds(Patient), st.sampled_from(["id", "family_name", "birth_date", "sex"]), junk)
def test_a_field_of_the_wrong_type_is_refused(patient: Patient, name: str, value: object) -> None:
    plain = to_plain(patient)
    if type(value) is type(plain[name]):
        return
    with pytest.raises(ValueError, match=r"."):
        from_plain(Patient, {**plain, name: value})


def test_times_are_written_in_utc_and_a_bare_time_is_read_as_utc() -> None:
    east = datetime(2026, 3, 2, 1, 30, tzinfo=timezone(timedelta(hours=5)))
    assert to_plain(east) == "2026-03-01T20:30:00+00:00"
    note = {**to_plain(NOTE), "written_at": "2026-03-01T20:30:00"}
    assert from_plain(Note, note).written_at == east


NOTE = from_plain(
    Note,
    {
        "id": "01a1fc2c-0a34-72d5-8fc2-b7a3b439c78a",
        "patient_id": "01a1fc2c-0a34-72d5-8fc2-b7a3b439c78b",
        "author": "01a1fc2c-0a34-72d5-8fc2-b7a3b439c78c",
        "written_at": "2026-03-01T20:30:00+00:00",
        "text": "Sleeping better.",
    },
)


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j])
def test_what_has_no_plain_form_is_a_mistake(value: object) -> None:
    with pytest.raises(TypeError, match="no plain form"):
        to_plain(value)


def test_a_choice_that_is_not_known_is_refused() -> None:
    plain = {**to_plain(TransferWish()), "start": "anywhere"}
    with pytest.raises(ValueError, match="none of those"):
        from_plain(TransferWish, plain)
