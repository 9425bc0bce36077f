"""`clinic-app learning`: what doctors read in pictures, local heads, drift, the training set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli import learning_sites
from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say, warn
from clinic_app.cli.values import accepted
from clinic_app.domain.errors import NotFound
from clinic_app.domain.ids import parse_id
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.schedule import to_local
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.sentence import together
from clinic_app.services.record_pictures import leaving
from clinic_app.services.saving import save_file

if TYPE_CHECKING:
    from clinic_app.domain.drift import DriftMonth, Figure, Shift
    from clinic_app.domain.local_head import Between, Comparison, LocalHead
    from clinic_app.services.clinic_services import ClinicServices
    from clinic_app.services.learning_data import HeadRow, LearningState

app = typer.Typer(
    help=f"Learning from the clinic: local heads beside the shipped one. {SIGN_IN}",
    no_args_is_help=True,
)
app.add_typer(learning_sites.app, name="sites")
Head = Annotated[str, typer.Argument(metavar="HEAD", help="Version or ID of a local head.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with your name.")]
Case = Annotated[str, typer.Argument(metavar="SCREENING", help="The ID of the case.")]


@app.command("status")
def status(store: Store = None, as_json: Json = False) -> None:
    """Cases, what is missing, heads and the one in use."""
    with signed_in(store) as services:
        state = services.learning.state()
    missing = list(map(str, (*state.guard.missing_to_fit, *state.guard.missing_to_judge)))
    if as_json:
        print_json(
            {
                "models": state.base,
                "settled": state.settled,
                "fitted": state.fitted,
                "locked": state.locked,
                "elsewhere": state.elsewhere,
                "waiting": state.waiting,
                "guard": {**to_plain(state.guard), "missing": missing},
                "looks": state.looks,
                "to_drop": state.to_drop,
                "in_use": state.in_use.version if state.in_use else None,
                "heads": [head_json(row) for row in state.rows],
            }
        )
        return
    say(f"Settled cases  {state.settled} ({state.fitted} to fit on, {state.locked} locked)")
    if state.elsewhere:
        say(f"Do not count   {state.elsewhere} more, read by other models than those in use")
    say(f"Waiting        {state.waiting}")
    say(f"In use         {_in_use(state)}")
    if state.to_drop:
        say(f"To drop        {state.to_drop} from earlier training sets (export --withdrawn)")
    for line in missing:
        say(f"Missing        {line}")
    for row in state.rows:
        say(_head_line(row))


@app.command("queue")
def queue(store: Store = None, as_json: Json = False) -> None:
    """The pictures that wait for you to read them, and how readers agree. For doctors."""
    with signed_in(store) as services:
        found = services.adjudication.queue()
    if as_json:
        print_json(to_plain(found))
        return
    for one in found.cases:
        say(str(one))
    for case in found.together:
        said = ", ".join(
            f"{one_line(name) or 'a colleague'} {seen.value}" for name, seen in case.said
        )
        say(f"{case.screening_id}  to be settled together: {said}")
    kappa = "not defined yet" if found.kappa is None else f"{found.kappa:.2f}"
    say(
        f"{len(found.cases)} wait for you, {len(found.together)} to be settled together,"
        f" {found.settled} settled; kappa between readers {kappa} over {found.pairs} cases"
    )


@app.command("picture")
def picture(
    case: Case,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="PNG", help="A new file.")],
    store: Store = None,
) -> None:
    """Write the picture of a case to a file, to be read blind. For doctors."""
    with signed_in(store) as services:
        png = services.adjudication.picture(parse_id(case, "screening"))
    save_file(leaving(png), out)
    warn("This file shows a person and is not encrypted. Delete it after reading.")


@app.command("read")
def read(
    case: Case, severity: ClinicianSeverity, store: Store = None, as_json: Json = False
) -> None:
    """Record what you see in the picture of a case; it stays as it is. For doctors."""
    with signed_in(store) as services:
        after = services.adjudication.record(parse_id(case, "screening"), severity)
    _print_state(after.value, as_json)


@app.command("agree")
def agree(
    case: Case,
    severity: ClinicianSeverity,
    reason: Reason,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Record the band that the readers of a case settled on together. For doctors."""
    with signed_in(store) as services:
        after = services.adjudication.agree(parse_id(case, "screening"), severity, reason)
    _print_state(after.value, as_json)


