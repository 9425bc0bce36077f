"""`clinic-app retention`: how long images and drafts stay, what would go, and letting it go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import print_json, say
from clinic_app.domain.record_codec import to_plain

if TYPE_CHECKING:
    from clinic_app.services.retention import RetentionPlan

app = typer.Typer(
    help=f"How long images and drafts stay. For administrators. {SIGN_IN}", no_args_is_help=True
)
Days = Annotated[int | None, typer.Option(metavar="DAYS", help="0: until a person decides.")]


@app.command("set")
def set_days(
    kept_images: Days = None,
    draft_images: Annotated[int | None, typer.Option(metavar="DAYS")] = None,
    drafts: Days = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Change how long things stay; what is left out stays as it is. Nothing goes before `run`."""
    with signed_in(store) as services:
        settings = services.retention.settings()
        if kept_images is not None:
            settings = replace(settings, kept_image_days=kept_images or None)
        if draft_images is not None:
            settings = replace(settings, draft_image_days=draft_images)
        if drafts is not None:
            settings = replace(settings, draft_days=drafts or None)
        saved = services.retention.save(settings, credentials()[1])
    if as_json:
        print_json(to_plain(saved))
    else:
        say("The settings are kept.")


@app.command("dry-run")
def dry_run(store: Store = None, as_json: Json = False) -> None:
    """Tell what would go today; nothing changes."""
    with signed_in(store) as services:
        plan = services.retention.dry_run()
    _print(plan, "would go", as_json)


@app.command("run")
def run(store: Store = None, as_json: Json = False) -> None:
    """Remove what is due."""
    with signed_in(store) as services:
        plan = services.retention.run(credentials()[1])
    _print(plan, "went", as_json)


def plan_json(plan: RetentionPlan) -> dict[str, Any]:
    from clinic_app.services.retention import RetentionKind

    return {
        "settings": to_plain(plan.settings),
        "counts": {kind.value: plan.count(kind) for kind in RetentionKind},
        "items": to_plain(plan.items),
    }


def _print(plan: RetentionPlan, verb: str, as_json: bool) -> None:
    shown = plan_json(plan)
    if as_json:
        print_json(shown)
        return
    for kind, count in shown["counts"].items():
        say(f"{kind.replace('_', ' ')}: {count} {verb}")
