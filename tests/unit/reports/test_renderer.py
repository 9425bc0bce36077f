"""The file: its bytes, pages, properties, fonts and geometry."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from clinic_app.domain.errors import ReportFailed
from clinic_app.domain.people import CrisisContact
from clinic_app.domain.record_codec import to_plain
from clinic_app.reports.renderer import open_report_renderer
from clinic_app.reports.text.shaping import shape
from tests.unit.reports import builders as made
from tests.unit.reports.geometry import check_geometry
from tests.unit.reports.reading import image_count, page_texts, pdf_of, text_of

PARAGRAPH = (
    "She reports early waking at about four in the morning and a loss of appetite; work is"
    " manageable with shorter days, and the conversations with her sister help. "
)


def test_equal_data_give_equal_bytes() -> None:
    assert pdf_of(made.full_report()) == pdf_of(made.full_report())


def test_equal_data_give_equal_bytes_in_another_process() -> None:
    program = (
        "import hashlib; from tests.unit.reports import builders as made;"
        "from clinic_app.reports.renderer import open_report_renderer;"
        "pdf = open_report_renderer().screening(made.report());"
        "print(hashlib.sha256(pdf).hexdigest())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    pdf_of(made.full_report())  # what was printed before must not matter
    assert ran.stdout.strip() == hashlib.sha256(pdf_of(made.report())).hexdigest()


def test_reports_made_at_the_same_time_do_not_disturb_each_other() -> None:
    reports = [made.report(taken_by=f"वैद्य {n} طبيب") for n in range(4)]
    alone = [pdf_of(report) for report in reports]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(pdf_of, reports))
    assert together == alone


def test_no_word_of_a_note_stays_in_the_shaping_cache() -> None:
    pdf_of(made.full_report())
    assert shape.cache_info().currsize == 0


def test_other_data_give_another_fingerprint() -> None:
    changed = made.report(taken_by="Somebody Else")
    assert _fingerprint(changed) != _fingerprint(made.report())
    assert _fingerprint(changed) in text_of(changed)


def _fingerprint(report: object) -> str:
    plain = json.dumps(to_plain(report), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def test_every_page_says_whose_it_is_which_it_is_and_whom_to_call() -> None:
    pages = page_texts(pdf_of(made.full_report()))
    assert len(pages) > 1
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
        assert str(made.PATIENT) in text
        assert str(made.SCREENING) in text
        assert "Data of 2026-03-09 09:54 (Europe/London, UTC+00:00)" in text
        assert "Clinic App 0.1.0" in text
        assert "0800 111 0 111" in text


def test_twenty_pages_of_notes_are_printed_to_the_last_word() -> None:
    text = "\n\n".join(PARAGRAPH * 6 for _ in range(105)) + " THE-LAST-WORD"
    pdf = pdf_of(made.report(notes=(made.note(text),)))
    pages = page_texts(pdf)
    assert len(pages) >= 20
    joined = " ".join(pages)
    assert joined.count("appetite;") == text.count("appetite;")
    assert "THE-LAST-WORD" in joined
    check_geometry(pdf)


def test_words_longer_than_a_line_stay_on_the_page() -> None:
    pdf = pdf_of(made.report(notes=(made.note("Donaudampfschifffahrt" * 200),)))
    check_geometry(pdf)
    letters = "".join(page_texts(pdf)).replace(" ", "")
    assert letters.count("Donaudampfschifffahrt") > 150


def test_names_of_eighty_characters_fit() -> None:
    person = made.patient(family_name="Wolfe" * 16, given_name="MW" * 40)
    clinic = made.clinic(
        name="Interdisciplinary Counselling and Support Centre of the Northern Lake District GmbH",
        address="W" * 400,
        crisis_contacts=tuple(
            CrisisContact("Ünterstützung " * 5, f"0800 {n} 111", "always") for n in range(9)
        ),
    )
    check_geometry(pdf_of(made.report(patient=person, clinic=clinic, taken_by="W" * 80)))


def test_the_geometry_of_every_kind_of_report_is_sound() -> None:
    for report in (made.full_report(), made.report(clinic=made.clinic(page_size="Letter"))):
        check_geometry(pdf_of(report))


@pytest.mark.parametrize(("size", "points"), [("A4", (595, 842)), ("Letter", (612, 792))])
def test_the_paper_is_the_clinics(size: str, points: tuple[int, int]) -> None:
    reader = pypdf.PdfReader(BytesIO(pdf_of(made.report(clinic=made.clinic(page_size=size)))))
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == points


def test_the_files_properties_hold_no_name_of_the_patient() -> None:
    reader = pypdf.PdfReader(BytesIO(pdf_of(made.report())))
    properties = reader.metadata
    assert properties is not None
    assert properties.title == f"Screening report {made.SCREENING}"
    assert properties.author == "Riverside Counselling Centre"
    assert not any("Okafor" in str(value) for value in properties.values())
    assert properties.creation_date == made.START + timedelta(minutes=24)


def test_without_consent_there_is_no_image_in_the_file() -> None:
    assert image_count(pdf_of(made.full_report())) == 2
    assert image_count(pdf_of(replace(made.full_report(), images=None))) == 0


def test_images_are_left_out_when_consent_was_withdrawn_meanwhile() -> None:
    withdrawn = replace(made.full_report(), consent=made.consent(images=False))
    assert image_count(pdf_of(withdrawn)) == 0


def test_a_damaged_picture_is_said_and_does_not_stop_the_report() -> None:
    images = replace(made.face_images(), face_png=b"\x89PNG damaged")
    assert "cannot be read" in text_of(replace(made.full_report(), images=images))


def test_a_picture_that_somebody_has_broken_on_purpose_does_not_stop_the_report() -> None:
    """One that another workstation shared, with a colour profile of nothing behind its pixels."""
    whole, empty = made.face_images().face_png, b"iCCP"
    chunk = struct.pack(">I", 0) + empty + struct.pack(">I", zlib.crc32(empty))
    images = replace(made.face_images(), face_png=whole[:-12] + chunk + whole[-12:])
    assert "cannot be read" in text_of(replace(made.full_report(), images=images))


def test_an_unknown_time_zone_falls_back_to_utc() -> None:
    assert "2026-03-09 09:54 (UTC)" in text_of(made.report(time_zone="Mars/Olympus"))


def test_times_are_the_clinics() -> None:
    assert "2026-03-09 15:24 (Asia/Kolkata, UTC+05:30)" in text_of(
        made.report(time_zone="Asia/Kolkata")
    )


@given(st.text(max_size=80), st.text(min_size=1, max_size=200))
@settings(max_examples=15)
def test_no_text_in_a_record_stops_the_report(name: str, text: str) -> None:
    report = made.report(
        patient=made.patient(family_name=name, given_name=name),
        taken_by=name,
        notes=(made.note(text.encode("utf-8", "replace").decode()),),
        clinic=made.clinic(name=name, address=text),
    )
    assert pdf_of(report).startswith(b"%PDF")


def test_the_preview_shows_the_page_at_the_width_asked_for() -> None:
    renderer = open_report_renderer()
    pages, png = renderer.preview(renderer.screening(made.report()), 1, 500)
    assert pages == 2
    with Image.open(BytesIO(png)) as picture:
        assert picture.width == 500
        assert picture.height == pytest.approx(707, abs=1)
        colours = picture.convert("RGB").getcolors(1 << 20)
        assert colours is not None
        assert len(colours) > 20


@pytest.mark.parametrize("page", [-1, 2])
def test_a_page_that_is_not_there_cannot_be_previewed(page: int) -> None:
    renderer = open_report_renderer()
    with pytest.raises(ReportFailed, match="2 pages"):
        renderer.preview(renderer.screening(made.report()), page, 200)


def test_bytes_that_are_no_pdf_cannot_be_previewed() -> None:
    with pytest.raises(ReportFailed):
        open_report_renderer().preview(b"not a report", 0, 200)


def test_the_renderer_loads_no_library_until_it_is_used() -> None:
    program = (
        "import sys; from clinic_app.reports.renderer import open_report_renderer;"
        "open_report_renderer();"
        "heavy = {'reportlab', 'uharfbuzz', 'pypdfium2', 'numpy', 'PIL'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
