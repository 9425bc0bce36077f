"""How much the 512 numbers of the shipped net's embeddings hang together on real faces.

`python -m tests.bench.embeddings DATA/fer2013_ferplus.npz` prints what
`tests.unit.inference.learning.made_up.STRONGEST` was read off; the data does not ship.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does

import numpy as np

from clinic_app.inference import metrics
from clinic_app.inference.arrays import FloatArray
from clinic_app.inference.datasets import load_pictures
from clinic_app.inference.models import load_stages
from clinic_app.inference.native import cv2
from clinic_app.paths import MODELS
from tests.unit.inference.learning.made_up import STRONGEST

PUBLIC_TEST = 1
BATCH = 64


def embeddings(data: Path) -> FloatArray:
    """Of every face of FER+'s public test part with at least 5 valid votes, [n, 512]."""
    pictures, stages = load_pictures(data), load_stages(MODELS, threads=1)
    votes = metrics.valid_votes(pictures.column("ferplus_votes"))
    rows = np.flatnonzero(
        (pictures.column("split") == PUBLIC_TEST) & (votes >= metrics.MIN_VALID_VOTES)
    )
    side = stages.template.size
    found: list[tuple[float, ...]] = []
    for begin in range(0, len(rows), BATCH):
        faces = np.stack(
            [cv2.resize(pictures.image(row), (side, side)) for row in rows[begin : begin + BATCH]]
        )
        batch = faces.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
        found += [one.embedding for one in stages.severity.read(batch)]
    return np.array(found)


def spectrum(x: FloatArray) -> FloatArray:
    """Shares of the spread of the standardised numbers by direction, strongest first, [d]."""
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    sizes: FloatArray = np.linalg.svd(z, compute_uv=False) ** 2
    return sizes / sizes.sum()


def main() -> None:
    x = embeddings(Path(sys.argv[1]))
    shares = spectrum(x)
    print(f"{len(x):,} faces; twenty directions carry {shares[:20].sum():.1%} of the spread")
    print("thousandths:", *(round(1000 * one) for one in shares[: len(STRONGEST)]))


if __name__ == "__main__":
    main()
