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
from clinic_app.domain.reference_look import Ablation, Stability, checked_recipe
from clinic_app.domain.studio import StudioSource
from clinic_app.inference.chain import FaceChain
from clinic_app.inference.datasets import load_pictures
from clinic_app.inference.looks.bench import open_look_bench
from clinic_app.inference.looks.lights import LIGHTS
from clinic_app.inference.looks.tone import with_look
from clinic_app.inference.models import load_stages
from clinic_app.inference.studio import open_studio
from clinic_app.inference.timing import Stopwatch
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
RECIPE, STRENGTH = {"soft window": 1.0}, 0.5
FACES = 24
BETWEEN = (0.02, 0.98)
"""Shares of sadness votes of faces that say something about light."""
LIGHTS_AND_OWN = len(LIGHTS) + 1
BEGIN, END = "<!-- looks -->", "<!-- end of looks -->"


@dataclass(frozen=True)
class LookFigures:
    """Milliseconds, but for ``measurement`` in seconds, of one face under all lights, and what it
    ``found``. ``small`` is a picture of the gallery as it is kept small, ``made_small`` as it is
    made anew."""

    look: float
    measurement: float
    found: Ablation
    pictures: int
    side: int
    gallery: float
    small: float
    made_small: float
    megabytes: float
    put_away: float


def measure_looks(
    models: Path, pictures: int = PICTURES, side: int = SIDE, data: Path | None = None
) -> LookFigures:
    """On the clock, in a clinic that is made for it and removed afterwards; the ablation is that of
    the sample portrait and, with ``data``, of photos in it."""
    recipe = checked_recipe(RECIPE, STRENGTH)
    bench = open_look_bench(lambda: models)
    bench.models()
    face = np.random.default_rng(0).random((1, 3, 224, 224), dtype=np.float32)
    look = median(lambda: with_look(face, recipe))
    measurement = median(lambda: bench.measure(recipe, None, ()), 1) / 1000
    with tempfile.TemporaryDirectory(prefix="clinic-app-bench-") as temporary:
        faces = [] if data is None else faces_between(models, data, Path(temporary))
        found = bench.measure(recipe, None, faces)
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
    return LookFigures(look, measurement, found, pictures, side, *kept)


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
        *_ablation(found.found),
        "",
        END,
    ]
    return "\n".join(lines) + "\n"


def faces_between(models: Path, data: Path, folder: Path, count: int = FACES) -> list[Path]:
    """Files of the first photos in a data file, in an order drawn once, whose raw reading lies in
    `BETWEEN`."""
    stages, photos, found = load_stages(models), load_pictures(data), []
    for row in np.random.default_rng(0).permutation(len(photos)):
        seen = FaceChain(stages).see(photos.image(int(row)), Stopwatch())
        if seen is None:
            continue
        (answer,) = stages.severity.read(seen.batch)
        if BETWEEN[0] < answer.reading.sadness < BETWEEN[1]:
            found.append(folder / f"{row}.jpg")
            found[-1].write_bytes(photos.encoded(int(row)))
        if len(found) == count:
            break
    return found


def _ablation(found: Ablation) -> list[str]:
    faces = "the sample portrait alone, which smiles and hardly reacts to light"
    if found.faces > 1:
        faces = (
            f"the sample portrait and {found.faces - 1} photos of UTKFace whose raw reading lies"
            f" between {BETWEEN[0]} and {BETWEEN[1]}"
        )
    name = ", ".join(RECIPE)
    return [
        f"Under {found.lights} synthetic lights, {faces}; read by {found.models}. The look is"
        f" {name} at strength {STRENGTH}; it moves readings in a face's own light by"
        f" {found.shift:.3f} on the mean.",
        "",
        "| read | spread of the reading | flips of the band | within 60 degrees |",
        "|---|---|---|---|",
        _stability("raw", found.raw),
        _stability("with the shipped look", found.present),
        _stability(f"with {name}", found.candidate),
    ]


def _stability(name: str, one: Stability) -> str:
    return f"| {name} | {one.spread:.4f} | {one.flips:.3f} | {one.flips_within:.3f} |"
