"""Measure, print, and write `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does

from clinic_app.paths import MODELS, ROOT
from clinic_app.training.accuracy_page import kept_section
from tests.bench.centre import full_size, measure_load_alone, measure_sync
from tests.bench.centre_page import load_section, sync_section
from tests.bench.chain import measure_chain
from tests.bench.gate import gate_page
from tests.bench.learning import learning_section, measure_learning
from tests.bench.live import measure_live
from tests.bench.looks import looks_section, measure_looks
from tests.bench.nets import in_training, nets_process, nets_section, precisions
from tests.bench.page import page
from tests.bench.perceptual import perceptual_section
from tests.bench.process import reader_process, window_seconds
from tests.bench.store import measure_store, placed, store_section
from tests.bench.studio import studio_section

PAGE = ROOT / "docs" / "benchmarks.md"
ROUNDS = 60


def _studio(_: argparse.Namespace) -> list[str]:
    return [studio_section(in_training("tests.bench.studio"), measure_live(MODELS))]


def _perceptual(_: argparse.Namespace) -> list[str]:
    return [perceptual_section(MODELS)]


def _looks(chosen: argparse.Namespace) -> list[str]:
    return [looks_section(measure_looks(MODELS, data=chosen.look_data))]


def _store(chosen: argparse.Namespace) -> list[str]:
    return [store_section(measure_store(chosen.rounds))]


def _sync(chosen: argparse.Namespace) -> list[str]:
    sizes = full_size()
    if chosen.sync_sizes:
        sizes.whole, sizes.log, sizes.laptops, sizes.offline = chosen.sync_sizes
    found = measure_sync(sizes)
    load = [] if found.load is None else [load_section(found.load, found.busy)]
    return [sync_section(found), *load]


def _learning(_: argparse.Namespace) -> list[str]:
    return [learning_section(measure_learning())]


PARTS: dict[str, Callable[[argparse.Namespace], list[str]]] = {
    "studio": _studio,
    "perceptual": _perceptual,
    "looks": _looks,
    "store": _store,
    "sync": _sync,
    "learning": _learning,
}
"""What measures a part of the page, in its order; each gives sections that know their marks."""


def main() -> None:
    """`python -m tests.bench [--rounds N] [--gate-data FOLDER] [--only-…]`."""
    chosen = _arguments()
    if chosen.gate_data:
        _write(ROOT / "docs" / "quality-gate.md", gate_page(chosen.gate_data))
    elif chosen.only_first_load:
        _replace([load_section(*measure_load_alone(chosen.only_first_load))])
    elif chosen.only:
        _replace(PARTS[chosen.only](chosen))
    else:
        _write(PAGE, _whole_page(chosen))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--gate-data", type=Path, help="measure the quality gate on this folder's data instead"
    )
    parser.add_argument(
        "--look-data", type=Path, help="try the look on photos of this data file as well (.npz)"
    )
    for name in PARTS:
        parser.add_argument(
            f"--only-{name}",
            dest="only",
            action="store_const",
            const=name,
            help=f"measure the part “{name}” alone, keep the rest of the page",
        )
    parser.add_argument(
        "--only-first-load", type=int, metavar="LOG", help="measure a first load of LOG operations"
    )
    parser.add_argument(
        "--sync-sizes",
        type=int,
        nargs=4,
        metavar=("WHOLE", "LOG", "LAPTOPS", "OFFLINE"),
        help="smaller sizes than the goals name: changes of a whole round, operations of the first"
        " load, laptops, offline changes of each",
    )
    return parser.parse_args()


def _whole_page(chosen: argparse.Namespace) -> str:
    figures = [measure_chain(threads, chosen.rounds) for threads in (1, 2)]
    text = page(figures, reader_process(), window_seconds(), chosen.rounds)
    nets = nets_section(nets_process(chosen.rounds), precisions(MODELS))
    text = "\n".join([text, *nets]) + "\n"
    for measure in PARTS.values():
        for section in measure(chosen):
            text = placed(text, section)
    return text


def _write(path: Path, text: str) -> None:
    """The page anew; what training has written below it stays."""
    accuracy = kept_section(path.read_text(encoding="utf-8")) if path.exists() else ""
    path.write_text(f"{text}\n{accuracy}" if accuracy else text, encoding="utf-8")
    print(text)


def _replace(sections: list[str]) -> None:
    """These sections of the page anew, the rest as it was."""
    text = PAGE.read_text(encoding="utf-8")
    for section in sections:
        text = placed(text, section)
    PAGE.write_text(text, encoding="utf-8")
    print(*sections, sep="\n")


if __name__ == "__main__":
    main()
