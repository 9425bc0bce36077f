"""`clinic-app style styles|apply`: the styles there are, and pictures redrawn in one pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from clinic_app.cli import doors
from clinic_app.cli.options import Json
from clinic_app.cli.output import print_json, say
from clinic_app.domain.errors import ClinicError, InvalidInput
from clinic_app.services.record_pictures import refuse_record
from clinic_app.services.saving import check_place, save_file

if TYPE_CHECKING:
    from clinic_app.inference.arrays import RgbImage

ALTERED = "An altered picture, never evidence: the file says so, and no face is read in it."


def list_styles(as_json: Json = False) -> None:
    """List the styles, and which one stands for which emotion."""
    from clinic_app.inference.style.emotion import STYLE_OF_EMOTION

    names = doors.style_book().names
    if as_json:
        print_json({"styles": list(names), "style_of_emotion": dict(STYLE_OF_EMOTION)})
        return
    for name in names:
        emotions = [emotion for emotion, style in STYLE_OF_EMOTION.items() if style == name]
        say(f"{name}  {', '.join(emotions)}".rstrip())


def apply(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE")],
    out: Annotated[Path, typer.Argument(metavar="OUT.png")],
    style: Annotated[
        list[str] | None,
        typer.Option("--style", metavar="NAME[=WEIGHT]", help="A style; several are blended."),
    ] = None,
    emotion: Annotated[
        Literal["pick", "blend"] | None,
        typer.Option("--emotion", help="Let the emotions read in the main face choose instead."),
    ] = None,
    strength: Annotated[float, typer.Option("--strength", help="0 to 1.")] = 1.0,
    as_json: Json = False,
) -> None:
    """Redraw a picture in a style; OUT.png must not exist yet."""
    if (style is None) == (emotion is None):
        raise typer.BadParameter("Name styles with --style, or let --emotion choose.")
    check_new(out)
    image = read_picture(picture)
    if emotion is not None:
        from clinic_app.inference.style.emotion import style_for

        weights = style_for(_emotions(picture), mode=emotion)
    else:
        weights = _weights(style or [])
    save_picture(doors.style_book().apply(image, weights, strength), out)
    if as_json:
        print_json({"file": str(out), "weights": weights, "strength": strength, "note": ALTERED})
        return
    say(f"{out}: {', '.join(f'{name} {share:.2f}' for name, share in weights.items())}")
    say(ALTERED)


def read_picture(path: Path) -> RgbImage:
    """The pixels of a picture file; raises `UnreadableImage`, also for a crop that a clinic has let
    out of a record. The studio's own are welcome."""
    from clinic_app.inference.intake.photo import decode_pixels, photo_bytes

    data = photo_bytes(path)
    refuse_record(data)
    return decode_pixels(data)


def check_new(path: Path) -> None:
    """Raises `InvalidInput` when the file is there already, `ReportFailed` when it cannot be."""
    if path.suffix.lower() != ".png":
        raise InvalidInput("out", "The picture is saved as PNG; please name a file ending in .png.")
    check_place(path)
    if path.exists():
        raise InvalidInput("out", "“{name}” is there already; it is not replaced.", name=path.name)


def save_picture(image: RgbImage, path: Path) -> None:
    """Write a PNG file, marked for programs and with a strip for people, whole or not at all."""
    from clinic_app.inference.intake.altered import marked_png
    from clinic_app.inference.intake.strip import with_strip

    save_file(marked_png(with_strip(image)), path)


def _weights(given: list[str]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for one in given:
        name, _, share = one.partition("=")
        try:
            weights[name] = weights.get(name, 0.0) + (float(share) if share else 1.0)
        except ValueError:
            raise InvalidInput("style", "“{text}” is no weight.", text=share[:40]) from None
    total = sum(weights.values())
    return {name: share / total for name, share in weights.items()} if total > 0 else weights


def _emotions(picture: Path) -> dict[str, float]:
    """Of the main face, as in the window; what the studio made is refused here."""
    engine = doors.studio_engine()
    emotions = engine.emotions(engine.open_picture(picture))
    if not emotions:
        raise NoEmotions
    return dict(emotions)


class NoEmotions(ClinicError):
    """There is no face that could choose."""

    def __init__(self) -> None:
        super().__init__("No face was read in the picture; please name a style.")
