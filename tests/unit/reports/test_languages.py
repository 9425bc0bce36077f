"""Reports in every language: no English is left in one, and the document stays the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

from clinic_app.domain import questionnaires
from clinic_app.domain.cautions import Caution
from clinic_app.domain.finding import AbstainReason, Asymmetry, LocalReading, QualityReason
from clinic_app.domain.notes import NoteOrigin
from clinic_app.domain.questionnaires import InstrumentName
from clinic_app.domain.safety import SafetyEventKind
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.sentence import Sentence
from clinic_app.domain.wordings import Wording, english
from clinic_app.paths import ROOT
from clinic_app.reports.language import speaking, spoken, tr
from clinic_app.reports.parts import UNREVIEWED
from clinic_app.reports.renderer import open_report_renderer
from clinic_app.services.report_data import (
    EstimatePoint,
    Report,
    ReportKind,
    ScreeningReport,
    Standing,
    document_id,
    fingerprint,
)
from clinic_app.services.translations import catalogue
from tests.unit.reports import builders as made
from tests.unit.reports import over_time as full
from tests.unit.reports.reading import shaped_texts

RENDERER = open_report_renderer()
HINDI = catalogue("hi").text
ASKED = HINDI("asked in “{language}”, version {version}")
PERSON = (ReportKind.HISTORY, ReportKind.SUMMARY, ReportKind.REFERRAL, ReportKind.PATIENT)

STAY = {
    *("PHQ", "GAD", "SHA", "HMAC", "UTC", "ID"),  # abbreviations
    *("Clinic", "App", "TextBlob", "Europe", "London"),  # names of programs and time zones
    *("landmarks", "severity", "style", "yunet", "mar"),  # names of models
    "hi",  # a code of a language
}
"""Everything that a Hindi report may say in Latin letters, beside hexadecimal numbers, and the
questionnaires in their official English."""

AS_IT_IS = {"version", "scale", "language", "time_zone", "page_size", "program_version", "band"}
AS_IT_IS |= {"tone_reader", "mac", "head", "sha256", "source_sha256", "audit_head"}
"""Fields whose texts are codes, names or hashes, or are translated."""


def in_hindi(value: Any, name: str = "") -> Any:
    """The same data as if Hindi speakers had typed it, so that Latin letters are the program's."""
    if isinstance(value, Enum | bytes):
        return value
    if isinstance(value, str):
        typed = name not in AS_IT_IS and re.search("[A-Za-z]", value)
        return "कुछ लिखा हुआ" if typed else value
    if isinstance(value, Sentence):
        return Sentence(value.words, value.values)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            one.name: in_hindi(getattr(value, one.name), one.name)
            for one in fields(value)
            if one.init
        }
        return replace(value, **changed)
    if isinstance(value, tuple | list):
        return type(value)(in_hindi(one, name) for one in value)
    if isinstance(value, Mapping):
        return {key: in_hindi(one, name) for key, one in value.items()}
    return value


@dataclass(frozen=True)
class Case:
    name: str
    report: Report
    render: Callable[..., bytes]

    def text(self, language: str) -> str:
        return " ".join(shaped_texts(self.render(self.report, language)))


