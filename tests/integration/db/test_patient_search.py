"""People are found in any script, by any part of what is known of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic_app.domain.ids import new_id
from tests.integration.db.records import NOON, Clinic, a_patient

PEOPLE = (
    ("García", "Zoë", "+41 79 555 01 99", "A-17", date(1980, 5, 17)),
    ("Edgar", "Tom", "", "B-2", date(1990, 1, 2)),
    ("李", "小明", "", "", date(2001, 12, 3)),
    ("أحمد", "عائشة", "٠٧٩ ٥٥٥", "", date(1975, 7, 7)),
    ("Müller", "Straße", "", "100%_x", date(1960, 2, 29)),
    ("de la Cruz", "Ana", "", "", date(1980, 5, 17)),
)


@pytest.mark.parametrize(
    ("typed", "families"),
    [
        ("gar", ["García", "Edgar"]),
        ("GARCIA zoe", ["García"]),
        ("zoë, garcía", ["García"]),
        ("小", ["李"]),
        ("李小", []),
        ("李 小明", ["李"]),
        ("ﺃﺤﻤﺪ", ["أحمد"]),
        ("strasse", ["Müller"]),
        ("STRAẞE", ["Müller"]),
        ("muller", ["Müller"]),
        ("la cruz", ["de la Cruz"]),
        ("cruz ana", ["de la Cruz"]),
        ("0199", ["García"]),
        ("555 01 99", ["García"]),
        ("(555) 01-99", ["García"]),
        ("079555", ["أحمد"]),
        ("a-17", ["García"]),
        ("1980-05-17", ["de la Cruz", "García"]),
        ("garcia 1980", ["García"]),
        ("100%_", ["Müller"]),
        ("%", ["Müller"]),
        ("_", ["Müller"]),
        ("'; DROP TABLE patient; --", []),
        ("\\", []),
        ("zzz", []),
        (",", []),
        ("\u0301", []),
    ],
)
def test_patients_are_found_in_any_script(clinic: Clinic, typed: str, families: list[str]) -> None:
    with clinic.store.unit_of_work() as work:
        for family, given, phone, number, born in PEOPLE:
            work.patients.add(
                a_patient(family, given, phone=phone, local_number=number, birth_date=born)
            )
        assert [patient.family_name for patient in work.patients.search(typed)] == families


def test_a_full_identifier_finds_the_record_and_no_text_the_newest(clinic: Clinic) -> None:
    with clinic.store.unit_of_work() as work:
        for minute in (2, 3, 1):
            work.patients.add(
                a_patient(f"Number {minute}", registered_at=NOON + timedelta(minutes=minute))
            )
        newest = work.patients.search(" ")
        assert [patient.family_name[-1] for patient in newest] == ["3", "2", "1"]
        assert work.patients.search(str(newest[1].id).upper()) == [newest[1]]
        assert work.patients.search(str(new_id())) == []
        assert len(work.patients.search("", limit=2)) == 2
        assert len(work.patients.search("number", limit=2)) == 2
        assert len(work.patients.search("umber", limit=2)) == 2


def test_a_renamed_patient_is_found_by_the_new_name_only(clinic: Clinic) -> None:
    patient = a_patient("Before")
    with clinic.store.unit_of_work() as work:
        work.patients.add(patient)
        work.patients.save(replace(patient, family_name="After"))
        assert work.patients.search("before") == []
        assert [p.id for p in work.patients.search("after")] == [patient.id]


def test_possible_duplicates_share_the_family_name_and_one_thing_more(clinic: Clinic) -> None:
    born = date(1980, 5, 17)
    with clinic.store.unit_of_work() as work:
        same_birth = a_patient("GARCIA", "Other", birth_date=born)
        same_given = a_patient("Garcia", "zoe", birth_date=date(1999, 9, 9))
        for patient in (
            same_birth,
            same_given,
            a_patient("García", "Else", birth_date=date(1999, 9, 9)),
            a_patient("Garci", "Zoë", birth_date=born),
        ):
            work.patients.add(patient)
        found = work.patients.similar("García", "Zoë", born)
    assert {patient.id for patient in found} == {same_birth.id, same_given.id}
