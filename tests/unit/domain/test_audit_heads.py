"""What workstations told of their audit trails, and what follows when it no longer fits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from clinic_app.domain.audit_heads import TELL_EVERY, AuditHead, ToldHead, audit_gaps, is_due
from clinic_app.domain.ids import new_id

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def tellings(*heads: tuple[int, str, int, str], epochs: tuple[int, ...] = ()) -> list[ToldHead]:
    """(number, mac, before, before_mac) of each; all in one epoch unless said otherwise."""
    minutes = count()
    return [
        ToldHead(
            AuditHead(new_id(), 1, number, mac, NOON + next(minutes) * MINUTE, before, before_mac),
            epochs[place] if epochs else 1,
        )
        for place, (number, mac, before, before_mac) in enumerate(heads)
    ]


def test_a_trail_that_only_grows_has_no_gap() -> None:
    told = tellings((5, "e", 0, ""), (9, "i", 5, "e"), (9, "i", 9, "i"))
    assert audit_gaps(told, "north", own=False) == ()


def test_a_shorter_trail_is_a_gap_with_both_lengths() -> None:
    (gap,) = audit_gaps(tellings((9, "i", 0, ""), (3, "c", 9, "")), "north", own=False)
    assert (gap.told, gap.found, gap.shorter, gap.renewed) == (9, 3, True, False)
    assert gap.told_at == NOON


def test_a_trail_that_was_cut_and_has_grown_again_is_a_gap() -> None:
    (gap,) = audit_gaps(tellings((5, "e", 0, ""), (9, "z", 5, "y")), "north", own=False)
    assert (gap.told, gap.found, gap.shorter) == (5, 9, False)


def test_one_that_was_told_without_looking_back_is_a_gap() -> None:
    assert audit_gaps(tellings((5, "e", 0, ""), (9, "z", 0, "")), "north", own=False)


def test_an_entry_exchanged_at_the_same_length_is_a_gap() -> None:
    assert audit_gaps(tellings((5, "e", 0, ""), (5, "z", 5, "z")), "north", own=False)


def test_after_a_restore_the_gap_says_so() -> None:
    told = tellings((9, "i", 0, ""), (4, "x", 9, ""), epochs=(1, 2))
    (gap,) = audit_gaps(told, "north", own=True)
    assert gap.renewed


def test_a_copy_of_a_store_that_is_used_beside_it_has_a_trail_of_its_own() -> None:
    told = tellings(
        (5, "e", 0, ""), (7, "x", 5, "e"), (9, "i", 5, "e"), (8, "y", 7, "x"), epochs=(1, 2, 1, 2)
    )
    assert audit_gaps(told, "north", own=True) == ()
    cut = tellings(
        (5, "e", 0, ""), (7, "x", 5, "e"), (3, "c", 5, ""), (8, "y", 7, "x"), epochs=(1, 2, 1, 2)
    )
    (gap,) = audit_gaps(cut, "north", own=True)
    assert (gap.told, gap.found, gap.renewed) == (5, 3, False)


def test_a_trail_is_told_of_now_and_then_and_at_once_when_it_does_not_fit() -> None:
    (last,) = tellings((5, "e", 0, ""))
    soon, later = NOON + MINUTE, NOON + TELL_EVERY
    assert not is_due(None, 0, "", NOON)
    assert is_due(None, 1, "", NOON)
    assert not is_due(last.head, 9, "e", soon)
    assert is_due(last.head, 9, "e", later)
    assert not is_due(last.head, 5, "e", later)
    assert is_due(last.head, 9, "y", soon)
    assert is_due(last.head, 3, "", soon)
