"""Sentences that stand on more than one model card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clinic_app.training.splits import YALE_TRAINING_SUBJECTS

WHAT_IT_IS_NOT = """\
Research and decision support, not a medical device and not cleared by anyone. The estimate is an
adjunct to a questionnaire and a clinician's judgement. It says how a face looks to people who
looked at one photograph; it does not say how a person feels, whether a person has a depressive
disorder, or whether a person is safe. Low mood often shows as a flat or neutral face, which the
raters behind this model called neutral. A low value is therefore no reassurance, and it never
lowers a concern that an answer or a clinician has raised."""

DATA_TERMS = """\
Research use only: the terms of the data sets are not confirmed with their owners. FER2013 was
gathered from web image search (nobody holds the rights to all of its photographs); its FER+ votes
are MIT. UTKFace is known as non-commercial research only. YouTube Faces is known as research use,
Extended Yale B as free for research with acknowledgement. See LICENSE-MODELS."""

INTENDED = """\
**Intended use and users.** Clinicians and counselors who screen adults face to face, with consent,
beside PHQ-9 and GAD-7. **Not for** minors, unattended use, hiring, schools, policing, triage, or
any decision without a clinician. **Exclusions to ask for before capture:** facial palsy, ptosis,
Parkinson's disease, recent facial surgery or botulinum toxin, marked medication effects on facial
expression, covered face."""

UNDER_LIGHT = """\
The same still face under up to 64 light directions. Spread: mean over subjects of the standard
deviation of `sadness`. Flips: share of readings in another band than under frontal light. Intervals
resample subjects. A constant answer would win this table: read it beside the accuracy."""


@dataclass(frozen=True)
class Met:
    """What a normaliser had met of the faces that are measured on, by its entry in the manifest.

    A normaliser of this recipe has met none; one that was kept from an earlier release says under
    `met` how many subjects under light it was trained on, and what it saw of the others.
    """

    trained_subjects: int = YALE_TRAINING_SUBJECTS
    measured_subjects_chose: bool = False
    some_group_faces: bool = False

    @classmethod
    def by(cls, style: Mapping[str, Any]) -> Met:
        return cls(**style.get("met", {}))

    @property
    def subjects(self) -> str:
        """Who the measured subjects under light are, after "subjects"."""
        if self.measured_subjects_chose:
            return (
                "that neither net was trained on, but that chose among the normaliser's checkpoints"
            )
        return "that trained and chose nothing"

    @property
    def epochs_chosen(self) -> str:
        """Whose epochs the choosing faces and subjects of this recipe chose."""
        return "of the severity net" if self.measured_subjects_chose else "of both nets"

    @property
    def group_faces(self) -> str:
        """What the UTKFace faces that are measured on are to both nets, after "faces that"."""
        if self.some_group_faces:
            return "the severity net was not trained on; the normaliser saw some of them"
        return "neither net was trained on"

    @property
    def caution(self) -> str:
        """What this means for the normalised figures; empty when nothing."""
        if not self.measured_subjects_chose:
            return ""
        return (
            " The unseen subjects trained nothing and chose nothing of the severity net's, but "
            "they chose among the checkpoints of this normaliser, so that its rows may flatter it."
        )
