"""Reads the pseudonymous set that a clinic exports with `clinic-app learning export`.

Everything in it is checked against its manifest before it is used: a file that was cut off or
exchanged is refused. People stay whole: split by ``person``, never by case.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.metrics import BANDS
from clinic_app.services.training_export import FORMAT, FORMAT_VERSION


class UnusableSet(ValueError):
    """The folder is no complete export of this format."""


@dataclass(frozen=True)
class ClinicSet:
    """``embeddings`` float32 [n, 512], ``bands`` int64 [n] in 0-3, ``person`` [n] numbers people;
    ``locked`` marks what the clinic judges local heads by: leave it out of training, so that a new
    model can be judged by it as well. ``crops`` holds the PNG file of each case, or ``None``.
    """

    models: str
    cases: tuple[str, ...]
    embeddings: NDArray[np.float32]
    bands: NDArray[np.int64]
    person: NDArray[np.int64]
    locked: NDArray[np.bool_]
    label_from: tuple[str, ...]
    crops: tuple[Path | None, ...]

    def __len__(self) -> int:
        return len(self.cases)


def load_clinic_set(folder: Path) -> ClinicSet:
    """Raises ``UnusableSet`` with what does not fit."""
    manifest = _manifest(folder)
    _check_files(folder, manifest)
    try:
        lines = (folder / "cases.jsonl").read_text(encoding="ascii").splitlines()
        rows = [json.loads(line) for line in lines]
        people = sorted({row["person"] for row in rows})
        numbers = {person: number for number, person in enumerate(people)}
        packed = np.fromfile(folder / manifest["embedding"]["file"], dtype="<f4")
        return ClinicSet(
            models=manifest["models"],
            cases=tuple(row["case"] for row in rows),
            embeddings=packed.reshape(len(rows), manifest["embedding"]["dimensions"]),
            bands=np.array([BANDS.index(row["band"]) for row in rows], dtype=np.int64),
            person=np.array([numbers[row["person"]] for row in rows], dtype=np.int64),
            locked=np.array([row["locked"] for row in rows], dtype=bool),
            label_from=tuple(row["label_from"] for row in rows),
            crops=tuple(
                folder / "crops" / f"{row['case']}.png" if row["crop"] else None for row in rows
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnusableSet("The cases do not fit the manifest.") from error


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnusableSet(f"There is no readable manifest in {folder.name}.") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise UnusableSet("This is no training set of a clinic.")
    if manifest.get("version") != FORMAT_VERSION:
        raise UnusableSet(f"Version {manifest.get('version')} of the format is not known here.")
    return manifest


def _check_files(folder: Path, manifest: dict[str, Any]) -> None:
    listed = manifest.get("sha256")
    if not isinstance(listed, dict) or not {"cases.jsonl", "embeddings.f32"} <= listed.keys():
        raise UnusableSet("The manifest lists no cases.")
    for name, expected in listed.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise UnusableSet(f"{name} is missing.")
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise UnusableSet(f"{name} is not as it was exported.")
