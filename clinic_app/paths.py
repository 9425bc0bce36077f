"""Where the files that ship beside the code are: resources, models, sample data.

The program runs from a checkout (an editable installation), so these are folders of the
repository.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The repository's root folder."""

RESOURCES = ROOT / "resources"
"""Fonts, icons, themes, translations and samples."""

MODELS = Path(os.environ.get("CLINIC_APP_MODELS") or ROOT / "models").expanduser().absolute()
"""Trained networks with their `manifest.json`; CLINIC_APP_MODELS names another folder."""
