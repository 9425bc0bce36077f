"""The shelf of shipped models: facts, cards, and a check of every file."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from clinic_app.domain.errors import NotFound
from clinic_app.services.reading import ModelInfo, ModelShelf

MAX_CARD_BYTES = 1_000_000
MAX_PICTURE_BYTES = 500_000
MAX_PICTURES = 40
_PICTURE = re.compile(r"!\[[^\]\n]*\]\(([A-Za-z0-9_-]+\.png)\)")
_PNG = b"\x89PNG\r\n\x1a\n"


class ManifestShelf:
    """Implements `ModelShelf` over a folder with `manifest.json`."""

    def __init__(self, models: Path) -> None:
        self._models = models

    def models(self) -> Sequence[ModelInfo]:
        """Every model of the manifest; raises `ModelRejected` when that cannot be read."""
        from clinic_app.inference.manifest import load_manifest

        return tuple(
            ModelInfo(name, entry.file, entry.version, entry.sha256, entry.licence, entry.meaning)
            for name, entry in load_manifest(self._models).models.items()
        )

    def card(self, name: str) -> str:
        """Markdown of one model's card; raises `NotFound`."""
        path = self._card_path(name)
        try:
            with path.open("rb") as stream:
                return stream.read(MAX_CARD_BYTES).decode("utf-8", "replace")
        except OSError:
            raise NotFound("The card of the '{name}' model is missing.", name=name) from None

    def _card_path(self, name: str) -> Path:
        from clinic_app.inference.manifest import load_manifest

        entry = load_manifest(self._models).models.get(name)
        if entry is None:
            raise NotFound("There is no model named '{name}'.", name=name[:40])
        return self._models / (entry.card or f"cards/{name}.md")

    def pictures(self, name: str) -> Mapping[str, bytes]:
        """The PNG files beside the card that it names; one that cannot be read is left out.

        Only plain file names count: a card cannot reach outside its folder.
        """
        text = self.card(name)  # refuses an unknown model before any path is made
        folder = self._card_path(name).parent
        found: dict[str, bytes] = {}
        for picture in dict.fromkeys(_PICTURE.findall(text)):
            with contextlib.suppress(OSError), (folder / picture).open("rb") as stream:
                data = stream.read(MAX_PICTURE_BYTES + 1)
                if data.startswith(_PNG) and len(data) <= MAX_PICTURE_BYTES:
                    found[picture] = data
            if len(found) == MAX_PICTURES:
                break
        return found

    def verify(self, report: Callable[[str], None] = lambda line: None) -> None:
        """Checksum, operator set and contract of every file, one reported line each."""
        from clinic_app.inference.geometry import NAME as GEOMETRY
        from clinic_app.inference.geometry import load_geometry
        from clinic_app.inference.manifest import load_manifest, model_bytes
        from clinic_app.inference.sessions import CONTRACTS, STUDIO_CONTRACTS, open_session

        manifest = load_manifest(self._models)
        for name in (*CONTRACTS, *sorted(set(manifest.models) - set(CONTRACTS))):
            entry = manifest.entry(name)
            if name in CONTRACTS or name in STUDIO_CONTRACTS:
                open_session(self._models, manifest, name)
            elif name == GEOMETRY:
                load_geometry(self._models, manifest)
            else:
                model_bytes(self._models, name, entry)
            kind = "arrays" if entry.opset is None else f"operator set {entry.opset}"
            report(f"{name} {entry.version}: checksum, {kind}, contract ok")


def open_model_shelf(models: Path) -> ModelShelf:
    """The shelf over the models in `models`."""
    return ManifestShelf(models)
