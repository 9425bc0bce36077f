"""`clinic-app audit`: verify the audit trail."""

from __future__ import annotations

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import print_json, say
from clinic_app.domain.errors import StoreDamaged

app = typer.Typer(help=f"The audit trail. {SIGN_IN}", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Keep `audit verify` a command of a group."""


@app.command("verify")
def verify(store: Store = None, as_json: Json = False) -> None:
    """Check every link of the audit chain; exit code 1 when it is broken."""
    with signed_in(store) as services:
        check = services.audit.verify()
    if as_json:
        print_json(
            {
                "intact": check.intact,
                "entries": check.entries,
                "head": check.head,
                "broken_at": check.broken_at,
                "truncated": check.truncated,
            }
        )
    if check.broken_at is not None:
        raise StoreDamaged(f"The audit trail was altered: entry {check.broken_at} does not fit.")
    if check.truncated:
        raise StoreDamaged("The audit trail was cut off: its newest entries are missing.")
    if not as_json:
        say(f"The audit trail is intact: {check.entries} entries, head {check.head[:16]}.")
