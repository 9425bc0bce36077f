"""The bench of sync does at a small size what it measures at a large one."""

from __future__ import annotations

from tests.bench.centre import SyncFigures, measure_sync
from tests.bench.centre_page import BEGIN, END, load_section, sync_section


def test_a_small_bench_measures_every_figure() -> None:
    small = SyncFigures(1_000, 1, whole=60, pollers=3, log=600, laptops=2, offline=20)
    found = measure_sync(small)
    rates = (found.push, found.pull, found.raw_push, found.raw_pull)
    assert all(rate > 0 for rate in (*rates, found.whole_push, found.whole_pull))
    assert found.up_bytes > 136
    assert found.down_bytes > 136
    assert found.poll_bytes > 3 * 32
    assert found.idle_statements == 2, "facts and heads"
    assert found.load is not None
    took = (found.load.read, found.load.made, found.load.begun, found.load.raw)
    assert all(one.seconds > 0 and one.most_mb >= one.before_mb > 0 for one in took)
    assert found.load.snapshot_mb > 600 * 100 / 1e6
    assert found.convergence_seconds > 0
    section = sync_section(found)
    assert section.startswith(BEGIN)
    assert section.rstrip().endswith(END)
    assert "first load of 600 operations" in load_section(found.load, found.busy)
