"""A still that is drawn anew: one at a time, and the newest wish counts, also after a failure."""

from __future__ import annotations

from clinic_app.domain.errors import ModelRejected
from clinic_app.ui.screens.studio.live.camera import Blend
from clinic_app.ui.screens.studio.live.still import StillDrawing
from tests.fakes.clinic import FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView


def test_of_wishes_that_come_meanwhile_the_newest_is_drawn() -> None:
    clinic, jobs, view = FakeClinic(), HeldJobs(), RecordedView()
    studio = clinic.sign_in().studio
    drawing = StillDrawing(studio, jobs, view.show, view.fail)
    still = studio.sample()
    for name in ("brush", "ink", "dots"):
        drawing.ask(still, Blend({name: 1.0}, 1.0))
    jobs.run_all()
    assert [weights for weights, _ in clinic.engine.asked] == [{"brush": 1.0}, {"dots": 1.0}]
    assert view.names() == ["show", "show"]


def test_a_newer_wish_is_drawn_after_a_failure_too() -> None:
    clinic, jobs, view = FakeClinic(), HeldJobs(), RecordedView()
    studio = clinic.sign_in().studio
    drawing = StillDrawing(studio, jobs, view.show, view.fail)
    still = studio.sample()
    trouble = clinic.engine.trouble = ModelRejected("The file of the model was changed.")
    drawing.ask(still, Blend({"brush": 1.0}, 1.0))
    drawing.ask(still, Blend({"ink": 1.0}, 0.5))
    jobs.run()
    assert view.names() == []
    clinic.engine.trouble = None
    jobs.run_all()
    content, drawn = view.last("show")
    assert content is still
    assert (drawn.weights, drawn.strength) == ({"ink": 1.0}, 0.5)
    clinic.engine.trouble = trouble
    drawing.ask(still, Blend({"chalk": 1.0}, 1.0))
    jobs.run_all()
    assert view.last("fail") == (still, trouble)
