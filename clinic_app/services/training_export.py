"""A pseudonymous set of the settled, consented cases, for retraining with `clinic_app.training`.

Embeddings and labels of everybody who agrees to training; face crops only of those who also agree
to keeping images. No name, no number, no date, no answer and no identifier of the store is in it:
people and cases carry keyed pseudonyms, which stay the same from one export to the next. Who went
out in which set is kept, so that whoever trains can be told whom to drop. A face remains a face:
the crops identify people to anybody who knows them, and the export says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from clinic_app import __version__
from clinic_app.domain.access import Action
from clinic_app.domain.adjudication import READERS, Adjudication
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.domain.learning_key import LearningKey, pseudonym
from clinic_app.domain.local_head import EMBEDDING
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.export_place import check_place, write_whole
from clinic_app.services.exported_sets import ExportedSet, exported_sets, tell_export
from clinic_app.services.learning_cases import LEARNT_FROM, Labelled, learning_key, pool_of
from clinic_app.services.learning_data import LearningStopped
from clinic_app.services.record_pictures import leaving
from clinic_app.services.session import Desk
from clinic_app.services.storage import UnitOfWork

FORMAT = "clinic-app training set"
FORMAT_VERSION = 1
LIST_END = "# whole list for sets"
"""What the last line of a list of withdrawn cases begins with; the hashes of the sets follow."""
_ASKED = ", ".join(purpose.value for purpose in LEARNT_FROM)
_AT_ONCE = 50
"""Crops read in one unit of work."""
WARNING = (
    "These files are not encrypted. Names are replaced by pseudonyms, yet face crops show people,"
    " and embeddings are personal health data too. Move them through a protected channel and delete"
    " your copy afterwards."
)
LABELS = (
    "Visible depressive affect in one face crop, in four bands (none, mild, moderate, severe), as"
    " two doctors of this clinic said independently of each other with the crop alone before them;"
    " where they differed, as two of three said, or as the readers agreed on together. It is what a"
    " picture shows to doctors, not a diagnosis and not a questionnaire."
)


@dataclass(frozen=True, slots=True)
class TrainingExport:
    """What was written; ``sha256`` is that of the manifest."""

    path: Path
    cases: int
    people: int
    crops: int
    size: int
    sha256: str


class TrainingExportService:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def write(
        self,
        place: Path,
        password: str,
        *,
        accepts_unprotected: bool,
        progress: Progress = unheard,
        stop: Stop = never,
    ) -> TrainingExport:
        """Write the set to ``place``: one ZIP when its name ends so, else a new folder.

        Raises ``InvalidInput`` unless ``WARNING`` was accepted, ``WrongPassword``, ``WrongState``
        when there is no case or a consent is withdrawn meanwhile, ``ExportFailed``, ``StoreFull``,
        ``LearningStopped``; then nothing is left at ``place``.
        """
        user = self._desk.allow(Action.EXPORT_TRAINING)
        if not accepts_unprotected:
            raise InvalidInput("accepts_unprotected", WARNING)
        check_place(place)
        self._desk.reauthenticate(password)
        now = self._desk.now()
        with self._desk.unit_of_work() as work:
            key = learning_key(work, now)
            cases = sorted(
                pool_of(work, key).labelled,
                key=lambda one: pseudonym(key, "case", one.case.screening_id),
            )
            if not cases:
                raise WrongState("There is no settled case that may be exported.")
            embeddings = work.face_cases.embeddings([one.case.screening_id for one in cases])
            told = {one.screening_id: one for one in work.adjudications.all()}
            agreed = work.face_cases.consenting(*LEARNT_FROM, Purpose.KEEP_IMAGES)
            # Audited first: the export must not be able to happen unheard of.
            work.audit.record(
                AuditKind.EXPORTED, user.id, "training set", None, f"{len(cases)} cases"
            )
            work.commit()
        shown = [one for one in cases if one.case.patient_id in agreed]
        pictures = self._pictures(shown, progress, stop)
        contents = _contents(key, cases, embeddings, told, pictures)
        manifest = _manifest(cases, len(pictures), contents, now)
        contents["manifest.json"] = _json(manifest)
        sha256 = hashlib.sha256(contents["manifest.json"]).hexdigest()
        with self._desk.unit_of_work() as work:
            _ask_again(work, key, cases, pictures)
            # Kept before the files are there: no case may be out of which nobody can tell.
            listed = [one.case.screening_id for one in cases]
            tell_export(work, user.id, now, sha256, listed, pictures.keys())
            work.commit()
        write_whole(place, dict(sorted(contents.items())), now, self._desk.unit_of_work)
        progress(1.0)
        return TrainingExport(
            place,
            len(cases),
            manifest["people"],
            len(pictures),
            sum(map(len, contents.values())),
            sha256,
        )

    def earlier(self) -> tuple[ExportedSet, ...]:
        """The sets that were written, oldest first, each with the pseudonyms that whoever has it
        is to drop: of people who have withdrawn since, or are not here any more. A set that could
        not be written to its end is among them. Audited."""
        user = self._desk.allow(Action.EXPORT_TRAINING)
        with self._desk.unit_of_work() as work:
            found = exported_sets(work, learning_key(work, self._desk.now()))
            work.audit.record(AuditKind.READ, user.id, "training set")
            work.commit()
        return found

    def _pictures(
        self, cases: Sequence[Labelled], progress: Progress, stop: Stop
    ) -> dict[UUID, bytes]:
        """The crops that are kept, PNG by screening; a few in each unit of work, for reading them
        all takes a while and others want to write."""
        found = {}
        for start in range(0, len(cases), _AT_ONCE):
            with self._desk.unit_of_work() as work:
                for one in cases[start : start + _AT_ONCE]:
                    if stop():
                        raise LearningStopped("The export was stopped; nothing was left behind.")
                    images = work.images.get(one.case.screening_id)
                    if images is not None:
                        found[one.case.screening_id] = leaving(images.face_png)
            progress(0.9 * min(start + _AT_ONCE, len(cases)) / len(cases))
        return found


def _ask_again(
    work: UnitOfWork,
    key: LearningKey,
    cases: Sequence[Labelled],
    pictures: Mapping[UUID, bytes],
) -> None:
    """Raises ``WrongState`` when somebody in the set has withdrawn while it was read."""
    settled = {one.case.screening_id for one in pool_of(work, key).labelled}
    agreed = work.face_cases.consenting(*LEARNT_FROM, Purpose.KEEP_IMAGES)
    for one in cases:
        case = one.case
        shown = case.screening_id in pictures
        if case.screening_id not in settled or (shown and case.patient_id not in agreed):
            raise WrongState(
                "A consent was withdrawn meanwhile; nothing was written. Please export again."
            )


def _manifest(
    cases: Sequence[Labelled], crops: int, contents: Mapping[str, bytes], now: datetime
) -> dict[str, Any]:
    """What the set is, for whoever opens it, and the hashes of its files."""
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "made_at": now.astimezone(UTC).isoformat(),
        "made_by": f"clinic-app {__version__}",
        "models": cases[0].case.base,
        "labels": LABELS,
        "consent": f"{_ASKED} for every case, keep_images as well for every crop",
        "cases": len(cases),
        "people": len({one.person for one in cases}),
        "crops": crops,
        "embedding": {"file": "embeddings.f32", "dimensions": EMBEDDING, "type": "<f4"},
        "warning": WARNING,
        "sha256": {name: hashlib.sha256(one).hexdigest() for name, one in sorted(contents.items())},
    }


def _contents(
    key: LearningKey,
    cases: Sequence[Labelled],
    embeddings: Mapping[UUID, bytes],
    told: Mapping[UUID, Adjudication],
    pictures: Mapping[UUID, bytes],
) -> dict[str, bytes]:
    """The files but for the manifest."""
    lines, contents = [], {}
    for one in cases:
        name = pseudonym(key, "case", one.case.screening_id)
        picture = pictures.get(one.case.screening_id)
        if picture is not None:
            contents[f"crops/{name}.png"] = picture
        lines.append(
            {
                "case": name,
                "person": pseudonym(key, "person", one.person),
                "band": one.band.name.lower(),
                "label_from": _provenance(told[one.case.screening_id]),
                "locked": one.locked,
                "crop": picture is not None,
            }
        )
    rows = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
    contents["cases.jsonl"] = rows.encode("ascii")
    contents["embeddings.f32"] = b"".join(embeddings[one.case.screening_id] for one in cases)
    return contents


def _provenance(case: Adjudication) -> str:
    if case.agreed is not None:
        return "agreed_together"
    return "two_readers" if len(case.readings) == READERS else "two_of_three_readers"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"
