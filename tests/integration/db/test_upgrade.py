"""A store of the first schema opens, keeps everything, and its new rows follow from its log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from clinic_app.db import oplog
from clinic_app.db.engine import make_engine
from clinic_app.db.files import STORE_FILE, make_private_file
from clinic_app.db.schema import _config, ensure_schema
from clinic_app.db.tables import consent, metadata, screening
from clinic_app.db.tables.walls import lifted
from clinic_app.db.transaction import Transaction
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import RenewalStopped, StoreTooNew
from clinic_app.domain.feedback import Agreement, ResultAgreement
from clinic_app.domain.ids import new_id
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.notes import signed
from clinic_app.domain.safety import SafetyEventKind
from tests.fakes.labelled import add_case
from tests.integration.db.raw import store_key, transaction_of
from tests.integration.db.records import (
    NOON,
    PASSWORD,
    USER,
    Clinic,
    a_consent,
    a_draft,
    a_finding,
    a_note,
    a_patient,
    a_safety_event,
    a_screening,
)


def fill(clinic: Clinic) -> None:
    by = clinic.user.id
    with clinic.store.unit_of_work() as work:
        for number in range(4):
            patient = a_patient(f"P{number}")
            work.patients.add(patient)
            work.patients.save(replace(patient, phone="112"))
            work.consents.add(a_consent(patient.id, by))
            finding = a_finding() if number % 2 else None
            screening = a_screening(patient.id, by, finding=finding)
            if number:
                work.screenings.add(screening)
            opened = a_safety_event(patient.id, by, screening_id=screening.id)
            if number > 1:
                work.safety.add(opened)
            if number > 2:
                closed = a_safety_event(
                    patient.id, by, kind=SafetyEventKind.ASSESSED, flow_id=opened.flow_id
                )
                work.safety.add(closed)
            note = a_note(patient.id, by)
            work.notes.add(note)
            if number % 2:
                work.notes.save(signed(note, by, NOON))
            work.drafts.save(a_draft(patient.id, by))
            work.audit.record(AuditKind.CREATED, by, "patient", patient.id)
        work.commit()


def everything(db: Transaction) -> dict[str, list[Any]]:
    """The rows of all tables that the store has."""
    has = {row.name for row in db.rows(text("SELECT name FROM sqlite_master WHERE type = 'table'"))}
    tables = [table.name for table in metadata.sorted_tables if table.name in has]
    return {name: sorted(map(repr, db.rows(text(f"SELECT * FROM {name}")))) for name in tables}


@pytest.mark.parametrize("noted", ["0", None])
def test_rows_that_other_rules_have_made_are_made_anew(clinic: Clinic, noted: str | None) -> None:
    """The tables are the same; what the log makes of them is not."""
    fill(clinic)
    with transaction_of(clinic.encrypted) as db:
        expected = everything(db)
        with lifted(db, consent, screening):
            db.run(text("DELETE FROM consent"))
            db.run(text("UPDATE screening SET body = x'7b7d'"))
        db.run(text("UPDATE patient SET body = x'7b7d', known = 0"))
        db.run(text("DELETE FROM meta WHERE name = 'fold'"))
        if noted is not None:
            db.run(text("INSERT INTO meta (name, value) VALUES ('fold', :noted)"), {"noted": noted})
        db.commit()
    clinic.reopen()
    with transaction_of(clinic.encrypted) as db:
        assert everything(db) == expected


def by_other_rules(clinic: Clinic) -> dict[str, list[Any]]:
    """Let the store's rows be those of an older program; what they were before."""
    with transaction_of(clinic.encrypted) as db:
        expected = everything(db)
        db.run(text("UPDATE patient SET body = x'7b7d', known = 0"))
        db.run(text("UPDATE meta SET value = '0' WHERE name = 'fold'"))
        db.commit()
    return expected


def test_how_much_is_made_anew_is_told_and_nothing_of_a_store_that_is_up_to_date(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oplog, "_TOLD_EVERY", 5)
    fill(clinic)
    by_other_rules(clinic)
    shares: list[float] = []
    clinic.store.close()
    clinic.vault.unlock(USER, PASSWORD, shares.append).close()
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len(shares) > 5
    shares.clear()
    clinic.vault.unlock(USER, PASSWORD, shares.append).close()
    assert shares == []
    clinic.reopen()


