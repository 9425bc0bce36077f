"""The pseudonymous set: what is in it, what is not, and that training reads it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import AccessDenied, InvalidInput, WrongPassword, WrongState
from clinic_app.domain.ids import new_id
from clinic_app.domain.learning_key import pseudonym
from clinic_app.domain.people import Role
from clinic_app.services.learning_cases import LEARNT_FROM
from clinic_app.services.learning_data import LearningStopped
from clinic_app.services.record_pictures import leaving
from clinic_app.training.clinic_set import UnusableSet, load_clinic_set
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.labelled import ALL, add_case, withdraw
from tests.fakes.reading import face_images


@pytest.fixture
def filled(clinic: FakeClinic) -> FakeClinic:
    """Six cases: one without consent to keep pictures, one without consent to training, one that
    nobody has read, and two of the same band."""
    by = new_id()
    with clinic.store.unit_of_work() as work:
        for number, label in enumerate((0, 1, 2, 2)):
            embedding = (float(number), *[0.25] * 511)
            add_case(work, by, label=label, number=number, embedding=embedding)
        add_case(work, by, label=3, number=4, purposes=(ALL[0], ALL[1], ALL[3]))
        add_case(work, by, label=3, number=5, purposes=ALL[:3])
        add_case(work, by, label=None, number=6)
        work.commit()
    return clinic


def export(clinic: FakeClinic, place: Path, **given: object):
    details = {"accepts_unprotected": True, **given}
    return clinic.services.training_export.write(place, PASSWORD, **details)


def test_training_reads_what_a_clinic_exports(filled: FakeClinic, tmp_path: Path) -> None:
    done = export(filled, tmp_path / "set")
    assert (done.cases, done.people, done.crops) == (5, 5, 4)
    found = load_clinic_set(tmp_path / "set")
    assert sorted(found.bands.tolist()) == [0, 1, 2, 2, 3]
    assert found.embeddings.shape == (5, 512)
    by_band = dict(zip(found.bands.tolist(), found.embeddings[:, 0].tolist(), strict=True))
    assert (by_band[0], by_band[1]) == (0.0, 1.0)
    assert len(set(found.person.tolist())) == 5
    assert set(found.label_from) == {"two_readers"}
    shown = [crop for crop in found.crops if crop is not None]
    assert len(shown) == 4
    assert shown[0] == leaving(face_images().face_png)
    without = [crop is None for crop in found.crops]
    assert found.bands[without.index(True)] == 3


def test_a_zip_holds_what_a_folder_does(filled: FakeClinic, tmp_path: Path) -> None:
    for name in ("set", "set.zip"):
        export(filled, tmp_path / name)
    one, other = (load_clinic_set(tmp_path / name) for name in ("set", "set.zip"))
    assert (one.cases, one.crops, one.label_from) == (other.cases, other.crops, other.label_from)
    np.testing.assert_array_equal(one.embeddings, other.embeddings)
    whole = (tmp_path / "set.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    spoilt = bytearray(whole)
    spoilt[whole.index(b".png") + 30] ^= 0xFF  # within packed bytes
    (tmp_path / "spoilt.zip").write_bytes(spoilt)
    with pytest.raises(UnusableSet):
        load_clinic_set(tmp_path / "spoilt.zip")
    locked = bytearray(whole)
    for sign, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(sign) + flag] |= 1  # says that its first file is encrypted
    (tmp_path / "locked.zip").write_bytes(locked)
    with pytest.raises(UnusableSet, match="password"):
        load_clinic_set(tmp_path / "locked.zip")
    for place in ("cut.zip", "none.zip"):
        with pytest.raises(UnusableSet, match="neither a folder nor a whole ZIP"):
            load_clinic_set(tmp_path / place)


def test_nothing_in_it_names_a_person_or_a_record(filled: FakeClinic, tmp_path: Path) -> None:
    export(filled, tmp_path / "set")
    tables = filled.store.tables
    known = [*tables.patients, *tables.screenings, *(one.id for one in tables.adjudications)]
    written = b"".join(
        str(path.relative_to(tmp_path)).encode() + path.read_bytes()
        for path in sorted((tmp_path / "set").rglob("*"))
        if path.is_file()
    )
    for one in known:
        for form in (str(one).encode(), one.hex.encode(), one.bytes):
            assert form not in written
    for day in {one.finished_at.date().isoformat() for one in tables.screenings.values()}:
        assert day.encode() not in written.replace(b"made_at", b"").split(b'"made_by"')[-1]


def test_pseudonyms_stay_and_who_withdraws_is_gone_from_the_next(
    filled: FakeClinic, tmp_path: Path
) -> None:
    export(filled, tmp_path / "one")
    tables = filled.store.tables
    leaves = next(iter(tables.screenings.values()))
    with filled.store.unit_of_work() as work:
        withdraw(work, leaves.patient_id, filled.services.session.user.id)
        work.commit()
    export(filled, tmp_path / "two")
    one, two = (set(load_clinic_set(tmp_path / name).cases) for name in ("one", "two"))
    assert two < one
    (gone,) = one - two
    written = b"".join(p.read_bytes() for p in (tmp_path / "two").rglob("*") if p.is_file())
    assert gone.encode() not in written
    assert not list((tmp_path / "two").rglob(f"{gone}*"))


def test_the_password_and_the_word_are_asked_for_and_it_is_audited(
    filled: FakeClinic, tmp_path: Path
) -> None:
    place = tmp_path / "set"
    with pytest.raises(InvalidInput):
        export(filled, place, accepts_unprotected=False)
    with pytest.raises(WrongPassword):
        filled.services.training_export.write(place, "wrong", accepts_unprotected=True)
    assert not place.exists()
    export(filled, tmp_path / "set.zip")
    told = [one for one in filled.store.tables.audit if one.kind is AuditKind.EXPORTED]
    assert [one.detail for one in told] == ["5 cases"]


def test_stopping_and_refusing_leave_nothing_behind(filled: FakeClinic, tmp_path: Path) -> None:
    with pytest.raises(LearningStopped):
        export(filled, tmp_path / "set", stop=lambda: True)
    filled.add_staff("berta", "copper-lantern-field", Role.DOCTOR)
    filled.sign_in("berta", "copper-lantern-field")
    with pytest.raises(AccessDenied):
        export(filled, tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


def test_others_write_while_the_crops_are_read(filled: FakeClinic, tmp_path: Path) -> None:
    def register(share: float) -> None:
        if share < 1.0:
            filled.add_patient(f"Meanwhile {share}")

    before = len(filled.store.tables.patients)
    assert export(filled, tmp_path / "set", progress=register).cases == 5
    assert len(filled.store.tables.patients) == before + 1


@pytest.mark.parametrize("purpose", [*LEARNT_FROM, Purpose.KEEP_IMAGES])
def test_who_withdraws_while_it_is_read_is_not_written(
    filled: FakeClinic, tmp_path: Path, purpose: Purpose
) -> None:
    leaves = next(iter(filled.store.tables.screenings.values()))

    def withdraws(share: float) -> None:
        filled.services.consents.record(leaves.patient_id, {purpose: False})

    with pytest.raises(WrongState, match="withdrawn meanwhile"):
        export(filled, tmp_path / "set", progress=withdraws)
    assert list(tmp_path.iterdir()) == []


def names_in(folder: Path) -> dict[str, str]:
    """The person of each case, by pseudonyms."""
    lines = (folder / "cases.jsonl").read_text().splitlines()
    return {line["case"]: line["person"] for line in map(json.loads, lines)}


def test_whose_cases_went_out_can_be_told_later_and_whoever_withdraws_is_dropped(
    filled: FakeClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_app.services.exported_sets._IN_ONE", 2)
    service, learning = filled.services.training_export, filled.services.learning
    assert service.earlier() == ()
    done = export(filled, tmp_path / "set")
    (before,) = service.earlier()
    assert (before.sha256, before.cases) == (done.sha256, 5)
    assert (before.withdrawn, before.crops, learning.state().to_drop) == ((), (), 0)
    first, second, third = list(filled.store.tables.screenings.values())[:3]
    consents = filled.services.consents
    consents.record(first.patient_id, {Purpose.TRAINING_REUSE: False})
    consents.record(second.patient_id, {Purpose.KEEP_IMAGES: False})
    export(filled, tmp_path / "later")
    for table in (filled.store.tables.screenings, filled.store.tables.patients):
        table.pop(third.id, None)
        table.pop(third.patient_id, None)
    sent, later = names_in(tmp_path / "set"), names_in(tmp_path / "later")
    (gone,) = sent.keys() - later.keys()
    (key,) = filled.store.tables.learning_keys
    assert gone == pseudonym(key, "case", first.id)
    old, new = service.earlier()
    assert set(old.withdrawn) == {gone, pseudonym(key, "case", third.id)}
    assert old.crops == (pseudonym(key, "case", second.id),)
    assert new.withdrawn == (pseudonym(key, "case", third.id),)
    assert new.crops == ()
    assert learning.state().to_drop == 3


def test_a_set_that_was_not_written_because_of_a_withdrawal_is_not_told_of(
    filled: FakeClinic, tmp_path: Path
) -> None:
    leaves = next(iter(filled.store.tables.screenings.values()))

    def withdraws(share: float) -> None:
        filled.services.consents.record(leaves.patient_id, {Purpose.ANALYSIS: False})

    with pytest.raises(WrongState, match="withdrawn meanwhile"):
        export(filled, tmp_path / "set", progress=withdraws)
    assert filled.services.training_export.earlier() == ()


def test_a_clinic_without_settled_cases_exports_nothing(clinic: FakeClinic, tmp_path: Path) -> None:
    with pytest.raises(WrongState):
        export(clinic, tmp_path / "set")


def test_a_set_that_was_changed_or_cut_off_is_refused(filled: FakeClinic, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    export(filled, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert "not a diagnosis" in manifest["labels"]
    vectors = folder / "embeddings.f32"
    whole = vectors.read_bytes()
    vectors.write_bytes(whole[:-4])
    with pytest.raises(UnusableSet, match="embeddings"):
        load_clinic_set(folder)
    vectors.write_bytes(whole)
    crop = next((folder / "crops").iterdir())
    crop.unlink()
    with pytest.raises(UnusableSet, match="missing"):
        load_clinic_set(folder)
    (folder / "manifest.json").write_text("[]")
    with pytest.raises(UnusableSet):
        load_clinic_set(folder)


def test_a_manifest_cannot_point_outside_its_folder(filled: FakeClinic, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    export(filled, folder)
    (tmp_path / "secret").write_bytes(b"x")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"]["../secret"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UnusableSet, match="missing"):
        load_clinic_set(folder)
