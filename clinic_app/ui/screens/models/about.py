"""What the program is and is not, in plain words."""

from __future__ import annotations

IS = (
    "A record of screenings: PHQ-9 and GAD-7, the clinician's own judgement, notes, reports.",
    "An estimate of visible depressive affect: how strongly people who look at a face agree that it"
    " shows sadness. It stands beside the questionnaires and your judgement, never in their place.",
    "Offline and encrypted: records stay on this laptop, and nothing is sent anywhere unless the"
    " clinic joins its own central server.",
)
IS_NOT = (
    "Not a diagnosis and not a measure of risk. A face at rest says little about how a person is.",
    "Not a cleared medical device. It is for research and decision support by trained staff.",
    "Not equally good for everybody. The model cards say on whom it was measured, and how well.",
    "Not for schools and workplaces: there the face module stays switched off.",
)
