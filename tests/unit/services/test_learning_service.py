"""From settled cases to a head in use and back, and what a withdrawal does to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongPassword, WrongState
from clinic_app.domain.finding import AbstainReason
from clinic_app.domain.ids import new_id
from clinic_app.domain.learning_key import is_locked
from clinic_app.domain.local_head import LocalHead
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from clinic_app.domain.people import Role
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.worklist import WorklistRow
from clinic_app.services.learning_data import LearningStopped
from clinic_app.services.reading import Reading
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.clock import START
from tests.fakes.labelled import ALL, add_case, fill, unlike
from tests.fakes.reading import face_images, finding


def taken(clinic: FakeClinic, first: float = 3.0):
    """A finding as it is kept when a picture is taken now."""
    patient = clinic.add_patient(f"New {first}")
    draft = clinic.services.screenings.start(patient.id)
    read = replace(finding(), embedding=(first, *[0.0] * 511))
    return clinic.services.screenings.attach(draft.id, Reading(read, face_images())).finding


def test_a_fit_names_its_cases_and_none_is_locked(filled: FakeClinic) -> None:
    head = filled.services.learning.fit()
    state = filled.services.learning.state()
    assert (state.fitted, state.locked) == (len(head.cases), 220 - len(head.cases))
    assert 50 <= state.locked <= 85
    (key,) = filled.store.tables.learning_keys
    people = {filled.store.tables.screenings[one].patient_id for one in head.cases}
    assert not any(is_locked(key, (one,)) for one in people)
    assert {one.screening_id for one in filled.services.learning.members(head.id)} == set(
        head.cases
    )


def test_the_same_cases_give_the_same_head(filled: FakeClinic) -> None:
    first, again = filled.services.learning.fit(), filled.services.learning.fit()
    assert unlike(first, again) == set()
    assert (first.number, again.number) == (1, 2)


def test_a_better_head_is_promoted_with_a_signed_reason_and_reads_beside_the_estimate(
    filled: FakeClinic, compared: LocalHead
) -> None:
    assert taken(filled, 1.0).local is None
    learning = filled.services.learning
    with pytest.raises(InvalidInput):
        learning.promote(compared.id, " ", PASSWORD)
    with pytest.raises(WrongPassword):
        learning.promote(compared.id, "Closer to our doctors.", "wrong")
    assert learning.state().in_use is None
    assert learning.promote(compared.id, "Closer to our doctors.", PASSWORD) == compared
    found = taken(filled)
    assert found.local is not None
    assert found.local.head == compared.version
    assert replace(found, local=None).severity == finding().severity
    signed = [one for one in filled.store.tables.audit if one.kind is AuditKind.SIGNED]
    assert signed[-1].subject_id == compared.id


def test_an_abstention_stays_one_under_a_local_head(
    filled: FakeClinic, compared: LocalHead
) -> None:
    filled.services.learning.promote(compared.id, "Closer.", PASSWORD)
    patient = filled.add_patient("Abstained")
    draft = filled.services.screenings.start(patient.id)
    unsure = finding(abstained=AbstainReason.LOW_CONFIDENCE)
    kept = filled.services.screenings.attach(draft.id, Reading(unsure, face_images())).finding
    assert kept == unsure


def test_a_local_reading_moves_nobody_and_lifts_no_flag(
    filled: FakeClinic, compared: LocalHead
) -> None:
    def flagged() -> WorklistRow:
        patient = filled.add_patient("Flagged")
        screenings = filled.services.screenings
        draft = screenings.start(patient.id)
        read = replace(finding(), embedding=(-9.0, *[0.0] * 511))
        kept = screenings.attach(draft.id, Reading(read, face_images())).finding
        assert kept is not None
        in_use = filled.services.learning.state().in_use
        assert (kept.local is None) is (in_use is None)
        screenings.judge(draft.id, ClinicianSeverity.SEVERE, flagged=True)
        screenings.finish(draft.id)
        with filled.store.unit_of_work() as work:
            row = work.worklist.of_patient(patient.id)
        assert row is not None
        return row

    before = flagged()
    filled.services.learning.promote(compared.id, "Closer.", PASSWORD)
    after = flagged()
    assert (after.flagged, after.place, after.assessed) == (True, before.place, before.assessed)


def test_one_step_back_and_stored_findings_stay(filled: FakeClinic, compared: LocalHead) -> None:
    learning = filled.services.learning
    with pytest.raises(WrongState, match="No local head"):
        learning.roll_back("Why not.", PASSWORD)
    learning.promote(compared.id, "Closer.", PASSWORD)
    before = taken(filled, 2.0)
    assert learning.roll_back("The camera was changed.", PASSWORD) is None
    assert learning.state().in_use is None
    assert taken(filled, 4.0).local is None
    assert before in [one.finding for one in filled.store.tables.drafts.values()]


def test_a_head_is_not_promoted_before_it_was_compared(filled: FakeClinic) -> None:
    head = filled.services.learning.fit()
    with pytest.raises(WrongState, match="not been compared"):
        filled.services.learning.promote(head.id, "Looks good.", PASSWORD)


def test_labels_of_chance_are_not_promoted(clinic: FakeClinic) -> None:
    fill(clinic.store.unit_of_work, new_id(), knows=0.0)
    head = clinic.services.learning.fit()
    clinic.services.learning.compare(head.id)
    (row,) = clinic.services.learning.state().rows
    assert row.against
    with pytest.raises(WrongState, match="not better"):
        clinic.services.learning.promote(head.id, "Hoping.", PASSWORD)


def test_too_few_people_are_said_and_nothing_is_fitted(clinic: FakeClinic) -> None:
    fill(clinic.store.unit_of_work, new_id(), people=60)
    with pytest.raises(WrongState, match="of 20 people to fit on"):
        clinic.services.learning.fit()
    assert clinic.services.learning.state().rows == ()


def test_the_cases_of_a_fit_do_not_tell_what_colleagues_saw(
    filled: FakeClinic, compared: LocalHead
) -> None:
    """Whoever looks may have to review these screenings yet."""
    told = {name for one in filled.services.learning.members(compared.id) for name in to_plain(one)}
    assert told == {"screening_id", "patient_id", "finished_at", "withdrawn", "judged"}


def test_every_look_at_the_locked_part_widens_the_interval(
    filled: FakeClinic, compared: LocalHead
) -> None:
    second = filled.services.learning.compare(compared.id)
    assert (second.look, filled.services.learning.state().looks) == (2, 2)
    assert second.coverage > 0.99


def test_a_head_has_to_be_better_than_the_one_in_use(
    filled: FakeClinic, compared: LocalHead
) -> None:
    """The same cases give the same head, which is better than the shipped one and no better than
    the head that it would replace."""
    learning = filled.services.learning
    learning.promote(compared.id, "Closer.", PASSWORD)
    same = learning.fit()
    told = learning.compare(same.id)
    assert told.kappa_gain.low > 0
    assert told.champion is not None
    assert told.champion.version == compared.version
    assert told.champion.kappa == told.kappa_local
    with pytest.raises(WrongState, match="not better than the head in use"):
        learning.promote(same.id, "Newer.", PASSWORD)
    assert f"| {compared.version}, in use then | better by |" in learning.card(same.id)
    assert learning.state().in_use == compared


def test_a_comparison_from_before_another_head_came_into_use_is_made_again(
    filled: FakeClinic, compared: LocalHead
) -> None:
    learning = filled.services.learning
    same = learning.fit()
    assert learning.compare(same.id).champion is None
    assert learning.state().rows[0].against == ()
    learning.promote(compared.id, "Closer.", PASSWORD)
    with pytest.raises(WrongState, match="not been compared with the head in use"):
        learning.promote(same.id, "Newer.", PASSWORD)


def test_one_pair_of_readings_is_no_agreement(clinic: FakeClinic) -> None:
    by = new_id()
    with clinic.store.unit_of_work() as work:
        add_case(work, by)
        work.commit()
    readings = clinic.store.tables.adjudications
    readings[-1] = replace(readings[-1], severity=ClinicianSeverity.SEVERE)
    queue = clinic.services.adjudication.queue()
    assert (queue.pairs, queue.kappa, queue.interval) == (1, None, None)
    with clinic.store.unit_of_work() as work:
        add_case(work, by, label=0, number=1)
        work.commit()
    assert clinic.services.adjudication.queue().kappa is not None


def test_a_head_that_was_put_into_use_meanwhile_stops_a_comparison(
    filled: FakeClinic, compared: LocalHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    learning = filled.services.learning
    other = learning.fit()
    learner = learning._learner
    judge = learner.compare

    def meanwhile(*arguments, **named):
        learning.promote(compared.id, "Closer.", PASSWORD)
        return judge(*arguments, **named)

    monkeypatch.setattr(learner, "compare", meanwhile)
    with pytest.raises(WrongState, match="compare again"):
        learning.compare(other.id)
    assert learning.state().looks == 1


def test_embeddings_of_other_models_are_not_mixed_in(filled: FakeClinic) -> None:
    before = filled.services.learning.state()
    with filled.store.unit_of_work() as work:
        made = add_case(work, new_id(), number=5)
        work.commit()
    newer = replace(made.finding, models={**made.finding.models, "severity": "9.0.0"})
    filled.store.tables.screenings[made.id] = replace(
        made, finding=newer, finished_at=START + timedelta(days=900)
    )
    after = filled.services.learning.state()
    assert after.base != before.base
    assert after.settled == 1
    assert (before.elsewhere, after.elsewhere) == (0, before.settled)


def test_a_fit_can_be_stopped_and_leaves_nothing(filled: FakeClinic) -> None:
    seen: list[float] = []
    with pytest.raises(LearningStopped):
        filled.services.learning.fit(seen.append, lambda: len(seen) > 3)
    assert filled.services.learning.state().rows == ()


def test_only_administrators_fit_and_promote_and_doctors_may_look(filled: FakeClinic) -> None:
    head = filled.services.learning.fit()
    filled.add_staff("berta", "copper-lantern-field", Role.DOCTOR)
    filled.add_staff("nia", "copper-lantern-field", Role.COUNSELOR)
    doctor = filled.sign_in("berta", "copper-lantern-field").learning
    assert doctor.state().rows[0].head == head
    for act in (doctor.fit, lambda: doctor.compare(head.id)):
        with pytest.raises(AccessDenied):
            act()
    with pytest.raises(AccessDenied):
        doctor.promote(head.id, "Mine.", "copper-lantern-field")
    with pytest.raises(AccessDenied):
        filled.sign_in("nia", "copper-lantern-field").learning.state()


def test_drift_withholds_small_months_and_compares_later_ones(clinic: FakeClinic) -> None:
    fill(clinic.store.unit_of_work, new_id(), people=400, hours=4)
    with clinic.store.unit_of_work() as work:
        add_case(work, new_id(), number=24 * 120)
        work.commit()
    (version,) = clinic.services.learning.drift()
    assert version.reference == 200
    first = version.months[0]
    assert first.in_reference
    assert first.score_index is None
    later = next(one for one in version.months if not one.in_reference)
    assert later.score_index is not None
    assert later.embedding is not None
    assert not later.embedding.beyond
    last = version.months[-1]
    assert (last.pictures, last.passed, last.embedding) == (None, None, None)


def test_two_records_of_one_person_do_not_make_a_month_of_five_people(clinic: FakeClinic) -> None:
    with clinic.store.unit_of_work() as work:
        first, second, *_ = [add_case(work, new_id(), number=number) for number in range(5)]
        work.commit()
    (version,) = clinic.services.learning.drift()
    assert version.months[0].pictures == 5
    with clinic.store.unit_of_work() as work:
        pair = first.patient_id, second.patient_id
        work.merges.add(MergeEvent(new_id(), MergeEventKind.MERGED, *pair, START, new_id(), "one"))
        work.commit()
    (version,) = clinic.services.learning.drift()
    assert version.months[0].pictures is None


def test_a_promotion_that_came_before_its_head_changes_nothing(filled: FakeClinic) -> None:
    head = filled.services.learning.fit()
    filled.services.learning.compare(head.id)
    filled.services.learning.promote(head.id, "Closer.", PASSWORD)
    del filled.store.tables.heads[head.id]
    assert taken(filled).local is None
    assert filled.services.learning.state().in_use is None


def test_only_those_who_agree_count(clinic: FakeClinic) -> None:
    with clinic.store.unit_of_work() as work:
        for purposes in (ALL, ALL[:3]):
            add_case(work, new_id(), purposes=purposes)
        work.commit()
    assert clinic.services.learning.state().settled == 1
