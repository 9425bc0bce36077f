"""`clinic-app style`: the style studio from the command line."""

from __future__ import annotations

import typer

from clinic_app.cli import looks, style_optimise, style_pictures

app = typer.Typer(help="The style studio.", no_args_is_help=True)
app.add_typer(looks.app, name="look")
app.command("styles")(style_pictures.list_styles)
app.command("apply")(style_pictures.apply)
app.command("optimise")(style_optimise.optimise)
