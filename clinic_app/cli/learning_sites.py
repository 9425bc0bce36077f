"""`clinic-app learning sites`: fit one head together with other clinics, by sums alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.domain.errors import InvalidInput
from clinic_app.domain.ids import parse_id
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.schedule import to_local

if TYPE_CHECKING:
    from clinic_app.services.sites_data import GroupView, RoundRow

app = typer.Typer(
    help="Learn with other clinics: sums leave this one, masked, and no record does. One laptop"
    f" takes part for its clinic. {SIGN_IN}",
    no_args_is_help=True,
)
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with your name.")]
GroupFile = Annotated[Path, typer.Argument(metavar="FILE", help="From who made the group.")]


@app.command("status")
def status(
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask the centre too: rounds as they stand there.")
    ] = False,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Tell the group, the cases that could take part, and the rounds."""
    with signed_in(store) as services:
        now = services.sites.standing()
        rounds = services.sites.look() if ask else now.rounds
        zone = services.appointments.zone()
    if as_json:
        plain = {**to_plain(now), "against": list(map(str, now.against))}
        print_json({**plain, "rounds": [_row_json(one) for one in rounds]})
        return
    if now.card is not None:
        say(f"Card       {one_line(now.card.name)}  {now.card.code}")
    if now.group is not None:
        _say_group(now.group, joined=True)
    taking, later = now.under_way, ""
    if taking is not None:
        say(f"In a round {taking.cases} cases of {taking.people} people, while it is under way")
        later = " beside them, for a later round"
    say(f"To share   {now.cases} cases of {now.people} people{later}")
    for line in now.against:
        say(f"Not now    {line}")
    for one in rounds:
        _say_row(one, zone)


@app.command("card")
def card(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The card.")],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Write this clinic's card for who makes the group; there is no secret in it.

    From then on this laptop takes part for the clinic.
    """
    with signed_in(store) as services:
        made = services.sites.save_card(out)
    if as_json:
        print_json({"name": made.name, "code": made.code, "file": str(out)})
        return
    say(f"{one_line(made.name)}: {out}")
    say(f"Code: {made.code}. Read it out to who makes the group.")


@app.command("group")
def group(
    file: GroupFile,
    code: Annotated[
        str,
        typer.Option("--code", help="As another clinic reads it out; without it, only look."),
    ] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Look at the file of a group, and join it with its code.

    The file is as secret as a key: delete it afterwards.
    """
    with signed_in(store) as services:
        if code:
            seen = services.sites.join_group(file, code, credentials()[1])
        else:
            seen = services.sites.look_at_group(file)
    if as_json:
        shown = to_plain(seen)
        if not code:  # it is to come from another clinic, not from the file that it is to prove
            del shown["code"]
        print_json({**shown, "joined": bool(code)})
        return
    _say_group(seen, joined=bool(code))
    if code:
        say(f"Joined. Please delete the file {one_line(file.name)} now: it is as secret as a key.")
    else:
        say("Not joined yet: let another clinic read the group's code out to you, then --code.")


@app.command("agree")
def agree(
    reason: Reason,
    round_id: Annotated[
        str, typer.Argument(metavar="ROUND", help="Another clinic's round; without it, a new one.")
    ] = "",
    among: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="CLINIC", help="A member of a new round, again for each."),
    ] = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Take part in a round, signed with a reason: enter another clinic's, or open a new one.

    A new round without --with is among the whole group.
    """
    if round_id and among:
        raise typer.BadParameter("Who takes part in another clinic's round is settled already.")
    with signed_in(store) as services:
        chosen = parse_id(round_id, "round") if round_id else None
        places = () if chosen else _places(services.sites.standing().group, among or [])
        row = services.sites.agree(chosen, places, reason, credentials()[1])
        zone = services.appointments.zone()
    _print_row(row, as_json, zone)


@app.command("advance")
def advance(store: Store = None, as_json: Json = False) -> None:
    """Send what this clinic owes in its round, and keep the head at the end. Run it daily."""
    with signed_in(store) as services:
        row = services.sites.advance()
        zone = services.appointments.zone()
    _print_row(row, as_json, zone)


@app.command("stop")
def stop(
    reason: Reason,
    round_id: Annotated[str, typer.Argument(metavar="ROUND")],
    store: Store = None,
    as_json: Json = False,
) -> None:
    """End a round for everybody in it, or decline one, signed with a reason."""
    with signed_in(store) as services:
        row = services.sites.stop(parse_id(round_id, "round"), reason, credentials()[1])
        zone = services.appointments.zone()
    _print_row(row, as_json, zone)


def _places(seen: GroupView | None, among: list[str]) -> tuple[int, ...]:
    """The named members and this clinic; of no names, all."""
    if seen is None:
        return ()
    if not among:
        return tuple(range(len(seen.members)))
    by_name = {one.name.casefold(): place for place, one in enumerate(seen.members)}
    unknown = [one for one in among if one.casefold() not in by_name]
    if unknown:
        raise InvalidInput("sites", f"No clinic of the group is named {one_line(unknown[0])[:60]}.")
    return (seen.place, *(by_name[one.casefold()] for one in among))


def _say_group(seen: GroupView, *, joined: bool) -> None:
    say(f"Group      {one_line(seen.name)}{f'  code {seen.code}' if joined else ''}")
    for one in seen.members:
        say(f"  {one_line(one.name)}  {one.code}{'  this clinic' if one.own else ''}")


def _print_row(row: RoundRow, as_json: bool, zone: str) -> None:
    if as_json:
        print_json(_row_json(row))
    else:
        _say_row(row, zone)


def _row_json(row: RoundRow) -> dict[str, Any]:
    said = {"trouble": row.trouble, "silence": row.silence}
    return {**to_plain(row), **{name: str(one) if one else None for name, one in said.items()}}


def _say_row(row: RoundRow, zone: str) -> None:
    say(f"{row.id}  {row.state.value}  {', '.join(map(one_line, row.sites))}")
    if row.agreed_at is not None:
        gone = f", {row.withdrawn} withdrawn since" if row.withdrawn else ""
        say(f"  agreed by {one_line(row.agreed_by)}: {row.cases} cases, {row.people} people{gone}")
    if row.waiting_for:
        waiting = ", ".join(map(one_line, row.waiting_for))
        since = row.waiting_since
        due = (
            f" since {to_local(since, zone):%Y-%m-%d %H:%M}, by the centre's clock" if since else ""
        )
        say(f"  {row.steps} sums complete, waiting for {waiting}{due}")
    if row.silence:
        say(f"  {one_line(str(row.silence))}")
    if row.stopped_by:
        say(f"  stopped by {', '.join(map(one_line, row.stopped_by))}")
    if row.head:
        say(f"  head {row.head}")
    if row.trouble:
        say(f"  {one_line(str(row.trouble))}")
