"""`style styles|apply|optimise`: from file to file."""

from __future__ import annotations

import errno
import io
import json
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinic_app.inference.intake.altered import is_marked
from clinic_app.inference.studio import open_studio
from clinic_app.paths import MODELS, RESOURCES, ROOT
from clinic_app.services.studio_data import Mode
from tests.integration.cli.clinic import Run

SAMPLE = RESOURCES / "samples" / "astronaut.png"
SMALL = ("--size", "64", "--steps", "6", "--threads", "1")
STRIP = 14
"""Height in pixels of the words below a small picture."""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    with Image.open(SAMPLE) as picture:
        picture.convert("RGB").crop((120, 20, 330, 300)).resize((105, 140)).save(path)
    return path


def test_a_transfer_is_told_line_by_line_and_saved_with_the_mark(
    cli: Run, photo: Path, tmp_path: Path
) -> None:
    out = tmp_path / "drawn.png"
    answer = cli("style", "optimise", photo, "brush", out, *SMALL, "--outputs", "2", "--json")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[-1]["total"] < lines[0]["total"]
    assert [line["file"] for line in lines if line["file"]] == [
        str(tmp_path / "drawn-1.png"),
        str(out),
    ]
    for file in (out, tmp_path / "drawn-1.png"):
        assert is_marked(file.read_bytes())
        with Image.open(file) as picture:
            assert picture.size == (48, 64 + STRIP)
            assert np.asarray(picture)[64:].max() > 100  # there are words below it, for people
    assert "made in the style studio" in json.dumps(cli("screen", out, "--json").json)


def test_nothing_is_replaced(cli: Run, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "drawn.png"
    out.write_bytes(b"mine")
    assert "not replaced" in cli("style", "optimise", photo, "ink", out, *SMALL).trouble
    assert "not replaced" in cli("style", "apply", photo, out, "--style", "ink").trouble
    assert out.read_bytes() == b"mine"
    (tmp_path / "two-1.png").write_bytes(b"mine too")
    two = (tmp_path / "two.png", *SMALL, "--outputs", "2")
    assert "two-1.png" in cli("style", "optimise", photo, "ink", *two).trouble
    assert not (tmp_path / "two.png").exists()


def test_the_styles_are_listed_and_a_picture_is_redrawn(
    cli: Run, photo: Path, tmp_path: Path
) -> None:
    listed = cli("style", "styles", "--json").json
    assert len(listed["styles"]) >= 8
    assert all(name in cli("style", "styles").out for name in listed["styles"])
    out = tmp_path / "drawn.png"
    options = ("--style", "ink", "--style", "brush=3", "--strength", "0.5", "--json")
    told = cli("style", "apply", photo, out, *options).json
    assert told["weights"] == {"ink": 0.25, "brush": 0.75}
    assert is_marked(out.read_bytes())
    with Image.open(out) as drawn, Image.open(photo) as plain:
        assert drawn.size == (plain.width, plain.height + STRIP)
        pixels = np.asarray(drawn)[: plain.height]
        assert np.abs(pixels.astype(int) - np.asarray(plain)).mean() > 4


def test_the_emotions_of_a_face_choose_and_no_face_is_one_sentence(
    cli: Run, tmp_path: Path
) -> None:
    out = tmp_path / "drawn.png"
    told = cli("style", "apply", SAMPLE, out, "--emotion", "pick", "--json").json
    assert list(told["weights"].values()) == [1.0]
    blank = tmp_path / "blank.png"
    Image.new("RGB", (200, 200), (90, 120, 90)).save(blank)
    answer = cli("style", "apply", blank, tmp_path / "x.png", "--emotion", "blend")
    assert "name a style" in answer.trouble
    made = cli("style", "apply", out, tmp_path / "x.png", "--emotion", "pick")
    assert "made in the style studio" in made.trouble
    assert not (tmp_path / "x.png").exists()


def test_of_several_faces_the_main_one_chooses_as_in_the_window(cli: Run, tmp_path: Path) -> None:
    two = tmp_path / "two.png"
    with Image.open(SAMPLE) as picture:
        face = picture.convert("RGB").crop((120, 20, 330, 300))
        both = Image.new("RGB", (420, 280), (90, 90, 90))
        both.paste(face.resize((105, 140)).transpose(Image.Transpose.FLIP_LEFT_RIGHT), (20, 70))
        both.paste(face, (200, 0))
        both.save(two)
    out = tmp_path / "drawn.png"
    told = cli("style", "apply", two, out, "--emotion", "blend", "--json").json
    engine = open_studio(lambda: MODELS)
    seen = engine.emotions(engine.open_picture(two))
    assert told["weights"] == pytest.approx(dict(engine.style_for(seen, Mode.BLEND)))


def test_a_style_that_is_not_there_is_one_sentence(cli: Run, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.png"
    assert "no style named" in cli("style", "apply", photo, out, "--style", "oil").trouble
    assert "no weight" in cli("style", "apply", photo, out, "--style", "ink=much").trouble
    assert cli("style", "apply", photo, out, "--style", "ink", "--strength", "2").trouble
    assert cli("style", "apply", photo, out).code == 2
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--steps", "0"), "number of steps"),
        (("--outputs", "11"), "number of pictures"),
        (("--style-weight", "-1"), "style weight"),
        (("--layers", "1,2"), "five layer weights"),
        (("--layers", "a,b,c,d,e"), "five numbers"),
        (("--size", "5"), "longest side"),
    ],
)
def test_a_bad_setting_is_one_sentence(
    cli: Run, photo: Path, tmp_path: Path, options: tuple[str, str], words: str
) -> None:
    assert words in cli("style", "optimise", photo, "ink", tmp_path / "x.png", *options).trouble
    assert not list(tmp_path.glob("x*"))


