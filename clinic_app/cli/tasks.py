"""`clinic-app tasks`: what there is to do, by whom and by when."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from clinic_app.cli.doors import signed_in
from clinic_app.cli.options import SIGN_IN, Json, Store
from clinic_app.cli.output import one_line, print_json, say
from clinic_app.cli.values import colleague, parse_date
from clinic_app.domain.ids import parse_id
from clinic_app.domain.record_codec import to_plain
from clinic_app.domain.tasks import Task
from clinic_app.services.tasks import NewTask, TaskRow

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices

app = typer.Typer(help=f"Tasks with an owner and a due date. {SIGN_IN}", no_args_is_help=True)

_Task = Annotated[str, typer.Argument(metavar="TASK")]


@app.command("add")
def add(
    title: Annotated[str, typer.Argument(metavar="TITLE")],
    detail: Annotated[str, typer.Option("--detail")] = "",
    due: Annotated[str, typer.Option("--due", metavar="YYYY-MM-DD")] = "",
    owner: Annotated[
        str, typer.Option("--owner", metavar="USER", help="Who does it; yourself unless given.")
    ] = "",
    nobody: Annotated[bool, typer.Option("--nobody", help="Leave it to whoever takes it.")] = False,
    patient: Annotated[str, typer.Option("--patient", metavar="ID")] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Add a task and print its ID."""
    due_on = parse_date(due, "due date") if due else None
    patient_id = parse_id(patient, "patient") if patient else None
    if owner and nobody:
        raise typer.BadParameter("--owner and --nobody exclude each other.")
    with signed_in(store) as services:
        chosen = None if nobody else _owner(services, owner)
        task = services.tasks.add(NewTask(title, detail, chosen, due_on, patient_id))
    _print(task, as_json)


@app.command("list")
def list_tasks(
    mine: Annotated[bool, typer.Option("--mine", help="Only your own.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those past their day.")] = False,
    patient: Annotated[
        str, typer.Option("--patient", metavar="ID", help="One person's, finished ones too.")
    ] = "",
    store: Store = None,
    as_json: Json = False,
) -> None:
    """List open tasks, earliest due first."""
    patient_id = parse_id(patient, "patient") if patient else None
    with signed_in(store) as services:
        me = services.session.user.id
        if patient_id is not None:
            rows = services.tasks.of_patient(patient_id)
            rows = [row for row in rows if row.overdue or not overdue]
            rows = [row for row in rows if row.task.owner == me or not mine]
        else:
            rows = services.tasks.open(owner=me if mine else None, overdue=overdue)
    if as_json:
        print_json([_row_json(row) for row in rows])
        return
    for row in rows:
        say(_line(row))
    if not rows:
        say("There are no tasks.")


@app.command("done")
def done(task: _Task, store: Store = None, as_json: Json = False) -> None:
    """Tick a task off."""
    _change(task, store, as_json, lambda services, task_id: services.tasks.finish(task_id))


@app.command("cancel")
def cancel(task: _Task, store: Store = None, as_json: Json = False) -> None:
    """A task is no longer needed."""
    _change(task, store, as_json, lambda services, task_id: services.tasks.cancel(task_id))


def _change(
    task: str, store: Any, as_json: bool, change: Callable[[ClinicServices, UUID], Task]
) -> None:
    task_id = parse_id(task, "task")
    with signed_in(store) as services:
        changed = change(services, task_id)
    _print(changed, as_json)


def _owner(services: ClinicServices, user_name: str) -> UUID:
    if not user_name:
        return services.session.user.id
    return colleague(services.tasks.owners(), user_name, "owner").id


def _state(task: Task) -> str:
    if task.done_at is not None:
        return "done"
    return "cancelled" if task.cancelled_at is not None else "open"


def _row_json(row: TaskRow) -> dict[str, Any]:
    return {
        **to_plain(row.task),
        "state": _state(row.task),
        "owner_name": row.owner_name,
        "patient": row.patient.display_name if row.patient else None,
        "overdue": row.overdue,
    }


def _line(row: TaskRow) -> str:
    due = row.task.due_on.isoformat() if row.task.due_on else "no date"
    state = "overdue" if row.overdue else _state(row.task)
    person = row.patient.display_name if row.patient else ""
    parts = (str(row.task.id), due, state, row.task.title, row.owner_name or "nobody yet", person)
    return "  ".join(one_line(part) for part in parts).rstrip()


def _print(task: Task, as_json: bool) -> None:
    if as_json:
        print_json({**to_plain(task), "state": _state(task)})
    else:
        say(str(task.id))
