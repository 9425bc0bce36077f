"""A file that computes something else than its net is never written."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from clinic_app.training.export import PARITY_LIMIT, check_parity, export

pytestmark = pytest.mark.training


class Brighter(nn.Module):
    """Returns the face a little brighter, in the file by another amount than in torch."""

    def __init__(self, in_torch: float, in_the_file: float) -> None:
        super().__init__()
        self.in_torch, self.in_the_file = in_torch, in_the_file

    def forward(self, face: Tensor) -> Tensor:
        return face * (self.in_the_file if torch.compiler.is_exporting() else self.in_torch)


def test_a_file_that_differs_from_its_net_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "style.onnx"
    path.write_bytes(b"released before")
    with pytest.raises(ValueError, match=r"style\.partial\.onnx differs from the trained net"):
        export(Brighter(1.0, 1.01), path, ["normalised"], {"name": "style"})
    assert path.read_bytes() == b"released before"


def test_a_file_that_computes_the_same_is_written_and_says_how_near(tmp_path: Path) -> None:
    path = tmp_path / "style.onnx"
    file = export(Brighter(1.0, 1.0), path, ["normalised"], {"name": "style"}, free_size=True)
    assert file.parity["normalised"] < PARITY_LIMIT / 100
    assert file.bytes == path.stat().st_size
    with pytest.raises(ValueError, match="differs"):
        check_parity(Brighter(1.01, 1.01), path, ["normalised"])
