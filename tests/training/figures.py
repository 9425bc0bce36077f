"""Made-up figures of the shape that measuring gives, for tests of what is drawn and printed."""

from __future__ import annotations

from typing import Any

import numpy as np

from clinic_app.inference import metrics
from clinic_app.training import manifest
from clinic_app.training.card_tables import PANEL_ROWS, SEVERITY_ROWS
from clinic_app.training.light import Lit, fewer_flips, light_figures

RNG = np.random.default_rng(3)
SUBJECTS, LIGHTS = 4, 12


def some(value: float) -> list[float]:
    return [value, value - 0.02, value + 0.02]


def scores(value: float) -> dict[str, Any]:
    return {key: some(value) for key, _ in SEVERITY_ROWS}


def refusing(refused: float, wrong: float) -> dict[str, Any]:
    return {
        "refused": some(refused),
        "wrong_of_the_read": some(wrong),
        "wrong_of_all": some(0.184),
        "gained": some(0.184 - wrong),
    }


def lights() -> dict[str, Any]:
    lit = still_faces()
    sadness = RNG.random(len(lit.subject))
    bands = {
        name: (sadness * share * 4).astype(np.int64)
        for name, share in (("raw", 1), ("ours", 0.3), ("raw_once", 0.9), ("ours_once", 0.2))
    }
    figures: dict[str, Any] = {
        name: light_figures(sadness, band, lit) for name, band in bands.items()
    }
    return {**figures, "times_fewer_flips": fewer_flips(bands["raw"], bands["ours"], lit)}


def still_faces() -> Lit:
    """Every subject under the same lights, the first of them frontal."""
    subject = np.repeat(np.arange(SUBJECTS), LIGHTS)
    angle = np.tile(np.linspace(0, 110, LIGHTS), SUBJECTS)
    return Lit(subject, subject * LIGHTS, angle)


def severity() -> dict[str, Any]:
    readings = ("raw", "normalised", "raw_once", "normalised_once")
    curve = [(0.1, 0.12, 40), (0.5, 0.45, 30), (0.9, 0.93, 20)]
    panel = {key: some(0.7) for key, _ in PANEL_ROWS}
    people = {
        "n": 90,
        "rounds": 5,
        "reliability": {"half": 0.79, "ten": 0.88, "ceiling": 0.94},
        "sizes": {k: {"people": panel, "net": panel} for k in ("1", "3", "5")},
    }
    shift = {"age": {"higher": "61-120", "lower": "31-45", "difference": some(0.05)}}
    part = lights()
    figures = {
        "part": "made-up faces",
        "n": 90,
        **{name: scores(0.8) for name in readings},
        "normalised_minus_raw_pearson": some(-0.004),
        "mirrored_minus_once_pearson": some(0.01),
        "training_mean_for_every_face": {
            "pearson": some(0.0),
            "band_accuracy": some(0.75),
            "brier": some(0.39),
        },
        "percent_interval_covered": {"raw": some(0.91), "normalised": some(0.92)},
        "raw_and_normalised_band_apart_by_more_than_one": some(0.03),
        "normalised_minus_raw_auc": some(-0.003),
        "fer2013_labels": {"agree": some(0.61), "sad_is_neutral": some(0.55)},
        "abstention": {
            "raw": refusing(0.041, 0.173),
            "normalised": refusing(0.043, 0.174),
        },
        "confusion_bands": {name: np.eye(4, dtype=int).tolist() for name in readings},
        "confusion_emotions": {name: np.eye(8, dtype=int).tolist() for name in readings},
        "reliability_bands": {"raw": curve, "normalised": curve},
        "reliability_positive": {"raw": curve, "normalised": curve},
        "risk_coverage": {"raw": [(0.5, 0.1), (1.0, 0.2)], "normalised": [(0.5, 0.1), (1, 0.2)]},
        "ece_positive_raw": some(0.03),
        "ece_positive_normalised": some(0.03),
        "human_panel": people,
        "fer2013_seven_classes": {
            "n_trained": 50,
            **{
                name: {
                    "accuracy": some(0.7),
                    "sad_recall": some(0.6),
                    "confusion": np.eye(7, dtype=int).tolist(),
                }
                for name in readings
            },
        },
        "through_the_pipeline": {
            "sample": "24 faces",
            "faces": {
                **acceptance(),
                **{name: scores(0.8) | {"interval_covered": some(0.9)} for name in readings},
                "human_panel": {**people, "n": 81},
                "normalising": {
                    "emotion_agreement": some(0.97),
                    "landmark_drift_percent": some(0.4),
                },
                "as_crops": {name: scores(0.79) for name in readings[:2]},
            },
            "light": {**acceptance(), "accepted_near": some(0.9), **part},
            "people": {
                **acceptance(),
                "accepted_by_group": {"group Black": {"n": 12, "accepted": some(0.97)}},
                "groups": {"group Black": {"n": 11, "raw": some(0.06), "normalised": some(0.05)}},
                "group_shifts": {"raw": shift, "normalised": shift},
            },
        },
        "choice": {
            "part": "30 validation faces, 3 Yale B subjects",
            "normalised_minus_raw_pearson": some(-0.001),
            "normalised_minus_raw_auc": some(-0.001),
            "light": {"raw": part["raw"], "normalised": part["ours"]},
            "reading": "normalised",
        },
        "map_randomisation": {
            "n": 12,
            "seeds": 2,
            "layers": 9,
            "cells": [6, 6],
            "cascade": [
                {"layers": k, "rank_correlation": some(0.1), "ssim": some(0.05)} for k in (1, 9)
            ],
            "other_faces": {"rank_correlation": some(0.5), "ssim": some(0.4)},
        },
        "light_unseen_subjects": part,
        "groups_n": 60,
        "groups": {
            name: {"n": 30, "raw": some(0.05), "normalised": some(0.04)}
            for name in ("sex male", "sex female", "age 31-45", "age 61-120")
        },
        "group_shifts": {"raw": shift, "normalised": shift},
        "largest_group_shift": {"raw": "age", "normalised": "age"},
        "leak_check": {
            "shared": {"identical_pictures": 0},
            "rows": {"train": 100, "validation": 20, "test": 90},
        },
    }
    plain: Any = manifest.plain(figures)
    return dict(plain)


