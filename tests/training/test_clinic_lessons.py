"""A clinic's own cases teach a released net, and its locked people judge it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock, Mock

import cv2
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from clinic_app.inference import metrics
from clinic_app.services.training_export import LIST_END
from clinic_app.training import __main__ as command
from clinic_app.training import stages
from clinic_app.training.clinic_lessons import (
    FEWEST_PEOPLE,
    MOST_REPEATS,
    OWN_SHARE,
    ClinicFaces,
    ClinicValidation,
    data_of,
    judged,
    parts_of,
    rows_with,
    tell,
    with_clinic,
)
from clinic_app.training.clinic_set import ClinicSet, UnusableSet, read_withdrawn
from clinic_app.training.nets import SeverityNet, luma
from clinic_app.training.views import Lessons, answers

pytestmark = pytest.mark.training

PEOPLE = 60


def crop(level: int) -> bytes:
    face = np.full((96, 96, 3), level, np.uint8)
    face[30:60, 30:60] //= 2
    return cv2.imencode(".png", face)[1].tobytes()


@pytest.fixture
def clinic() -> ClinicSet:
    """Two cases a person, the second one without a picture for every third; a quarter is locked."""
    person = np.repeat(np.arange(PEOPLE), 2)
    case = np.arange(2 * PEOPLE)
    without = (case % 2 == 1) & (person % 3 == 0)
    return ClinicSet(
        sha256="ab" * 32,
        models="m",
        cases=tuple(f"c{one}" for one in case),
        embeddings=np.zeros((2 * PEOPLE, 512), np.float32),
        bands=person % 4,
        person=person,
        locked=person % 4 == 3,
        label_from=("two_readers",) * (2 * PEOPLE),
        crops=tuple(
            None if gone else crop(40 + one) for one, gone in zip(case, without, strict=True)
        ),
    )


@pytest.fixture
def net() -> SeverityNet:
    torch.manual_seed(0)
    return SeverityNet().eval()


def lessons() -> Lessons:
    one = torch.rand(1, 5, 4).softmax(2), torch.rand(1, 5, 8).softmax(2), torch.rand(1, 5)
    return Lessons(torch.randint(0, 255, (1, 5, 48, 48)).byte(), *one)


def test_everybody_is_in_one_part_and_the_locked_are_not_learnt_from(clinic: ClinicSet) -> None:
    parts = parts_of(clinic, 0)
    held = [set(part.person.tolist()) for part in (parts.learnt, parts.choosing, parts.locked)]
    assert sum(map(len, held)) == len(set().union(*held)) == PEOPLE
    assert held[2] == set(range(3, PEOPLE, 4))
    assert len(held[1]) == PEOPLE * 3 // 4 // 5
    assert sum(map(len, (parts.learnt, parts.choosing, parts.locked))) == 2 * PEOPLE - PEOPLE // 3
    again = parts_of(clinic, 0)
    assert again.choosing.person.tolist() == parts.choosing.person.tolist()


def test_too_few_people_or_none_locked_are_refused(clinic: ClinicSet) -> None:
    few = tuple(
        png if person < FEWEST_PEOPLE - 1 else None
        for png, person in zip(clinic.crops, clinic.person, strict=True)
    )
    with pytest.raises(UnusableSet, match=f"{FEWEST_PEOPLE - 1} people"):
        parts_of(replace(clinic, crops=few), 0)
    with pytest.raises(UnusableSet, match="locked"):
        parts_of(replace(clinic, locked=np.zeros(2 * PEOPLE, bool)), 0)
    broken = (b"no picture", *clinic.crops[1:])
    with pytest.raises(UnusableSet, match="no picture"):
        parts_of(replace(clinic, crops=broken), 0)


def test_a_face_keeps_the_nets_word_and_its_share_goes_into_the_doctors_band(
    clinic: ClinicSet, net: SeverityNet
) -> None:
    learnt, before = parts_of(clinic, 0).learnt, lessons()
    joined = with_clinic(before, net, learnt)
    assert len(joined) == 5 + len(learnt)
    assert torch.equal(joined.views[:, :5], before.views)
    assert torch.equal(joined.share[:, :5], before.share)
    edges = (0.0, *metrics.BAND_EDGES, 1.0)
    for band, share in zip(learnt.bands, joined.share[0, 5:].tolist(), strict=True):
        assert edges[band] - 1e-6 <= share <= edges[band + 1] + 1e-6
    said = answers([net], joined.views[0, 5:][:, None].float() / 255)
    own = 1 - OWN_SHARE + OWN_SHARE * said[0][range(len(learnt)), learnt.bands]
    torch.testing.assert_close(
        joined.bands[0, 5:][range(len(learnt)), learnt.bands], own, atol=0.02, rtol=0
    )
    torch.testing.assert_close(joined.emotions[0, 5:], said[1], atol=0.02, rtol=0)


@pytest.mark.parametrize(("known", "learnt", "shown"), [(1000, 5, MOST_REPEATS), (1000, 50, 2)])
def test_an_epoch_shows_a_clinics_faces_so_often(known: int, learnt: int, shown: int) -> None:
    rows, times = np.unique(rows_with(known, learnt), return_counts=True)
    assert rows.tolist() == list(range(known + learnt))
    assert set(times[:known]) == {1}
    assert set(times[known:]) == {shown}
    assert set(np.unique(rows_with(100, 500), return_counts=True)[1]) == {1}


def test_choosing_people_count_for_the_choice_of_an_epoch(clinic: ClinicSet) -> None:
    class Brightness(SeverityNet):
        """Reads the brighter face as the sadder one."""

        def __init__(self, sign: float) -> None:
            super().__init__()
            self.sign = sign

        def forward(self, faces: torch.Tensor) -> tuple[torch.Tensor, ...]:
            level = self.sign * 20 * (faces.mean(dim=(1, 2, 3)) - 0.5)
            emotion = torch.zeros(len(faces), 8)
            emotion[:, 3] = level
            return torch.zeros(len(faces), 4), emotion, level, torch.zeros(len(faces), 512)

    bands = np.array([0, 1, 2, 3, 0, 1, 2, 3])
    faces = torch.from_numpy(bands / 4 + 0.1).float()[:, None, None, None].expand(-1, 3, 96, 96)
    people = ClinicFaces(faces, bands, np.arange(8) // 2)
    validate = ClinicValidation(lambda net: {"score": 0.8}, people)
    right, wrong = validate(Brightness(1)), validate(Brightness(-1))
    assert right["clinic_r"] > 0.9
    assert wrong["clinic_r"] < -0.9
    assert right["score"] > 0.8 > wrong["score"]
    told = judged(Brightness(-1), Brightness(1), people)
    assert (told["people"], told["faces"]) == (4, 8)
    gain = told["gain"]
    assert isinstance(gain, metrics.Interval)
    assert 1.8 < gain.low <= gain.value <= 2.0


def trained_on(out: Path, lessons: str) -> Path:
    """The folder of a run, as far as it tells what the severity net learns from."""
    out.mkdir(exist_ok=True)
    told = f"a file and of a clinic {lessons}" if lessons else "a file"
    schedule = {"schedule": {"seed": 0, "lessons": told}, "epochs": []}
    (out / "severity.history.json").write_text(json.dumps(schedule))
    return out


def test_manifest_and_card_tell_of_the_clinics_cases(clinic: ClinicSet, tmp_path: Path) -> None:
    out = trained_on(tmp_path, clinic.fingerprint)
    with pytest.raises(UnusableSet, match="has not ended"):
        data_of(out)
    figure = metrics.Interval(0.5, 0.4, 0.6)
    names = ("correlation_before", "correlation_after", "gain")
    parts = parts_of(clinic, 0)
    tell(out, clinic, parts, {"people": 15, "faces": 25, **dict.fromkeys(names, figure)})
    (said,) = data_of(out)
    assert f"{len(parts.learnt)} settled cases" in said
    assert "abababababab" in said
    assert "gain 0.500 (0.400 to 0.600)" in said
    kept = json.loads((tmp_path / "clinic.json").read_text())
    assert "c0" not in json.dumps(kept)  # no pseudonym of a case stays in the run


def test_a_later_run_without_the_clinic_is_not_said_to_have_learnt_from_it(
    clinic: ClinicSet, tmp_path: Path
) -> None:
    assert data_of(None) == data_of(tmp_path) == []
    tell(tmp_path, clinic, parts_of(clinic, 0), {"people": 15})
    assert data_of(trained_on(tmp_path, "")) == []
    with pytest.raises(UnusableSet):
        data_of(trained_on(tmp_path, replace(clinic, sha256="cd" * 32).fingerprint))


def test_withdrawn_cases_and_pictures_are_left_out(clinic: ClinicSet, tmp_path: Path) -> None:
    listed = tmp_path / "gone"
    end = f"{LIST_END} {'cd' * 32} {clinic.sha256}\n"
    listed.write_text(f"c0\nc7  crop alone\nnever-there\n{end}")
    left = clinic.without(read_withdrawn(listed))
    assert len(left) == len(clinic) - 1
    assert "c0" not in left.cases
    assert left.crops[left.cases.index("c7")] is None
    row = left.cases.index("c9")
    before = clinic.cases.index("c9")
    assert (left.bands[row], left.person[row]) == (clinic.bands[before], clinic.person[before])
    assert left.crops[row] == clinic.crops[before]
    assert left.embeddings.shape == (len(left), 512)
    assert len({clinic.fingerprint, left.fingerprint}) == 2
    for said in ("", "c0\n", f"c0 and more\n{end}", LIST_END[:-5]):  # as when a sign-in failed
        listed.write_text(said)
        with pytest.raises(UnusableSet, match="list of withdrawn cases"):
            read_withdrawn(listed)
    listed.write_text(f"{LIST_END} {'cd' * 32}\n")
    with pytest.raises(UnusableSet, match="not for this set"):
        clinic.without(read_withdrawn(listed))
    with pytest.raises(UnusableSet, match="no list"):
        read_withdrawn(tmp_path / "none")


def test_going_on_learns_from_the_free_people_and_is_judged_by_the_locked(
    clinic: ClinicSet, net: SeverityNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, taught, chosen = lessons(), [], []
    (tmp_path / "released.onnx").write_bytes(b"a released file")
    monkeypatch.setattr(stages, "own_lessons", lambda *_: known)
    monkeypatch.setattr(stages, "_fer_rows", lambda *_: np.arange(5))

    def trained(net: SeverityNet, rows: np.ndarray, *given: object, **_: object) -> SeverityNet:
        validate, schedule = given[1], given[2]
        chosen.append((set(rows.tolist()), validate, schedule))
        return net

    monkeypatch.setattr(stages, "severity_from", lambda *_: net)
    monkeypatch.setattr(stages, "halved", lambda _: None)
    monkeypatch.setattr(stages, "RenewLoss", lambda _, lessons, *more: taught.append(lessons))
    monkeypatch.setattr(stages, "DistilValidation", Mock())
    monkeypatch.setattr(stages, "train", trained)
    work, released = MagicMock(seed=0), tmp_path / "released.onnx"
    stages.renew_severity(work, stages.QUICK, tmp_path, released, Mock(), clinic)
    parts = parts_of(clinic, 0)
    ((rows, validate, schedule),) = chosen
    (joined,) = taught
    gray = F.avg_pool2d(luma(parts.learnt.faces), 2)
    assert torch.equal(joined.views[0, 5:], (gray[:, 0] * 255).round().byte())
    assert rows == set(range(5 + len(parts.learnt)))
    assert isinstance(validate, ClinicValidation)
    assert schedule.lessons.endswith(clinic.fingerprint)
    told = json.loads((tmp_path / "clinic.json").read_text())
    assert told["locked"]["people"] == len(set(parts.locked.person.tolist()))
    assert told["lessons"] == clinic.fingerprint
    released.write_bytes(b"the next file")
    stages.renew_severity(work, stages.QUICK, tmp_path, released, Mock())
    assert len(list(tmp_path.glob("own_lessons-*.pt"))) == 2
    assert not (tmp_path / "clinic.json").exists()
    assert chosen[1][2].lessons not in ("", schedule.lessons)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["train", "--clinic", "SET"], "Only renew learns"),
        (["renew", "--without", "FILE"], "take it with --clinic"),
        (["export", "--release"], "not for release"),
        (["export"], "has not ended"),
    ],
)
def test_what_a_clinics_net_is_not_for_is_refused(
    given: list[str],
    says: str,
    named_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "Workspace", Mock(side_effect=AssertionError("it began")))
    out = trained_on(tmp_path / "run", "ab")
    assert command.main([*given, "--data", str(named_data), "--out", str(out)]) == 2
    assert says in capsys.readouterr().err


def test_a_broken_set_trains_nothing(
    named_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "Workspace", Mock())
    monkeypatch.setattr(command.leaks, "check", Mock())
    monkeypatch.setattr(command, "OnnxModels", Mock())
    monkeypatch.setattr(command.stages, "renew_severity", Mock(side_effect=AssertionError))
    (tmp_path / "set.zip").write_bytes(b"PK")
    given = ["--data", str(named_data), "--out", str(tmp_path / "run")]
    assert command.main(["renew", *given, "--clinic", str(tmp_path / "set.zip")]) == 1
    assert "Nothing is trained: set.zip is neither" in capsys.readouterr().err
