"""What a clinic is told before it learns with others: who takes part, and who has not agreed."""

from __future__ import annotations

import pytest

from clinic_app.domain.consent import ConsentEvent, GivenBy, Purpose
from clinic_app.domain.ids import new_id
from clinic_app.services.sites_data import SitesStanding
from tests.fakes.clinic import FakeClinic
from tests.fakes.clock import START
from tests.fakes.labelled import fill, withdraw
from tests.fakes.sites import join


@pytest.fixture
def clinic() -> FakeClinic:
    made = FakeClinic()
    fill(made.store.unit_of_work, new_id(), people=60)
    return made


def agree(clinic: FakeClinic, *, every: int) -> None:
    """Every so manyth person agrees to learning with other clinics."""
    with clinic.store.unit_of_work() as work:
        for patient_id in list(clinic.store.tables.patients)[::every]:
            event = ConsentEvent(
                *(new_id(), patient_id, Purpose.JOINT_LEARNING, True, GivenBy.PATIENT),
                *(new_id(), START),
            )
            work.consents.add(event)
        work.commit()


def standing(clinic: FakeClinic) -> SitesStanding:
    return clinic.services.sites.standing()


def test_agreeing_to_models_of_this_clinic_lets_nobody_take_part(clinic: FakeClinic) -> None:
    fitted = clinic.services.learning.state().fitted
    assert (standing(clinic).people, standing(clinic).left_out) == (0, fitted)


def test_those_who_have_not_agreed_are_counted_and_left_out(clinic: FakeClinic) -> None:
    fitted = clinic.services.learning.state().fitted
    agree(clinic, every=2)
    found = standing(clinic)
    assert 0 < found.people < fitted
    assert found.people + found.left_out == fitted


def test_who_takes_training_back_is_neither_counted_nor_left_out(clinic: FakeClinic) -> None:
    agree(clinic, every=1)
    before = standing(clinic)
    gone = next(iter(clinic.store.tables.patients))
    with clinic.store.unit_of_work() as work:
        withdraw(work, gone, clinic.services.session.user.id)
        work.commit()
    after = standing(clinic)
    assert before.left_out == after.left_out == 0
    assert before.people - after.people in (0, 1)  # 0 for somebody who is locked away


def test_a_laptop_of_a_clinic_that_takes_part_with_another_one_says_so(clinic: FakeClinic) -> None:
    assert not standing(clinic).elsewhere
    with clinic.store.unit_of_work() as work:
        join(work, clinic.services.session.user.id)
        work.commit()
    assert standing(clinic).elsewhere