def screenings() -> Iterator[tuple[str, Report]]:
    """One for every sentence that a screening report can say."""
    yield "full", made.full_report()
    for reason in AbstainReason:
        found = made.abstained(reason)
        found = replace(found, quality=replace(found.quality, reasons=tuple(QualityReason)))
        yield reason.value, made.report(screening=made.screening(finding=found))
    local = LocalReading("3", made.PATIENT, made.reading().band, made.reading().probabilities, 40.0)
    away = replace(made.finding().frames, facing_away_share=0.2)  # type: ignore[type-var]
    found = made.finding(local=local, frames=away, asymmetry=Asymmetry(-3.0, 3.0, 0.0, 1, 1, 1))
    yield "local", made.report(screening=made.screening(finding=found, cautions=tuple(Caution)))
    for number, kinds in enumerate(
        (
            (SafetyEventKind.OPENED,),
            (SafetyEventKind.OPENED, SafetyEventKind.HANDED_OVER),
            (SafetyEventKind.OPENED, SafetyEventKind.HANDED_OVER, SafetyEventKind.ACKNOWLEDGED),
            (SafetyEventKind.OPENED, SafetyEventKind.CONCERN_RAISED, SafetyEventKind.ASSESSED),
        )
    ):
        yield f"safety {number}", made.report(safety=(made.flow(*kinds),))
    unanswered = made.flow(SafetyEventKind.OPENED, item_nine=None)
    yield "unanswered", made.report(safety=(unanswered,))
    for missing in (1, 2, 4):
        answers = (None,) * missing + made.PHQ9_ANSWERS[missing:]
        gap = made.response(InstrumentName.PHQ9, answers)
        foreign = replace(gap, answers=(*answers[:8], None), language="hi", version="hi-1")
        yield f"missing {missing}", made.report(screening=made.screening(responses=(gap,)))
        yield f"no nine {missing}", made.report(screening=made.screening(responses=(foreign,)))
    bare = made.screening(finding=None, estimate_shown_at=None, judgement=None, responses=())
    yield "bare", made.report(screening=bare, consent={})
    yield "module off", made.report(screening=bare, clinic=made.clinic(face_module=False))
    unsigned = (made.note("a", signed=False),)
    signed = made.note("a")
    origin = NoteOrigin(made.PATIENT, made.DOCTOR, made.START)
    drawn = replace(
        signed, note=replace(signed.note, origin=origin), drafted_by="b", beside=(signed,)
    )
    yield "drawn", made.report(notes=(drawn,))
    yield "signed twice", made.report(notes=(replace(signed, beside=(signed,)),))
    yield "withheld", made.report(screening=bare, withheld=True, notes=unsigned)
    for standing in Standing:
        yield standing.value, made.report(standing=standing)


def persons() -> Iterator[tuple[str, Report]]:
    for kind in PERSON:
        yield kind.value, full.person(kind)
        nothing: dict[str, Any] = {"course": (), "notes": (), "safety": (), "interventions": ()}
        nothing |= {"appointments": (), "tasks": (), "next_appointment": None, "consent": {}}
        yield f"{kind.value} empty", full.person(kind, **nothing)
        waiting = made.flow(SafetyEventKind.OPENED, SafetyEventKind.HANDED_OVER)
        rows = [
            replace(row, own=own, estimate=EstimatePoint(withheld=True))
            for row, own in zip(full.COURSE, (*ClinicianSeverity, *ClinicianSeverity), strict=False)
        ]
        if kind is ReportKind.REFERRAL:  # its sections are those of the summary
            continue
        yield f"{kind.value} open", full.person(kind, safety=(waiting,), course=tuple(rows))
        turned = zip(full.COURSE, full.COURSE[::-1], strict=True)
        worse = tuple(replace(row, at=other.at) for row, other in turned)[::-1]
        yield f"{kind.value} worse", full.person(kind, course=worse, staff={})


def cases() -> Iterator[Case]:
    for name, report in screenings():
        yield Case(name, in_hindi(report), RENDERER.screening)
    for name, report in persons():
        yield Case(name, in_hindi(report), RENDERER.person)
    yield Case("worklist", in_hindi(full.worklist()), RENDERER.worklist)
    narrowed = (Sentence("{band} or above", {"band": Sentence("severe")}), Sentence("flagged"))
    empty = replace(full.worklist(0), total=0, narrowed=narrowed)
    yield Case("empty worklist", in_hindi(empty), RENDERER.worklist)
    yield Case("audit", in_hindi(full.audit()), RENDERER.audit)
    yield Case("broken audit", in_hindi(full.audit(1, intact=False)), RENDERER.audit)
    yield Case("no audit", in_hindi(full.audit(0)), RENDERER.audit)
    yield Case("feedback", in_hindi(full.feedback()), RENDERER.feedback)
    silent = replace(full.feedback().analysis, by_month=(), themes=(), mean=None, by_clinic=())
    yield Case("no feedback", in_hindi(full.feedback(analysis=silent)), RENDERER.feedback)


