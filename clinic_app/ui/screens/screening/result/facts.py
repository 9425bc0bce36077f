"""Everything the result page says, made from the case alone: no widgets, no decisions elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from clinic_app.domain.cautions import CAUTIONS, LESS_RELIABLE, NOT_FOR_MINORS, Caution
from clinic_app.domain.finding import Band, Finding, LocalReading, QualityReason, ThreeLevelClass
from clinic_app.domain.questionnaires import (
    DIFFICULTY_ANSWERS,
    INSTRUMENTS,
    DepressivePattern,
    InstrumentName,
    ItemNine,
    Response,
    Score,
)
from clinic_app.domain.screening import Judgement
from clinic_app.ui.meanings import Meaning
from clinic_app.ui.moments import local, local_day
from clinic_app.ui.screens.screening.case import Case
from clinic_app.ui.strings import (
    ABSTAIN_SENTENCES,
    BAND_LABELS,
    JUDGEMENT_LABELS,
    score_band_text,
    tr,
)
from clinic_app.ui.widgets.scales import ScaleBand

MEANING = "Visible depressive affect: what human raters agree a face shows; not a clinical score."
DISAGREEMENT = (
    "The questionnaire and the picture point in different directions. That is common: the"
    " questionnaire asks about two weeks, the picture shows one moment. The questionnaire and your"
    " judgement are what count."
)


@dataclass(frozen=True, slots=True)
class TotalFacts:
    """One questionnaire. ``total`` is ``None`` with too many answers missing."""

    scale: str
    total: int | None
    maximum: int
    band: str
    bands: tuple[ScaleBand, ...]
    remarks: tuple[str, ...]
    pattern: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class EstimateFacts:
    """The reading of the picture, or the calm reason for having none (``cannot_tell``)."""

    band: Band | None
    headline: str
    cannot_tell: str
    probabilities: tuple[float, float, float, float] | None
    percent: float | None
    interval: tuple[float, float] | None
    interval_text: str
    local_text: str = ""
    """What the clinic's own head says beside it; empty where none was in use."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value under the details."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ResultFacts:
    totals: tuple[TotalFacts, ...]
    left_out: tuple[str, ...]
    judgement: str
    judgement_note: str
    disagreement: str
    has_picture: bool
    cautions: str
    covered: bool
    estimate: EstimateFacts | None


def result_facts(case: Case) -> ResultFacts:
    """The page for this case; the estimate stays out of it until it was revealed."""
    draft = case.draft
    responses = {response.instrument: response for response in draft.responses}
    totals = tuple(total_facts(responses[name]) for name in InstrumentName if name in responses)
    missing = (name for name in InstrumentName if case.asked(name) and name not in responses)
    left_out = tuple(INSTRUMENTS[name].title for name in missing)
    shown = draft.finding if case.revealed else None
    return ResultFacts(
        totals=totals,
        left_out=left_out,
        judgement=_judgement_word(draft.judgement),
        judgement_note=draft.judgement.note if draft.judgement else "",
        disagreement=_disagreement(responses.get(InstrumentName.PHQ9), shown),
        has_picture=draft.finding is not None,
        cautions=cautions_text(
            draft.cautions, minor=case.patient.is_minor_on(local_day(draft.started_at))
        ),
        covered=draft.finding is not None and not case.revealed,
        estimate=estimate_facts(shown) if shown is not None else None,
    )


def cautions_text(cautions: tuple[Caution, ...], *, minor: bool) -> str:
    """The sentences beside an estimate; empty when no caution applies."""
    found = [tr(NOT_FOR_MINORS)] if minor else []
    if cautions:
        named = "; ".join(tr(CAUTIONS[caution]) for caution in cautions)
        found.append(tr(LESS_RELIABLE).format(cautions=named))
    return " ".join(found)


def total_facts(response: Response) -> TotalFacts:
    """Total, band and remarks of one questionnaire."""
    score, instrument = response.score, INSTRUMENTS[response.instrument]
    bands = tuple(
        ScaleBand(band.low, min(band.high, score.maximum), score_band_text(band.label))
        for band in instrument.bands
    )
    return TotalFacts(
        scale=score.scale,
        total=score.total,
        maximum=score.maximum,
        band=score_band_text(score.band),
        bands=bands,
        remarks=tuple(_remarks(score, response)),
        pattern=tr(_PATTERNS[score.pattern]) if score.pattern in _PATTERNS else "",
        meaning=Meaning(response.instrument.value),
    )


_PATTERNS = {
    DepressivePattern.MAJOR: (
        "Answer pattern consistent with major depressive syndrome; a clinician has to exclude"
        " bereavement, bipolar history, medication and medical causes."
    ),
    DepressivePattern.OTHER: (
        "Answer pattern consistent with another depressive syndrome; a clinician has to exclude"
        " bereavement, bipolar history, medication and medical causes."
    ),
}


