"""Two laptops that look at the locked part before they meet: the same look counts once."""

from __future__ import annotations

from uuid import UUID

from clinic_app.domain.ids import new_id
from clinic_app.domain.local_head import HeadEvent, HeadEventKind, HeadHistory, fold_heads
from tests.integration.rounds.clinics import Workstation
from tests.unit.domain.test_local_head import comparison

FIRST, SECOND = UUID(int=1), UUID(int=2)


def looks(at: Workstation, head: UUID, look: int) -> None:
    found = comparison(look=look)
    told = HeadEvent(
        new_id(), HeadEventKind.COMPARED, at.now(), at.user.id, head, "", found, (new_id(),)
    )
    at.do(lambda work: work.head_events.add(told))


def history(at: Workstation) -> HeadHistory:
    with at.store.unit_of_work() as work:
        return fold_heads(work.head_events.all())


def test_the_later_of_two_that_spent_the_same_look_compares_again(
    north: Workstation, south: Workstation
) -> None:
    looks(north, FIRST, 1)
    looks(south, SECOND, 1)
    assert not history(north).ahead_of_its_turn
    assert not history(south).ahead_of_its_turn
    for one in (north, south, north):
        one.sync()
    assert history(north) == history(south)
    (late,) = history(south).ahead_of_its_turn
    looks(south, late, 3)
    for one in (south, north):
        one.sync()
    assert history(north) == history(south)
    assert (history(north).ahead_of_its_turn, history(north).looks) == (frozenset(), 3)
