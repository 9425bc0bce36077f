"""Who may know a result already: whoever exported, printed, entered or was shown it, anywhere."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Executable

from clinic_app.db.transaction import Parameters, Transaction
from clinic_app.domain.audit import AuditKind
from clinic_app.domain.feedback import Agreement, ResultAgreement
from clinic_app.domain.ids import new_id
from clinic_app.domain.issued import IssuedReport
from clinic_app.domain.merges import MergeEvent, MergeEventKind
from tests.fakes.clock import START
from tests.fakes.labelled import READERS, add_case
from tests.integration.db.records import Clinic


def test_who_exported_a_record_or_was_shown_an_estimate_here_may_know_it(clinic: Clinic) -> None:
    by, reader = clinic.user.id, READERS[0]
    fifty_years = 24 * 365 * 50
    with clinic.store.unit_of_work() as work:
        exported, merged, shown, other = (add_case(work, by) for _ in range(4))
        later = add_case(work, by, number=fifty_years)
        for one in (merged, later):
            work.merges.add(
                MergeEvent(
                    new_id(),
                    MergeEventKind.MERGED,
                    one.patient_id,
                    exported.patient_id,
                    START,
                    by,
                    "same",
                )
            )
        for kind, subject, subject_id in (
            (AuditKind.EXPORTED, "patient", exported.patient_id),
            (AuditKind.ESTIMATE_SHOWN, "draft", shown.id),
            (AuditKind.READ, "screening", other.id),
            (AuditKind.EXPORTED, "appointments", other.patient_id),
        ):
            work.audit.record(kind, reader, subject, subject_id)
        work.commit()
        assert work.face_cases.known_to(reader) == {exported.id, merged.id, shown.id}
        assert work.face_cases.known_to(READERS[1]) == set()


def test_who_printed_a_report_or_entered_an_answer_on_any_laptop_may_know_it(
    clinic: Clinic,
) -> None:
    by, reader = clinic.user.id, READERS[0]
    with clinic.store.unit_of_work() as work:
        printed, answered, other, of_a_colleague = (add_case(work, by) for _ in range(4))
        later = add_case(work, by, number=1)
        merged = MergeEvent(
            new_id(),
            MergeEventKind.MERGED,
            later.patient_id,
            printed.patient_id,
            START,
            by,
            "same",
        )
        work.merges.add(merged)
        for case, who in ((printed, reader), (of_a_colleague, READERS[1])):
            work.issued.add(
                IssuedReport(new_id(), "history", "0" * 64, START, who, case.patient_id)
            )
        work.issued.add(IssuedReport(new_id(), "worklist", "0" * 64, later.finished_at, reader))
        work.agreements.add(
            ResultAgreement(
                id=new_id(),
                clinic_id=new_id(),
                patient_id=answered.patient_id,
                screening_id=answered.id,
                agreement=Agreement.AGREE,
                given_at=START,
                given_on=START.date(),
                entered_by=reader,
                text=f'"entered_by":"{READERS[1]}"',
            )
        )
        work.commit()
        assert work.face_cases.known_to(reader) == {printed.id, answered.id}
        assert work.face_cases.known_to(READERS[1]) == {of_a_colleague.id}
        assert other.id not in work.face_cases.known_to(reader)


def test_what_a_reader_knows_is_one_question_however_many_reports_there_are(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = READERS[0]
    asked: list[object] = []
    rows = Transaction.rows

    def counted(self: Transaction, statement: Executable, parameters: Parameters = None) -> Any:
        found = rows(self, statement, parameters)
        asked.append(len(found))
        return found

    with clinic.store.unit_of_work() as work:
        printed, other = (add_case(work, clinic.user.id) for _ in range(2))
        for number in range(20):
            who = reader if number == 7 else READERS[1]
            work.issued.add(
                IssuedReport(new_id(), "history", "0" * 64, START, who, printed.patient_id)
            )
        work.commit()
        monkeypatch.setattr(Transaction, "rows", counted)
        monkeypatch.setattr(Transaction, "row", lambda *given: next(iter(counted(*given)), None))
        assert work.face_cases.known_to(reader) == {printed.id}
        assert asked == [1]
        assert work.face_cases.knows(reader, printed.id)
        assert not work.face_cases.knows(reader, other.id)
        assert asked == [1, 1, 0]
