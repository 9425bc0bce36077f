"""`clinic-app export`: one person's own records in files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clinic_app.cli.doors import credentials, signed_in
from clinic_app.cli.options import Json, Language, PatientOption, Store
from clinic_app.cli.output import one_line, print_json, say, warn
from clinic_app.cli.values import accepted
from clinic_app.domain.ids import parse_id
from clinic_app.services.export import WARNING, ExportReason
from clinic_app.services.translations import ENGLISH


def export(
    patient: PatientOption,
    out: Annotated[
        Path,
        typer.Option("-o", "--out", metavar="DIR|ZIP", help="A new folder, or a file ending .zip."),
    ],
    reason: Annotated[ExportReason, typer.Option("--reason")] = ExportReason.PERSON_ASKED,
    unprotected: Annotated[
        bool,
        typer.Option("--unprotected", help="I know that these files are not encrypted."),
    ] = False,
    language: Language = ENGLISH,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Write a person's records as FHIR R4B, PDF reports, kept images and access log.

    For administrators. User and password are read from CLINIC_APP_USER and CLINIC_APP_PASSWORD.
    """
    patient_id = parse_id(patient, "patient")
    accepted(unprotected, WARNING)
    with signed_in(store) as services:
        done = services.exports.write(
            patient_id,
            out,
            reason,
            credentials()[1],
            accepts_unprotected=unprotected,
            language=language,
        )
    if as_json:
        print_json(
            {
                "path": str(done.path),
                "files": list(done.files),
                "size": done.size,
                "sha256": done.sha256,
                "warning": WARNING,
            }
        )
        return
    say(f"{one_line(str(done.path))}: {len(done.files)} files")
    warn(WARNING)
