"""`clinic-app style look`: the reference look that pictures are brought to before they are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.style_pictures import ALTERED, check_new, save_picture
from clinic_app.domain.errors import NotFound
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.reference_look import OBJECTION_TEXTS, REFERENCES, LookEventKind, Stability
from clinic_app.domain.schedule import to_local

if TYPE_CHECKING:
    from clinic_app.domain.reference_look import ReferenceLook
    from clinic_app.services.clinic_services import ClinicServices
    from clinic_app.services.look_data import LookRow

app = typer.Typer(
    help=f"The reference look: what evened-out pictures are brought to. {SIGN_IN}",
    no_args_is_help=True,
)
SHIPPED = "the shipped look"
IDLE = "adopted, but measured with other models than those in use; please measure it again"
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with your name.")]


@app.command("list")
def list_looks(store: Store = None, as_json: Json = False) -> None:
    """The look in use, what was measured, and the references to blend from."""
    with signed_in(store) as services:
        state = services.looks.state()
        zone = services.appointments.zone()
    if as_json:
        print_json(
            {
                "in_use": state.in_use.version if state.in_use else None,
                "idle": state.idle.version if state.idle else None,
                "looks": [_row_json(row) for row in state.rows],
                "references": list(REFERENCES),
                "decisions": to_plain(state.decisions),
            }
        )
        return
    say(f"In use      {state.in_use.version if state.in_use else SHIPPED}")
    if state.idle is not None:
        say(f"Not used    {state.idle.version}: {IDLE}")
    say(f"References  {', '.join(REFERENCES)}")
    for row in state.rows:
        say(f"{row.look.version}  {_words(row.look)}{'  in use' if row.in_use else ''}")
        for why in row.against:
            say(f"  - {OBJECTION_TEXTS[why]}")
    for one in state.decisions:
        what = "adopted" if one.kind is LookEventKind.ADOPTED else "back to"
        who = one_line(one.who) or "a colleague"
        day = f"{to_local(one.at, zone):%Y-%m-%d}"
        say(f"{day}  {what} {one.look or SHIPPED} by {who}: {one_line(one.text)}")


@app.command("preview")
def preview(
    blend: Annotated[
        list[str],
        typer.Argument(metavar="NAME=WEIGHT", help="References and their weights, e.g. daylight=1"),
    ],
    strength: Annotated[float, typer.Option("--strength", help="Above 0, up to 1.")] = 0.5,
    face: Annotated[
        list[Path] | None,
        typer.Option("--face", metavar="PICTURE", help="A photo to measure on; may be repeated."),
    ] = None,
    different_people: Annotated[
        bool,
        typer.Option(
            "--different-people",
            help="Your word that every face is of another person; kept with the figures.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="PNG", help="A new file: how the first face looks."),
    ] = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Measure a blend on faces under synthetic light; nothing is put into use.

    Measured are the sample face and every --face. The figures are kept, the pictures are not; the
    file of --out is marked as altered, and must not exist yet. The program cannot tell people
    apart, so a look can be adopted only where whoever measured it used --different-people.
    """
    from clinic_app.inference.intake.photo import decode_pixels

    weights = _weights(blend)
    if out is not None:
        check_new(out)
    with signed_in(store) as services:
        look = services.looks.measure(
            weights, strength, face or (), different_people=different_people
        )
        row = next(one for one in services.looks.state().rows if one.look.id == look.id)
        if out is not None:
            shown = services.looks.preview(weights, strength, face[0] if face else None)
            save_picture(decode_pixels(shown.looked), out)
    if as_json:
        print_json(_row_json(row))
        return
    found = look.measurement.figures
    say(f"{look.version}  {_words(look)}")
    say(f"{found.faces} faces, {found.lights} lights, {found.lights_within} within 60 degrees")
    for name, one in (("raw", found.raw), ("now", found.present), ("new", found.candidate)):
        say(f"{name}  {_stability(one)}")
    say(f"moves the reading in its own light by {found.shift:.3f}")
    for why in row.against:
        say(f"- {OBJECTION_TEXTS[why]}")
    if out is not None:
        say(f"{out}: {ALTERED}")


@app.command("adopt")
def adopt(
    look: Annotated[str, typer.Argument(metavar="LOOK", help="Version of a measured look.")],
    reason: Reason,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Read pictures with a measured look from now on, signed with a reason. Administrators."""
    with signed_in(store) as services:
        chosen = services.looks.adopt(_chosen(services, look).id, reason, credentials()[1])
    _print_in_use(chosen, as_json)


@app.command("back")
def back(reason: Reason, store: Store = None, as_json: Json = False) -> None:
    """Go one step back, to the look before or to the shipped one, signed with a reason."""
    with signed_in(store) as services:
        chosen = services.looks.take_back(reason, credentials()[1])
    _print_in_use(chosen, as_json)


def _weights(blend: list[str]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in blend:
        name, _, number = part.partition("=")
        try:
            weights[name.strip().replace("-", " ")] = float(number or "1")
        except ValueError as error:
            raise typer.BadParameter(f"“{number}” is not a weight.") from error
    return weights


def _chosen(services: ClinicServices, version: str) -> ReferenceLook:
    for row in services.looks.state().rows:
        if version in (row.look.version, str(row.look.id)):
            return row.look
    raise NotFound("There is no look “{version}”.", version=version)


def _words(look: ReferenceLook) -> str:
    parts = [f"{name} {round(100 * share)} %" for name, share in look.recipe.weights.items()]
    return f"{', '.join(parts)}; strength {look.recipe.strength:.2f}"


def _stability(one: Stability) -> str:
    return (
        f"spread {one.spread:.3f}, flips {one.flips:.3f}, within 60 degrees {one.flips_within:.3f}"
    )


def _row_json(row: LookRow) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(row.look)
    return {
        **plain,
        "version": row.look.version,
        "in_use": row.in_use,
        "against": [one.value for one in row.against],
    }


def _print_in_use(look: ReferenceLook | None, as_json: bool) -> None:
    if as_json:
        print_json({"in_use": look.version if look else None})
    else:
        say(f"In use: {look.version if look else SHIPPED}")
