"""Reference looks, and what the studio keeps: the gallery and begun transfers."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clinic_app.domain.picture import Picture
from clinic_app.domain.reference_look import checked_recipe
from clinic_app.domain.studio import StudioSource
from clinic_app.inference.looks.bench import open_look_bench
from clinic_app.inference.looks.lights import LIGHTS
from clinic_app.inference.looks.tone import with_look
from clinic_app.inference.studio import open_studio
from clinic_app.services.front_door import FrontDoor
from clinic_app.services.studio import StudioService
from clinic_app.services.studio_data import StudioContent, TransferWish
from tests.bench.large_clinic import open_vault
from tests.fakes.clinic import PASSWORD, USER
from tests.fakes.reading import FakeFaceReader, FakeModelShelf
from tests.fakes.reports import FakeRenderer
from tests.integration.cli.clinic import make_store

PICTURES, SIDE = 200, 640
"""In the gallery, and pixels of their sides."""
PASSES = 20
LIGHTS_AND_OWN = len(LIGHTS) + 1
BEGIN, END = "<!-- looks -->", "<!-- end of looks -->"


@dataclass(frozen=True)
class LookFigures:
    """Milliseconds, but for ``measurement`` in seconds, of one face under all lights. ``small`` is
    a picture of the gallery as it is kept small, ``made_small`` as it is made anew."""

    look: float
    measurement: float
    pictures: int
    side: int
    gallery: float
    small: float
    made_small: float
    megabytes: float
    put_away: float


def measure_looks(models: Path, pictures: int = PICTURES, side: int = SIDE) -> LookFigures:
    """On the clock, in a clinic that is made for it and removed afterwards."""
    recipe = checked_recipe({"soft window": 1.0, "daylight": 0.5}, 0.5)
    bench = open_look_bench(lambda: models)
    bench.models()
    face = np.random.default_rng(0).random((1, 3, 224, 224), dtype=np.float32)
    look = median(lambda: with_look(face, recipe))
    measurement = median(lambda: bench.measure(recipe, None, ()), 1) / 1000
    with tempfile.TemporaryDirectory(prefix="clinic-app-bench-") as temporary:
        folder = Path(temporary) / "store"
        make_store(folder)
        door = FrontDoor(
            open_vault(folder),
            FakeFaceReader(),
            FakeModelShelf(),
            FakeRenderer(),
            studio=lambda: open_studio(lambda: models),
        )
        services = door.sign_in(USER, PASSWORD)
        try:
            kept = _kept(services.studio, models, pictures, side)
        finally:
            door.sign_out(services)
    return LookFigures(look, measurement, pictures, side, *kept)


def _kept(studio: StudioService, models: Path, pictures: int, side: int) -> tuple[float, ...]:
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    drawn = Picture(side, side, pixels.tobytes())
    content = StudioContent(drawn, StudioSource.SAMPLE)
    made = [studio.keep(content, drawn, "", "noise") for _ in range(pictures)]
    engine = open_studio(lambda: models)
    png = engine.encoded(drawn)
    state = studio.transfer(content, drawn, TransferWish()).state()
    begun = studio.begun()
    assert begun is not None
    keeping = studio._transfers
    return (
        median(studio.gallery),
        median(lambda: studio.thumbnail(made[0].id)),
        median(lambda: engine.thumbnail(png)),
        len(state) / 1e6,
        median(lambda: keeping.keep(begun, 1, state, [])),
    )


def median(piece: Callable[[], object], passes: int = PASSES) -> float:
    """Milliseconds on the clock, the first pass left out."""
    took = []
    for _ in range(passes + 1):
        begun = time.perf_counter()
        piece()
        took.append((time.perf_counter() - begun) * 1000.0)
    return statistics.median(took[1:])


def looks_section(found: LookFigures) -> str:
    """The section as Markdown, between its marks."""
    lines = [
        BEGIN,
        "",
        "## Reference looks, and what the studio keeps",
        "",
        f"On the clock, medians. A measurement of a look reads each face four times under"
        f" {LIGHTS_AND_OWN} lights; pictures of the gallery are noise of {found.side} ×"
        f" {found.side} pixels.",
        "",
        "| | measured |",
        "|---|---|",
        f"| a look on one face | {found.look:.1f} ms |",
        f"| the measurement of a look, each face | {found.measurement:.1f} s |",
        f"| the list of a gallery of {found.pictures} pictures | {found.gallery:.1f} ms |",
        f"| a small picture of it, as it is kept | {found.small:.1f} ms |",
        f"| the same made from the picture itself | {found.made_small:.1f} ms |",
        f"| putting a transfer of the usual size away ({found.megabytes:.1f} MB) |"
        f" {found.put_away:.0f} ms |",
        "",
        END,
    ]
    return "\n".join(lines) + "\n"
