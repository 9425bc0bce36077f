"""What the composition root hands to the window: ways to open a clinic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clinic_app.services.backup_data import Progress, Stop

if TYPE_CHECKING:
    from clinic_app.services.clinic_services import ClinicServices
    from clinic_app.services.front_door import FrontDoor


@dataclass(frozen=True, slots=True)
class Opened:
    """A clinic somebody has signed in to."""

    front_door: FrontDoor
    services: ClinicServices


@dataclass(frozen=True, slots=True)
class Doors:
    """All run on the database lane: they may load libraries and touch the disk.

    ``open_seeded`` opens the demo clinic of three hundred people, and fills it the first time.
    """

    open_clinic: Callable[[], FrontDoor]
    open_demo: Callable[[], Opened]
    open_seeded: Callable[[Progress, Stop], Opened] | None = None
