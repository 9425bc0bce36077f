"""Words that people write stay until somebody replaces them, in whatever order they arrive."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.domain.operations import Stamp
from clinic_app.domain.versions import Change, Folded, Reference, fold_changes

TEXTS = frozenset({"text"})


def is_signed(fields: Any) -> bool:
    return fields.get("signed") is True


def fold(changes: list[Change]) -> Folded:
    return fold_changes(changes, TEXTS, is_signed)


def change(stamp: tuple[int, int, int, int], replaces: Any = None, **fields: Any) -> Change:
    named = None if replaces is None else frozenset(Reference(*one) for one in replaces)
    return Change(Stamp(*stamp), fields, named)


@dataclass
class Replica:
    """One workstation that writes the same record as the others, seeing what it has pulled."""

    origin: int
    known: list[Change] = field(default_factory=list)
    seq: int = 0
    clock: int = 0

    def write(self, fields: dict[str, Any]) -> Change:
        self.clock = max(self.clock, *(one.stamp.hlc for one in self.known), 0) + 1
        self.seq += 1
        found, named = fold(self.known), None
        if "text" in fields and found.shown is not None:
            mine = found.shown.name[:2] == (self.origin, 1)
            if len(found.leaves) > 1 or not mine:
                named = found.saying(found.shown, TEXTS)
        made = Change(Stamp(self.clock, self.origin, 1, self.seq), fields, named)
        self.known.append(made)
        return made


steps = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["write", "phone", "sign", "pull"])), max_size=25
)


@given(steps=steps, order=st.randoms(use_true_random=False))
def test_the_fold_does_not_depend_on_order_or_repeats(steps: Any, order: Random) -> None:
    changes, _ = live(steps)
    shuffled = changes + changes[: len(changes) // 2]
    order.shuffle(shuffled)
    assert fold(shuffled) == fold(changes)


@given(steps=steps)
def test_no_words_vanish_unless_somebody_who_saw_them_wrote_over_them(steps: Any) -> None:
    changes, over = live(steps)
    found = fold(changes)
    said = {one.fields["text"] for one in found.leaves}
    written = {one.fields["text"] for one in changes if "text" in one.fields}
    assert written - said <= over
    if found.shown is not None:
        assert found.fields["text"] == found.shown.fields["text"]


def live(steps: Any) -> tuple[list[Change], set[str]]:
    """What three workstations write, and the words that stood before somebody who wrote over
    them."""
    replicas = [Replica(number) for number in (1, 2, 3)]
    changes: list[Change] = []
    over: set[str] = set()
    for number, (who, what) in enumerate(steps):
        replica = replicas[who]
        before = fold(replica.known)
        if what == "pull":
            replica.known = list(changes)
        elif what == "phone":
            changes.append(replica.write({"phone": str(number)}))
        elif not before.final:
            if before.shown is not None:
                over.add(before.shown.fields["text"])
            signed = {"signed": True} if what == "sign" else {}
            changes.append(replica.write({"text": str(number), **signed}))
    return changes, over


def test_the_newest_stamp_wins_field_by_field() -> None:
    late, early = change((2, 0, 0, 1), phone="2"), change((1, 0, 0, 1), phone="1", name="A")
    found = fold([late, early])
    assert found.fields == {"phone": "2", "name": "A"}
    assert found.stamps == {"phone": late.stamp, "name": early.stamp}


def test_unseen_words_stay_beside_those_that_are_shown() -> None:
    first = change((1, 1, 1, 1), text="as written", phone="1")
    mine = change((2, 1, 1, 2), text="mine")
    theirs = change((3, 2, 1, 1), [(1, 1, 1)], text="theirs")
    found = fold([theirs, mine, first])
    assert found.fields == {"text": "theirs", "phone": "1"}
    assert [one.fields["text"] for one in found.rivals] == ["mine"]


def test_a_person_settles_rivals_by_naming_them() -> None:
    mine = change((2, 1, 1, 2), text="mine")
    theirs = change((3, 2, 1, 1), [], text="theirs")
    both = change((4, 1, 1, 3), [(1, 1, 2), (2, 1, 1)], text="both")
    found = fold([both, theirs, mine])
    assert (found.fields["text"], found.rivals) == ("both", ())


@pytest.mark.parametrize("set_back", [1, 2, 7])
def test_of_two_signatures_the_one_received_first_is_shown_whatever_their_stamps(
    set_back: int,
) -> None:
    draft = change((1, 1, 1, 1), text="draft")
    early = change((5, 2, 1, 1), [(1, 1, 1)], text="first", signed=True)
    early = replace(early, received_at=datetime(2026, 3, 2, tzinfo=UTC))
    late = change((set_back, 1, 1, 2), text="second", signed=True)
    for received_at in (datetime(2026, 3, 3, tzinfo=UTC), None):
        late = replace(late, received_at=received_at)
        for order in ([draft, early, late], [late, early, draft], [late, draft, early]):
            found = fold(order)
            assert found.final
            assert found.fields["text"] == "first"
            assert [one.fields["text"] for one in found.rivals] == ["second"]


def test_of_two_signatures_that_no_centre_has_the_earlier_one_is_shown() -> None:
    early = change((5, 2, 1, 1), [], text="first", signed=True)
    late = change((6, 1, 1, 2), text="second", signed=True)
    assert fold([late, early]).fields["text"] == "first"


def test_words_written_elsewhere_before_a_signature_was_seen_are_kept() -> None:
    draft = change((1, 1, 1, 1), text="draft")
    signed = change((5, 1, 1, 2), text="signed", signed=True)
    edit = change((3, 2, 1, 1), [(1, 1, 1)], text="unseen edit")
    found = fold([edit, signed, draft])
    assert found.fields["text"] == "signed"
    assert [one.fields["text"] for one in found.rivals] == ["unseen edit"]


def test_the_same_words_twice_are_no_conflict() -> None:
    one, other = change((1, 1, 1, 1), text="same"), change((1, 1, 2, 1), [], text="same")
    found = fold([one, other])
    assert found.rivals == ()
    assert len(found.leaves) == 2
    assert found.saying(other, TEXTS) == {one.name, other.name}


def test_a_forged_circle_hides_nothing() -> None:
    one = change((1, 1, 1, 1), [(2, 1, 1)], text="one")
    other = change((2, 2, 1, 1), [(1, 1, 1)], text="other")
    found = fold([one, other])
    assert {leaf.fields["text"] for leaf in found.leaves} == {"one", "other"}
