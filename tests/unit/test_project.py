"""The promises of the repository itself: locks, declared dependencies, layers, fonts."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from reportlab.pdfbase.ttfonts import TTFont

from clinic_app.paths import RESOURCES, ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-train.lock")
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)(?: ; [^\\]+)? \\$")
FONTS = sorted((RESOURCES / "fonts").glob("*.ttf"))


def pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    return {found[1]: found[2] for line in lines if (found := PIN.match(line))}


def declared(*extras: str) -> set[str]:
    """Names of the distributions that pyproject.toml asks for, normalised."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return {normalised(re.split(r"[<>=!~;\[ ]", line)[0]) for line in wanted}


def normalised(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def absolute_imports(folder: Path) -> Iterator[tuple[str, str]]:
    """Each imported top-level name with the file that imports it."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for name in names:
                yield name, str(path.relative_to(ROOT))


def third_party(folder: Path) -> dict[str, str]:
    """Top-level names from outside the standard library and the project, with one importer each."""
    known = sys.stdlib_module_names | {"clinic_app"}
    tops = ((name.split(".")[0], path) for name, path in absolute_imports(folder))
    return {top: path for top, path in tops if top not in known}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_address_and_hashes_every_package(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE), "an option other than --hash"
    packages = re.findall(r"^[^\s#].*\n(?:    --hash=sha256:[0-9a-f]{64})?", text, re.MULTILINE)
    assert len(packages) == len(pins(lock)) > 0
    assert all("--hash" in package for package in packages)


def test_locks_agree_on_versions() -> None:
    run, dev, train = map(pins, LOCKS)
    assert run.items() <= dev.items()
    assert run.items() <= train.items()


def test_locks_hold_what_is_declared_and_no_torch() -> None:
    run, dev, train = (set(pins(lock)) for lock in LOCKS)
    assert declared("build") <= {normalised(name) for name in run}
    assert declared("build", "test", "dev") <= {normalised(name) for name in dev}
    assert declared("build", "test", "train") <= {normalised(name) for name in train}
    assert "torch" not in run | dev | train


def test_every_third_party_import_is_declared() -> None:
    owners = packages_distributions()
    training = ROOT / "clinic_app" / "training"
    imported = {
        name: path
        for name, path in third_party(ROOT / "clinic_app").items()
        if Path(path).parts[1] != training.name
    }
    undeclared = {
        name: path
        for name, path in imported.items()
        if not {normalised(owner) for owner in owners.get(name, ())} & declared()
    }
    assert undeclared == {}


def test_every_declared_dependency_is_used() -> None:
    """Also by training, whose packages are not installed here: there they have their own names."""
    owners = packages_distributions()
    used = {
        normalised(owner)
        for name in third_party(ROOT / "clinic_app")
        for owner in owners.get(name, [name])
    }
    read_by_others = {"tzdata", "onnxscript"}  # by zoneinfo, by torch's export
    assert declared("train") - used - read_by_others == set()


def test_domain_imports_only_the_standard_library_and_itself() -> None:
    foreign = [
        (name, path)
        for name, path in absolute_imports(ROOT / "clinic_app" / "domain")
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith("clinic_app.domain")
    ]
    assert foreign == []


@pytest.mark.parametrize("font", FONTS, ids=lambda path: path.stem)
def test_font_can_be_embedded_in_a_pdf(font: Path) -> None:
    assert len(TTFont(font.stem, font).face.charToGlyph) > 50


def test_fonts_cover_names_in_the_worlds_scripts() -> None:
    covered: set[int] = set()
    for font in FONTS:
        covered |= TTFont(font.stem, font).face.charToGlyph.keys()
    names = (
        "Łukasz Nguyễn Αθηνά Йосиф سارة שרה प्रिया প্রিয়া ப்ரியா ప్రియ ಪ್ರಿಯ പ്രിയ પ્રિયા ਪ੍ਰਿਆ ପ୍ରିୟା "
        "ප්‍රියා สมชาย ສົມ មករា မောင် አበበ გიორგი Արամ ޢަލީ 張伟 山田はなこ 김민준 䶮 ☎ ≥ − 🙂"
    )
    missing = {sign for sign in names if ord(sign) not in covered and sign.isprintable()}
    assert missing == set()
