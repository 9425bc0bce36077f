"""Derives a second opinion on the face points of the training pictures from a face-mesh model.

The points that come with the video frames are machine-made on faces of some thirty pixels between
the eyes, and their side differences are mostly error. This script asks another model, MediaPipe's
face mesh with attention (Google, Apache-2.0), about every frame and every UTKFace picture, as it is
and mirrored. Run it in an environment of its own, never in the program's:

    python3.11 -m venv points && points/bin/pip install mediapipe==0.10.21
    points/bin/python -m clinic_app.training.face_points --data DATA --out CACHE/face_points.npz

Training uses the file when it lies in its cache folder and does without when it does not. The file
stays there: neither it nor the mesh model is part of a release.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from clinic_app.training import data

FILE = "face_points.npz"
SOURCE = "MediaPipe face mesh 0.10.21 (labels of training faces only)"
MESH_OF_68 = np.array(
    [
        *(127, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 356),  # jaw
        *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300),  # brows
        *(168, 197, 5, 4, 75, 97, 2, 326, 305),  # nose
        *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),  # eyes
        *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),  # outer lips
        *(78, 82, 13, 312, 308, 317, 14, 87),  # inner lips
    ]
)
"""The mesh's vertex nearest to each 300-W point."""
PADDING = 0.25
WORK_SIDE = 384
Image = NDArray[np.uint8]
Points = NDArray[np.float32]
FindPoints = Callable[[Image], Points | None]
"""The 68 points [68, 2] of the face in an RGB picture, in its pixels, or `None`."""


def both_ways(images: Sequence[Image], find: FindPoints) -> Points:
    """Points [n, 2, 68, 2] in pixels of each picture: as it is, and of its mirror image.

    The mirror image's x are turned back but its points keep their numbers, so the caller swaps
    sides. Not a number where no face was found.
    """
    answer = np.full((len(images), 2, 68, 2), np.nan, dtype=np.float32)
    for row, image in enumerate(images):
        straight, turned = find(image), find(np.ascontiguousarray(image[:, ::-1]))
        if straight is not None:
            answer[row, 0] = straight
        if turned is not None:
            answer[row, 1] = turned
            answer[row, 1, :, 0] = image.shape[1] - turned[:, 0]
    return answer


def padded(image: Image) -> tuple[Image, int, float]:
    """The picture with room for the mesh's own detector, its padding, and how far it was grown."""
    room = int(PADDING * max(image.shape[:2]))
    large = cv2.copyMakeBorder(image, room, room, room, room, cv2.BORDER_REPLICATE)
    grown = max(1.0, WORK_SIDE / max(large.shape[:2]))
    large = cv2.resize(large, None, fx=grown, fy=grown, interpolation=cv2.INTER_CUBIC)
    return large.astype(np.uint8, copy=False), room, grown


def mesh_finder() -> FindPoints:
    """The mesh model; raises ModuleNotFoundError outside its environment."""
    mesh = importlib.import_module("mediapipe").solutions.face_mesh.FaceMesh(
        static_image_mode=True,
        max_num_faces=1,
        refine_landmarks=True,
        min_detection_confidence=0.3,
    )

    def find(image: Image) -> Points | None:
        large, room, grown = padded(image)
        faces = mesh.process(large).multi_face_landmarks
        if not faces:
            return None
        height, width = large.shape[:2]
        all_points = np.array([(p.x * width, p.y * height) for p in faces[0].landmark])
        return (all_points[MESH_OF_68] / grown - room).astype(np.float32)

    return find


def main(arguments: list[str] | None = None) -> int:
    """Write the file; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m clinic_app.training.face_points")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data files")
    parser.add_argument("--out", type=Path, required=True, help="file to write, in the cache")
    options = parser.parse_args(arguments)
    try:
        find = mesh_finder()
    except ModuleNotFoundError:
        print("mediapipe is not installed: see the head of this script.", file=sys.stderr)
        return 1
    frames = data.load_ytf(options.data).images
    people = list(data.load_utk(options.data, options.out.parent).images)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(options.out, ytf=both_ways(frames, find), utk=both_ways(people, find), source=SOURCE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