@app.command("leave")
def leave(case: Case, store: Store = None, as_json: Json = False) -> None:
    """Leave a case to others for good, because you know its result. For doctors."""
    with signed_in(store) as services:
        services.adjudication.pass_over(parse_id(case, "screening"))
    if as_json:
        print_json({"left": case})
    else:
        say("Left to others.")


@app.command("fit")
def fit(store: Store = None, as_json: Json = False) -> None:
    """Fit a new head on the cases that are not locked; nothing is put into use."""
    with signed_in(store) as services:
        head = services.learning.fit()
    if as_json:
        print_json(_summary(head))
    else:
        say(f"{head.version}: {len(head.cases)} cases of {head.people} people")


@app.command("compare")
def compare(head: Head, store: Store = None, as_json: Json = False) -> None:
    """Compare a head with the shipped one and the one in use on the locked part; each look costs
    certainty."""
    with signed_in(store) as services:
        found = services.learning.compare(_chosen(services, head).id)
    if as_json:
        print_json(to_plain(found))
    else:
        say(_comparison_line(found))


@app.command("promote")
def promote(head: Head, reason: Reason, store: Store = None, as_json: Json = False) -> None:
    """Put a head into use beside the shipped one, signed with a reason."""
    with signed_in(store) as services:
        chosen = services.learning.promote(_chosen(services, head).id, reason, credentials()[1])
    _print_in_use(chosen, as_json)


@app.command("rollback")
def roll_back(reason: Reason, store: Store = None, as_json: Json = False) -> None:
    """Go one step back, to the head before or to none, signed with a reason."""
    with signed_in(store) as services:
        chosen = services.learning.roll_back(reason, credentials()[1])
    _print_in_use(chosen, as_json)


@app.command("members")
def members(head: Head, store: Store = None, as_json: Json = False) -> None:
    """List the cases that a head was fitted on and last judged on."""
    with signed_in(store) as services:
        found = services.learning.members(_chosen(services, head).id)
    if as_json:
        print_json(to_plain(found))
        return
    for one in found:
        judged = "  judged on" if one.judged else ""
        say(f"{one.screening_id}{judged}{'  withdrawn' if one.withdrawn else ''}")


@app.command("card")
def card(head: Head, store: Store = None, as_json: Json = False) -> None:
    """Print the card of a head (Markdown)."""
    with signed_in(store) as services:
        chosen = _chosen(services, head)
        text = services.learning.card(chosen.id)
    if as_json:
        print_json({"head": chosen.version, "card": text})
    else:
        say(text.rstrip("\n"))


@app.command("drift")
def drift(store: Store = None, as_json: Json = False) -> None:
    """Month by month: gate, abstentions, shift of scores and embeddings, agreement with PHQ-9."""
    with signed_in(store) as services:
        versions = services.learning.drift()
    if as_json:
        print_json(to_plain(versions))
        return
    for version in versions:
        reference = version.reference or "too few readings yet"
        say(f"{version.base}  reference: {reference}")
        for month in version.months:
            say(_month_line(month))
    if not versions:
        say("No picture has been taken yet.")


