"""Two blind readers, a third where they differ, and a word together where that is not enough."""

from __future__ import annotations

from itertools import permutations
from uuid import UUID

import pytest

from clinic_app.domain.adjudication import (
    Adjudication,
    AdjudicationEvent,
    AdjudicationEventKind,
    CaseState,
    checked_adjudication_event,
    fold_adjudication,
    reader_table,
)
from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.finding import Band
from clinic_app.domain.ids import new_id
from clinic_app.domain.screening import ClinicianSeverity as Severity
from tests.fakes.clock import START

CASE, PERSON = UUID(int=1), UUID(int=2)
ANA, BEN, CAI, DEE = (UUID(int=number) for number in range(10, 14))


def read(by: UUID, severity: Severity) -> AdjudicationEvent:
    return AdjudicationEvent(
        new_id(), CASE, PERSON, AdjudicationEventKind.READ, START, by, severity
    )


def agreed(by: UUID, severity: Severity, text: str = "Seen together.") -> AdjudicationEvent:
    return AdjudicationEvent(
        new_id(), CASE, PERSON, AdjudicationEventKind.AGREED, START, by, severity, text
    )


def folded(*events: AdjudicationEvent) -> Adjudication:
    case = fold_adjudication(events)
    assert case is not None
    return case


def test_two_readers_who_agree_settle_a_case() -> None:
    case = folded(read(ANA, Severity.MILD), read(BEN, Severity.MILD))
    assert (case.state, case.label) == (CaseState.SETTLED, Band.MILD)


def test_a_third_reader_decides_between_two() -> None:
    two = (read(ANA, Severity.MILD), read(BEN, Severity.SEVERE))
    assert folded(*two).state is CaseState.THIRD
    assert folded(*two, read(CAI, Severity.SEVERE)).label is Band.SEVERE


def test_three_bands_from_three_readers_are_settled_together_with_a_reason() -> None:
    three = (
        read(ANA, Severity.NONE),
        read(BEN, Severity.SEVERE),
        read(CAI, Severity.CANNOT_TELL),
    )
    assert folded(*three).state is CaseState.TOGETHER
    with pytest.raises(InvalidInput):
        checked_adjudication_event(folded(*three), agreed(ANA, Severity.MILD, "  "))
    case = folded(*three, agreed(ANA, Severity.MILD))
    assert (case.label, case.reason) == (Band.MILD, "Seen together.")


def test_two_who_cannot_tell_leave_no_label() -> None:
    case = folded(read(ANA, Severity.CANNOT_TELL), read(BEN, Severity.CANNOT_TELL))
    assert (case.state, case.label) == (CaseState.SETTLED, None)


def test_nobody_reads_twice_or_after_it_is_settled() -> None:
    one = read(ANA, Severity.MILD)
    with pytest.raises(WrongState):
        checked_adjudication_event(folded(one), read(ANA, Severity.SEVERE))
    late = read(CAI, Severity.NONE)
    case = folded(one, read(BEN, Severity.MILD), late)
    assert (len(case.readings), case.void) == (2, (late.id,))


def test_only_a_reader_speaks_for_the_readers() -> None:
    three = (
        read(ANA, Severity.NONE),
        read(BEN, Severity.MILD),
        read(CAI, Severity.SEVERE),
    )
    with pytest.raises(WrongState):
        checked_adjudication_event(folded(*three), agreed(DEE, Severity.MILD))
    with pytest.raises(WrongState):
        checked_adjudication_event(folded(three[0]), agreed(ANA, Severity.MILD))


def test_two_who_differ_do_not_do_without_the_third_reader() -> None:
    two = folded(read(ANA, Severity.MILD), read(BEN, Severity.SEVERE))
    with pytest.raises(WrongState):
        checked_adjudication_event(two, agreed(ANA, Severity.MILD))


def test_the_same_events_settle_a_case_alike_whoever_reads_first() -> None:
    said = {ANA: Severity.MILD, BEN: Severity.SEVERE, CAI: Severity.MILD}
    labels = {folded(*(read(by, said[by]) for by in order)).label for order in permutations(said)}
    assert labels == {Band.MILD}


def test_the_table_of_readers_counts_bands_alone() -> None:
    cases = [
        folded(read(ANA, Severity.MILD), read(BEN, Severity.MILD)),
        folded(read(ANA, Severity.MILD), read(BEN, Severity.SEVERE)),
        folded(read(ANA, Severity.SEVERE), read(BEN, Severity.MILD)),
        folded(read(ANA, Severity.CANNOT_TELL), read(BEN, Severity.MILD)),
        folded(read(ANA, Severity.NONE)),
    ]
    table = reader_table(cases)
    assert sum(map(sum, table)) == 3
    assert table[1][1] == 1
    assert table[1][3] + table[3][1] == 2