CASES = list(cases())
EVERY = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
KINDS = pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.name in ("full", "worklist", "audit", "feedback", *PERSON)],
    ids=lambda case: case.name,
)


def official() -> set[str]:
    """Words of the questionnaires, which are never translated by us."""
    texts = [questionnaires.STEM, questionnaires.DIFFICULTY_ITEM, *questionnaires.ANSWERS]
    texts += questionnaires.DIFFICULTY_ANSWERS
    texts += [item for one in questionnaires.INSTRUMENTS.values() for item in one.items]
    return set(re.findall("[A-Za-z]+", " ".join(texts)))


def latin(text: str) -> set[str]:
    """Latin words, hexadecimal numbers left out."""
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{6,}\b|\b\d+:[0-9a-f]{16}\b", " ", text)
    return {word for word in re.findall("[A-Za-z]+", text) if len(word) > 1}


def loaded(name: InstrumentName) -> Wording:
    """What an official translation would be; the words say nothing, for none is ours to write."""
    items = tuple(f"प्रश्न {number}" for number in range(len(english(name).items)))
    answers = tuple(f"जवाब {number}" for number in range(4))
    difficulty = tuple(f"हालत {number}" for number in range(4))
    return Wording(name, "hi", "hi-1", f"{name} के पहले", items, answers, "रोज़", difficulty)


def with_wordings(report: ScreeningReport) -> ScreeningReport:
    clinic = replace(report.clinic, wordings=tuple(map(loaded, InstrumentName)))
    return replace(report, clinic=clinic)


def screening_text(report: ScreeningReport, language: str) -> str:
    return " ".join(shaped_texts(RENDERER.screening(report, language)))


def test_a_hindi_report_prints_the_official_translation_that_the_site_has_loaded() -> None:
    flow = made.flow(SafetyEventKind.OPENED)
    report = with_wordings(made.report(safety=(flow,)))
    hindi, english_too = screening_text(report, "hi"), screening_text(report, "en")
    phq9 = loaded(InstrumentName.PHQ9)
    for words in (phq9.items[0], phq9.answers[1], phq9.stem):
        assert words in hindi
        assert words not in english_too
    assert questionnaires.STEM[:20] not in hindi
    assert HINDI("English wording") not in hindi
    assert ASKED.format(language="en", version="en-1") in hindi
    assert questionnaires.STEM[:20] in english_too


def test_without_one_it_says_once_that_the_wording_is_english() -> None:
    assert screening_text(made.report(), "hi").count(HINDI("English wording")) == 1
    assert "(English wording)" not in screening_text(made.report(), "en")


def test_answers_in_the_words_of_the_report_need_no_remark_about_them() -> None:
    answers = made.response(InstrumentName.PHQ9, made.PHQ9_ANSWERS)
    foreign = replace(answers, language="hi", version="hi-1")
    report = with_wordings(made.report(screening=made.screening(responses=(foreign,))))
    remark = ASKED.format(language="hi", version="hi-1")
    assert remark not in screening_text(report, "hi")
    assert "asked in “hi”, version hi-1" in screening_text(report, "en")


@EVERY
def test_no_fixed_english_is_left_in_a_hindi_report(case: Case) -> None:
    text = case.text("hi")
    assert latin(text) - STAY - official() == set()
    assert HINDI("Data of {at}").split("}")[1].strip() in text


def test_the_search_for_english_finds_it() -> None:
    """The same search in an English report finds hundreds of words, so it cannot pass blindly."""
    some = [case for case in CASES if case.name in ("full", "patient", "audit", "feedback")]
    found = {word for case in some for word in latin(case.text("en")) - STAY - official()}
    assert len(found) > 250


