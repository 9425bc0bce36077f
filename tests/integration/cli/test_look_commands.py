"""`clinic-app style look` on a real encrypted store with the shipped models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clinic_app.domain.errors import UnreadableImage
from clinic_app.domain.reference_look import LOOK
from clinic_app.inference.intake.photo import read_photo
from clinic_app.inference.looks.bench import OnnxLookBench
from clinic_app.paths import RESOURCES
from tests.fakes.studio import STEADY
from tests.integration.cli.clinic import Run

PORTRAIT = RESOURCES / "samples" / "astronaut.png"


def test_a_look_is_measured_with_the_shipped_models(store: Path, cli: Run) -> None:
    blend = ("soft-window=3", "daylight")
    measured = cli("style", "look", "preview", *blend, "--json").json
    assert measured["recipe"]["weights"] == {"daylight": 0.25, "soft window": 0.75}
    assert measured["measurement"]["figures"]["faces"] == 1
    assert measured["against"] == ["few_faces"]
    refused = cli("style", "look", "adopt", measured["version"], "--reason", "Nice.")
    assert "too few faces" in refused.trouble
    listed = cli("style", "look", "list", "--json").json
    assert (listed["in_use"], len(listed["looks"])) == (None, 1)
    assert "There is no face" not in cli("style", "look", "list").out
    assert "no look" in cli("style", "look", "adopt", "look-9", "--reason", "x").trouble


def test_the_face_with_a_look_is_a_marked_file_and_replaces_none(
    store: Path, cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OnnxLookBench, "measure", lambda *_: STEADY)
    out = tmp_path / "look.png"
    assert "An altered picture" in cli("style", "look", "preview", "daylight=1", "-o", out).out
    with pytest.raises(UnreadableImage, match="style studio"):
        read_photo(out)
    written = out.read_bytes()
    again = cli("style", "look", "preview", "daylight=1", "-o", out)
    assert "is there already" in again.trouble
    assert out.read_bytes() == written
    listed = cli("style", "look", "list", "--json").json
    assert len(listed["looks"]) == 1


def test_a_steady_look_is_adopted_used_and_taken_back(
    patient: str, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = OnnxLookBench.models

    def steady(self: OnnxLookBench, *_: object) -> object:
        return replace(STEADY, models=real(self))

    monkeypatch.setattr(OnnxLookBench, "measure", steady)
    told = cli("style", "look", "preview", "soft window=1", "--strength", "0.4").out
    assert "has not said" in told
    said = ("--strength", "0.4", "--different-people")
    told = cli("style", "look", "preview", "soft window=1", *said).out
    assert "has not said" not in told
    version = told.split()[0]
    assert "spread 0.018, flips 0.060, within 60 degrees 0.040" in told
    adopted = cli("style", "look", "adopt", version, "--reason", "Steadier.", "--json").json
    assert adopted == {"in_use": version}
    assert f"In use      {version}" in cli("style", "look", "list").out
    assert look_of_a_saved_reading(cli, patient) == version
    with monkeypatch.context() as other:
        other.setattr(OnnxLookBench, "models", lambda _: "severity 9.0.0")
        listed = cli("style", "look", "list").out
        assert "In use      the shipped look" in listed
        assert f"Not used    {version}: adopted, but measured with other models" in listed
        told = cli("style", "look", "list", "--json").json
        assert (told["in_use"], told["idle"]) == (None, version)
    assert "shipped look" in cli("style", "look", "back", "--reason", "As it was.").out
    *_, back, first = cli("style", "look", "list").out.splitlines()
    assert ("back to the shipped look by" in back, back.endswith(": As it was.")) == (True, True)
    assert (f"adopted {version} by" in first, first.endswith(": Steadier.")) == (True, True)
    told = cli("style", "look", "list", "--json").json["decisions"]
    assert [one["text"] for one in told] == ["As it was.", "Steadier."]
    assert "already" in cli("style", "look", "back", "--reason", "Again.").trouble


def look_of_a_saved_reading(cli: Run, patient: str) -> str | None:
    for purpose in ("capture", "analysis"):
        what = ("--purpose", purpose, "--language", "en")
        cli("consent", "record", "--patient", patient, *what)
    saved = cli("screen", PORTRAIT, "--save", "--patient", patient, "--json").json
    models: dict[str, str] = saved[0]["models"]
    return models.get(LOOK)


def test_a_weight_is_a_number_and_a_reference_is_known(store: Path, cli: Run) -> None:
    wrong = cli("style", "look", "preview", "daylight=much")
    assert (wrong.code, "not a weight" in wrong.err) == (2, True)
    assert "no reference" in cli("style", "look", "preview", "candle=1").trouble
