"""The audit chain notices every edit, removal, reordering and truncation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic_app.domain.audit import AuditEntry, AuditKind, entry_mac, verify_chain
from clinic_app.domain.ids import new_id
from tests.fakes.clock import START

KEY = b"k" * 32


def chain(length: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    previous = ""
    for number in range(1, length + 1):
        at = START + timedelta(seconds=number)
        blank = AuditEntry(number, at, AuditKind.READ, new_id(), "patient", new_id(), "", "")
        entries.append(replace(blank, mac=entry_mac(KEY, previous, blank)))
        previous = entries[-1].mac
    return entries


def test_an_untouched_chain_is_intact() -> None:
    entries = chain(5)
    check = verify_chain(KEY, entries)
    assert (check.intact, check.entries, check.head) == (True, 5, entries[-1].mac)


def test_an_empty_chain_is_intact() -> None:
    assert verify_chain(KEY, []).intact


@pytest.mark.parametrize(
    "change",
    [
        {"number": 9},
        {"at": START},
        {"kind": AuditKind.PRINTED},
        {"by": new_id()},
        {"by": None},
        {"subject": "note"},
        {"subject_id": new_id()},
        {"detail": "something"},
        {"mac": "0" * 64},
    ],
)
def test_a_change_to_any_field_breaks_the_chain_there(change: dict[str, object]) -> None:
    entries = chain(5)
    entries[2] = replace(entries[2], **change)  # type: ignore[arg-type]
    check = verify_chain(KEY, entries)
    assert (check.intact, check.broken_at) == (False, 3)


def test_a_removed_entry_breaks_the_chain() -> None:
    entries = chain(5)
    del entries[1]
    assert verify_chain(KEY, entries).broken_at == 2


def test_swapped_entries_break_the_chain() -> None:
    entries = chain(5)
    entries[1], entries[2] = entries[2], entries[1]
    assert verify_chain(KEY, entries).broken_at == 2


def test_another_key_does_not_fit() -> None:
    assert verify_chain(b"other", chain(2)).broken_at == 1


def test_a_shortened_log_is_noticed_by_the_head_kept_elsewhere() -> None:
    entries = chain(5)
    anchor = (5, entries[-1].mac)
    assert verify_chain(KEY, entries, anchor).intact
    assert verify_chain(KEY, entries[:4], anchor).truncated
    assert verify_chain(KEY, [], anchor).truncated


def test_a_log_made_anew_does_not_fit_the_head_kept_elsewhere() -> None:
    anchor = (3, chain(3)[-1].mac)
    assert verify_chain(KEY, chain(5), anchor).broken_at == 3


def test_a_head_from_before_the_first_entry_asks_for_nothing() -> None:
    assert verify_chain(KEY, chain(2), (0, "")).intact
