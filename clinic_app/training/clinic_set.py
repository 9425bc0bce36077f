"""Reads the pseudonymous set that a clinic exports with `clinic-app learning export`.

Everything in it is checked against its manifest before it is used: a file that was cut off or
exchanged is refused. People stay whole: split by ``person``, never by case.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinic_app.inference.metrics import BANDS
from clinic_app.services.training_export import FORMAT, FORMAT_VERSION, LIST_END

CROP_ALONE = ["crop", "alone"]
Read = Callable[[str], bytes]
"""The bytes of a file of the set by its name; raises ``UnusableSet``."""


class UnusableSet(ValueError):
    """The folder or ZIP is no complete export of this format."""


@dataclass(frozen=True)
class ClinicSet:
    """``embeddings`` float32 [n, 512], ``bands`` int64 [n] in 0-3, ``person`` [n] numbers people;
    ``locked`` marks what the clinic judges local heads by: leave it out of training, so that a new
    model can be judged by it as well. ``crops`` holds the PNG file of each case, or ``None``.
    ``sha256`` is that of the manifest, which holds those of everything else.
    """

    sha256: str
    models: str
    cases: tuple[str, ...]
    embeddings: NDArray[np.float32]
    bands: NDArray[np.int64]
    person: NDArray[np.int64]
    locked: NDArray[np.bool_]
    label_from: tuple[str, ...]
    crops: tuple[bytes | None, ...]

    def __len__(self) -> int:
        return len(self.cases)

    @property
    def fingerprint(self) -> str:
        """Of what may be learnt from: the set, and the cases and pictures that are left of it."""
        left = (
            f"{case} {crop is not None}" for case, crop in zip(self.cases, self.crops, strict=True)
        )
        return hashlib.sha256("\n".join([self.sha256, *left]).encode()).hexdigest()

    def without(self, gone: Withdrawn) -> ClinicSet:
        """The set without withdrawn cases, and without withdrawn pictures of the others. Raises
        ``UnusableSet`` for a list that is not for this set: another clinic's, or an older one."""
        if self.sha256 not in gone.sets:
            raise UnusableSet("The list of withdrawn cases is not for this set.")
        kept = np.array([case not in gone.cases for case in self.cases], dtype=bool)
        still = np.flatnonzero(kept)
        return replace(
            self,
            cases=tuple(self.cases[row] for row in still),
            embeddings=self.embeddings[kept],
            bands=self.bands[kept],
            person=self.person[kept],
            locked=self.locked[kept],
            label_from=tuple(self.label_from[row] for row in still),
            crops=tuple(
                None if self.cases[row] in gone.crops else self.crops[row] for row in still
            ),
        )


@dataclass(frozen=True)
class Withdrawn:
    """Pseudonyms of cases that nobody may learn from any more: whole ones, and pictures alone.
    ``sets`` are the hashes of the sets that the list is for."""

    cases: frozenset[str] = frozenset()
    crops: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()


def read_withdrawn(path: Path) -> Withdrawn:
    """What `clinic-app learning export --withdrawn` printed: a pseudonym a line, with `crop alone`
    behind it where the rest may stay, and the sets at its end, without which the list is not whole.

    Raises ``UnusableSet``.
    """
    try:
        *lines, end = [one.split() for one in path.read_text(encoding="ascii").splitlines() if one]
    except (OSError, ValueError) as error:
        raise UnusableSet(f"{path.name} is no list of withdrawn cases.") from error
    told = {line[0]: line[1:] for line in lines}
    ended = LIST_END.split()
    if end[: len(ended)] != ended or any(more not in ([], CROP_ALONE) for more in told.values()):
        raise UnusableSet(f"{path.name} is no whole list of withdrawn cases.")
    whole = frozenset(one for one, more in told.items() if not more)
    return Withdrawn(whole, frozenset(told) - whole, frozenset(end[len(ended) :]))


def load_clinic_set(place: Path) -> ClinicSet:
    """The set in a folder, or in one ZIP. Raises ``UnusableSet`` with what does not fit."""
    if place.is_dir():
        return _read(lambda name: _of_folder(place, name))
    try:
        with zipfile.ZipFile(place) as archive:
            return _read(lambda name: _of_archive(archive, name))
    except (OSError, zipfile.BadZipFile, zlib.error) as error:
        raise UnusableSet(f"{place.name} is neither a folder nor a whole ZIP.") from error
    except RuntimeError as error:  # from zipfile; an unknown way of packing is one, too
        raise UnusableSet(f"{place.name} has a password or is packed in an unknown way.") from error


def _read(read: Read) -> ClinicSet:
    written = read("manifest.json")
    manifest = _manifest(written)
    contents = _checked(read, manifest)
    try:
        rows = [json.loads(line) for line in contents["cases.jsonl"].decode("ascii").splitlines()]
        people = sorted({row["person"] for row in rows})
        numbers = {person: number for number, person in enumerate(people)}
        packed = np.frombuffer(contents[manifest["embedding"]["file"]], dtype="<f4")
        return ClinicSet(
            sha256=hashlib.sha256(written).hexdigest(),
            models=manifest["models"],
            cases=tuple(row["case"] for row in rows),
            embeddings=packed.reshape(len(rows), manifest["embedding"]["dimensions"]),
            bands=np.array([BANDS.index(row["band"]) for row in rows], dtype=np.int64),
            person=np.array([numbers[row["person"]] for row in rows], dtype=np.int64),
            locked=np.array([row["locked"] for row in rows], dtype=bool),
            label_from=tuple(row["label_from"] for row in rows),
            crops=tuple(
                contents[f"crops/{row['case']}.png"] if row["crop"] else None for row in rows
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnusableSet("The cases do not fit the manifest.") from error


def _of_folder(folder: Path, name: str) -> bytes:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise UnusableSet(f"{name} is missing.")
    return path.read_bytes()


def _of_archive(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except KeyError:
        raise UnusableSet(f"{name} is missing.") from None


def _manifest(written: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(written)
    except ValueError as error:
        raise UnusableSet("The manifest cannot be read.") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise UnusableSet("This is no training set of a clinic.")
    if manifest.get("version") != FORMAT_VERSION:
        raise UnusableSet(f"Version {manifest.get('version')} of the format is not known here.")
    return manifest


def _checked(read: Read, manifest: dict[str, Any]) -> dict[str, bytes]:
    """Every file that the manifest lists, as it was exported."""
    listed = manifest.get("sha256")
    if not isinstance(listed, dict) or not {"cases.jsonl", "embeddings.f32"} <= listed.keys():
        raise UnusableSet("The manifest lists no cases.")
    contents = {name: read(name) for name in listed}
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != listed[name]:
            raise UnusableSet(f"{name} is not as it was exported.")
    return contents