def _remarks(score: Score, response: Response) -> list[str]:
    remarks = []
    if score.total is None:
        remarks.append(
            tr("No total: {missing} questions are not answered.").format(missing=score.missing)
        )
    elif score.prorated:
        remarks.append(tr("Prorated: the missing answers are replaced by the mean of the others."))
    if score.item_nine is ItemNine.NOT_ANSWERED:
        remarks.append(
            tr("Question 9 is not answered: there is no PHQ-9 total, the PHQ-8 is given.")
        )
    if score.item_nine is ItemNine.POSITIVE:
        remarks.append(tr("Question 9 was answered above “not at all”; see the safety steps."))
    if response.difficulty is not None:
        remarks.append(
            tr("Everyday life: {answer}.").format(
                answer=DIFFICULTY_ANSWERS[response.difficulty].lower()
            )
        )
    return remarks


def estimate_facts(finding: Finding) -> EstimateFacts:
    """The estimate of a picture; abstaining is a result like any other."""
    reading = finding.severity
    if reading is None:
        reason = finding.abstained
        sentence = tr(ABSTAIN_SENTENCES[reason]) if reason is not None else ""
        return EstimateFacts(None, tr("Cannot tell"), sentence, None, None, None, "")
    low, high = reading.interval
    return EstimateFacts(
        band=reading.band,
        headline=tr(BAND_LABELS[reading.band]).capitalize(),
        cannot_tell="",
        probabilities=reading.probabilities,
        percent=reading.percent,
        interval=reading.interval,
        interval_text=tr("{percent} of 100, {coverage} % interval {low} to {high}").format(
            percent=round(reading.percent),
            coverage=round(100 * reading.coverage),
            low=round(low),
            high=round(high),
        ),
        local_text=local_text(finding.local),
    )


def local_text(reading: LocalReading | None) -> str:
    """The local head's reading in a line, under its own name: it is no second opinion of the
    shipped model."""
    if reading is None:
        return ""
    return tr(
        "Local head {head}: {band}, {percent} of 100. An additional reading, fitted here on what"
        " doctors saw in pictures; the estimate above stays what it is."
    ).format(
        head=reading.head,
        band=tr(BAND_LABELS[reading.band]).lower(),
        percent=round(reading.percent),
    )


def three_level_facts(finding: Finding) -> list[Fact]:
    """The asymmetry paper's reading, with its direction spelled out."""
    reading = finding.three_level
    if reading is None:
        return []
    words = {
        ThreeLevelClass.NONE: tr("none"),
        ThreeLevelClass.MILD: tr("mild"),
        ThreeLevelClass.HIGH: tr("high"),
    }
    level = words[reading.level] if finding.severity is not None else tr("cannot tell")
    grey = tr(" (close to a cut point: unsure)") if reading.grey_zone else ""
    return [
        Fact(tr("Level"), f"{level}{grey}"),
        Fact(tr("Probability of none"), f"{reading.probability_none:.2f}"),
        Fact(tr("Cut points"), tr("0.7 and above none, 0.4 to 0.7 mild, below 0.4 high")),
    ]


def asymmetry_facts(finding: Finding) -> list[Fact]:
    """Sides named as the patient's own, each with the error of measuring twice."""
    measured = finding.asymmetry
    if measured is None:
        return []
    larger, higher = tr("larger"), tr("higher")
    return [
        _side(tr("Eye opening"), measured.eye_opening_percent, measured.eye_opening_error, larger),
        _side(tr("Brow height"), measured.brow_height_percent, measured.brow_height_error, higher),
        _side(tr("Lip corner"), measured.lip_corner_percent, measured.lip_corner_error, higher),
    ]


def _side(name: str, value: float, error: float, how: str) -> Fact:
    if abs(value) <= error:
        text = tr("no difference beyond the error of measuring (± {error:.1f} %)")
        return Fact(name, text.format(error=error))
    side = tr("patient's left") if value > 0 else tr("patient's right")
    text = tr("{side} {how} by {value:.1f} % (± {error:.1f} %)")
    return Fact(name, text.format(side=side, how=how, value=abs(value), error=error))


EMOTIONS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)


def emotion_facts(finding: Finding) -> list[Fact]:
    """What the expression looks like, in the order of the FER+ labels."""
    return [
        Fact(tr(name).capitalize(), f"{round(100 * finding.emotions[name])} %")
        for name in EMOTIONS
        if name in finding.emotions
    ]


