"""Several frames of one person: the best one counts, the others tell how steady it is."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from clinic_app.domain.finding import AbstainReason, FrameStatistics
from clinic_app.inference.chain import FaceChain, FrameReading
from clinic_app.inference.faces.yunet import Face

FACING_AWAY_YAW, FACING_AWAY_PITCH = 25.0, 25.0
"""Degrees from which a frame counts as facing away; about where the far eye's corner is hidden."""

SEVERAL_FACES_SHARE = 0.2
"""Share of frames with a second face up to which it was somebody passing by."""


def rank(reading: FrameReading) -> tuple[bool, bool, float]:
    """Sort key, best last: acceptance, then a single face, then picture quality.

    What a frame says has no part in it: whether the best picture has a result stands as it is, so
    that no worse picture is chosen because it is the one that does not abstain.
    """
    return (
        reading.quality.accepted,
        reading.single_face is not None,
        picture_quality(reading),
    )


def shows_several_people(readings: Sequence[FrameReading]) -> bool:
    """Whether a second face is there often enough that nobody can say whose reading counts."""
    several = sum(1 for one in readings if one.abstained is AbstainReason.SEVERAL_FACES)
    return several > SEVERAL_FACES_SHARE * len(readings)


def picture_quality(reading: FrameReading) -> float:
    """Higher is better: sharp and frontal, in comparable parts."""
    if reading.seen is None:
        return 0.0
    scores = reading.seen.scores
    away = (abs(scores["yaw_degrees"]) + abs(scores["pitch_degrees"])) / 30.0
    eyes = min(scores["eye_opening"] / 0.25, 1.0)
    return min(scores["sharpness"] / 0.3, 1.0) + eyes - away


def statistics_of(chain: FaceChain, frames: Sequence[FrameReading]) -> FrameStatistics:
    """Median and spread (interquartile range) of the percent over the frames with a result."""
    percents = [
        chain.counted(frame.raw, frame.normalised).reading.percent
        for frame in frames
        if frame.abstained is None and frame.raw is not None and frame.normalised is not None
    ]
    faces = [frame.seen.face if frame.seen else None for frame in frames]
    low, high = np.percentile(percents, (25, 75)) if percents else (0.0, 0.0)
    return FrameStatistics(
        frames=len(frames),
        accepted_frames=len(percents),
        median_percent=statistics.median(percents) if percents else None,
        spread_percent=float(high - low) if len(percents) > 1 else None,
        movement=movement(faces),
        facing_away_share=_facing_away(frames),
    )


def movement(faces: Sequence[Face | None]) -> float | None:
    """Median shift of the eyes' and mouth's centre from frame to frame, in percent of the
    interocular distance; `None` with fewer than two faces in a row."""
    shifts = [
        shift_percent(before, after)
        for before, after in pairwise(faces)
        if before is not None and after is not None
    ]
    return statistics.median(shifts) if shifts else None


def shift_percent(before: Face, after: Face) -> float:
    """How far the five points' centre moved, percent of the interocular distance."""
    moved = after.points.mean(axis=0) - before.points.mean(axis=0)
    return float(np.hypot(*moved)) / max(before.between_eyes, 1e-6) * 100.0


def _facing_away(frames: Sequence[FrameReading]) -> float | None:
    if not frames:
        return None
    return sum(1 for frame in frames if not _is_frontal(frame)) / len(frames)


def _is_frontal(reading: FrameReading) -> bool:
    if reading.seen is None:
        return False
    scores = reading.seen.scores
    return (
        abs(scores["yaw_degrees"]) <= FACING_AWAY_YAW
        and abs(scores["pitch_degrees"]) <= FACING_AWAY_PITCH
    )
