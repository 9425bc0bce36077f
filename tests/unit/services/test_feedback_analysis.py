"""Figures of feedback: right sums, and nothing that points to one person."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from clinic_app.domain.feedback import Agreement, Author, RatingCount, ServiceRating
from clinic_app.domain.ids import new_id
from clinic_app.services.feedback_analysis import (
    ALWAYS,
    FeedbackMaterial,
    analyse,
    author_of,
)
from clinic_app.services.sentiment import Tone, reader_name, tones
from clinic_app.services.small_numbers import (
    FEWEST_HIDDEN,
    SMALLEST,
    told,
    told_cells,
    told_groups,
)
from clinic_app.services.themes import themes
from tests.fakes.clinic import FakeClinic
from tests.fakes.clock import START

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=8)
CLINIC = UUID(int=1)


def said(text: str, *, language: str = "en", patient: UUID | None = None) -> ServiceRating:
    return ServiceRating(
        new_id(),
        CLINIC,
        3,
        START,
        date(2026, 3, 1),
        new_id(),
        Author.PATIENT,
        text,
        language,
        patient,
    )


def material(
    counts: dict[tuple[str, int], int], texts: tuple[ServiceRating, ...] = ()
) -> FeedbackMaterial:
    ratings = tuple(
        RatingCount(CLINIC, month, rating, count) for (month, rating), count in counts.items()
    )
    return FeedbackMaterial(ALWAYS, ratings, (), (), texts, {CLINIC: "Harbour"})


@given(COUNTS)
def test_no_small_number_is_ever_told(counts: list[int]) -> None:
    for count in (*map(told, counts), *told_groups(counts), *told_cells(counts)):
        assert count is None or count == 0 or count >= SMALLEST


@given(COUNTS)
def test_what_is_told_is_true_and_what_is_withheld_stands_for_enough_people(
    counts: list[int],
) -> None:
    for shown in (told_groups(counts), told_cells(counts)):
        pairs = list(zip(counts, shown, strict=True))
        assert all(given in (None, count) for count, given in pairs)
        hidden = sum(count for count, given in pairs if given is None)
        assert hidden == 0 or hidden >= SMALLEST or hidden == sum(counts)


@given(st.lists(st.integers(0, 30), min_size=5, max_size=5))
def test_a_distribution_cannot_be_solved_from_its_sum_and_mean(counts: list[int]) -> None:
    hidden = told_cells(counts).count(None)
    assert hidden == 0 or hidden >= FEWEST_HIDDEN


def test_months_and_clinics_are_added_up() -> None:
    found = analyse(material({("2026-01", 5): 6, ("2026-01", 3): 6, ("2026-02", 1): 8}))
    assert (found.ratings, found.mean) == (20, 2.8)
    assert [(one.name, one.count, one.mean) for one in found.by_month] == [
        ("2026-01", 12, 4.0),
        ("2026-02", 8, 1.0),
    ]
    assert [(one.name, one.count) for one in found.by_clinic] == [("Harbour", 20)]


def test_a_quiet_month_takes_a_second_one_with_it() -> None:
    found = analyse(material({("2026-01", 5): 9, ("2026-02", 1): 2, ("2026-03", 4): 7}))
    assert [(one.name, one.count, one.mean) for one in found.by_month] == [
        ("2026-01", 9, 5.0),
        ("2026-02", None, None),
        ("2026-03", None, None),
    ]


def test_four_answers_give_no_figure_at_all() -> None:
    texts = tuple(said("dreadful waiting room") for _ in range(4))
    found = analyse(material({("2026-01", 1): 4}, texts))
    assert (found.ratings, found.mean, found.texts_read) == (None, None, None)
    assert set(found.distribution.values()) == set(found.tones.values()) == {None}
    assert found.themes == ()


def test_a_clinic_without_feedback_shows_noughts() -> None:
    found = analyse(material({}))
    assert (found.ratings, found.mean, found.texts_read) == (0, None, 0)
    assert set(found.agreement) == set(Agreement)
    assert (found.by_month, found.themes) == ((), ())


def test_one_person_who_writes_often_makes_no_theme() -> None:
    often = new_id()
    texts = tuple(said("cold rooms", patient=often) for _ in range(20))
    found = analyse(material({("2026-01", 2): 20}, texts))
    assert found.themes == ()
    assert set(found.tones.values()) == {None}


def test_themes_count_people_and_join_words_that_belong_together() -> None:
    texts = [(n, "The waiting room is cold. Waiting room!") for n in range(6)]
    texts += [(n, "friendly staff; the staff listened") for n in range(10, 15)]
    found = themes(texts)
    assert found[0].authors == 6
    words = {one.words for one in found}
    assert {"cold", "waiting room", "friendly staff"} <= words
    assert not words & {"the", "waiting", "room", "is"}


def test_a_pair_never_reaches_over_a_full_stop() -> None:
    found = themes((n, "It was cold. Staff were busy") for n in range(9))
    assert "cold staff" not in {one.words for one in found}


def test_only_english_texts_are_read_for_tone_and_themes() -> None:
    texts = tuple(said("salle froide", language="fr") for _ in range(9))
    found = analyse(material({("2026-01", 2): 9}, texts))
    assert (found.texts_read, found.themes) == (0, ())


def test_the_tone_is_the_librarys_and_named_so() -> None:
    read = tones(["The staff were kind and helpful.", "It was terrible.", "Room seven", "", "☃"])
    assert read == [Tone.POSITIVE, Tone.NEGATIVE, Tone.NEITHER, Tone.NEITHER, Tone.NEITHER]
    assert reader_name().startswith("TextBlob 0.")


def test_staff_are_one_author_each_and_unnamed_answers_one_each() -> None:
    unnamed, again = said("x"), said("x")
    assert author_of(unnamed) != author_of(again)
    person = new_id()
    assert author_of(said("a", patient=person)) == author_of(said("b", patient=person)) == person


def test_the_service_reads_what_it_analyses(clinic: FakeClinic) -> None:
    for _ in range(6):
        clinic.services.feedback.rate(5, "Kind staff")
    found = clinic.services.feedback.analysis()
    assert (found.ratings, found.mean, found.texts_read) == (6, 5.0, 6)
    assert [one.words for one in found.themes] == ["kind staff"]
    assert found.by_clinic[0].name == "Harbour Clinic"
