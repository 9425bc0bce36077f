"""A file that somebody chose is read up to its limit, or named in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_app.domain.errors import InvalidInput, ReportFailed
from clinic_app.services.chosen_file import chosen_bytes
from clinic_app.services.saving import check_place


def test_no_more_than_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(b"0123456789")
    assert chosen_bytes(path, 4) == b"0123"
    assert chosen_bytes(path, 40) == b"0123456789"


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(InvalidInput, match=f"“{path.name}” cannot be read") as error:
            chosen_bytes(path, 4)
        assert error.value.field == "file"


def test_the_present_folder_has_a_name_in_a_sentence() -> None:
    with pytest.raises(InvalidInput, match=r"The file “\.” cannot be read"):
        chosen_bytes(Path(), 4)
    with pytest.raises(ReportFailed, match=r"“\.” is a folder"):
        check_place(Path())
    with pytest.raises(ReportFailed, match="“/” is a folder"):
        check_place(Path("/"))
