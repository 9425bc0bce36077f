"""What a withdrawal does to heads: to the next fit, to the ones there are, to what is under way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.adjudication import AdjudicationEvent, AdjudicationEventKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.learning_key import is_locked
from clinic_app.domain.local_head import HeadEventKind, LocalHead
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.learning_cases import LEARNT_FROM
from clinic_app.services.learning_data import WithdrawnInUse
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.labelled import READERS, add_case, fill, unlike, withdraw


@pytest.mark.parametrize("purpose", LEARNT_FROM)
def test_a_withdrawn_case_leaves_no_trace_in_the_next_fit(
    filled: FakeClinic, purpose: Purpose
) -> None:
    """The refit is bit for bit the one of a clinic where this person never was."""
    learning = filled.services.learning
    head = learning.fit()
    gone = filled.store.tables.screenings[head.cases[5]]
    never_there = FakeClinic()
    fill(never_there.store.unit_of_work, new_id())
    with filled.store.unit_of_work() as work:
        withdraw(work, gone.patient_id, filled.services.session.user.id, purpose)
        work.commit()
    never_there.store.tables = filled.store.tables.copy()
    del never_there.store.tables.screenings[gone.id]
    del never_there.store.tables.patients[gone.patient_id]
    tables = never_there.store.tables
    tables.consents = [one for one in tables.consents if one.patient_id != gone.patient_id]
    tables.adjudications = [one for one in tables.adjudications if one.screening_id != gone.id]
    again = learning.fit()
    assert gone.id not in again.cases
    assert unlike(again, never_there.services.learning.fit()) == set()
    assert unlike(again, head) >= {"cases", "weights"}


def test_heads_that_hold_a_withdrawn_case_say_so_and_are_not_promoted(
    filled: FakeClinic, compared: LocalHead
) -> None:
    learning = filled.services.learning
    gone = filled.store.tables.screenings[compared.cases[0]]
    with filled.store.unit_of_work() as work:
        withdraw(work, gone.patient_id, filled.services.session.user.id)
        work.commit()
    (row,) = learning.state().rows
    assert row.withdrawn == 1
    assert [one.screening_id for one in learning.members(compared.id) if one.withdrawn] == [gone.id]
    with pytest.raises(WrongState, match="withdrawn"):
        learning.promote(compared.id, "Anyway.", PASSWORD)


def test_no_look_is_spent_on_a_head_that_holds_a_withdrawn_case(filled: FakeClinic) -> None:
    """It may not be promoted however it does, and looks are few."""
    learning = filled.services.learning
    head = learning.fit()
    assert learning.state().rows[0].past_comparing == ()
    first_of_its_people_leaves(filled, head)
    (row,) = learning.state().rows
    assert [str(one) for one in row.past_comparing] == [
        "It contains withdrawn cases (1); please fit again."
    ]
    with pytest.raises(WrongState, match=r"withdrawn cases \(1\); please fit again"):
        learning.compare(head.id)
    assert learning.state().looks == 0
    assert learning.compare(learning.fit().id).look == 1


def test_a_withdrawal_from_the_fit_while_it_is_compared_spends_no_look(
    filled: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    learning = filled.services.learning
    head, judge = learning.fit(), learning._learner.compare

    def meanwhile(*arguments, **named):
        first_of_its_people_leaves(filled, head)
        return judge(*arguments, **named)

    monkeypatch.setattr(learning._learner, "compare", meanwhile)
    with pytest.raises(WrongState, match="please fit again"):
        learning.compare(head.id)
    assert learning.state().looks == 0


def test_records_that_are_merged_while_a_head_is_compared_spend_no_look(
    filled: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It judged by somebody it was fitted on, by a case that has lost its label since."""
    learning = filled.services.learning
    head, judge = learning.fit(), learning._learner.compare
    tables = filled.store.tables
    (key,) = tables.learning_keys
    fitted = tables.screenings[head.cases[0]]
    locked = next(one for one in tables.patients if is_locked(key, (one,)))
    tables.adjudications[:] = [one for one in tables.adjudications if one.screening_id != fitted.id]

    def meanwhile(*arguments, **named):
        with filled.store.unit_of_work() as work:
            pair = fitted.patient_id, locked
            by = filled.services.session.user.id
            work.merges.add(
                MergeEvent(new_id(), MergeEventKind.MERGED, *pair, START, by, "the same")
            )
            work.commit()
        return judge(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(learning._learner, "compare", meanwhile)
        with pytest.raises(WrongState, match="compare again"):
            learning.compare(head.id)
    assert learning.state().looks == 0
    found = learning.compare(head.id)
    assert (found.look, found.left_out) == (1, 1)


def test_a_comparison_on_a_withdrawn_case_says_so_and_the_next_is_without_it(
    filled: FakeClinic, compared: LocalHead
) -> None:
    learning = filled.services.learning
    judged_on = [one.screening_id for one in learning.members(compared.id) if one.judged]
    assert not set(judged_on) & set(compared.cases)
    (before,) = learning.state().rows
    assert before.comparison is not None
    assert (before.comparison.cases, before.judged_withdrawn) == (len(judged_on), 0)
    gone = filled.store.tables.screenings[judged_on[0]]
    with filled.store.unit_of_work() as work:
        withdraw(work, gone.patient_id, filled.services.session.user.id)
        work.commit()
    (row,) = learning.state().rows
    assert (row.withdrawn, row.judged_withdrawn) == (0, 1)
    with pytest.raises(WrongState, match="rests on withdrawn cases"):
        learning.promote(compared.id, "Anyway.", PASSWORD)
    assert "Withdrawn since: 1 of these cases" in learning.card(compared.id)
    learning.compare(compared.id)
    again = [one.screening_id for one in learning.members(compared.id) if one.judged]
    assert again == judged_on[1:]
    assert learning.state().rows[0].judged_withdrawn == 0
    learning.promote(compared.id, "Without the person who withdrew.", PASSWORD)


def test_a_comparison_that_kept_no_list_of_its_cases_is_made_again(
    filled: FakeClinic, compared: LocalHead
) -> None:
    """As programs did before."""
    events = filled.store.tables.head_events
    events[:] = [replace(one, cases=()) for one in events]
    with pytest.raises(WrongState, match="no list of its cases"):
        filled.services.learning.promote(compared.id, "Anyway.", PASSWORD)
    filled.services.learning.compare(compared.id)
    filled.services.learning.promote(compared.id, "Compared again.", PASSWORD)


def first_of_its_people_leaves(
    clinic: FakeClinic, head: LocalHead, purpose: Purpose = Purpose.TRAINING_REUSE
) -> None:
    gone = clinic.store.tables.screenings[head.cases[0]]
    with clinic.store.unit_of_work() as work:
        withdraw(work, gone.patient_id, clinic.services.session.user.id, purpose)
        work.commit()


def test_a_step_back_passes_over_a_head_that_holds_a_withdrawn_case(
    filled: FakeClinic, compared: LocalHead
) -> None:
    """What may not be promoted is not brought back another way."""
    learning = filled.services.learning
    learning.promote(compared.id, "Closer.", PASSWORD)
    first_of_its_people_leaves(filled, compared)
    newer = learning.fit()
    learning.compare(newer.id)
    learning.promote(newer.id, "Without the person who withdrew.", PASSWORD)
    assert (learning.state().can_roll_back, learning.state().roll_back_to) == (True, "")
    assert learning.roll_back("The camera was changed.", PASSWORD) is None
    assert learning.state().in_use is None


def test_administrators_are_told_of_withdrawn_cases_in_the_head_in_use(
    filled: FakeClinic, compared: LocalHead
) -> None:
    learning = filled.services.learning
    gone = [filled.store.tables.screenings[one].patient_id for one in compared.cases[:2]]
    by = filled.services.session.user.id
    with filled.store.unit_of_work() as work:
        withdraw(work, gone[0], by)
        withdraw(work, gone[1], by, Purpose.JOINT_LEARNING)
        work.commit()
    assert learning.withdrawn_in_use() is None
    table = filled.store.tables.head_events
    table.append(replace(table[-1], id=new_id(), kind=HeadEventKind.PROMOTED))
    assert learning.withdrawn_in_use() == WithdrawnInUse(compared.version, 1)
    filled.store.tables.heads[compared.id] = replace(compared, sites=("A", "B", "C"))
    told = learning.withdrawn_in_use()
    assert told is not None
    assert told.cases == len(compared.cases)  # nobody here agreed to sums with other clinics


def test_nobody_is_told_of_a_head_that_reads_no_picture_any_more(
    filled: FakeClinic, compared: LocalHead
) -> None:
    """Pictures are read by other models than those whose embeddings it reads."""
    learning = filled.services.learning
    learning.promote(compared.id, "Closer.", PASSWORD)
    gone = filled.store.tables.screenings[compared.cases[0]].patient_id
    with filled.store.unit_of_work() as work:
        withdraw(work, gone, filled.services.session.user.id)
        work.commit()
    assert learning.withdrawn_in_use() == WithdrawnInUse(compared.version, 1)
    with filled.store.unit_of_work() as work:
        made = add_case(work, new_id(), label=None, number=900)
        work.commit()
    assert made.finding is not None
    newer = replace(made.finding, models={**made.finding.models, "severity": "9.0.0"})
    filled.store.tables.screenings[made.id] = replace(made, finding=newer)
    assert learning.withdrawn_in_use() is None


def test_nobody_has_to_be_better_than_a_head_in_use_that_holds_a_withdrawn_case(
    filled: FakeClinic, compared: LocalHead
) -> None:
    """Else it would stay in use: a fit without one person is seldom better beyond an interval."""
    learning = filled.services.learning
    learning.promote(compared.id, "Closer.", PASSWORD)
    first_of_its_people_leaves(filled, compared, Purpose.ANALYSIS)
    newer = learning.fit()
    assert learning.compare(newer.id).champion is None
    assert learning.promote(newer.id, "Without who withdrew.", PASSWORD) == newer


@pytest.mark.parametrize("purpose", LEARNT_FROM)
def test_who_withdraws_leaves_the_drift_page_too(filled: FakeClinic, purpose: Purpose) -> None:
    """What a person agrees to is "training and checking the models of this clinic"."""

    def pictures() -> int | None:
        (version,) = filled.services.learning.drift()
        return version.pictures

    assert pictures() == 220
    gone = next(iter(filled.store.tables.screenings.values()))
    with filled.store.unit_of_work() as work:
        withdraw(work, gone.patient_id, new_id(), purpose)
        work.commit()
    assert pictures() == 219


def test_a_withdrawal_leaves_the_agreement_of_readers_too(filled: FakeClinic) -> None:
    by = filled.services.session.user.id
    with filled.store.unit_of_work() as work:
        differing = add_case(work, new_id(), label=None, number=900)
        for reader, severity in zip(
            READERS, (ClinicianSeverity.NONE, ClinicianSeverity.SEVERE), strict=True
        ):
            work.adjudications.add(
                AdjudicationEvent(
                    new_id(),
                    differing.id,
                    differing.patient_id,
                    AdjudicationEventKind.READ,
                    START,
                    reader,
                    severity,
                )
            )
        work.commit()
    before = filled.services.learning.fit().reader_kappa
    assert before is not None
    assert before < 1
    with filled.store.unit_of_work() as work:
        withdraw(work, differing.patient_id, by)
        work.commit()
    assert filled.services.learning.fit().reader_kappa == 1


def test_a_withdrawal_while_a_head_is_fitted_or_judged_stops_it(
    filled: FakeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    learning, tables = filled.services.learning, filled.store.tables
    head = learning.fit()
    (key,) = tables.learning_keys

    def withdrawing(act, *, locked: bool):
        def meanwhile(*arguments, **named):
            people = (
                one
                for one in tables.screenings.values()
                if is_locked(key, (one.patient_id,)) is locked
            )
            with filled.store.unit_of_work() as work:
                withdraw(work, next(people).patient_id, new_id())
                work.commit()
            return act(*arguments, **named)

        return meanwhile

    learner = learning._learner
    monkeypatch.setattr(learner, "fit", withdrawing(learner.fit, locked=False))
    monkeypatch.setattr(learner, "compare", withdrawing(learner.compare, locked=True))
    with pytest.raises(WrongState, match="compare again"):
        learning.compare(head.id)
    with pytest.raises(WrongState, match="fit again"):
        learning.fit()
    assert (learning.state().looks, len(learning.state().rows)) == (0, 1)
