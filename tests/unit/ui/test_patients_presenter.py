"""Search as you type, and what a row says."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_app.domain.errors import StoreError
from clinic_app.domain.questionnaires import AnsweredBy, InstrumentName
from clinic_app.ui.screens.patients.presenter import LIMIT, PatientsPresenter, searchable
from clinic_app.ui.screens.patients.rows import COLUMNS, text_of
from tests.fakes.clinic import FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView


class Search:
    def __init__(self) -> None:
        self.clinic = FakeClinic()
        self.view = RecordedView()
        self.jobs = HeldJobs()
        self.presenter = PatientsPresenter(self.view, self.clinic.services.patients, self.jobs)

    def shown(self) -> list[str]:
        return [row.patient.display_name for row in self.view.last("show_patients")[0]]


@pytest.fixture
def search() -> Search:
    made = Search()
    made.clinic.add_patient("Okafor", "Chidi", date(1990, 5, 17))
    made.clinic.add_patient("Okonkwo", "Ngozi", date(1984, 3, 7))
    return made


def test_an_older_slower_answer_is_dropped(search: Search) -> None:
    search.presenter.search("oka")
    search.presenter.search("oko")
    search.jobs.run(1)
    search.jobs.run(0)
    assert search.shown() == ["Okonkwo, Ngozi"]
    assert search.view.names() == ["show_patients"]


def test_a_failure_of_an_older_search_is_dropped_too(search: Search) -> None:
    search.presenter.search("oka")
    search.presenter.search("")
    search.clinic.store.closed = True
    search.jobs.run(0)
    assert search.view.calls == []
    search.jobs.run(0)
    assert isinstance(search.view.last("show_failure")[0], StoreError)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("7.3.1984", "1984-03-07"), ("7 Mar 1984", "1984-03-07"), ("Okafor", "Okafor"), ("", "")],
)
def test_a_birth_date_is_found_however_it_is_typed(typed: str, wanted: str) -> None:
    assert searchable(typed) == wanted


def test_a_typed_birth_date_finds_its_patient(search: Search) -> None:
    search.presenter.search("7.3.1984")
    search.jobs.run_all()
    assert search.shown() == ["Okonkwo, Ngozi"]


def test_a_long_list_says_that_there_is_more(search: Search) -> None:
    for number in range(LIMIT):
        search.clinic.add_patient("Long", str(number), consent=())
    search.presenter.search("long")
    search.jobs.run_all()
    rows, text, more = search.view.last("show_patients")
    assert (len(rows), text, more) == (LIMIT, "long", False)
    search.presenter.search("")
    search.jobs.run_all()
    rows, text, more = search.view.last("show_patients")
    assert (len(rows), more) == (LIMIT, True)


def test_a_row_marks_open_safety_steps_before_an_open_draft(search: Search) -> None:
    services = search.clinic.services
    patient = services.patients.search("oka")[0].patient
    services.screenings.start(patient.id)
    to_do = COLUMNS.index("To do")
    assert text_of(_row(search), to_do, search.clinic.clock()) == "Screening to finish"
    services.screenings.record_questionnaire(
        patient.id, InstrumentName.PHQ9, (0, 0, 0, 0, 0, 0, 0, 0, 1), AnsweredBy.PATIENT
    )
    assert text_of(_row(search), to_do, search.clinic.clock()) == "Safety steps open"


def test_a_row_says_when_somebody_was_born_and_how_old_that_makes_them(search: Search) -> None:
    now = search.clinic.clock()
    assert text_of(_row(search), COLUMNS.index("Born"), now) == "17 May 1990 (35)"
    assert text_of(_row(search), COLUMNS.index("Last screening"), now) == "none yet"


def _row(search: Search) -> object:
    return search.clinic.services.patients.search("oka")[0]
