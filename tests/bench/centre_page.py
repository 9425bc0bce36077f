"""The section of the page about sync, between its marks."""

from __future__ import annotations

import os

from tests.bench.centre import SyncFigures
from tests.bench.first_load import LOAD_GOAL, LoadFigures, load_rows

BEGIN, END = "<!-- sync -->", "<!-- end of sync -->"
LOAD_BEGIN, LOAD_END = "<!-- first load -->", "<!-- end of first load -->"
RATIO_GOAL = 0.6


def sync_section(found: SyncFigures) -> str:
    lines = [
        BEGIN,
        "## Sync",
        "",
        "`.venv/bin/python -m tests.bench --only-sync` (part of `make bench`): a MariaDB"
        f" {found.server} of the bench's own on",
        "the same machine, TLS, durable commits. Pieces of one row are run in turn; medians of"
        f" {found.rounds} rounds.",
        f"Load average {found.busy:.0f} on {os.cpu_count()} processors. The goal: at least"
        f" {RATIO_GOAL:.0%} of raw.",
        "",
        f"| {found.changes:,} operations of 136 bytes | a second | of raw |",
        "|---|---|---|",
        f"| PyMySQL `executemany` into a bare table, batches of 500 | {found.raw_push:,.0f} | |",
        f"| pushed through the checking view, batches of 500 | {found.push:,.0f}"
        f" | {found.push / found.raw_push:.0%} |",
        f"| PyMySQL `SELECT` from a bare table, pages of 1,000 | {found.raw_pull:,.0f} | |",
        f"| fetched as a pull does, pages of 1,000 | {found.pull:,.0f}"
        f" | {found.pull / found.raw_pull:.0%} |",
        "",
        f"| whole rounds, {found.whole:,} new patients | a second | bytes a change | statements |",
        "|---|---|---|---|",
        f"| sent: sealed, signed, pushed | {found.whole_push:,.0f} | {found.up_bytes:,.0f}"
        f" | {found.up_statements} |",
        "| taken in: fetched, checked, opened, folded into the encrypted store"
        f" | {found.whole_pull:,.0f} | {found.down_bytes:,.0f} | {found.down_statements} |",
        "",
        "| | |",
        "|---|---|",
        f"| asking for the heads of {found.pollers} workstations | {found.poll_ms:.1f} ms,"
        f" {found.poll_bytes:,} bytes |",
        f"| a round with nothing to do, connecting included | {found.idle_round_ms:.0f} ms,"
        f" {found.idle_statements} statements |",
        f"| {found.laptops} laptops with {found.offline:,} offline changes each, all at once, until"
        f" all hold everything | {found.convergence_seconds:,.0f} s |",
        END,
        "",
    ]
    return "\n".join(lines)


def load_section(found: LoadFigures, busy: float) -> str:
    """The section about the first load of a new laptop."""
    lines = [
        LOAD_BEGIN,
        "## First load",
        "",
        "`.venv/bin/python -m tests.bench --only-first-load N` (part of `make bench`): a new laptop"
        " joins the same",
        f"MariaDB; stores are encrypted. Load average {busy:.0f} on {os.cpu_count()} processors, so"
        " the processor's seconds",
        f"tell more than the clock's. The goal: 1,000,000 operations within {LOAD_GOAL} s.",
        "",
        *load_rows(found),
        LOAD_END,
        "",
    ]
    return "\n".join(lines)
