"""Model sets in folders: the shipped one, those kept beside the records, and the one in use.

Beside the records lie ``models/NAME/`` for each kept set. The choice, the set's name and the
SHA-256 of its manifest when it was verified, is in the encrypted store and told to ``follow`` once
that is open. Every other file is hashed against that manifest each time it is loaded.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from clinic_app.domain.errors import ModelRejected, NotFound, StoreFull, StoreUnwritable
from clinic_app.domain.model_choice import SHIPPED, ModelChoice
from clinic_app.inference.cards import ManifestShelf
from clinic_app.inference.manifest import MAX_MANIFEST_BYTES, load_manifest
from clinic_app.services.model_sets import ModelSet

MANIFEST = "manifest.json"
CHOICE_FILE = "models.json"
"""Where programs before this one kept the choice."""
_UNREADABLE = ModelChoice("?", "")
KEPT_FOLDER = "models"
NAMED_BY = "severity"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,79}", re.ASCII)
_MAX_CHOICE_BYTES = 4_096


class FolderModelSets:
    """Implements ``ModelSets``. ``shipped`` came with the program, ``store`` holds the records."""

    def __init__(self, shipped: Path, store: Path) -> None:
        self._shipped = shipped
        self._store = store
        self._choice = SHIPPED

    def folder(self) -> Path:
        """Of the set in use; raises ``ModelRejected`` when it is gone or was changed."""
        choice = self._choice
        if choice == SHIPPED:
            return self._shipped
        folder = self._kept().get(choice.name)
        if folder is None or _digest(folder) != choice.manifest_sha256:
            raise ModelRejected(
                "The chosen models are missing or were changed. Please choose others under"
                " Administration, Models."
            )
        return folder

    def known(self) -> Sequence[ModelSet]:
        """See ``ModelSets``."""
        kept = self._kept()
        shipped = set_name(self._shipped)
        active = shipped if self._choice == SHIPPED else self._choice.name
        folders = {shipped: self._shipped, **{n: f for n, f in kept.items() if n != shipped}}
        found = []
        for name, folder in folders.items():
            with contextlib.suppress(ModelRejected):
                entries = load_manifest(folder).models.items()
                versions = tuple((model, entry.version) for model, entry in entries)
                is_shipped = name == shipped
                found.append(ModelSet(name, versions, is_shipped, name == active, name in kept))
        return tuple(found)

    def card(self, name: str) -> str:
        """See ``ModelSets``."""
        return ManifestShelf(self._folder_of(name)).card(NAMED_BY)

    def keep(self) -> str:
        """See ``ModelSets``. Keeping the same set again changes nothing, or mends it."""
        name = set_name(self._shipped)
        if name in self._kept():
            with contextlib.suppress(ModelRejected):
                ManifestShelf(self._kept()[name]).verify()
                return name
        ManifestShelf(self._shipped).verify()
        shelf = self._store / KEPT_FOLDER
        part = shelf / f".{secrets.token_hex(4)}.part"
        try:
            shelf.mkdir(parents=True, exist_ok=True, mode=0o700)
            for left in shelf.glob(".*.part"):  # by a program that was killed
                shutil.rmtree(left, ignore_errors=True)
            shutil.copytree(self._shipped, part)
            ManifestShelf(part).verify()
            shutil.rmtree(shelf / name, ignore_errors=True)
            part.rename(shelf / name)
        except OSError as error:
            raise _no_place(error) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return name

    def check(self, name: str) -> ModelChoice:
        """See ``ModelSets``."""
        folder = self._folder_of(name)
        ManifestShelf(folder).verify()
        return SHIPPED if folder == self._shipped else ModelChoice(name, _digest(folder))

    def follow(self, choice: ModelChoice) -> None:
        """See ``ModelSets``."""
        self._choice = choice

    def left_in_file(self) -> ModelChoice | None:
        """See ``ModelSets``."""
        try:
            with (self._store / CHOICE_FILE).open("rb") as stream:
                plain = json.loads(stream.read(_MAX_CHOICE_BYTES))
            return ModelChoice(str(plain["set"])[:80], str(plain["manifest_sha256"])[:64])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return _UNREADABLE

    def forget_file(self) -> None:
        """See ``ModelSets``."""
        with contextlib.suppress(OSError):
            (self._store / CHOICE_FILE).unlink(missing_ok=True)

    def _folder_of(self, name: str) -> Path:
        if name == set_name(self._shipped):
            return self._shipped
        folder = self._kept().get(name)
        if folder is None:
            raise NotFound("There is no model set of this name.")
        return folder

    def _kept(self) -> dict[str, Path]:
        """Kept sets by name: folders that hold what their name says, never links."""
        try:
            folders = sorted((self._store / KEPT_FOLDER).iterdir())
        except OSError:
            return {}
        found = {}
        for folder in folders:
            if _NAME.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
                with contextlib.suppress(ModelRejected):
                    if set_name(folder) == folder.name:
                        found[folder.name] = folder
        return found


def set_name(folder: Path) -> str:
    """The severity net's version and eight digits of the manifest's hash, as in
    ``1.1.0-3f2a90c1``; raises ``ModelRejected``."""
    version = load_manifest(folder).entry(NAMED_BY).version
    return f"{re.sub(r'[^0-9A-Za-z.+-]', '-', version)}-{_digest(folder)[:8]}"


def _digest(folder: Path) -> str:
    try:
        with (folder / MANIFEST).open("rb") as stream:
            return hashlib.sha256(stream.read(MAX_MANIFEST_BYTES)).hexdigest()
    except OSError:
        raise ModelRejected("The list of models cannot be read.") from None


def _no_place(error: OSError) -> StoreFull | StoreUnwritable:
    if error.errno == 28:  # ENOSPC
        return StoreFull("The disk is full. Please free some space and try again.")
    return StoreUnwritable("The models cannot be kept in this folder.")
