"""What the changes of one record add up to, whatever the order in which they arrived.

Fields are last-writer-wins by stamp. Words that people write (``TEXTS``) are not: a change of them
names those it replaces, and words that nobody has replaced all stay, side by side, until a person
settles it. One version is shown, the same on every replica. A *final* change (a note's signature)
carries the whole record and freezes it; of two signatures the one that the centre received first is
shown, whatever its stamp, and the other stays as a rival: nobody displaces what others have read
by signing it again with a clock set back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from clinic_app.domain.operations import EntityKind, Operation, Stamp, decode_fields

REPLACES = "_replaces"
"""Field of a body that names the changes it replaces as (origin, epoch, seq) triples.

Origin 0 is the origin of the operation itself, which a store only learns when it joins a centre.
Without the field a change replaces all earlier ones of its own sequence: most records are written
on one workstation, and their operations need not be any longer for it.
"""

TEXTS: Mapping[EntityKind, frozenset[str]] = {
    EntityKind.NOTE: frozenset({"text", "sections"}),
    EntityKind.TASK: frozenset({"title", "detail"}),
}
"""The fields that are one text: whoever changes one of them writes down all."""


class Reference(NamedTuple):
    """Names an operation; ``text`` is its form in records and on the screen."""

    origin: int
    epoch: int
    seq: int

    @property
    def text(self) -> str:
        return f"{self.origin}.{self.epoch}.{self.seq}"

    @classmethod
    def of_text(cls, text: str) -> Reference:
        """Raises ``ValueError`` for anything else."""
        origin, epoch, seq = map(int, text.split("."))
        return cls(origin, epoch, seq)


@dataclass(frozen=True, slots=True)
class Change:
    """One operation of a record, read. ``replaces`` is None where it does not say, ``received_at``
    before the centre had it."""

    stamp: Stamp
    fields: Mapping[str, Any]
    replaces: frozenset[Reference] | None = None
    received_at: datetime | None = None

    @property
    def name(self) -> Reference:
        return Reference(*self.stamp[1:])


@dataclass(frozen=True, slots=True)
class Folded:
    """A record as its changes leave it. ``shown`` is the change whose words are shown, ``rivals``
    those with other words that nobody replaced, in stamp order; ``twins`` say what one of these
    says already."""

    fields: Mapping[str, Any]
    stamps: Mapping[str, Stamp]
    shown: Change | None = None
    rivals: tuple[Change, ...] = ()
    twins: tuple[Change, ...] = ()
    final: bool = False

    @property
    def leaves(self) -> tuple[Change, ...]:
        """Every version that nobody replaced, the shown one first."""
        return () if self.shown is None else (self.shown, *self.rivals, *self.twins)

    def saying(self, change: Change, texts: frozenset[str]) -> frozenset[Reference]:
        """Every version with the words of this one."""
        said = words(change, texts)
        return frozenset(one.name for one in self.leaves if words(one, texts) == said)


def change_of(operation: Operation) -> Change:
    """The change in an operation; raises ``ValueError`` for a body that cannot be read."""
    fields = decode_fields(operation.body)
    named = fields.pop(REPLACES, None)
    if named is None:
        return Change(operation.stamp, fields, None, operation.received_at)
    try:
        replaces = frozenset(
            Reference(int(origin) or operation.origin, int(epoch), int(seq))
            for origin, epoch, seq in named
        )
    except TypeError as error:
        raise ValueError("An operation names what it replaces in a wrong way.") from error
    return Change(operation.stamp, fields, replaces, operation.received_at)


def named_in_body(references: Iterable[Reference], own_origin: int) -> list[list[int]]:
    """References as ``REPLACES`` holds them."""
    return [
        [0 if one.origin == own_origin else one.origin, one.epoch, one.seq]
        for one in sorted(references)
    ]


def fold_changes(
    changes: Iterable[Change],
    texts: frozenset[str] = frozenset(),
    is_final: Callable[[Mapping[str, Any]], bool] = lambda fields: False,
) -> Folded:
    """The record that these changes make, in any order and with any repeats."""
    ordered = sorted({change.stamp: change for change in changes}.values(), key=_by_stamp)
    finals = [change for change in ordered if is_final(change.fields)]
    leaves = _leaves([one for one in ordered if texts & one.fields.keys()], finals)
    if finals:
        shown = min(finals, key=in_order_of_receipt)
        stamps = dict.fromkeys(shown.fields, shown.stamp)
        return Folded(shown.fields, stamps, shown, *_others(shown, leaves, texts), final=True)
    fields: dict[str, Any] = {}
    stamps = {}
    last = leaves[-1] if leaves else None
    rivals = leaves[:-1]
    for change in ordered:
        for name, value in change.fields.items():
            if name not in texts or change not in rivals:
                fields[name], stamps[name] = value, change.stamp
    if last is None:
        return Folded(fields, stamps)
    for name in texts & last.fields.keys():
        fields[name], stamps[name] = last.fields[name], last.stamp
    return Folded(fields, stamps, last, *_others(last, rivals, texts))


def _by_stamp(change: Change) -> Stamp:
    return change.stamp


def in_order_of_receipt(one: Operation | Change) -> tuple[datetime, Stamp]:
    """Sorts by when the centre received what was written, which nobody can set back; what it has
    not received yet comes last. Stamps decide within one moment."""
    return one.received_at or _NOT_YET, one.stamp


_NOT_YET = datetime.max.replace(tzinfo=UTC)


def _leaves(written: Sequence[Change], finals: Sequence[Change]) -> list[Change]:
    """The changes of words that no other one replaces; a signed text is never replaced."""
    named: set[Reference] = set()
    reached: dict[tuple[int, int], int] = {}
    for change in written:
        origin, epoch, seq = change.name
        if change.replaces is None:
            reached[origin, epoch] = max(seq, reached.get((origin, epoch), 0))
        else:
            named |= change.replaces - {change.name}

    def stays(change: Change) -> bool:
        origin, epoch, seq = change.name
        return change.name not in named and seq >= reached.get((origin, epoch), 0)

    left = [one for one in written if one in finals or stays(one)]
    # Honest changes never replace each other in a circle; of a forged circle all stay.
    return left or list(written)


def _others(
    shown: Change, leaves: Sequence[Change], texts: frozenset[str]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """The leaves beside the one that is shown: those with words of their own, and the rest."""
    rivals: list[Change] = []
    twins: list[Change] = []
    known = [words(shown, texts)]
    for leaf in leaves:
        if leaf is not shown:
            (twins if words(leaf, texts) in known else rivals).append(leaf)
            known.append(words(leaf, texts))
    return tuple(rivals), tuple(twins)


def words(change: Change, texts: frozenset[str]) -> dict[str, Any]:
    """The words of a change alone."""
    return {name: value for name, value in change.fields.items() if name in texts}