def test_what_cannot_be_read_or_written_is_one_sentence(
    cli: Run, photo: Path, tmp_path: Path
) -> None:
    out = tmp_path / "drawn.png"
    (tmp_path / "no picture.png").write_bytes(b"text")
    assert cli("style", "optimise", tmp_path / "no picture.png", "ink", out).trouble
    assert cli("style", "optimise", photo, tmp_path / "missing.jpg", out).trouble
    assert ".png" in cli("style", "optimise", photo, "ink", tmp_path / "drawn.jpg").trouble
    assert cli("style", "optimise", photo, "ink", tmp_path / "nowhere" / "drawn.png").trouble
    bad, packed = tmp_path / "bad.state", io.BytesIO()
    np.savez(packed, step=np.zeros(1))
    unknown = bytearray(packed.getvalue())
    unknown[unknown.rfind(b"PK\x01\x02") + 10] = 0x61  # a way of packing that is none
    for content in (b"PK\x03\x04 not really", bytes(unknown)):
        bad.write_bytes(content)
        answer = cli("style", "optimise", photo, "ink", out, *SMALL, "--state", bad)
        assert "--state" in answer.trouble


def test_a_picture_that_a_failing_disk_does_not_give_is_not_called_lost_output(
    cli: Run, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", fails)
    answer = cli("style", "optimise", photo, photo, tmp_path / "drawn.png", *SMALL)
    assert answer.trouble == "The file cannot be opened (it is locked or may not be read)."


def begin(photo: Path, out: Path, *options: str | Path) -> subprocess.Popen[bytes]:
    """A long transfer in a program of its own."""
    long = ("--size", "64", "--steps", "400", "--threads", "1", "--json")
    command = [sys.executable, "-m", "clinic_app.cli", "style", "optimise", photo, "ink", out]
    return subprocess.Popen(
        [*command, *long, *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Whoever runs the tests in the background may have Ctrl-C ignored.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


def test_an_interrupted_transfer_goes_on_and_ends_as_if_it_had_not_been(
    cli: Run, photo: Path, tmp_path: Path
) -> None:
    state, out = tmp_path / "transfer.state", tmp_path / "drawn.png"
    begun = begin(photo, out, "--state", state)
    assert begun.stdout is not None
    for _ in range(3):
        begun.stdout.readline()
    begun.send_signal(signal.SIGINT)
    _, told = begun.communicate(timeout=60)
    assert begun.returncode == 130
    assert b"goes on from there" in told
    assert not out.exists()
    with np.load(state, allow_pickle=False) as kept:
        done = int(kept["step"])
    assert 3 <= done < 400
    shorter = ["--size", "64", "--steps", str(done + 2), "--threads", "1"]
    resumed = cli("style", "optimise", photo, "ink", out, *shorter, "--state", state, "--json")
    assert len(resumed.out.splitlines()) == 2
    assert not state.exists()
    whole = tmp_path / "whole.png"
    cli("style", "optimise", photo, "ink", whole, *shorter)
    assert out.read_bytes() == whole.read_bytes()


def test_an_interrupted_transfer_leaves_nothing_unless_asked(photo: Path, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    out = tmp_path / "drawn.png"
    begun = begin(photo, out)
    assert begun.stdout is not None
    begun.stdout.readline()
    begun.send_signal(signal.SIGINT)
    begun.communicate(timeout=60)
    assert begun.returncode == 130
    assert set(tmp_path.iterdir()) == before
