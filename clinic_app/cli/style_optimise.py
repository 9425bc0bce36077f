"""`clinic-app style optimise`: an optimised transfer of style from file to file."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from clinic_app.cli import doors
from clinic_app.cli.output import say, warn
from clinic_app.cli.style_pictures import ALTERED, check_new, read_picture, save_picture
from clinic_app.domain.errors import InvalidInput, WrongState
from clinic_app.services.saving import check_place, save_file
from clinic_app.services.studio_data import TransferWish

if TYPE_CHECKING:
    from clinic_app.inference.arrays import RgbImage
    from clinic_app.inference.style.optimised import (
        OptimisedTransfer,
        TransferProgress,
        TransferSettings,
    )

MAX_STATE_BYTES = 200_000_000
_USUAL = TransferWish()
_USUAL_LAYERS = ",".join(f"{one:g}" for one in _USUAL.layer_weights)


def optimise(
    content: Annotated[Path, typer.Argument(metavar="CONTENT", help="The picture to redraw.")],
    style: Annotated[
        str, typer.Argument(metavar="STYLE", help="A picture file, or the name of one of ours.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT.png")],
    steps: Annotated[int, typer.Option("--steps")] = _USUAL.steps,
    outputs: Annotated[
        int, typer.Option("--outputs", help="Pictures along the way, 1-10.")
    ] = _USUAL.outputs,
    content_weight: Annotated[float, typer.Option("--content-weight")] = _USUAL.content_weight,
    style_weight: Annotated[float, typer.Option("--style-weight")] = _USUAL.style_weight,
    smoothness: Annotated[
        float, typer.Option("--smoothness", help="Total variation.")
    ] = _USUAL.variation_weight,
    layers: Annotated[
        str, typer.Option("--layers", metavar="A,B,C,D,E", help="Weights of conv1_1 to conv5_1.")
    ] = _USUAL_LAYERS,
    start: Annotated[Literal["content", "noise"], typer.Option("--start")] = _USUAL.start,
    colour: Annotated[
        Literal["style", "content"], typer.Option("--colour", help="Whose colours it has.")
    ] = _USUAL.colour,
    matching: Annotated[
        Literal["none", "before", "after"], typer.Option("--matching", help="Of histograms.")
    ] = _USUAL.matching,
    size: Annotated[
        int, typer.Option("--size", help="Longest side in pixels.")
    ] = _USUAL.longest_side,
    seed: Annotated[int, typer.Option("--seed", help="Of a start from noise.")] = 0,
    threads: Annotated[int, typer.Option("--threads", min=1, max=64)] = 2,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state",
            metavar="FILE",
            help="Go on from this file if it is there; leave it behind when interrupted.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a step.")] = False,
) -> None:
    """Draw CONTENT in the style of STYLE, step by step; OUT.png must not exist yet.

    Pictures along the way are saved beside it as OUT-1.png, OUT-2.png, … Interrupted, it leaves
    nothing behind but those and the file that --state names.
    """
    from clinic_app.inference.style.optimised import OptimisedTransfer, TransferSettings

    settings = TransferSettings(
        content_weight=content_weight,
        style_weight=style_weight,
        variation_weight=smoothness,
        layer_weights=_layer_weights(layers),
        steps=steps,
        outputs=outputs,
        start=start,
        colour=colour,
        matching=matching,
        longest_side=size,
        seed=seed,
    )
    files = _files(out, settings)
    for file in files.values():
        check_new(file)
    pictures = read_picture(content), _style(style)
    transfer = OptimisedTransfer(*pictures, settings, doors.perceptual_step(threads))
    if state is not None:
        _resume(transfer, state)
    _run(transfer, files, state, as_json)


def _run(
    transfer: OptimisedTransfer, files: dict[int, Path], state: Path | None, as_json: bool
) -> None:
    try:
        for told in transfer.run():
            if told.output:
                assert told.picture is not None
                save_picture(told.picture, files[told.step])
            _tell(told, files, as_json)
    except KeyboardInterrupt:
        if state is not None:
            _keep(transfer, state)
            warn(f"Stopped after {transfer.step} steps; {state} goes on from there.")
        raise
    if state is not None:
        state.unlink(missing_ok=True)
    if not as_json:
        say(ALTERED)


def _tell(told: TransferProgress, files: dict[int, Path], as_json: bool) -> None:
    file = str(files[told.step]) if told.output else None
    if as_json:
        line = {
            "step": told.step,
            "steps": told.steps,
            "content_loss": told.content_loss,
            "style_loss": told.style_loss,
            "variation_loss": told.variation_loss,
            "total": told.total,
            "seconds_left": round(told.seconds_left, 1),
            "file": file,
        }
        say(json.dumps(line))
    elif file is not None or told.picture is not None:
        say(
            f"step {told.step}/{told.steps}: content {told.content_loss:.4f}, style "
            f"{told.style_loss:.4f}, about {told.seconds_left:.0f} s left"
            + (f", saved {file}" if file else "")
        )


def _files(out: Path, settings: TransferSettings) -> dict[int, Path]:
    """Where the picture of each output step goes: OUT-1.png, … and OUT.png last."""
    *before, last = settings.output_steps
    files = {step: out.with_name(f"{out.stem}-{k}{out.suffix}") for k, step in enumerate(before, 1)}
    return {**files, last: out}


def _style(name: str) -> RgbImage:
    from clinic_app.inference.style.pictures import picture_names, style_picture

    return style_picture(name) if name in picture_names() else read_picture(Path(name))


def _layer_weights(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(one) for one in text.split(","))
    except ValueError:
        raise InvalidInput(
            "layers", "Layer weights are five numbers with commas between them."
        ) from None


def _resume(transfer: OptimisedTransfer, path: Path) -> None:
    """Go on from the file if it is there; the place is tried before any work is done."""
    from clinic_app.inference.archives import UnreadableArchive, read_arrays
    from clinic_app.inference.style.optimised import TransferState

    check_place(path)
    if not path.exists():
        return
    try:
        if path.stat().st_size > MAX_STATE_BYTES:
            raise NoState
        file = io.BytesIO(path.read_bytes())
        with zipfile.ZipFile(file) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_STATE_BYTES:
                raise NoState
        file.seek(0)
        found = TransferState.of(read_arrays(file))
    except (OSError, UnreadableArchive, zipfile.BadZipFile, NotImplementedError):
        raise NoState from None
    transfer.resume(found)


def _keep(transfer: OptimisedTransfer, path: Path) -> None:
    import numpy as np

    file = io.BytesIO()
    np.savez(file, **transfer.state().arrays())  # type: ignore[arg-type]
    save_file(file.getvalue(), path)


class NoState(WrongState):
    """The file of --state is not one that a transfer left."""

    def __init__(self) -> None:
        super().__init__("The file of --state is not one that a transfer left behind.")
