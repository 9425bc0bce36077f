"""What each number means, in plain words; opened by the small button beside it.

Scores and cuts: Kroenke, Spitzer & Williams 2001 (PHQ-9), Spitzer et al. 2006 (GAD-7). The rest is
what `docs/inference.md`, `docs/quality-gate.md` and the model cards say.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """A number that a screen shows."""

    PHQ9 = "phq9"
    GAD7 = "gad7"
    CHANGE = "change"
    PERCENT = "percent"
    ASYMMETRY = "asymmetry"
    KAPPA = "kappa"
    GATE = "gate"


@dataclass(frozen=True, slots=True)
class Explanation:
    """``source`` is empty where the program itself defines the number."""

    title: str
    paragraphs: tuple[str, ...]
    source: str = ""


EXPLANATIONS = {
    Meaning.PHQ9: Explanation(
        "PHQ-9",
        (
            "Nine questions about the last two weeks, each answered from 0 to 3; the total runs"
            " from 0 to 27.",
            "Bands: 0 to 4 none-minimal, 5 to 9 mild, 10 to 14 moderate, 15 to 19 moderately"
            " severe, 20 to 27 severe. From 10 on a closer look is usual.",
            "One or two missing answers are replaced by the mean of the others (“prorated”), but"
            " never question 9: without it the PHQ-8 is given, out of 24.",
            "It screens and follows a course; it is not a diagnosis. A 0 in question 9 is no"
            " reassurance.",
        ),
        "Kroenke, Spitzer & Williams 2001",
    ),
    Meaning.GAD7: Explanation(
        "GAD-7",
        (
            "Seven questions about the last two weeks, each answered from 0 to 3; the total runs"
            " from 0 to 21.",
            "Bands: 0 to 4 minimal, 5 to 9 mild, 10 to 14 moderate, 15 to 21 severe. From 10 on a"
            " closer look is usual.",
            "One or two missing answers are replaced by the mean of the others (“prorated”).",
            "It screens for anxiety and follows a course; it is not a diagnosis.",
        ),
        "Spitzer et al. 2006",
    ),
    Meaning.CHANGE: Explanation(
        "Reliable change",
        (
            "Answering the same questionnaire twice never gives exactly the same total. A change is"
            " marked only from so many points on, which the clinic sets under Administration,"
            " Screening.",
            "▼ fewer and ▲ more symptoms than at the reference: the first total, and after each"
            " mark the one that was marked. Only totals of the same questionnaire are compared.",
            "A smaller change can still matter to the person: ask.",
        ),
    ),
    Meaning.PERCENT: Explanation(
        "The estimate and its interval",
        (
            "How strongly people who look at such a face agree that it shows sadness: 0 when all"
            " probability lies on “none”, 100 when all lies on “severe”.",
            "The interval is the range that held nine of ten faces with a similar value when the"
            " model was tested. A small face has a wider one.",
            "It is not a share of illness, not a risk, and not a measure of how the person feels."
            " It never changes a score, a safety step or who comes first.",
        ),
    ),
    Meaning.ASYMMETRY: Explanation(
        "Asymmetry",
        (
            "The difference between the patient's own left and right in percent of the distance"
            " between the eyes: how far the eyes are open, how high brows and lip corners stand.",
            "± is the error of measuring the same face twice. A difference within it is shown as"
            " none.",
            "It is a matter of muscles and nerves, not of mood. A sudden new asymmetry is a reason"
            " for urgent medical assessment, not for this program.",
        ),
    ),
    Meaning.KAPPA: Explanation(
        "Weighted kappa",
        (
            "How far doctors' own severities and the estimates agree beyond chance: 1 is full"
            " agreement, 0 is what chance would give, below 0 is less than that.",
            "Being two bands apart counts four times as much as one (quadratic weights). The range"
            " in brackets is the 95 % interval: with few reviews it is wide.",
            "Doctors record their own severity before they see the estimate, so that it cannot"
            " lead them.",
        ),
        "Cohen 1968",
    ),
    Meaning.GATE: Explanation(
        "Picture quality",
        (
            "Before a picture is read it is checked: one face, large enough, frontal, sharp, lit"
            " evenly, eyes open. What fails is refused, with one reason to act on.",
            "A refused picture is a result like any other: “cannot tell”. It says something about"
            " the picture and nothing about the person. The questionnaires go on without it.",
        ),
    ),
}
