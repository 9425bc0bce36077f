"""Training tests need torch and the data; without torch the files are not even collected."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

DATA_FILES = (
    "fer2013_ferplus.npz",
    "yaleb_cropped_lighting.npz",
    "utkface_sample.npz",
    "ytf_landmarks68.npz",
    "vgg16_imagenet_conv_fp16.safetensors",
)
ROOT = Path(__file__).parents[2]
collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The data files: DATA, or the folder that the Makefile names."""
    folder = (ROOT / os.environ.get("DATA", "../shared/data")).resolve()
    assert (folder / "fer2013_ferplus.npz").exists(), f"no training data in {folder}"
    return folder


@pytest.fixture
def named_data(tmp_path: Path) -> Path:
    """Data files by name alone: nothing of them may be read."""
    place = tmp_path / "data"
    place.mkdir()
    for name in DATA_FILES:
        (place / name).touch()
    return place


@pytest.fixture(scope="session")
def quick_folder() -> Path:
    """Output of the short training run that `make test-train` makes first."""
    folder = ROOT / "build" / "train-quick"
    assert (folder / "models" / "manifest.json").exists(), "run the quick training first"
    return folder
