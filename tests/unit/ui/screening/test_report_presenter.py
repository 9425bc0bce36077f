"""The report: rendered off the GUI thread, leafed through, saved after the password, printed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from clinic_app.domain.errors import NotFound, ReportFailed, WrongPassword
from clinic_app.domain.ids import new_id
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.services.report_data import ReportKind
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.report.presenter import About, ReportPresenter
from clinic_app.ui.workspace import Workspace
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.reading import png
from tests.fakes.steps import NowJobs, RecordedNavigator, RecordedNotices, RecordedView


class Desk:
    def __init__(self, pages: int = 3) -> None:
        self.clinic = FakeClinic()
        self.clinic.renderer.preview = lambda pdf, page, width: (pages, png(4, 4, 10 + page))
        self.patient = self.clinic.add_patient()
        screenings = self.clinic.services.screenings
        draft = screenings.start(self.patient.id)
        screenings.judge(draft.id, ClinicianSeverity.MILD)
        self.screening = screenings.finish(draft.id)
        self.jobs, self.notices = NowJobs(), RecordedNotices()
        self.navigator = RecordedNavigator(self.clinic)
        self.workspace = Workspace(self.clinic.services, self.jobs, self.notices, self.navigator)
        self.view = RecordedView()
        self.presenter = ReportPresenter(
            self.workspace,
            About(ReportKind.SCREENING, screening_id=self.screening.id),
            self.view,
        )
        self.presenter.load()
        self.presenter.fit(800)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_rendering_and_pages_stay_out_of_the_gui_thread(desk: Desk) -> None:
    assert desk.jobs.lanes == [Lane.DATABASE, Lane.INFERENCE]
    assert desk.view.last("show_page")[1:] == (0, 3)


def test_leafing_stops_at_both_ends(desk: Desk) -> None:
    desk.presenter.turn(-1)
    assert desk.view.last("show_page")[1] == 0
    for _ in range(5):
        desk.presenter.turn(1)
    assert desk.view.last("show_page")[1] == 2


def test_an_older_page_that_comes_late_is_dropped(desk: Desk) -> None:
    desk.jobs.held = True
    desk.presenter.turn(1)
    desk.presenter.turn(1)
    before = desk.view.names.count("show_page")
    desk.jobs.release()
    assert desk.view.names.count("show_page") == before + 1
    assert desk.view.last("show_page")[1] == 2


def test_a_copy_is_saved_under_a_name_without_a_person(desk: Desk, tmp_path: Path) -> None:
    desk.presenter.prove(PASSWORD)
    desk.presenter.choose_place()
    name = desk.view.last("ask_place")[0]
    assert name.endswith(".pdf")
    assert "Okafor" not in name
    desk.presenter.save(tmp_path / "copy")
    assert (tmp_path / "copy.pdf").read_bytes().startswith(b"%PDF")
    assert desk.notices.told == ["Saved as “copy.pdf”."]


def test_a_wrong_password_saves_nothing(desk: Desk) -> None:
    with pytest.raises(WrongPassword):
        desk.presenter.prove("wrong")


def test_a_place_that_cannot_be_written_is_told(desk: Desk, tmp_path: Path) -> None:
    desk.presenter.save(tmp_path / "no-such-folder" / "copy.pdf")
    assert isinstance(desk.notices.reported[0], ReportFailed)


class PaperTray:
    """Sheets that remember what was put on them."""

    def __init__(self, wanted: Sequence[int], jammed_at: int = -1) -> None:
        self.wanted = wanted
        self.story: list[str] = []
        self._jammed_at = jammed_at

    def put(self, png: bytes) -> None:
        if len(self.story) == self._jammed_at:
            raise ReportFailed("The printer did not take the next page.")
        assert png.startswith(b"\x89PNG")
        self.story.append("page")

    def finish(self) -> None:
        self.story.append("finished")

    def give_up(self) -> None:
        self.story.append("given up")


def test_every_page_goes_to_the_printer_one_after_the_other(desk: Desk) -> None:
    desk.presenter.print_all()
    assert desk.view.last("ask_printer") == (3,)
    desk.jobs.lanes.clear()
    tray = PaperTray(range(3))
    desk.presenter.print_on(tray)
    assert tray.story == ["page", "page", "page", "finished"]
    assert desk.jobs.lanes == [Lane.FILES] * 4
    assert desk.view.last("show_printing") == (0, 0)


def test_printing_is_stopped_between_two_pages(desk: Desk) -> None:
    desk.jobs.held = True
    tray = PaperTray(range(3))
    desk.presenter.print_on(tray)
    desk.presenter.print_on(PaperTray(range(3)))  # one run at a time
    desk.presenter.stop_printing()
    desk.jobs.release()
    assert tray.story == ["given up"]
    assert desk.view.last("show_printing") == (0, 0)
    assert desk.notices.told == ["Printing was stopped."]


def test_a_printer_that_fails_is_told_and_the_run_is_given_up(desk: Desk) -> None:
    tray = PaperTray(range(3), jammed_at=1)
    desk.presenter.print_on(tray)
    assert tray.story == ["page", "given up"]
    assert isinstance(desk.notices.reported[0], ReportFailed)
    desk.presenter.print_all()
    assert desk.view.last("ask_printer") == (3,)


def test_printing_goes_on_when_the_screen_is_left(desk: Desk) -> None:
    desk.jobs.held = True
    tray = PaperTray((0, 2))
    desk.presenter.print_on(tray)
    desk.presenter.close()
    desk.jobs.held = False
    desk.jobs.release()
    assert tray.story == ["page", "page", "finished"]
    assert desk.view.last("show_printing") == (0, 2)


def test_the_way_back_leads_to_the_patient(desk: Desk) -> None:
    desk.presenter.back_to_patient()
    assert desk.navigator.shown == [("patient", desk.patient.id)]


def test_a_report_that_is_not_there_says_so(desk: Desk) -> None:
    view = RecordedView()
    missing = About(ReportKind.SCREENING, screening_id=new_id())
    ReportPresenter(desk.workspace, missing, view).load()
    assert isinstance(view.last("show_failed")[0], NotFound)


def test_another_language_writes_the_same_document_anew(desk: Desk) -> None:
    first = desk.clinic.renderer.rendered[-1]
    desk.presenter.speak("hi")
    assert desk.view.last("show_kinds")[2] == "hi"
    assert desk.clinic.renderer.languages == ["en", "hi"]
    assert desk.clinic.renderer.rendered[-1] == first
    desk.presenter.speak("hi")
    assert desk.clinic.renderer.languages == ["en", "hi"]
    desk.presenter.choose(ReportKind.HISTORY)
    assert desk.clinic.renderer.languages[-1] == "hi"
