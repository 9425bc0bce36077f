"""Whether anything on a page is clipped or lies on something else."""

from __future__ import annotations

from tests.unit.reports.reading import text_boxes

Box = tuple[float, float, float, float]


def check_geometry(pdf: bytes) -> None:
    """All text lies inside the margins, and no two stretches of text lie on each other."""
    for width, height, boxes in text_boxes(pdf):
        for left, bottom, right, top in boxes:
            assert left >= 44
            assert right <= width - 44
            assert bottom >= 20
            assert top <= height - 30
        ordered = sorted(boxes, key=lambda box: box[1])
        for index, one in enumerate(ordered):
            for other in ordered[index + 1 :]:
                if other[1] >= one[3]:
                    break
                _check_apart(one, other)


def _check_apart(one: Box, other: Box) -> None:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    assert across < 2 or down < 2, (one, other)