@pytest.mark.parametrize("moment", [0.0, 0.4, 0.9, 1.0])
def test_stopped_anywhere_everything_is_as_before_and_the_next_opening_does_it(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, moment: float
) -> None:
    monkeypatch.setattr(oplog, "_TOLD_EVERY", 5)
    fill(clinic)
    expected = by_other_rules(clinic)

    def stop(share: float) -> None:
        if share >= moment:
            raise RenewalStopped("Stopped.")

    clinic.store.close()
    with pytest.raises(RenewalStopped):
        clinic.vault.unlock(USER, PASSWORD, stop)
    clinic.reopen()
    with transaction_of(clinic.encrypted) as db:
        assert everything(db) == expected


def test_rows_by_rules_of_a_newer_program_are_left_to_it(clinic: Clinic) -> None:
    with transaction_of(clinic.encrypted) as db:
        db.run(text("UPDATE meta SET value = '999' WHERE name = 'fold'"))
        db.commit()
    with pytest.raises(StoreTooNew):
        clinic.reopen()


def test_a_store_of_the_first_schema_keeps_everything(clinic: Clinic, tmp_path: Path) -> None:
    from alembic import command

    fill(clinic)
    path = tmp_path / "old.db"
    make_private_file(path)
    engine = make_engine(path, b"o" * 32)
    config = _config()
    with transaction_of(clinic.encrypted) as new, engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        old = Transaction(connection)
        names = [
            row.name
            for row in old.rows(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        ]
        for name in names:
            if name == "alembic_version":
                continue
            columns = [f'"{row.name}"' for row in old.rows(text(f"PRAGMA table_info({name})"))]
            for row in new.rows(text(f"SELECT {', '.join(columns)} FROM {name}")):
                values = ", ".join(f":v{at}" for at in range(len(columns)))
                old.run(
                    text(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({values})"),
                    {f"v{at}": value for at, value in enumerate(row)},
                )
        expected = everything(new)
    ensure_schema(engine)
    with engine.connect() as connection:
        found = everything(Transaction(connection))
    engine.dispose()
    assert found == expected
    assert len(found["worklist"]) == 4
    assert len(found["screening"]) == 3


@pytest.mark.parametrize("moment", [0.0, 0.4, 0.9, 1.0])
def test_reports_and_answers_come_back_from_the_log_with_who_gave_them(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, moment: float
) -> None:
    """Also after an upgrade that was stopped, which leaves the store of the program before."""
    monkeypatch.setattr(oplog, "_TOLD_EVERY", 5)
    by = clinic.user.id
    fill(clinic)
    with clinic.store.unit_of_work() as work:
        case = add_case(work, by)
        report = IssuedReport(new_id(), "history", "a" * 64, NOON, by, case.patient_id)
        work.issued.add(report)
        answer = ResultAgreement(
            id=new_id(),
            clinic_id=new_id(),
            patient_id=case.patient_id,
            screening_id=case.id,
            agreement=Agreement.AGREE,
            given_at=NOON,
            given_on=NOON.date(),
            entered_by=by,
        )
        work.agreements.add(answer)
        work.commit()
    with transaction_of(clinic.encrypted) as db:
        expected = everything(db)
        db.run(text("DROP INDEX ix_issued_report_by"))
        db.run(text("DROP INDEX ix_result_agreement_entered"))
        db.run(text("ALTER TABLE issued_report DROP COLUMN issued_by"))
        db.run(text("ALTER TABLE result_agreement DROP COLUMN entered_by"))
        db.run(text("DROP INDEX ix_face_case_source"))
        db.run(text("ALTER TABLE face_case DROP COLUMN source_sha256"))
        for name in ("site_event", "site_own", "site_round", "site_message", "image_pixels"):
            db.run(text(f"DROP TABLE {name}"))
        db.run(text("UPDATE alembic_version SET version_num = '0013'"))
        db.run(text("UPDATE meta SET value = '2' WHERE name = 'fold'"))
        before = everything(db)
        db.commit()

    def stop(share: float) -> None:
        if share >= moment:
            raise RenewalStopped("Stopped.")

    clinic.store.close()
    with pytest.raises(RenewalStopped):
        clinic.vault.unlock(USER, PASSWORD, stop)
    with make_engine(clinic.folder / STORE_FILE, store_key(clinic.folder)).connect() as connection:
        db = Transaction(connection)
        assert everything(db) == before
        assert db.scalar(text("SELECT version_num FROM alembic_version")) == "0013"
    clinic.reopen()
    with transaction_of(clinic.encrypted) as db:
        assert everything(db) == expected
    with clinic.store.unit_of_work() as work:
        assert work.issued.of_patient(case.patient_id) == [report]
        assert work.agreements.of_screening(case.id) == [answer]
