"""What the commands of learning with other clinics say of a round."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clinic_app.cli import learning_sites
from clinic_app.domain.ids import new_id
from clinic_app.domain.joint_learning import RoundState
from clinic_app.services.sites_data import RoundRow


def test_since_when_others_are_awaited_is_told_on_the_clinics_clocks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    since = datetime(2026, 11, 29, 20, 30, tzinfo=UTC)
    row = RoundRow(new_id(), RoundState.FITTING, ("North",), ("South",), since, steps=3)
    learning_sites._say_row(row, "Asia/Kolkata")
    assert "South since 2026-11-30 02:00, by the centre's clock" in capsys.readouterr().out
