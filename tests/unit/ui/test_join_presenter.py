"""Joining: one try at a time, and every refusal at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.services.sync_data import CentreUnreachable, CentreUntrusted
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.sync.presenter import JoinPresenter
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.fakes.sync import ENROLMENT


class Joining:
    def __init__(self, folder: Path) -> None:
        self.clinic = FakeClinic()
        self.view = RecordedView()
        self.jobs = HeldJobs()
        self.presenter = JoinPresenter(self.view, self.clinic.services.sync, self.jobs)
        self.file = folder / "north-1.enrolment"
        self.file.write_bytes(ENROLMENT)

    def field(self) -> str:
        (error,) = self.view.last("show_field_error")
        return str(error.field)


@pytest.fixture
def joining(tmp_path: Path) -> Joining:
    return Joining(tmp_path)


def test_what_is_missing_is_told_before_anything_is_tried(joining: Joining) -> None:
    for file, password, field in ((None, PASSWORD, "file"), (joining.file, "", "password")):
        joining.presenter.join(file, password)
        assert joining.field() == field
    assert joining.jobs.held == []


def test_a_join_runs_in_the_sync_lane_and_tells_its_progress(joining: Joining) -> None:
    joining.presenter.join(joining.file, PASSWORD)
    joining.presenter.join(joining.file, PASSWORD)
    assert [job.lane for job in joining.jobs.held] == [Lane.SYNC]
    joining.jobs.run_all()
    names = joining.view.names()
    assert names[0] == "show_working"
    assert names.count("heard") == 4
    status, trouble, remark = joining.view.last("show_joined")
    assert (status.joined, status.workstation, trouble) == (True, "north-1", None)
    assert remark is None


def test_a_first_round_that_is_cut_off_leaves_a_joined_laptop(joining: Joining) -> None:
    cut = CentreUnreachable("The line was cut.")
    joining.clinic.sync.fails_after_joining = cut
    joining.presenter.join(joining.file, PASSWORD)
    joining.jobs.run_all()
    status, trouble, remark = joining.view.last("show_joined")
    assert (status.joined, trouble, remark) == (True, cut, None)


def test_another_file_and_a_wrong_password_are_told_at_their_fields(joining: Joining) -> None:
    joining.presenter.join(joining.file, "wrong")
    joining.jobs.run_all()
    assert joining.field() == "password"
    joining.file.write_bytes(b"a letter")
    joining.presenter.join(joining.file, PASSWORD)
    joining.jobs.run_all()
    assert joining.field() == "file"
    assert not joining.presenter.working


def test_too_many_wrong_passwords_are_told_at_the_password(joining: Joining) -> None:
    for _ in range(6):
        joining.presenter.join(joining.file, "wrong")
        joining.jobs.run_all()
    assert joining.field() == "password"
    assert "wait" in str(joining.view.last("show_field_error")[0])


def test_a_stop_and_a_failure_leave_the_laptop_as_it_was(joining: Joining) -> None:
    joining.presenter.join(joining.file, PASSWORD)
    joining.presenter.stop()
    joining.jobs.run_all()
    assert joining.view.names()[-1] == "show_stopped"
    joining.clinic.sync.fails_with = CentreUntrusted("This server is not the clinic's.")
    joining.presenter.join(joining.file, PASSWORD)
    joining.jobs.run_all()
    assert isinstance(joining.view.last("show_failure")[0], CentreUntrusted)
    assert not joining.clinic.sync.now.joined
    joining.clinic.sync.fails_with = None
    joining.presenter.join(joining.file, PASSWORD)
    joining.jobs.run_all()
    assert joining.view.names()[-1] == "show_joined"
