"""What leads a head out of use: a step back, and models that it does not read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.errors import WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.local_head import HeadEvent, HeadEventKind, LocalHead
from clinic_app.domain.sentence import together
from clinic_app.services.learning_data import IdleInUse
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.labelled import add_case


def put_into_use(clinic: FakeClinic, head: LocalHead) -> None:
    """As a promotion does that was signed on another laptop."""
    with clinic.store.unit_of_work() as work:
        work.head_events.add(
            HeadEvent(new_id(), HeadEventKind.PROMOTED, START, new_id(), head.id, "Elsewhere.")
        )
        work.commit()


def read_by_newer_models(clinic: FakeClinic) -> None:
    """A picture comes in that other models have read."""
    with clinic.store.unit_of_work() as work:
        made = add_case(work, new_id(), label=None, number=900)
        work.commit()
    assert made.finding is not None
    newer = replace(made.finding, models={**made.finding.models, "severity": "9.0.0"})
    clinic.store.tables.screenings[made.id] = replace(made, finding=newer)


def test_the_card_tells_why_a_head_was_taken_out_of_use(
    filled: FakeClinic, compared: LocalHead
) -> None:
    """Also where the step back led to no other head, whose card could tell it."""
    learning = filled.services.learning
    other = learning.fit()
    learning.promote(compared.id, "Closer.", PASSWORD)
    learning.roll_back("The camera was changed.", PASSWORD)
    name = filled.services.session.user.display_name
    assert f"taken out of use by {name}: The camera was changed." in learning.card(compared.id)
    assert "taken out of use" not in learning.card(other.id)
    put_into_use(filled, compared)
    put_into_use(filled, other)
    learning.roll_back("Worse after all.", PASSWORD)
    assert f"taken out of use by {name}: Worse after all." in learning.card(other.id)
    assert f"rolled back to by {name}: Worse after all." in learning.card(compared.id)


def test_the_days_on_a_card_are_those_of_the_clinics_clocks(
    filled: FakeClinic, compared: LocalHead
) -> None:
    """In the middle of the day of UTC it is the evening before in Samoa."""
    name = filled.services.session.user.display_name
    with filled.store.unit_of_work() as work:
        work.clinic.save(replace(work.clinic.get(), time_zone="Pacific/Pago_Pago"))
        work.commit()
    card = filled.services.learning.card(compared.id)
    assert f"- fitted on 2026-03-01 by {name}" in card
    assert f"- 2026-03-01 compared by {name}" in card


def test_a_step_back_leads_where_it_was_told_to_or_nowhere(
    filled: FakeClinic, compared: LocalHead
) -> None:
    """Sync brings another decision, or a second administrator is quicker, while it is signed."""
    learning = filled.services.learning
    first, second = learning.fit(), learning.fit()
    put_into_use(filled, first)
    put_into_use(filled, compared)
    told = learning.state().roll_back_to
    assert told == first.version
    put_into_use(filled, second)
    with pytest.raises(WrongState, match="look again"):
        learning.roll_back("The camera was changed.", PASSWORD, told)
    assert learning.roll_back("Not this one.", PASSWORD) == compared
    assert learning.roll_back("The camera was changed.", PASSWORD, told) == first
    with pytest.raises(WrongState, match="look again"):
        learning.roll_back("The camera was changed.", PASSWORD, told)
    assert learning.state().in_use == first
    assert learning.roll_back("All of it.", PASSWORD, "") is None


def test_a_step_back_never_leads_to_the_head_in_use(
    filled: FakeClinic, compared: LocalHead
) -> None:
    learning = filled.services.learning
    other = learning.fit()
    for one in (compared, other, compared):
        put_into_use(filled, one)
    filled.store.tables.heads[other.id] = replace(other, base="severity 0.0.1")  # of other models
    assert learning.state().roll_back_to == ""
    assert learning.roll_back("The camera was changed.", PASSWORD) is None


def test_a_head_for_other_models_is_not_put_into_use(
    filled: FakeClinic, compared: LocalHead
) -> None:
    """It would read no picture, and take the place of one that does unbeaten."""
    learning = filled.services.learning
    (row,) = learning.state().rows
    assert (row.against, row.reads) == ((), True)
    read_by_newer_models(filled)
    with pytest.raises(WrongState, match="other models than those in use"):
        learning.promote(compared.id, "Closer.", PASSWORD)
    assert learning.state().in_use is None


def test_administrators_are_told_of_a_head_in_use_that_reads_no_picture_any_more(
    filled: FakeClinic, compared: LocalHead
) -> None:
    learning = filled.services.learning
    read_by_newer_models(filled)
    assert learning.idle_in_use() is None
    put_into_use(filled, compared)
    assert learning.idle_in_use() == IdleInUse(compared.version)
    learning.roll_back("Other models read now.", PASSWORD)
    assert learning.idle_in_use() is None


def test_a_head_in_use_that_reads_is_none_to_tell_of(
    filled: FakeClinic, compared: LocalHead
) -> None:
    put_into_use(filled, compared)
    assert filled.services.learning.idle_in_use() is None


def test_a_head_in_use_for_other_models_says_so_and_no_step_leads_to_one(
    filled: FakeClinic, compared: LocalHead
) -> None:
    learning = filled.services.learning
    older = learning.fit()
    put_into_use(filled, older)
    put_into_use(filled, compared)
    assert learning.state().roll_back_to == older.version
    read_by_newer_models(filled)
    state = learning.state()
    row = next(one for one in state.rows if one.in_use)
    assert "other models than those in use" in str(together(row.against))
    assert (state.can_roll_back, state.roll_back_to) == (True, "")
