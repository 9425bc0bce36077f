"""Small numbers are withheld, so that no answer can be traced to a person: the one place for it.

Nothing is told about fewer than ``SMALLEST`` people. What is left out must not be found again by
subtraction either, so a little more than the small numbers themselves may be withheld.
"""

from __future__ import annotations

from collections.abc import Sequence

SMALLEST = 5
"""The smallest number that is shown."""

FEWEST_HIDDEN = 3
"""Of a distribution whose sum and mean are shown, two unknown numbers could be solved for."""


def told(count: int) -> int | None:
    """``count``, or ``None`` for 1 to 4: nothing and enough may be told."""
    return None if 0 < count < SMALLEST else count


def told_groups(counts: Sequence[int]) -> tuple[int | None, ...]:
    """Sizes of groups whose sum is shown: the small ones withheld, and as many of the next larger
    ones as it takes for those withheld to stand for at least ``SMALLEST`` people together."""
    hidden = {place for place, count in enumerate(counts) if 0 < count < SMALLEST}
    others = sorted(
        (place for place, count in enumerate(counts) if count >= SMALLEST),
        key=lambda place: counts[place],
    )
    while hidden and others and sum(counts[place] for place in hidden) < SMALLEST:
        hidden.add(others.pop(0))
    return tuple(None if place in hidden else count for place, count in enumerate(counts))


def told_cells(counts: Sequence[int]) -> tuple[int | None, ...]:
    """The parts of one distribution: all withheld where the whole is small, else every part below
    ``SMALLEST`` (none included), at least ``FEWEST_HIDDEN`` of them where any is, and those
    withheld stand for nobody or for at least ``SMALLEST`` people together."""
    whole = sum(counts)
    if whole == 0:
        return tuple(counts)
    if whole < SMALLEST:
        return (None,) * len(counts)
    order = sorted(range(len(counts)), key=lambda place: counts[place])
    number = sum(count < SMALLEST for count in counts)
    if number:
        number = max(number, min(FEWEST_HIDDEN, len(counts)))
        while 0 < sum(counts[place] for place in order[:number]) < SMALLEST:
            number += 1
    hidden = set(order[:number])
    return tuple(None if place in hidden else count for place, count in enumerate(counts))
