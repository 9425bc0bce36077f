"""Who may take an export out, and why; it is there whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import AccessDenied, InvalidInput, NotFound, WrongPassword
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Patient, Role
from clinic_app.services import export_place
from clinic_app.services.export import ExportStopped
from clinic_app.services.export_place import ExportFailed
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.unit.services.export.files import ASKED, export


def test_an_export_needs_the_password_the_right_and_the_word_that_it_is_unprotected(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    exports, place = clinic.services.exports, tmp_path / "out.zip"
    with pytest.raises(InvalidInput, match="not encrypted"):
        exports.write(patient.id, place, ASKED, PASSWORD, accepts_unprotected=False)
    with pytest.raises(WrongPassword):
        exports.write(patient.id, place, ASKED, "not it", accepts_unprotected=True)
    with pytest.raises(NotFound):
        exports.write(new_id(), place, ASKED, PASSWORD, accepts_unprotected=True)
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, Role.DOCTOR)
    exports = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).exports
    with pytest.raises(AccessDenied):
        exports.write(patient.id, place, ASKED, COLLEAGUE_PASSWORD, accepts_unprotected=True)
    assert list(tmp_path.iterdir()) == []


def test_an_export_is_audited_with_its_reason(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    export(clinic, patient, tmp_path / "out.zip")
    found = [one for one in clinic.store.tables.audit if one.kind is AuditKind.EXPORTED]
    assert [(one.subject_id, one.detail) for one in found] == [(patient.id, "person_asked")]


def test_nothing_is_replaced_and_nothing_is_left_when_it_fails(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    (tmp_path / "there.zip").write_bytes(b"mine")
    for place in (tmp_path / "there.zip", tmp_path / "missing" / "x", tmp_path / ("n" * 300)):
        with pytest.raises(ExportFailed):
            export(clinic, patient, place)
    with pytest.raises(ExportStopped):
        export(clinic, patient, tmp_path / "out.zip", stop=lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == ["there.zip"]
    assert (tmp_path / "there.zip").read_bytes() == b"mine"


def test_the_plan_counts_what_an_export_holds(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    plan = clinic.services.exports.plan(patient.id)
    files = export(clinic, patient, tmp_path / "out.zip")
    assert (plan.screenings, plan.images, plan.notes, plan.appointments) == (2, 2, 2, 2)
    assert "not encrypted" in plan.warning
    assert plan.warning in files["README.txt"].decode()


class Killed(BaseException):
    """Nothing runs after a SIGKILL, so no clearing up either."""


def kill_amid(
    monkeypatch: pytest.MonkeyPatch, clinic: FakeClinic, patient: Patient, place: Path
) -> None:
    """An export that dies when everything is written and nothing is in its place."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(Path, "replace", die)
        dying.setattr("clinic_app.services.export_place.shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            export(clinic, patient, place)


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_a_killed_export_leaves_no_place_taken_and_is_cleared_by_the_next(
    clinic: FakeClinic,
    patient: Patient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    kill_amid(monkeypatch, clinic, patient, tmp_path / name)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".clinic-app-export-")
    mine = tmp_path / "mine"
    mine.mkdir()
    export(clinic, patient, tmp_path / name)  # a young one may be another program's at work
    assert left.exists()
    for part in (*left.rglob("*"), left):
        os.utime(part, (1, 1))
    export(clinic, patient, tmp_path / f"again-{name}")
    assert {one.name for one in tmp_path.iterdir()} == {"mine", name, f"again-{name}"}


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_what_a_killed_export_left_readable_is_removed_at_the_next_sign_in(
    clinic: FakeClinic,
    patient: Patient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    kill_amid(monkeypatch, clinic, patient, stick / name)
    (left,) = stick.iterdir()
    assert (left / "export").exists()
    away = stick.rename(tmp_path / "taken out")
    clinic.sign_in()  # the stick is not there: it is looked for again
    away.rename(stick)
    clinic.sign_in()
    assert list(stick.iterdir()) == []
    assert clinic.store.tables.begun_exports == []
    removed = [one for one in clinic.store.tables.audit if one.subject == "export"]
    assert [one.detail for one in removed][-1:] == ["broken off before, removed"]


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_what_lies_on_a_stick_that_was_pulled_out_amid_an_export_is_removed_later(
    clinic: FakeClinic,
    patient: Patient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    stick, away = tmp_path / "stick", tmp_path / "pulled out"
    stick.mkdir()

    def pulled(*_: object) -> None:
        stick.rename(away)
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as pulling:
        pulling.setattr(Path, "replace", pulled)
        with pytest.raises(ExportFailed):
            export(clinic, patient, stick / name)
    assert [one.name.startswith(".clinic-app-export-") for one in away.iterdir()] == [True]
    away.rename(stick)
    clinic.sign_in()
    assert list(stick.iterdir()) == []
    assert clinic.store.tables.begun_exports == []


def test_a_folder_that_somebody_may_not_look_into_keeps_nobody_out(
    clinic: FakeClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the mounted stick of another account of the computer."""
    left = tmp_path / "stick" / ".clinic-app-export-01"
    left.mkdir(parents=True)
    with clinic.store.unit_of_work() as work:
        work.begun_exports.add(str(left))
        work.commit()
    stat = Path.stat

    def refused(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if self == left or self == left.parent:
            raise PermissionError(errno.EACCES, "Permission denied")
        return stat(self, follow_symlinks=follow_symlinks)

    with monkeypatch.context() as barred:
        barred.setattr(Path, "stat", refused)
        clinic.sign_in()
    assert clinic.store.tables.begun_exports == [str(left)]
    clinic.sign_in()
    assert not left.exists()
    assert clinic.store.tables.begun_exports == []


def test_an_export_is_whole_though_somebody_else_signs_in_while_it_is_written(
    clinic: FakeClinic, patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, written = export_place._put, 0

    def put_slowly(path: Path, content: bytes) -> None:
        nonlocal written
        put(path, content)
        written += 1
        if written == 2:
            clinic.sign_in()

    monkeypatch.setattr(export_place, "_put", put_slowly)
    files = export(clinic, patient, tmp_path / "out")
    assert written > 2
    assert len(files) == written
    assert clinic.store.tables.begun_exports == []


def test_an_export_that_ends_is_not_remembered(
    clinic: FakeClinic, patient: Patient, tmp_path: Path
) -> None:
    export(clinic, patient, tmp_path / "out")
    assert clinic.store.tables.begun_exports == []
    clinic.sign_in()
    assert (tmp_path / "out" / "README.txt").exists()
    assert all(one.subject != "export" for one in clinic.store.tables.audit)
