"""The options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Store = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="DIR",
        envvar="CLINIC_APP_STORE",
        help="Folder of the clinic's encrypted store.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Language = Annotated[
    str,
    typer.Option(
        "--language", metavar="en|hi", help="Language of the report; English if not given."
    ),
]
PatientOption = Annotated[str, typer.Option("--patient", metavar="ID", help="The patient's ID.")]
SIGN_IN = "User and password are read from CLINIC_APP_USER and CLINIC_APP_PASSWORD."
