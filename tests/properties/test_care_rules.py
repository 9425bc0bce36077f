"""The rules of appointments and merges hold under any order of events."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from clinic_app.domain.appointments import (
    TRANSITIONS,
    AppointmentEvent,
    AppointmentEventKind,
    AppointmentState,
    fold_appointment,
    overlap,
)
from clinic_app.domain.merges import MergeEvent, MergeEventKind, merged_into, survivor
from clinic_app.domain.schedule import (
    Frequency,
    Slot,
    WeeklyHours,
    open_spans,
    recurrence,
    to_local,
    to_utc,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE, PERSON = UUID(int=1), UUID(int=2)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC")

slots = st.builds(
    Slot,
    st.datetimes(datetime(1900, 1, 2), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
    st.sampled_from(ZONES),
    st.integers(-5, 2000),
    st.none() | st.integers(1, 2).map(lambda number: UUID(int=number)),
)
near = st.builds(
    Slot,
    st.integers(0, 300).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    st.just("UTC"),
    st.integers(1, 120),
    st.none() | st.integers(1, 2).map(lambda number: UUID(int=number)),
)
kinds = st.sampled_from(AppointmentEventKind)


def event(number: int, kind: AppointmentEventKind, slot: Slot | None) -> AppointmentEvent:
    return AppointmentEvent(UUID(int=number), ONE, PERSON, kind, NOON, ONE, "said", slot)


@given(steps=st.lists(st.tuples(kinds, st.none() | slots), max_size=12))
def test_an_appointment_never_leaves_its_states(
    steps: list[tuple[AppointmentEventKind, Slot | None]],
) -> None:
    events = [event(number, *step) for number, step in enumerate(steps, 10)]
    before: AppointmentState | None = None
    for count in range(len(events) + 1):
        found = fold_appointment(events[:count])
        if found is None:
            assert before is None
            continue
        kind = events[count - 1].kind
        if found.void and found.void[-1] == events[count - 1].id:
            assert found.state is before
        elif before is None:
            assert found.state is AppointmentState.REQUESTED
        else:
            assert TRANSITIONS[before, kind] is found.state
        assert found.events == tuple(events[:count])
        assert found.state is not AppointmentState.APPROVED or found.holds_time
        assert found.slot is None or found.slot.usable
        before = found.state


@given(mine=near, theirs=near, same_patient=st.booleans())
def test_overlap_is_symmetric_and_never_with_itself(
    mine: Slot, theirs: Slot, same_patient: bool
) -> None:
    def booked(appointment_id: int, patient: int, slot: Slot) -> object:
        made = [
            AppointmentEvent(
                UUID(int=appointment_id * 10 + step),
                UUID(int=appointment_id),
                UUID(int=patient),
                kind,
                NOON,
                ONE,
                slot=slot,
            )
            for step, kind in enumerate(
                (AppointmentEventKind.REQUESTED, AppointmentEventKind.APPROVED)
            )
        ]
        found = fold_appointment(made)
        assert found is not None
        return found

    one, other = booked(5, 7, mine), booked(6, 7 if same_patient else 8, theirs)
    assert overlap(one, other) is overlap(other, one)  # type: ignore[arg-type]
    assert not overlap(one, one)  # type: ignore[arg-type]
    shared = same_patient or (mine.clinician_id == theirs.clinician_id and mine.clinician_id)
    apart = mine.end <= theirs.start or theirs.end <= mine.start
    assert overlap(one, other) is (bool(shared) and not apart)  # type: ignore[arg-type]


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(MergeEventKind), st.integers(1, 5), st.integers(1, 5)),
        max_size=20,
    )
)
def test_merges_never_make_a_circle_and_nobody_disappears(
    steps: list[tuple[MergeEventKind, int, int]],
) -> None:
    state = merged_into(
        MergeEvent(UUID(int=100 + at), kind, UUID(int=one), UUID(int=into), NOON, ONE)
        for at, (kind, one, into) in enumerate(steps)
    )
    people = [UUID(int=number) for number in range(1, 6)]
    last = {survivor(state, one) for one in people}
    assert last
    assert not last & state.keys()
    assert all(survivor(state, one) in last for one in people)


@given(
    first=st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    zone=st.sampled_from(ZONES),
    frequency=st.sampled_from(Frequency),
    interval=st.integers(1, 4),
)
def test_a_series_keeps_its_time_of_day_over_clock_changes(
    first: datetime, zone: str, frequency: Frequency, interval: int
) -> None:
    first = first.replace(second=0, microsecond=0)
    starts = recurrence(first, zone, frequency, interval, 12)
    assert len(starts) == 12
    assert starts == sorted(starts)
    for start in starts:
        local = to_local(start, zone).replace(tzinfo=None)
        wall = datetime.combine(local.date(), first.time())
        # Only a time that the clocks skip is moved: it comes back as another one.
        assert local.time() == first.time() or to_utc(wall, zone) == start or local > wall


def test_clocks_that_skip_and_repeat_an_hour() -> None:
    berlin = "Europe/Berlin"
    assert to_utc(datetime(2026, 3, 29, 2, 30), berlin) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # noqa: DTZ001
    assert to_utc(datetime(2026, 10, 25, 2, 30), berlin) == datetime(  # noqa: DTZ001
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
    night = [WeeklyHours(6, time(1), time(4))]
    ((start, end),) = open_spans(date(2026, 3, 29), berlin, night)
    assert end - start == timedelta(hours=2)
    ((start, end),) = open_spans(date(2026, 10, 25), berlin, night)
    assert end - start == timedelta(hours=4)


def test_months_without_the_day_are_passed_over() -> None:
    starts = recurrence(datetime(2024, 1, 30, 9), "UTC", Frequency.MONTHLY, 1, 3)  # noqa: DTZ001
    assert [start.month for start in starts] == [1, 3, 4]
    leap = recurrence(datetime(2024, 2, 29, 9), "UTC", Frequency.MONTHLY, 12, 2)  # noqa: DTZ001
    assert [start.year for start in leap] == [2024, 2028]