@KINDS
def test_the_same_language_gives_the_same_bytes_and_another_the_same_document(case: Case) -> None:
    english, hindi = case.render(case.report, "en"), case.render(case.report, "hi")
    assert english == case.render(case.report)
    assert hindi == case.render(case.report, "hi")
    assert hindi != english
    sha256 = fingerprint(case.report)
    for language in ("en", "hi"):
        text = case.text(language)
        assert sha256 in text
        assert str(document_id(sha256)) in text


@KINDS
def test_a_translation_says_that_nobody_has_reviewed_it_and_that_the_english_counts(
    case: Case,
) -> None:
    assert UNREVIEWED not in case.text("en")
    assert HINDI(UNREVIEWED)[:30] in case.text("hi")


@KINDS
def test_the_file_names_its_language(case: Case) -> None:
    for language in ("en", "hi"):
        reader = pypdf.PdfReader(BytesIO(case.render(case.report, language)))
        assert reader.trailer["/Root"]["/Lang"] == language


def test_questionnaires_and_the_sites_texts_stay_as_they_are() -> None:
    text = RENDERER.screening(made.full_report(), "hi")
    said = " ".join(shaped_texts(text))
    for item in questionnaires.INSTRUMENTS[InstrumentName.PHQ9].items[:5]:
        assert item in said
    summary = " ".join(shaped_texts(RENDERER.person(full.person(ReportKind.SUMMARY), "hi")))
    (band,) = [one for one in full.person().clinic.band_texts if one.text in summary][:1]
    assert band.source in summary


def test_vowel_signs_and_conjuncts_are_shaped_before_they_are_drawn() -> None:
    """Glyphs of a shaped word: the sign i stands before its letter, and a conjunct is one glyph."""
    from clinic_app.reports.text.fonts import shelf
    from clinic_app.reports.text.shaping import shape

    face = shelf(bold=False).face_for("क", None, stay=False)
    assert face.name.startswith("NotoSansDevanagari")
    alone = {letter: shape(face, 0, letter).glyphs[0].number for letter in ("न", "ि", "क")}
    written = [glyph.number for glyph in shape(face, 0, "नि").glyphs]
    assert written[-1] == alone["न"]
    assert len(written) == 2
    assert len(shape(face, 0, "क्ष").glyphs) == 1


def test_a_language_ends_with_its_report() -> None:
    with speaking("hi"):
        assert spoken().code == "hi"
        assert tr("Screening report") == HINDI("Screening report")
    assert tr("Screening report") == "Screening report"


WRITTEN = re.compile(r"[A-Za-z]{2,}[^A-Za-z]*[A-Za-z]")
FOLDER = ROOT / "clinic_app" / "reports"
DRAWING = {"pdf", "text"}
CODES = {
    *("%Y-%m-%d %H:%M", "left", "right", "start"),
    *("PHQ-8", "PHQ-8 ", "PHQ-9", "GAD-7", "Clinic App ", "landscape", "LETTER"),
    *("language of the report", "UTC", "  UTC", "printed_at", "phq9", "gad7", "minimal", "PNG"),
}
"""Literals of the report code that are no words of a report."""


def sources() -> list[Path]:
    return [path for path in sorted(FOLDER.rglob("*.py")) if not DRAWING & set(path.parts)]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(FOLDER)))
def test_every_word_in_the_code_of_reports_is_translated(path: Path) -> None:
    """A literal stands inside ``tr``, or in a module's constant that ``tr`` is called with."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kept: set[int] = set()
    for node in ast.walk(tree):
        name = getattr(getattr(node, "func", None), "id", "")
        constant = isinstance(node, ast.Assign | ast.AnnAssign) and node in tree.body
        error = name.endswith(("Error", "Failed"))
        lone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if name in ("tr", "hasattr") or constant or error or lone:
            kept |= {id(one) for one in ast.walk(node)}
    wrong = [
        f"{path.name}:{node.lineno}: {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in kept
        and WRITTEN.search(node.value)
        and node.value not in CODES
    ]
    assert wrong == []
