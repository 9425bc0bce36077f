"""The studio stands apart: nothing that was made in it has a way into a record."""

from __future__ import annotations

import inspect
import typing
from dataclasses import fields, is_dataclass

from clinic_app.domain.picture import Picture
from clinic_app.domain.studio import StudioPicture
from clinic_app.services.clinic_services import ClinicServices
from clinic_app.services.studio import StudioService
from clinic_app.services.studio_data import StudioContent
from clinic_app.services.studio_storage import StudioImages
from tests.unit.services.calling import METHODS

STUDIO_TYPES = (Picture, StudioContent, StudioPicture, StudioImages)


def test_no_service_beside_the_studio_takes_anything_that_was_made_in_it() -> None:
    """Neither as an argument nor inside of one: there is no way from here into a record.

    A look is measured on what the studio's camera takes: of that figures are kept, and no picture
    (`test_looks.py`).
    """

    def reaches(kind: object, seen: set[object]) -> bool:
        if kind in STUDIO_TYPES:
            return True
        if kind in seen:
            return False
        seen.add(kind)
        inside = [*typing.get_args(kind)]
        if isinstance(kind, type) and is_dataclass(kind):
            hints = typing.get_type_hints(kind)
            inside += [hints[one.name] for one in fields(kind)]
        return any(reaches(one, seen) for one in inside if not isinstance(one, (str, list)))

    takers = set()
    for name, method in METHODS.items():
        hints = typing.get_type_hints(method)
        taken = [one for one in inspect.signature(method).parameters if one != "self"]
        if any(reaches(hints.get(one), set()) for one in taken):
            takers.add(name)
    assert {name for name in takers if not name.startswith("studio.")} == {"looks.measure"}
    assert {"studio.keep", "studio.marked", "studio.redrawn"} <= takers


def test_the_services_have_one_studio() -> None:
    hints = typing.get_type_hints(ClinicServices)
    assert [name for name, kind in hints.items() if kind is StudioService] == ["studio"]
