"""Measure, print, and write `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
from pathlib import Path

from clinic_app.paths import MODELS, ROOT
from clinic_app.training.accuracy_page import kept_section
from tests.bench.chain import measure_chain
from tests.bench.gate import gate_page
from tests.bench.nets import nets_process, nets_section, precisions
from tests.bench.page import page
from tests.bench.process import reader_process, window_seconds
from tests.bench.store import measure_store, store_section, with_store_section

ROUNDS = 60


def main() -> None:
    """`python -m tests.bench [--rounds N] [--gate-data FOLDER] [--only-store]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--gate-data", type=Path, help="measure the quality gate on this folder's data instead"
    )
    parser.add_argument(
        "--only-store", action="store_true", help="measure the large clinic alone, keep the rest"
    )
    chosen = parser.parse_args()
    if chosen.only_store:
        path = ROOT / "docs" / "benchmarks.md"
        section = store_section(measure_store(chosen.rounds))
        page_text = path.read_text(encoding="utf-8")
        path.write_text(with_store_section(page_text, section), encoding="utf-8")
        print(section)
        return
    if chosen.gate_data:
        text, name = gate_page(chosen.gate_data), "quality-gate.md"
    else:
        figures = [measure_chain(threads, chosen.rounds) for threads in (1, 2)]
        text = page(figures, reader_process(), window_seconds(), chosen.rounds)
        nets = nets_section(nets_process(chosen.rounds), precisions(MODELS))
        text = "\n".join([text, *nets]) + "\n"
        text = with_store_section(text, store_section(measure_store(chosen.rounds)))
        name = "benchmarks.md"
    path = ROOT / "docs" / name
    accuracy = kept_section(path.read_text(encoding="utf-8")) if path.exists() else ""
    path.write_text(f"{text}\n{accuracy}" if accuracy else text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