REASON_WORDS = {
    QualityReason.NO_FACE: "no face",
    QualityReason.SEVERAL_FACES: "more than one face",
    QualityReason.TOO_SMALL: "face too small",
    QualityReason.TOO_CLOSE: "too close",
    QualityReason.OFF_CENTRE: "not in the middle",
    QualityReason.CUT_OFF: "face cut off",
    QualityReason.NOT_FRONTAL: "turned away",
    QualityReason.TILTED: "head tilted",
    QualityReason.TOO_DARK: "too dark",
    QualityReason.TOO_BRIGHT: "too bright",
    QualityReason.LOW_CONTRAST: "too flat",
    QualityReason.UNEVEN_LIGHT: "light from one side",
    QualityReason.BLURRED: "blurred",
    QualityReason.MOVING: "moving",
    QualityReason.EYES_CLOSED: "eyes closed",
}


def quality_facts(finding: Finding) -> list[Fact]:
    """The gate's outcome, its measured values, and the frames that were used."""
    quality = finding.quality
    outcome = tr("accepted")
    if not quality.accepted:
        reasons = ", ".join(tr(REASON_WORDS[reason]) for reason in quality.reasons)
        outcome = tr("not accepted: {reasons}").format(reasons=reasons)
    facts = [Fact(tr("Picture"), outcome)]
    facts += [
        Fact(name.replace("_", " ").capitalize(), f"{value:.3g}")
        for name, value in quality.scores.items()
    ]
    seen = finding.frames
    if seen is not None:
        text = tr("{accepted} of {frames} frames used").format(
            accepted=seen.accepted_frames, frames=seen.frames
        )
        facts.append(Fact(tr("Frames"), text))
        if seen.spread_percent is not None:
            facts.append(Fact(tr("Spread between frames"), f"{seen.spread_percent:.1f} %"))
        if seen.movement is not None:
            facts.append(Fact(tr("Movement"), f"{seen.movement:.1f} %"))
        if seen.facing_away_share is not None:
            facts.append(Fact(tr("Facing away"), f"{100 * seen.facing_away_share:.0f} %"))
    return facts


def model_facts(finding: Finding) -> list[Fact]:
    """Names and versions of the models, and how long they took."""
    facts = [Fact(name, version) for name, version in finding.models.items()]
    if finding.timings_ms:
        facts.append(Fact(tr("Time"), f"{sum(finding.timings_ms.values()):.0f} ms"))
    return facts


def raw_and_normalised_facts(finding: Finding) -> list[Fact]:
    """Both readings, as taken and with the light evened out."""
    pairs = ((tr("As taken"), finding.raw), (tr("Light evened out"), finding.normalised))
    return [
        Fact(name, f"{tr(BAND_LABELS[one.band])}, {round(one.percent)} %")
        for name, one in pairs
        if one is not None
    ]


def _judgement_word(judgement: Judgement | None) -> str:
    if judgement is None:
        return ""
    word = tr(JUDGEMENT_LABELS[judgement.severity]).capitalize()
    return tr("{word}, flagged for the doctor").format(word=word) if judgement.flagged else word


def _disagreement(phq: Response | None, finding: Finding | None) -> str:
    """A neutral sentence when the usual cut and the estimate point in different directions."""
    if phq is None or finding is None or finding.severity is None:
        return ""
    positive = phq.score.positive
    if positive is None or positive == (finding.severity.band >= Band.MODERATE):
        return ""
    return tr(DISAGREEMENT)


def about_lines(finding: Finding) -> list[Fact]:
    """Who, why, what, where, when and how of this result (transparency principles)."""
    versions = ", ".join(f"{name} {version}" for name, version in finding.models.items())
    captured = local(finding.captured_at).strftime("%Y-%m-%d %H:%M")
    return [
        Fact(
            tr("Who"),
            tr("For trained staff, beside the questionnaires. The patient's own words come first."),
        ),
        Fact(
            tr("Why"),
            tr("A structured second look at the visible expression, as support for a person."),
        ),
        Fact(
            tr("What"),
            tr(
                "The agreement of human raters on how sad a face looks, in four bands. It is not a"
                " clinical score, and it says nothing about what a person feels or will do."
            ),
        ),
        Fact(tr("Where"), tr("On this laptop only; nothing was sent anywhere.")),
        Fact(tr("When"), captured),
        Fact(
            tr("How"),
            tr(
                "Face found and aligned, picture quality checked, light evened out, both versions"
                " read by a neural network ({versions}). When the two disagree by more than one"
                " band or the model is unsure, the result is “cannot tell”. Less reliable with"
                " palsy, Parkinson's, surgery, and medication that changes expression; it may work"
                " less well for groups that are rare in the training pictures."
            ).format(versions=versions),
        ),
    ]
