"""Reporting tables take whatever the log holds; what was withdrawn or erased leaves the centre."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from clinic_app.db.tables import shared_image
from clinic_app.domain.consent import Purpose
from clinic_app.domain.convergence import SharedImage
from clinic_app.domain.erasure import ErasureEvent, ErasureEventKind
from clinic_app.domain.errors import WrongState
from clinic_app.domain.feedback import ServiceRating
from clinic_app.domain.ids import new_id
from clinic_app.domain.operations import SCHEMA_VERSION, EntityKind, decode_fields
from clinic_app.services.sync_data import CentreUnreachable, OperationsForged, VersionTooOld
from clinic_app.sync.projection import copy
from clinic_app.sync.projection.project import Projected
from tests.integration.db.records import a_patient
from tests.integration.rounds.clinics import Workstation, sync_all
from tests.integration.rounds.test_images import FACES, SHARED, answers, images, screens
from tests.support.centre import RealCentre
from tests.support.rounds import RealRounds

Project = Callable[[], Projected]


@pytest.fixture
def laptops(centre: RealCentre, tmp_path: Path) -> Iterator[tuple[Workstation, Workstation]]:
    rounds = RealRounds(centre)
    north, south = (
        Workstation(rounds, tmp_path / name, name, rounds.enrol(name)).set_up().join()  # type: ignore[arg-type]
        for name in ("north", "south")
    )
    yield north, south
    for one in (north, south):
        one.store.close()


@pytest.fixture
def project(centre: RealCentre, tmp_path: Path) -> Project:
    return lambda: centre.administration().project(
        centre.root, tmp_path / "copy", lambda share, pulled: None
    )


@pytest.fixture
def sweep(centre: RealCentre, tmp_path: Path) -> Callable[[], int]:
    def swept() -> int:
        return centre.administration().sweep(centre.root, tmp_path / "copy")[1]

    return swept


def test_what_a_column_cannot_hold_is_cut_or_left_empty_and_named(
    centre: RealCentre, laptops: tuple[Workstation, Workstation], project: Project
) -> None:
    north, _ = laptops
    old = replace(
        a_patient("Honest"),
        birth_date=date(1, 1, 1),
        registered_at=datetime(2, 1, 1, tzinfo=UTC),  # one of year 1 shows nothing at all
        local_number="9" * 400,
    )
    now = datetime(2026, 3, 2, tzinfo=UTC)
    rating = ServiceRating(new_id(), north.clinic().id, 1 << 40, now, now.date(), north.user.id)
    long = "x" * 250_000

    def change(work) -> None:  # type: ignore[no-untyped-def]
        work.log.record(EntityKind.PATIENT, old)
        work.log.record(EntityKind.SERVICE_RATING, rating)

    north.do(change)
    good = north.registers("Good")
    note = north.writes_note(good, long)
    north.do(
        lambda work: work.notes.save(
            replace(work.notes.get(note), signed_at=now, signed_by=north.user.id)
        )
    )
    north.sync()
    done = project()
    assert (done.unfit, done.left_out, done.troubles) == (3, 0, ())
    rows = centre.root_rows(
        "SELECT family_name, birth_date, unfit FROM patient ORDER BY birth_date"
    )
    assert rows[0] == ("Honest", None, "birth_date, local_number, registered_at")
    assert rows[1][0] == "Good"
    assert rows[1][2] is None
    assert centre.root_rows("SELECT rating, unfit FROM feedback") == ((None, "rating"),)
    assert centre.root_rows("SELECT LENGTH(words), unfit FROM note") == ((200_000, "words"),)
    assert project().written == 0


def test_a_row_that_the_server_refuses_stops_no_other(
    centre: RealCentre, laptops: tuple[Workstation, Workstation], project: Project
) -> None:
    north, _ = laptops
    centre.root_rows("ALTER TABLE patient ADD CONSTRAINT strict_one CHECK (family_name <> 'Bad')")
    for name in ("Good", "Bad", "Better"):
        north.registers(name)
    north.sync()
    done = project()
    assert (done.written, done.left_out) == (2, 1)
    names = centre.root_rows("SELECT family_name FROM patient ORDER BY family_name")
    assert names == (("Better",), ("Good",))


def test_withdrawn_images_leave_the_centre_and_come_back_when_agreed_to_again(
    centre: RealCentre,
    laptops: tuple[Workstation, Workstation],
    sweep: Callable[[], int],
) -> None:
    north, south = laptops
    patient, screening = screens(north, SHARED)
    _, other = screens(north, SHARED)
    sync_all(north, south)
    assert images(south, screening) == images(south, other) == FACES
    assert sweep() == 0
    answers(north, patient, Purpose.SHARING, False)
    sync_all(north, south)
    assert sweep() == 1
    assert sweep() == 0
    assert centre.root_rows("SELECT COUNT(DISTINCT sha256) FROM blob_part") == ((1,),)
    assert images(south, screening) is None
    answers(south, patient, Purpose.SHARING, True)
    sync_all(south, north, south)
    assert images(south, screening) == FACES
    assert sweep() == 0


def test_images_of_erased_people_leave_the_centre_and_every_laptop(
    centre: RealCentre,
    laptops: tuple[Workstation, Workstation],
    project: Project,
) -> None:
    """Also where the consent reached the centre only after the erasure."""
    north, south = laptops
    patient, screening = screens(north, SHARED)
    sync_all(north, south)
    request, asked = new_id(), ErasureEventKind.ASKED

    def erases(work) -> None:  # type: ignore[no-untyped-def]
        for kind in (asked, ErasureEventKind.COMPLETED):
            work.erasures.add(
                ErasureEvent(new_id(), request, patient, kind, south.now(), south.user.id)
            )

    south.do(erases)
    sync_all(south, north)
    assert images(north, screening) is None
    assert images(south, screening) is None
    assert project().swept == 1
    assert centre.count("blob_part") == 0
    assert project().swept == 0


def test_nobody_has_the_image_of_somebody_else_removed(
    laptops: tuple[Workstation, Workstation], sweep: Callable[[], int]
) -> None:
    north, south = laptops
    _, screening = screens(north, SHARED)
    sync_all(north, south)
    with south.store.unit_of_work() as work:
        shared = work.db.row(select(shared_image))
    assert shared is not None
    fields = decode_fields(shared.body)
    mine, own = screens(south, SHARED[:3])
    answers(south, mine, Purpose.SHARING, False)
    false = SharedImage(own, mine, fields["sha256"], fields["length"], south.now())
    south.do(lambda work: work.log.record(EntityKind.SHARED_IMAGE, false))
    sync_all(south, north)
    assert sweep() == 0
    assert images(north, screening) == FACES


# --- trouble is told beside what was done -------------------------------------------------------


def alter(centre: RealCentre, origin: int) -> Callable[[], None]:
    """Alter the last operation of a workstation at the centre; what puts it right again."""
    ((seq, body),) = centre.root_rows(
        "SELECT seq, body FROM ops WHERE origin = %s ORDER BY epoch DESC, seq DESC LIMIT 1", origin
    )
    change = "UPDATE ops SET body = %s WHERE origin = %s AND seq = %s"
    centre.root_rows(change, b"altered", origin, seq)
    return lambda: centre.root_rows(change, body, origin, seq) and None


def test_who_cannot_be_followed_holds_back_what_the_own_entries_name_and_no_other_image(
    centre: RealCentre, laptops: tuple[Workstation, Workstation], tmp_path: Path, project: Project
) -> None:
    """Its own images, people it has written of, and people whom what waits of it names."""
    north, south = laptops
    strange, _ = screens(north, SHARED)
    written, _ = screens(north, SHARED)
    waiting, _ = screens(north, SHARED)
    own, _ = screens(south, SHARED)
    sync_all(north, south)
    south.renames(written, phone="5")
    sync_all(south, north)
    assert centre.administration().sweep(centre.root, tmp_path / "copy").removed == 0
    for patient in (strange, written, waiting, own):
        answers(north, patient, Purpose.SHARING, False)
    north.sync()
    answers(south, waiting, Purpose.SHARING, True)
    south.registers("Altered on the way")
    south.sync()
    repair = alter(centre, south.member.origin)
    assert centre.count("blob_part") == 4
    done = centre.administration().sweep(centre.root, tmp_path / "copy")
    assert (done.removed, dict(done.held)) == (1, {"south": 3})
    assert [type(one) for one in done.troubles] == [OperationsForged]
    told = project()
    assert (told.swept, dict(told.held)) == (0, {"south": 3})
    assert [type(one) for one in told.troubles] == [OperationsForged]
    assert centre.count("blob_part") == 3
    repair()
    assert centre.administration().sweep(centre.root, tmp_path / "copy") == (0, 2, (), {})


def test_who_writes_with_a_newer_program_may_mean_any_image(
    centre: RealCentre, laptops: tuple[Workstation, Workstation], tmp_path: Path
) -> None:
    north, south = laptops
    patient, _ = screens(north, SHARED)
    sync_all(north, south)
    answers(north, patient, Purpose.SHARING, False)
    north.sync()
    south.version = SCHEMA_VERSION + 1
    south.registers("By a newer program")
    south.sync()
    done = centre.administration().sweep(centre.root, tmp_path / "copy")
    assert (done.removed, dict(done.held)) == (0, {"south": 1})
    assert [type(one) for one in done.troubles] == [VersionTooOld]


def test_a_snapshot_that_cannot_be_replaced_hides_no_result_and_is_made_the_next_time(
    centre: RealCentre,
    laptops: tuple[Workstation, Workstation],
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    north, south = laptops
    north.registers("Good")
    north.sync()
    centre.administration().snapshot(centre.root, tmp_path / "copy", lambda share: None)
    south.registers("Better")
    south.sync()

    def cut(*given: object) -> None:
        raise CentreUnreachable("The line was cut.")

    with monkeypatch.context() as patch:
        patch.setattr(copy, "is_outdated", lambda db, manifest: True)
        patch.setattr(copy, "keep_snapshot", cut)
        done = project()
    assert (done.written, [type(one) for one in done.troubles]) == (2, [CentreUnreachable])
    assert centre.count("snapshot") == 0
    assert project().troubles == ()
    made = centre.root_rows("SELECT id FROM snapshot")
    assert len(made) == 1
    assert project().troubles == ()
    assert centre.root_rows("SELECT id FROM snapshot") == made, "it is made once"


def test_who_forges_is_told_of_though_the_snapshot_cannot_be_replaced_either(
    centre: RealCentre,
    laptops: tuple[Workstation, Workstation],
    sweep: Callable[[], int],
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, south = laptops
    south.registers("Altered on the way")
    south.sync()
    centre.administration().snapshot(centre.root, tmp_path / "copy", lambda share: None)
    south.registers("Altered as well")
    south.sync()
    repair = alter(centre, south.member.origin)
    with monkeypatch.context() as patch:
        patch.setattr(copy, "is_outdated", lambda db, manifest: True)
        troubles = project().troubles
    assert [type(one) for one in troubles] == [OperationsForged, WrongState]
    with pytest.raises(OperationsForged):
        centre.administration().snapshot(centre.root, tmp_path / "copy", lambda share: None)
    repair()
    assert sweep() == 0
    assert centre.count("snapshot") == 1
