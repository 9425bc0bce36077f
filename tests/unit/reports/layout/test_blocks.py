from __future__ import annotations

import pytest

from clinic_app.domain.errors import ReportFailed
from clinic_app.reports.layout.blocks import (
    Block,
    Columns,
    Kept,
    Panel,
    Solid,
    Space,
    Stack,
    Titled,
)
from clinic_app.reports.layout.pages import paginate
from clinic_app.reports.layout.texts import prose, words

WIDTH = 200.0


class Brick(Solid):
    def __init__(self, points: float) -> None:
        self.points = points

    def height(self, width: float) -> float:
        return self.points


def _heights(block: Block, room: float) -> list[float]:
    return [page.height(WIDTH) for page in paginate(block, WIDTH, room)]


def test_blocks_fill_pages_in_order() -> None:
    assert _heights(Stack([Brick(40), Brick(40), Brick(40)]), 100) == [80, 40]


def test_a_page_starts_with_content_and_not_with_air() -> None:
    assert _heights(Stack([Brick(90), Space(20), Brick(30)]), 100) == [100, 30]


def test_a_title_moves_with_what_follows() -> None:
    assert _heights(Stack([Brick(60), Titled(Brick(20), Brick(30))]), 100) == [60, 50]


def test_kept_blocks_are_not_cut_unless_they_fill_more_than_a_page() -> None:
    kept = Kept(Stack([Brick(40), Brick(40)]))
    assert _heights(Stack([Brick(50), kept]), 100) == [50, 80]
    tall = Kept(Stack([Brick(90)] * 8))
    assert _heights(tall, 100) == [90] * 8


def test_columns_are_cut_at_the_same_height() -> None:
    columns = Columns([Stack([Brick(40)] * 3), Stack([Brick(30)])], [1, 1])
    assert _heights(columns, 100) == [80, 40]


def test_a_panel_goes_on_with_its_ground_on_the_next_page() -> None:
    panel = Panel(Stack([Brick(30)] * 4), (1, 1, 1), None, padding=10)
    assert _heights(panel, 100) == [80, 80]


def test_no_line_of_a_long_text_is_lost_or_left_alone() -> None:
    text = prose("one two three four five six seven eight nine ten " * 30)
    lines = len(text.lines(WIDTH).lines)
    pitch = text.height(WIDTH) / lines
    heights = _heights(text, pitch * 7.5)
    counts = [round(height / pitch) for height in heights]
    assert sum(counts) == lines
    assert min(counts) >= 2


def test_what_cannot_fit_is_an_error_and_not_an_endless_loop() -> None:
    with pytest.raises(ReportFailed):
        paginate(Brick(120), WIDTH, 100)


def test_label_text_shares_the_baseline_pitch_of_its_neighbour() -> None:
    from clinic_app.reports.layout.style import BODY, LABEL

    assert words("x", LABEL, beside=BODY).height(WIDTH) == pytest.approx(
        words("x", BODY).height(WIDTH)
    )
