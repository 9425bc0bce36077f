"""Rival words beside each other, and settling them one at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic_app.domain.errors import WrongState
from clinic_app.services.sync_data import ConflictKind, Resolution, Version
from clinic_app.ui.jobs import Lane
from clinic_app.ui.screens.conflicts.differences import MOST_WORDS, compared, marked
from clinic_app.ui.screens.conflicts.presenter import ConflictsPresenter
from clinic_app.ui.screens.conflicts.view import appointment_of
from clinic_app.ui.screens.conflicts.words import (
    field_label,
    field_text,
    in_order,
    who_and_where,
    writer_of,
    written_by,
)
from tests.fakes.clinic import FakeClinic
from tests.fakes.jobs import HeldJobs, RecordedView
from tests.fakes.sync import AT, conflict

# --- differences ----------------------------------------------------------------------------------


def odd(runs: tuple[tuple[str, bool], ...]) -> str:
    return "".join(text for text, differs in runs if differs)


def test_the_words_that_differ_are_marked_on_both_sides() -> None:
    first, second = marked(["Sleeping better. Walks daily.", "Sleeping badly. Walks daily."])
    assert (odd(first).strip(), odd(second).strip()) == ("better.", "badly.")
    assert "".join(text for text, _ in first) == "Sleeping better. Walks daily."


@pytest.mark.parametrize(
    "texts",
    [
        ("", "Something"),
        ("a\n\nb ", " a b"),
        ("same", "same"),
        ("  ", "\t"),
        ("one two three", "two", "three two one"),
        ("سلام عليكم", "سلام"),
    ],
)
def test_no_character_is_lost_in_marking(texts: tuple[str, ...]) -> None:
    for text, runs in zip(texts, marked(texts), strict=True):
        assert "".join(piece for piece, _ in runs) == text


def test_equal_texts_have_no_marks_and_unequal_ones_have() -> None:
    assert not any(differs for runs in marked(["same", "same"]) for _, differs in runs)
    assert all(odd(runs) for runs in marked(["one", "two", "three"]))


def test_long_texts_are_compared_by_lines_and_endless_ones_not_at_all() -> None:
    lines = ["word " * 20 + str(number) for number in range(MOST_WORDS // 10)]
    first, second = marked(["\n".join(lines), "\n".join([*lines[:-1], "other"])])
    assert odd(second) == "other"
    assert odd(first) == lines[-1]
    endless = "\n".join("x" for _ in range(MOST_WORDS + 5))
    assert marked([endless, endless + "y"]) == [((endless, True),), ((endless + "y", True),)]


def test_a_field_that_one_version_lacks_is_shown_as_missing() -> None:
    made = conflict()
    extra = Version("2", "Rosa", AT, "west-3", (("text", "Walks"), ("detail", "At noon")))
    both = replace(made, versions=(made.versions[0], extra))
    text, detail = compared(both).rows
    assert (text.name, detail.name) == ("text", "detail")
    assert detail.texts == (None, (("At noon", False),))
    assert detail.differs


def test_moments_are_told_on_the_clocks_of_the_laptop_and_headings_stay_as_they_are() -> None:
    assert field_text("start", "2026-03-02T09:00:00+00:00").startswith("2 Mar 2026, ")
    assert field_text("start", "soon") == "soon"
    assert field_text("text", "2026-03-02T09:00:00+00:00") == "2026-03-02T09:00:00+00:00"
    assert field_label("Warning Signs") == "Warning Signs"


def test_a_version_says_who_wrote_it_and_where_as_far_as_that_is_known() -> None:
    known = conflict().versions[0]
    assert who_and_where(known) == "Amina Diallo, north-1"
    assert writer_of(known) == "Amina Diallo"
    assert written_by(known).endswith("workstation north-1")
    nobody = replace(known, author="")
    assert (who_and_where(nobody), writer_of(nobody)) == ("north-1", "Workstation north-1")
    assert who_and_where(replace(nobody, workstation="")) == "Another workstation"


def test_known_fields_come_in_our_order_and_headings_after_them() -> None:
    assert in_order(["detail", "Warning Signs", "title", "detail"]) == [
        "title",
        "detail",
        "Warning Signs",
    ]


# --- settling -------------------------------------------------------------------------------------


class Page:
    def __init__(self) -> None:
        self.clinic = FakeClinic()
        self.view = RecordedView()
        self.jobs = HeldJobs()
        self.settled: list[str] = []
        self.presenter = ConflictsPresenter(
            self.view, self.clinic.services.sync, self.jobs, lambda: self.settled.append("one")
        )


@pytest.fixture
def page() -> Page:
    made = Page()
    made.clinic.sync.found = [conflict(), conflict(title="Call back")]
    return made


def test_all_of_them_are_read_with_their_differences(page: Page) -> None:
    page.presenter.look()
    assert page.jobs.held[0].lane is Lane.DATABASE
    page.jobs.run_all()
    (found,) = page.view.last("show_conflicts")
    assert [one.conflict.title for one in found] == ["Progress note", "Call back"]


def test_an_older_slower_answer_is_dropped(page: Page) -> None:
    page.presenter.look()
    page.presenter.look()
    page.jobs.run(1)
    page.jobs.run(0)
    assert page.view.names().count("show_conflicts") == 1


def test_each_way_of_settling_reaches_the_service(page: Page) -> None:
    first, second = page.clinic.sync.found
    page.presenter.choose(first, "1")
    page.jobs.run_all()
    page.presenter.merge(second, {"text": "Both."})
    page.jobs.run_all()
    assert page.clinic.sync.settled == [
        (first.id, Resolution.CHOOSE, "1", None),
        (second.id, Resolution.MERGE, "", {"text": "Both."}),
    ]
    assert page.settled == ["one", "one"]
    assert page.view.last("show_conflicts") == ([],)


def test_pressing_twice_settles_once(page: Page) -> None:
    first = page.clinic.sync.found[0]
    page.presenter.keep_both(first)
    page.presenter.keep_both(first)
    page.jobs.run_all()
    assert len(page.clinic.sync.settled) == 1


def test_what_changed_meanwhile_is_told_and_read_again(page: Page) -> None:
    first = page.clinic.sync.found.pop(0)
    page.presenter.choose(first, "0")
    page.jobs.run_all()
    about, error = page.view.last("show_trouble")
    assert about is first
    assert isinstance(error, WrongState)
    assert page.view.names()[-1] == "show_conflicts"
    assert page.settled == []


def test_the_appointment_of_an_overlap_is_its_stamp_else_the_record() -> None:
    made = conflict(ConflictKind.OVERLAP)
    assert appointment_of(made, made.versions[0]) == made.record_id
    named = Version(str(made.record_id), "Rosa", AT, "west-3", ())
    assert appointment_of(conflict(ConflictKind.OVERLAP), named) == made.record_id
