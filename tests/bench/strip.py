"""How alike photos are to the strip below the studio's pictures, which are refused as evidence.

    python -m tests.bench.strip FILE.npz [--photos 4000] [--enlarged 1]

Goes through photos of a labelled data set as they are and at a fifth of their brightness, and
prints how many would be refused, the largest correlation with the strip's words, and the time.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from clinic_app.inference.datasets import load_pictures
from clinic_app.inference.intake.strip import has_strip, likeness
from clinic_app.inference.native import cv2

DARKENED = 5
SEED = 5


def main() -> None:
    """Measure one data set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--photos", type=int, default=4000, help="at most so many, drawn by lot")
    parser.add_argument("--enlarged", type=int, default=1, help="for photos of a few pixels")
    chosen = parser.parse_args()
    pictures = load_pictures(chosen.file)
    rows = np.random.default_rng(SEED).permutation(len(pictures))[: chosen.photos]
    refused, alike, took = 0, [], 0.0
    for row in rows:
        photo = pictures.image(int(row))
        if chosen.enlarged > 1:
            times = float(chosen.enlarged)
            photo = cv2.resize(photo, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
        begun = time.process_time()
        found = has_strip(photo)
        took += time.process_time() - begun
        refused += found or has_strip(photo // np.uint8(DARKENED))
        alike.append(likeness(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)))
    print(
        f"{chosen.file.name}: {refused} of {len(rows)} photos refused, largest correlation"
        f" {max(alike):.3f}, {1000 * took / len(rows):.2f} ms of processor time a photo"
    )


if __name__ == "__main__":
    main()
