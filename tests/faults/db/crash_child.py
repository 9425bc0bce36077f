"""Runs as a process of its own and kills itself with SIGKILL at a chosen step.

``create FOLDER``: sets up a clinic in FOLDER/<point>, once for each point.
``work TEMPLATE FOLDER``: copies a closed store to FOLDER/<point> and takes a screening in it.
``endless STORE``: registers patients until it is killed from outside.
``words STORE FORM``: keeps more and more words of one form until it is killed from outside.

A line ``<point> killed`` or ``<point> done`` is printed for each point; the first that is done is
the last. What the store has acknowledged is appended to FOLDER/<point>.acknowledged.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clinic_app.db.transaction import Transaction
from clinic_app.db.vault import FolderVault
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.clock import utc_now
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.forms import FormKind
from clinic_app.domain.ids import new_id
from clinic_app.services.forms import FormService
from clinic_app.services.session import Desk, Session
from clinic_app.services.storage import OpenStore
from tests.integration.db.records import (
    PASSWORD,
    ROUNDS,
    USER,
    a_consent,
    a_draft,
    a_patient,
    a_safety_event,
    a_screening,
    set_up,
)

FILE_CALLS = ("open", "write", "fsync", "replace", "unlink", "mkdir")


def die_at(point: int, *, statements: bool) -> None:
    """Count file calls, commits and (if asked) statements; die before number ``point``."""
    left = [point]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return call

    for name in FILE_CALLS:
        setattr(os, name, counted(getattr(os, name)))
    for name in ("run",) * statements + ("commit", "clear_write_ahead_log"):
        setattr(Transaction, name, counted(getattr(Transaction, name)))


def say(*words: object) -> None:
    """A line on standard output that is out before the next step."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def at_every_point(first: int, step: int, run: Callable[[int], None]) -> None:
    """Fork a child for each point until one gets through."""
    for point in range(first, 10_000, step):
        child = os.fork()
        if child == 0:
            run(point)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the child failed instead of being killed"
            say(point, "done")
            return
        say(point, "killed")


def create(folder: Path, point: int) -> None:
    die_at(point, statements=False)
    set_up(folder / str(point)).store.close()


def work(template: Path, folder: Path, point: int) -> None:
    """A screening from registration to finish, one unit of work a step."""
    target = folder / str(point)
    shutil.copytree(template, target)
    store = FolderVault(target, rounds=ROUNDS).unlock(USER, PASSWORD)
    acknowledged = os.open(folder / f"{point}.acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    write = os.write
    die_at(point, statements=True)
    for number in screening_steps(store):
        write(acknowledged, f"{number}\n".encode())
    store.close()


def rehearse(template: Path, folder: Path) -> None:
    """The whole way once, before the forks, for the same reason."""
    shutil.copytree(template, folder / "warm")
    store = FolderVault(folder / "warm", rounds=ROUNDS).unlock(USER, PASSWORD)
    for _ in screening_steps(store):
        pass
    store.close()


def screening_steps(store: OpenStore) -> Any:
    """Yields the number of each step that the store has acknowledged."""
    with store.unit_of_work() as work:
        user = work.users.all()[0]
    patient = a_patient()
    draft = a_draft(patient.id, user.id)
    images = FaceImages(b"face" * 2000, b"even" * 2000)

    def register(unit: Any) -> None:
        unit.patients.add(patient)

    def consent(unit: Any) -> None:
        unit.consents.add(a_consent(patient.id, user.id))

    def begin(unit: Any) -> None:
        unit.drafts.save(draft)
        unit.images.put(draft.id, images, kept=False)
        unit.safety.add(a_safety_event(patient.id, user.id, screening_id=draft.id))

    def finish(unit: Any) -> None:
        screening = a_screening(patient.id, user.id)
        unit.screenings.add(screening)
        unit.images.remove(draft.id)
        unit.drafts.remove(draft.id)

    for number, step in enumerate((register, consent, begin, finish), 1):
        with store.unit_of_work() as unit:
            step(unit)
            unit.audit.record(AuditKind.CHANGED, user.id, "step", detail=str(number))
            unit.commit()
        yield number


def endless(folder: Path) -> None:
    store = FolderVault(folder, rounds=ROUNDS).unlock(USER, PASSWORD)
    say("open")
    while True:
        patient = a_patient()
        with store.unit_of_work() as unit:
            unit.patients.add(patient)
            unit.audit.record(AuditKind.CREATED, None, "patient", patient.id)
            unit.commit()
        say(patient.id)


def words(folder: Path, form: FormKind) -> None:
    vault = FolderVault(folder, rounds=ROUNDS)
    store = vault.unlock(USER, PASSWORD)
    with store.unit_of_work() as unit:
        user = unit.users.all()[0]
        patient = a_patient()
        opened = a_safety_event(patient.id, user.id, screening_id=new_id())
        unit.patients.add(patient)
        unit.safety.add(opened)
        unit.commit()
    forms = FormService(Desk(Session(user, vault), store.unit_of_work, utc_now))
    about = {
        FormKind.SAFETY_ASSESSMENT: opened.flow_id,
        FormKind.INTERVENTION: patient.id,
        FormKind.TASK: patient.id,
        FormKind.HANDOVER: user.id,
    }
    say(about[form])
    for number in itertools.count(1):
        forms.keep(form, about[form], {"plan": "word " * number})
        say(number)


if __name__ == "__main__":
    what, *paths = sys.argv[1:]
    if what == "create":
        # Once before the forks: each of them would otherwise put the same statements together.
        set_up(Path(paths[0]) / "warm").store.close()
        at_every_point(1, 1, lambda point: create(Path(paths[0]), point))
    elif what == "work":
        rehearse(Path(paths[0]), Path(paths[1]))
        at_every_point(1, 1, lambda point: work(Path(paths[0]), Path(paths[1]), point))
    elif what == "words":
        words(Path(paths[0]), FormKind(paths[1]))
    else:
        endless(Path(paths[0]))