@app.command("export")
def export(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="DIR|ZIP", help="A new folder, or a file ending .zip."),
    ] = None,
    withdrawn: Annotated[
        bool,
        typer.Option(
            "--withdrawn",
            help="Write nothing; list the cases of earlier sets whose person has withdrawn since.",
        ),
    ] = False,
    unprotected: Annotated[
        bool, typer.Option("--unprotected", help="I know that these files are not encrypted.")
    ] = False,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Write the pseudonymous training set that `clinic_app.training` reads."""
    from clinic_app.services.training_export import WARNING

    if withdrawn:
        if out is not None:
            raise typer.BadParameter("--withdrawn writes nothing: give it without -o.", context)
        _print_to_drop(store, as_json)
        return
    if out is None:
        raise typer.BadParameter("Please name a new folder or .zip file with -o.", context)
    accepted(unprotected, WARNING)
    with signed_in(store) as services:
        done = services.training_export.write(
            out, credentials()[1], accepts_unprotected=unprotected
        )
    if as_json:
        print_json({**to_plain(_export_fields(done)), "warning": WARNING})
        return
    say(f"{one_line(str(done.path))}: {done.cases} cases, {done.people} people, {done.crops} crops")
    warn(WARNING)


def _print_to_drop(store: Path | None, as_json: bool) -> None:
    """Pseudonyms alone on stdout, one a line, for whoever drops them from a set; the last line
    says that the list was not cut off, and for which sets it is."""
    from clinic_app.services.training_export import LIST_END

    with signed_in(store) as services:
        sets = services.training_export.earlier()
        zone = services.appointments.zone()
    if as_json:
        print_json(to_plain(sets))
        return
    whole = {one for found in sets for one in found.withdrawn}
    for case in sorted(whole | {one for found in sets for one in found.crops}):
        say(case if case in whole else f"{case}  crop alone")
    say(" ".join([LIST_END, *(found.sha256 for found in sets)]))
    for found in sets:
        gone = f"{len(found.withdrawn)} withdrawn, of {len(found.crops)} the crop alone"
        moment = f"{to_local(found.at, zone):%Y-%m-%d %H:%M}"
        warn(f"{moment} {found.sha256[:16]}: {found.cases} cases, {gone}")
    if not sets:
        warn("No training set was written yet.")


def head_json(row: HeadRow) -> dict[str, Any]:
    return {
        **_summary(row.head),
        "in_use": row.in_use,
        "withdrawn": row.withdrawn,
        "judged_withdrawn": row.judged_withdrawn,
        "against": list(map(str, row.against)),
        "comparison": to_plain(row.comparison),
    }


def _summary(head: LocalHead) -> dict[str, Any]:
    """Without weights and cases: `members` lists those."""
    plain = {**to_plain(head), "version": head.version, "cases": len(head.cases)}
    return {name: value for name, value in plain.items() if name not in ("weights", "cuts")}


def _chosen(services: ClinicServices, head: str) -> LocalHead:
    for row in services.learning.state().rows:
        if head in (row.head.version, str(row.head.id)):
            return row.head
    raise NotFound(f"There is no local head {one_line(head)[:60]}.")


def _export_fields(done: Any) -> dict[str, Any]:
    return {
        "path": str(done.path),
        "cases": done.cases,
        "people": done.people,
        "crops": done.crops,
        "size": done.size,
        "sha256": done.sha256,
    }


def _in_use(state: LearningState) -> str:
    for row in state.rows:
        if row.in_use:
            gone = f", with withdrawn cases ({row.withdrawn})" if row.withdrawn else ""
            idle = "" if row.reads else ", for other models: it reads no picture"
            return f"{row.head.version}{gone}{idle}"
    return "no local head"


def _head_line(row: HeadRow) -> str:
    state = "in use" if row.in_use else "may be promoted" if not row.against else "not promotable"
    against = together(row.against)
    return f"{row.head.version}  {len(row.head.cases)} cases  {state}  {against}"


def _comparison_line(found: Comparison) -> str:
    met = found.champion
    beside = f"; {_gain(f'head in use, {met.version}', met.kappa, met.kappa_gain)}" if met else ""
    return (
        f"kappa {found.kappa_local.value:.2f}"
        f" {_gain('shipped head', found.kappa_shipped, found.kappa_gain)}{beside}"
        f" on {found.people} people, look {found.look}"
    )


def _gain(over: str, kappa: Between, gain: Between) -> str:
    return (
        f"against {kappa.value:.2f} of the {over},"
        f" better by {gain.value:.2f} ({gain.low:.2f} to {gain.high:.2f})"
    )


def _month_line(month: DriftMonth) -> str:
    if month.pictures is None:
        return f"  {month.month}  withheld: too few people"
    parts = [
        f"{month.pictures} pictures",
        f"gate {_figure(month.passed)}",
        f"abstained {_figure(month.abstained)}",
        f"score {_shift(month.score_index)}",
        f"embedding {_shift(month.embedding)}",
        f"PHQ-9 {_figure(month.phq9)}",
    ]
    return f"  {month.month}  " + "  ".join(parts)


def _figure(one: Figure | None) -> str:
    return "too few" if one is None else f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})"


def _shift(one: Shift | None) -> str:
    if one is None:
        return "not compared"
    return f"{one.value:.3f} ({'beyond' if one.beyond else 'within'} {one.limit:.3f})"


def _print_state(state: str, as_json: bool) -> None:
    if as_json:
        print_json({"state": state})
    else:
        say(state)


def _print_in_use(head: LocalHead | None, as_json: bool) -> None:
    version = head.version if head else None
    if as_json:
        print_json({"in_use": version})
    else:
        say(f"In use: {version or 'no local head'}")