def acceptance() -> dict[str, Any]:
    return {
        "n": 24,
        "face_found": some(0.98),
        "accepted": some(0.9),
        "refused_for": {"too_dark": 2},
    }


def everything() -> dict[str, Any]:
    return {
        "severity": severity(),
        "style": {
            "n_faces": 90,
            "n_frames": 40,
            "emotion_agreement_clean": some(0.98),
            "landmark_drift_percent": some(0.5),
            "landmark_drift_interocular_percent": some(0.7),
            "mean_absolute_change": 0.03,
            "emotions_moved": {"n": 8, "close": 5, "right_before": 3, "right_after": 2},
            "emotions_moved_without_mirror": {
                "n": 9,
                "close": 6,
                "right_before": 4,
                "right_after": 4,
            },
            "skin": {
                name: {
                    "n": 30,
                    "chroma_before": 19.0,
                    "hue_n": 28,
                    **{key: some(-0.4) for key in ("chroma", "hue", "lightness")},
                }
                for name in ("all", "group Black", "group White")
            },
        },
        "landmarks": {
            "part": "made-up frames",
            "n_frames": 40,
            "n_people": 4,
            "error_percent": some(4.1),
            "error_percent_mirrored_pair": some(4.0),
            "mean_shape_error_percent": some(8.8),
            "asymmetry_known_bends": {
                "measures": {
                    "brow_height_percent": {
                        "correlation": some(0.9),
                        "slope": some(0.8),
                        "error": some(0.7),
                        "deviation": some(2.0),
                    }
                }
            },
            "asymmetry_second_opinion": {},
            "asymmetry_test_retest": {"eye_opening_percent": 0.5},
            "asymmetry_test_retest_interval": {"eye_opening_percent": [0.5, 0.44, 0.57]},
            "asymmetry_deviation": {"eye_opening_percent": some(1.4)},
            "asymmetry_beside_labels": {
                "measures": {
                    "eye_opening_percent": {"deviation": some(3.1), "correlation": some(0.2)}
                }
            },
        },
    }


def entries(version: str) -> dict[str, Any]:
    """What a manifest says of the three models."""
    common = {
        "version": version,
        "sha256": "0" * 64,
        "bytes": 1000,
        "opset": 18,
        "seed": 0,
        "git_revision": "abc",
        "input": {"shape": ["n", 3, 96, 96], "values": "RGB"},
        "outputs": ["one"],
        "data": ["faces"],
        "meaning": "A made-up model.",
        "note": "",
    }
    reading = {
        **common,
        "labels": {"severity": list(metrics.BANDS), "meaning": "Agreement of raters."},
        "reading_that_counts": "normalised",
        "calibration": {
            "method": "one temperature",
            "temperature": 1.1,
            "emotion_temperature": 1.05,
            "percent_interval": {"coverage": 0.9},
            "abstain_below_max_probability": 0.4,
            "abstain_rule": "the least certain 5%",
        },
    }
    landmarks = {**common, "asymmetry_test_retest": {"eye_opening_percent": 0.5}}
    return {"severity": reading, "style": common, "landmarks": landmarks}
