"""Registering: a warning about similar people, never a block."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from clinic_app.domain.errors import StoreFull
from clinic_app.services.patients import NewPatient
from clinic_app.ui.screens.register.presenter import RegisterPresenter
from tests.fakes.clinic import FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView

NEW = NewPatient("Okafor", "Chidi", date(1990, 5, 17))


class Registration:
    def __init__(self) -> None:
        self.clinic = FakeClinic()
        self.view = RecordedView()
        self.jobs = HeldJobs()
        self.presenter = RegisterPresenter(self.view, self.clinic.services.patients, self.jobs)

    def count(self) -> int:
        return len(self.clinic.store.tables.patients)


@pytest.fixture
def registration() -> Registration:
    return Registration()


def test_somebody_new_is_registered_at_once(registration: Registration) -> None:
    registration.presenter.register(NEW)
    registration.jobs.run_all()
    assert registration.view.last("show_registered")[0].display_name == "Okafor, Chidi"
    assert registration.count() == 1


def test_similar_people_are_shown_first_and_registering_stays_possible(
    registration: Registration,
) -> None:
    registration.clinic.add_patient()
    registration.presenter.register(NEW)
    registration.jobs.run_all()
    assert [one.display_name for one in registration.view.last("show_similar")[0]] == [
        "Okafor, Chidi"
    ]
    assert registration.count() == 1
    registration.presenter.register(NEW)
    registration.jobs.run_all()
    assert registration.count() == 2


def test_a_changed_name_is_looked_up_again(registration: Registration) -> None:
    registration.clinic.add_patient()
    registration.presenter.register(NEW)
    registration.jobs.run_all()
    registration.presenter.register(replace(NEW, birth_date=date(1990, 5, 18)))
    registration.jobs.run_all()
    assert registration.view.names().count("show_similar") == 2
    assert registration.count() == 1


def test_a_warning_seen_while_typing_is_not_repeated(registration: Registration) -> None:
    registration.clinic.add_patient()
    registration.presenter.look_for_similar(NEW)
    registration.jobs.run_all()
    registration.presenter.register(replace(NEW, phone="0800"))
    registration.jobs.run_all()
    assert registration.view.names().count("show_similar") == 1
    assert registration.count() == 2


def test_an_older_warning_does_not_replace_a_newer_one(registration: Registration) -> None:
    registration.clinic.add_patient()
    registration.presenter.look_for_similar(NEW)
    registration.presenter.look_for_similar(replace(NEW, family_name="Somebody"))
    registration.jobs.run(1)
    registration.jobs.run(0)
    assert registration.view.calls == [("show_similar", ([],))]


def test_pressing_twice_registers_once(registration: Registration) -> None:
    registration.presenter.register(NEW)
    registration.presenter.register(NEW)
    registration.jobs.run()
    registration.presenter.register_anyway(NEW)
    registration.jobs.run_all()
    assert registration.count() == 1


def test_what_cannot_be_kept_is_told_at_its_field(registration: Registration) -> None:
    registration.presenter.register(replace(NEW, birth_date=date(1790, 1, 1)))
    registration.jobs.run_all()
    assert registration.view.last("show_error")[0].field == "birth_date"
    assert registration.view.last("show_busy") == (False,)


def test_a_full_disk_is_told_and_nothing_is_registered(registration: Registration) -> None:
    registration.clinic.store.commit_fails_with = StoreFull("The disk is full.")
    registration.presenter.register(NEW)
    registration.jobs.run_all()
    assert str(registration.view.last("show_failure")[0]) == "The disk is full."
    assert registration.count() == 0
