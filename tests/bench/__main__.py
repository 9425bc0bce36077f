"""Measure, print, and write `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does

from clinic_app.paths import MODELS, ROOT
from clinic_app.training.accuracy_page import kept_section
from tests.bench.centre import SyncFigures, full_size, measure_load_alone, measure_sync
from tests.bench.centre_page import (
    BEGIN,
    END,
    LOAD_BEGIN,
    LOAD_END,
    load_section,
    sync_section,
)
from tests.bench.chain import measure_chain
from tests.bench.gate import gate_page
from tests.bench.learning import BEGIN as LEARNING_BEGIN
from tests.bench.learning import END as LEARNING_END
from tests.bench.learning import learning_section, measure_learning
from tests.bench.nets import in_training, nets_process, nets_section, precisions
from tests.bench.page import page
from tests.bench.process import reader_process, window_seconds
from tests.bench.store import measure_store, store_section, with_section
from tests.bench.studio import BEGIN as STUDIO_BEGIN
from tests.bench.studio import END as STUDIO_END
from tests.bench.studio import studio_section

ROUNDS = 60


def main() -> None:
    """`python -m tests.bench [--rounds N] [--gate-data FOLDER] [--only-…]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--gate-data", type=Path, help="measure the quality gate on this folder's data instead"
    )
    parser.add_argument(
        "--only-store", action="store_true", help="measure the large clinic alone, keep the rest"
    )
    parser.add_argument(
        "--only-sync", action="store_true", help="measure sync alone, keep the rest"
    )
    parser.add_argument(
        "--sync-sizes",
        type=int,
        nargs=4,
        metavar=("WHOLE", "LOG", "LAPTOPS", "OFFLINE"),
        help="smaller sizes than the goals name: changes of a whole round, operations of the first"
        " load, laptops, offline changes of each",
    )
    parser.add_argument(
        "--only-first-load", type=int, metavar="LOG", help="measure a first load of LOG operations"
    )
    parser.add_argument(
        "--only-learning", action="store_true", help="measure learning alone, keep the rest"
    )
    parser.add_argument(
        "--only-studio", action="store_true", help="measure the style studio alone, keep the rest"
    )
    chosen = parser.parse_args()
    if chosen.only_learning:
        section = learning_section(measure_learning())
        _replace(lambda text: with_section(text, section, LEARNING_BEGIN, LEARNING_END))
        print(section)
        return
    if chosen.only_studio:
        section = studio_section(in_training("tests.bench.studio"))
        _replace(lambda text: with_section(text, section, STUDIO_BEGIN, STUDIO_END))
        print(section)
        return
    if chosen.only_store:
        section = store_section(measure_store(chosen.rounds))
        _replace(lambda text: with_section(text, section))
        print(section)
        return
    if chosen.only_sync:
        found = measure_sync(_sizes(chosen.sync_sizes))
        _replace(lambda text: _with_sync(text, found))
        print(sync_section(found))
        return
    if chosen.only_first_load:
        section = load_section(*measure_load_alone(chosen.only_first_load))
        _replace(lambda text: with_section(text, section, LOAD_BEGIN, LOAD_END))
        print(section)
        return
    if chosen.gate_data:
        text, name = gate_page(chosen.gate_data), "quality-gate.md"
    else:
        figures = [measure_chain(threads, chosen.rounds) for threads in (1, 2)]
        text = page(figures, reader_process(), window_seconds(), chosen.rounds)
        nets = nets_section(nets_process(chosen.rounds), precisions(MODELS))
        text = "\n".join([text, *nets]) + "\n"
        studio = studio_section(in_training("tests.bench.studio"))
        text = with_section(text, studio, STUDIO_BEGIN, STUDIO_END)
        text = with_section(text, store_section(measure_store(chosen.rounds)))
        text = _with_sync(text, measure_sync(_sizes(chosen.sync_sizes)))
        learnt = learning_section(measure_learning())
        text = with_section(text, learnt, LEARNING_BEGIN, LEARNING_END)
        name = "benchmarks.md"
    path = ROOT / "docs" / name
    accuracy = kept_section(path.read_text(encoding="utf-8")) if path.exists() else ""
    path.write_text(f"{text}\n{accuracy}" if accuracy else text, encoding="utf-8")
    print(text)


def _with_sync(text: str, found: SyncFigures) -> str:
    text = with_section(text, sync_section(found), BEGIN, END)
    if found.load is None:
        return text
    return with_section(text, load_section(found.load, found.busy), LOAD_BEGIN, LOAD_END)


def _sizes(chosen: list[int] | None) -> SyncFigures:
    found = full_size()
    if chosen:
        found.whole, found.log, found.laptops, found.offline = chosen
    return found


def _replace(change: Callable[[str], str]) -> None:
    path = ROOT / "docs" / "benchmarks.md"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
