"""Which records may be of one person."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.domain.duplicates import IdentityKey, Reason, likely_pairs, similar_names
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import search_key

BORN = date(1984, 3, 7)


def key(name: str, phone: str = "", born: date = BORN) -> IdentityKey:
    return IdentityKey(new_id().bytes, search_key(name), phone, born.isoformat())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Okonkwo Ngozi", "Ngozi Okonkwo"),
        ("Okonkwo Ngozi", "Okonkwo Ngozi Ada"),
        ("Okonkwo Ngozi", "Okonkwo Ngosi"),
        ("Müller Änne", "Muller Anne"),
        ("محمد علي", "محمد على"),
        ("Li", "LI"),
    ],
)
def test_names_of_one_person_are_similar(one: str, other: str) -> None:
    assert similar_names(search_key(one), search_key(other))
    assert similar_names(search_key(other), search_key(one))


@pytest.mark.parametrize(
    ("one", "other"), [("Okonkwo Ngozi", "Okafor Chidi"), ("", "Li"), ("", "")]
)
def test_other_names_are_not(one: str, other: str) -> None:
    assert not similar_names(search_key(one), search_key(other))


def test_the_same_birth_date_alone_is_no_reason_and_nor_is_the_same_name() -> None:
    same_day = [key("Okonkwo Ngozi"), key("Okafor Chidi")]
    same_name = [key("Okonkwo Ngozi"), key("Okonkwo Ngozi", born=date(1991, 1, 1))]
    assert likely_pairs(same_day) == ()
    assert likely_pairs(same_name) == ()


def test_both_reasons_come_first_and_a_phone_alone_last() -> None:
    ngozi, again = key("Okonkwo Ngozi", "08001112"), key("Okonkwo Ngos", "08001112")
    twin = key("Okonkwo Ngozy")
    spouse = key("Bello Ada", "08001112", date(1980, 1, 1))
    pairs = likely_pairs([ngozi, again, twin, spouse])
    assert pairs[0].reasons == (Reason.SAME_BIRTH_DATE_AND_SIMILAR_NAME, Reason.SAME_PHONE)
    assert {pairs[0].first.bytes, pairs[0].second.bytes} == {ngozi.patient_id, again.patient_id}
    assert pairs[-1].reasons == (Reason.SAME_PHONE,)


def test_an_extension_is_nobodys_phone() -> None:
    one, other = key("Okonkwo Ngozi", "117"), key("Bello Ada", "117", date(1980, 1, 1))
    assert likely_pairs([one, other]) == ()


def test_a_placeholder_date_of_thousands_is_still_searched_quickly() -> None:
    names = [f"Person{number:04d} Made" for number in range(3000)]
    crowd = [key(name, born=date(1900, 1, 1)) for name in names]
    twice = key("Person1234 Made", born=date(1900, 1, 1))
    pairs = likely_pairs([*crowd, twice], limit=100_000)
    both = {crowd[1234].patient_id, twice.patient_id}
    assert any(both == {p.first.bytes, p.second.bytes} for p in pairs)


_WORD = st.text("abénøمد王 ", min_size=1, max_size=5)


@given(st.lists(st.lists(_WORD, min_size=0, max_size=3), min_size=2, max_size=8))
def test_blocking_by_the_beginning_of_words_misses_no_similar_name(names: list[list[str]]) -> None:
    keys = [key(" ".join(words)) for words in names]
    expected = {
        frozenset((one.patient_id, other.patient_id))
        for one, other in combinations(keys, 2)
        if similar_names(one.name, other.name)
    }
    found = {frozenset((p.first.bytes, p.second.bytes)) for p in likely_pairs(keys, 1_000)}
    assert found == expected
