"""Who judges a head: nobody whom it was fitted on, under whatever record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.errors import WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.learning_key import is_locked
from clinic_app.domain.local_head import LocalHead
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.clock import START


def merge_with_a_locked_person(clinic: FakeClinic, head: LocalHead, people: int = 1) -> None:
    """Somebody the head was fitted on turns out to be somebody who is locked away; so many do."""
    tables = clinic.store.tables
    (key,) = tables.learning_keys
    fitted = [tables.screenings[one].patient_id for one in head.cases[:people]]
    locked = [one for one in tables.patients if is_locked(key, (one,))][:people]
    with clinic.store.unit_of_work() as work:
        by = clinic.services.session.user.id
        for pair in zip(fitted, locked, strict=True):
            work.merges.add(
                MergeEvent(new_id(), MergeEventKind.MERGED, *pair, START, by, "same person")
            )
        work.commit()


def test_people_who_turn_out_to_be_one_while_it_is_fitted_stop_a_fit(
    filled: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same cases, yet one person stands on both sides of a fold."""
    learning, tables = filled.services.learning, filled.store.tables
    (key,) = tables.learning_keys
    free = [one for one in tables.patients if not is_locked(key, (one,))]
    pair = next(
        (one, other)
        for one in free
        for other in free
        if one != other and not is_locked(key, (one, other))
    )
    learner = learning._learner
    fit = learner.fit

    def meanwhile(*arguments, **named):
        with filled.store.unit_of_work() as work:
            merged = MergeEvent(
                new_id(), MergeEventKind.MERGED, *pair, START, new_id(), "same person"
            )
            work.merges.add(merged)
            work.commit()
        return fit(*arguments, **named)

    monkeypatch.setattr(learner, "fit", meanwhile)
    with pytest.raises(WrongState, match="fit again"):
        learning.fit()
    assert learning.state().rows == ()


def test_the_people_of_the_head_in_use_do_not_judge_it_either(
    filled: FakeClinic, compared: LocalHead
) -> None:
    learning = filled.services.learning
    learning.promote(compared.id, "Closer.", PASSWORD)
    merge_with_a_locked_person(filled, compared)
    later = learning.fit()
    assert not set(later.cases) & {compared.cases[0]}
    assert learning.compare(later.id).left_out == 2


def test_somebody_who_is_merged_into_the_locked_part_does_not_judge_a_head_that_knows_them(
    filled: FakeClinic,
) -> None:
    learning = filled.services.learning
    head = learning.fit()
    merge_with_a_locked_person(filled, head)
    state = learning.state()
    assert state.fitted == len(head.cases) - 1
    assert learning.compare(head.id).left_out == 2


def test_no_look_is_spent_where_those_who_are_new_to_the_head_are_too_few(
    filled: FakeClinic,
) -> None:
    learning = filled.services.learning
    head = learning.fit()
    merge_with_a_locked_person(filled, head, learning.state().locked - 49)
    assert learning.state().guard.missing_to_judge == ()
    with pytest.raises(WrongState, match=r"fitted on before .* 49 of 50 people"):
        learning.compare(head.id)
    assert learning.state().looks == 0


def test_people_who_are_merged_after_a_comparison_ask_for_another(
    filled: FakeClinic, compared: LocalHead
) -> None:
    """The head was fitted on somebody whom it was judged by, which nobody knew then."""
    learning = filled.services.learning
    merge_with_a_locked_person(filled, compared)
    with pytest.raises(WrongState, match="people whom it was compared on"):
        learning.promote(compared.id, "Closer.", PASSWORD)
    assert learning.compare(compared.id).left_out == 2
    learning.promote(compared.id, "Compared with strangers alone.", PASSWORD)


def test_the_picture_of_a_fitted_case_in_another_record_judges_nothing(
    filled: FakeClinic,
) -> None:
    """Of somebody who was registered twice, which no merge has told yet."""
    learning = filled.services.learning
    head = learning.fit()
    tables = filled.store.tables
    (key,) = tables.learning_keys
    again = next(one for one in tables.screenings.values() if is_locked(key, (one.patient_id,)))
    seen = tables.screenings[head.cases[0]].finding.embedding
    tables.screenings[again.id] = replace(again, finding=replace(again.finding, embedding=seen))
    assert learning.compare(head.id).left_out == 1
    assert again.id not in {one.screening_id for one in learning.members(head.id)}


def test_a_head_knows_people_also_by_cases_that_have_lost_their_label(filled: FakeClinic) -> None:
    """A reading that arrives late can unsettle a fitted case; its person was fitted on all the
    same, and does not judge the head after a merge into the locked part."""
    learning, tables = filled.services.learning, filled.store.tables
    head = learning.fit()
    (key,) = tables.learning_keys
    fitted = tables.screenings[head.cases[0]]
    locked = next(one for one in tables.patients if is_locked(key, (one,)))
    with filled.store.unit_of_work() as work:
        by = filled.services.session.user.id
        work.merges.add(
            MergeEvent(
                new_id(), MergeEventKind.MERGED, fitted.patient_id, locked, START, by, "the same"
            )
        )
        work.commit()
    told = filled.store.tables.adjudications
    told[:] = [one for one in told if one.screening_id != fitted.id]
    assert learning.compare(head.id).left_out == 1
