"""Names in any script, birth dates, contacts, passwords."""

from __future__ import annotations

from datetime import date

import pytest

from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import (
    ClinicProfile,
    CrisisContact,
    DeploymentContext,
    Patient,
    check_birth_date,
    check_password,
    checked_contacts,
    checked_patient,
    clean_name,
    clean_text,
    has_ink,
    search_key,
)

TODAY = date(2026, 3, 2)


def patient(**changes: object) -> Patient:
    details = {"family_name": "Okafor", "given_name": "Chidi", "birth_date": date(1990, 5, 17)}
    return Patient(id=new_id(), **{**details, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    [
        "X",
        "Ng",
        "O'Brien-Łukasiewicz",
        "张伟",
        "김민준",
        "प्रिया",
        "أحمد",
        "שרה",
        "𠮷野",
        "🙂",
        "👩‍👩‍👧",
        "x" * 80,
    ],
)
def test_a_name_of_any_script_is_kept_as_typed(name: str) -> None:
    assert clean_name(name, "family_name", required=True) == name


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u200b", "\u200d\u200e", "\x00", "\u3000"])
def test_a_required_name_that_shows_nothing_is_refused(blank: str) -> None:
    with pytest.raises(InvalidInput, match="Please enter the family name") as caught:
        clean_name(blank, "family_name", required=True)
    assert caught.value.field == "family_name"


def test_a_name_of_81_characters_is_refused_and_one_of_80_is_not() -> None:
    assert len(clean_name("ü" * 80, "family_name", required=True)) == 80
    with pytest.raises(InvalidInput, match="longer than 80"):
        clean_name("ü" * 81, "family_name", required=True)


def test_the_limit_counts_characters_as_they_are_composed() -> None:
    assert clean_name("u\u0308" * 80, "family_name", required=True) == "ü" * 80


def test_a_given_name_may_be_left_out() -> None:
    assert checked_patient(patient(given_name="  "), TODAY).given_name == ""
    assert patient(given_name="").display_name == "Okafor"
    assert patient().display_name == "Okafor, Chidi"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Anna   Maria ", "Anna Maria"),
        ("Anna\r\nMaria", "Anna Maria"),
        ("Anna\u2028Maria", "Anna Maria"),
        ("An\x00na\x1b[31m", "Anna[31m"),
        ("Anna\udc80", "Anna"),
        ("\u202eannA", "annA"),
        ("\u2067Anna\u2069", "Anna"),
        ("کتاب\u200cها", "کتاب\u200cها"),
    ],
)
def test_what_is_invisible_or_turns_text_around_is_dropped(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


@pytest.mark.parametrize(
    "born", [date(1890, 1, 1), date(1900, 1, 1), date(2000, 2, 29), TODAY, date(2026, 3, 1)]
)
def test_a_believable_birth_date_is_kept(born: date) -> None:
    assert check_birth_date(born, TODAY) == born


@pytest.mark.parametrize("born", [date(1889, 12, 31), date(2026, 3, 3), date(2100, 1, 1)])
def test_a_birth_date_before_1890_or_after_today_is_refused(born: date) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_birth_date(born, TODAY)
    assert caught.value.field == "birth_date"


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
        (date(2000, 2, 29), date(2024, 2, 28), 23),
        (date(2000, 2, 29), date(2024, 2, 29), 24),
        (date(1990, 5, 17), date(2026, 5, 16), 35),
        (date(1990, 5, 17), date(2026, 5, 17), 36),
        (date(2026, 3, 2), date(2026, 3, 2), 0),
    ],
)
def test_age_changes_on_the_birthday(born: date, day: date, age: int) -> None:
    assert patient(birth_date=born).age_on(day) == age


@pytest.mark.parametrize("field", ["phone", "local_number"])
def test_a_number_longer_than_40_characters_is_refused(field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked_patient(patient(**{field: "1" * 41}), TODAY)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "contacts",
    [
        (),
        (CrisisContact("Night line", ""),),
        (CrisisContact("", "0800 111"),),
        (CrisisContact("Night line", "0800 111"), CrisisContact("Desk", " ")),
    ],
)
def test_without_a_reachable_crisis_contact_there_is_no_set_up(
    contacts: tuple[CrisisContact, ...],
) -> None:
    with pytest.raises(InvalidInput):
        checked_contacts(contacts)


def test_a_crisis_contact_is_kept_cleaned() -> None:
    assert checked_contacts((CrisisContact(" Night  line", "0800 111 ", "always"),)) == (
        CrisisContact("Night line", "0800 111", "always"),
    )


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "at least 12"),
        ("elevenchars", "at least 12"),
        ("amina-amina-1", "must not contain the user name"),
        ("my-AMINA-words", "must not contain the user name"),
        ("abababababab", "too few different"),
        ("quiet-harbour\udcff", "cannot be typed"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        check_password(password, "amina")


@pytest.mark.parametrize(
    "password", ["quiet-harbour", "пароль для входа", "密码密钥学校医院花园海洋"]
)
def test_a_long_password_of_any_script_is_accepted(password: str) -> None:
    check_password(password, "amina")


@pytest.mark.parametrize(
    ("context", "switch", "enabled"),
    [
        (DeploymentContext.CLINIC, True, True),
        (DeploymentContext.RESEARCH, True, True),
        (DeploymentContext.SCHOOL, True, False),
        (DeploymentContext.WORKPLACE, True, False),
        (DeploymentContext.CLINIC, False, False),
        (DeploymentContext.RESEARCH, False, False),
        (DeploymentContext.SCHOOL, False, False),
        (DeploymentContext.WORKPLACE, False, False),
    ],
)
def test_pictures_are_off_at_schools_and_workplaces_whatever_the_switch_says(
    context: DeploymentContext, switch: bool, enabled: bool
) -> None:
    contacts = (CrisisContact("Night line", "0800 111"),)
    profile = ClinicProfile(new_id(), "Harbour", contacts, context, face_module=switch)
    assert profile.face_module_enabled is enabled


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ŁUÇ", "łuç"),
        ("Müller", "muller"),
        ("STRASSE", "straße"),
        ("Ａｎｎａ", "anna"),
        ("é", "e\u0301"),
        ("ℌ", "h"),
    ],
)
def test_search_passes_over_case_accents_and_width(one: str, other: str) -> None:
    assert search_key(one) == search_key(other)


@pytest.mark.parametrize(("text", "shows"), [("a", True), ("🙂", True), ("\u200b ", False)])
def test_ink_is_what_can_be_seen(text: str, shows: bool) -> None:
    assert has_ink(text) is shows
