"""The clinic around the screening: appointments, tasks, reviews, feedback, merges, the worklist.

The screen tables of screenings and notes gain columns that only the log's records can fill, so
they are made anew; whoever upgrades folds the log into them afterwards.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "DROP TABLE screening",
    "DROP TABLE note",
    """
    CREATE TABLE screening (
        id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        finished_at BIGINT NOT NULL,
        phq9_total SMALLINT,
        gad7_total SMALLINT,
        band SMALLINT,
        item_nine SMALLINT,
        depression_rank SMALLINT,
        anxiety_rank SMALLINT,
        flagged BOOLEAN,
        assessed BOOLEAN NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_screening_finished ON screening (finished_at)
    """,
    """
    CREATE INDEX ix_screening_patient ON screening (patient_id, finished_at)
    """,
    """
    CREATE TRIGGER screening_no_delete BEFORE DELETE ON screening
    BEGIN
        SELECT RAISE(ABORT, 'screening rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER screening_no_update BEFORE UPDATE ON screening
    BEGIN
        SELECT RAISE(ABORT, 'screening rows never change');
    END
    """,
    """
    CREATE TABLE note (
        id BLOB NOT NULL,
        known BOOLEAN NOT NULL,
        body BLOB NOT NULL,
        stamps TEXT NOT NULL,
        patient_id BLOB,
        written_at BIGINT,
        signed_at BIGINT,
        author BLOB,
        discarded BOOLEAN,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_note_patient ON note (patient_id, written_at)
    """,
    """
    CREATE INDEX ix_note_unsigned ON note (author, written_at)
    WHERE signed_at IS NULL AND discarded = 0
    """,
    """
    CREATE TRIGGER note_no_delete BEFORE DELETE ON note
    WHEN OLD.signed_at IS NOT NULL
    BEGIN
        SELECT RAISE(ABORT, 'signed notes are never deleted');
    END
    """,
    """
    CREATE TRIGGER note_no_update BEFORE UPDATE ON note
    WHEN OLD.signed_at IS NOT NULL
    BEGIN
        SELECT RAISE(ABORT, 'signed notes never change');
    END
    """,
    """
    CREATE TABLE appointment_event (
        id BLOB NOT NULL,
        subject_id BLOB NOT NULL,
        hlc BIGINT NOT NULL,
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_appointment_event_subject
        ON appointment_event (subject_id, hlc, origin, epoch, seq)
    """,
    """
    CREATE TRIGGER appointment_event_no_delete BEFORE DELETE ON appointment_event
    BEGIN
        SELECT RAISE(ABORT, 'appointment_event rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER appointment_event_no_update BEFORE UPDATE ON appointment_event
    BEGIN
        SELECT RAISE(ABORT, 'appointment_event rows never change');
    END
    """,
    """
    CREATE TABLE appointment (
        id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        clinician_id BLOB,
        state VARCHAR(12) NOT NULL,
        start_at BIGINT,
        end_at BIGINT,
        requested_at BIGINT NOT NULL,
        wait_list BOOLEAN NOT NULL,
        series_id BLOB,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_appointment_clinician ON appointment (clinician_id, start_at, end_at)
    """,
    """
    CREATE INDEX ix_appointment_patient ON appointment (patient_id, start_at, end_at)
    """,
    """
    CREATE INDEX ix_appointment_requested ON appointment (requested_at, id)
    WHERE state = 'requested'
    """,
    """
    CREATE INDEX ix_appointment_series ON appointment (series_id)
    WHERE series_id IS NOT NULL
    """,
    """
    CREATE INDEX ix_appointment_start ON appointment (start_at, end_at)
    """,
    """
    CREATE INDEX ix_appointment_state ON appointment (state, start_at)
    """,
    """
    CREATE TABLE availability (
        id BLOB NOT NULL,
        known BOOLEAN NOT NULL,
        body BLOB NOT NULL,
        stamps TEXT NOT NULL,
        clinician_id BLOB,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_availability_clinician ON availability (clinician_id)
    """,
    """
    CREATE TABLE absence (
        id BLOB NOT NULL,
        known BOOLEAN NOT NULL,
        body BLOB NOT NULL,
        stamps TEXT NOT NULL,
        clinician_id BLOB,
        start_at BIGINT,
        end_at BIGINT,
        cancelled BOOLEAN,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_absence_clinician ON absence (clinician_id, end_at)
    """,
    """
    CREATE TABLE task (
        id BLOB NOT NULL,
        known BOOLEAN NOT NULL,
        body BLOB NOT NULL,
        stamps TEXT NOT NULL,
        owner BLOB,
        patient_id BLOB,
        due_on DATE,
        open BOOLEAN,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_task_open ON task (due_on, id)
    WHERE open = 1
    """,
    """
    CREATE INDEX ix_task_owner ON task (owner, due_on, id)
    WHERE open = 1
    """,
    """
    CREATE INDEX ix_task_patient ON task (patient_id, due_on)
    """,
    """
    CREATE TABLE intervention (
        id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        performed_on DATE NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_intervention_patient ON intervention (patient_id, performed_on)
    """,
    """
    CREATE TRIGGER intervention_no_delete BEFORE DELETE ON intervention
    BEGIN
        SELECT RAISE(ABORT, 'intervention rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER intervention_no_update BEFORE UPDATE ON intervention
    BEGIN
        SELECT RAISE(ABORT, 'intervention rows never change');
    END
    """,
    """
    CREATE TABLE review_event (
        id BLOB NOT NULL,
        subject_id BLOB NOT NULL,
        hlc BIGINT NOT NULL,
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_review_event_subject ON review_event (subject_id, hlc, origin, epoch, seq)
    """,
    """
    CREATE TRIGGER review_event_no_delete BEFORE DELETE ON review_event
    BEGIN
        SELECT RAISE(ABORT, 'review_event rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER review_event_no_update BEFORE UPDATE ON review_event
    BEGIN
        SELECT RAISE(ABORT, 'review_event rows never change');
    END
    """,
    """
    CREATE TABLE review (
        id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        screening_id BLOB NOT NULL,
        reviewer BLOB NOT NULL,
        judged_at BIGINT NOT NULL,
        concluded BOOLEAN NOT NULL,
        model_version TEXT NOT NULL,
        verdict VARCHAR(12),
        own_severity VARCHAR(12) NOT NULL,
        estimate_band SMALLINT,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_review_agreement
        ON review (model_version, verdict, own_severity, estimate_band)
    WHERE concluded = 1
    """,
    """
    CREATE INDEX ix_review_patient ON review (patient_id, judged_at)
    """,
    """
    CREATE INDEX ix_review_screening ON review (screening_id, concluded)
    """,
    """
    CREATE INDEX ix_review_unfinished ON review (reviewer, judged_at)
    WHERE concluded = 0
    """,
    """
    CREATE TABLE handover_event (
        id BLOB NOT NULL,
        subject_id BLOB NOT NULL,
        hlc BIGINT NOT NULL,
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_handover_event_subject
        ON handover_event (subject_id, hlc, origin, epoch, seq)
    """,
    """
    CREATE TRIGGER handover_event_no_delete BEFORE DELETE ON handover_event
    BEGIN
        SELECT RAISE(ABORT, 'handover_event rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER handover_event_no_update BEFORE UPDATE ON handover_event
    BEGIN
        SELECT RAISE(ABORT, 'handover_event rows never change');
    END
    """,
    """
    CREATE TABLE handover (
        id BLOB NOT NULL,
        from_user BLOB NOT NULL,
        to_user BLOB,
        given_at BIGINT NOT NULL,
        open BOOLEAN NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_handover_given ON handover (given_at)
    """,
    """
    CREATE INDEX ix_handover_open ON handover (to_user, given_at)
    WHERE open = 1
    """,
    """
    CREATE TABLE service_rating (
        id BLOB NOT NULL,
        clinic_id BLOB NOT NULL,
        month VARCHAR(7) NOT NULL,
        rating SMALLINT NOT NULL,
        given_at BIGINT NOT NULL,
        has_text BOOLEAN NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_service_rating_given ON service_rating (given_at)
    """,
    """
    CREATE INDEX ix_service_rating_month ON service_rating (clinic_id, month, rating)
    """,
    """
    CREATE TRIGGER service_rating_no_delete BEFORE DELETE ON service_rating
    BEGIN
        SELECT RAISE(ABORT, 'service_rating rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER service_rating_no_update BEFORE UPDATE ON service_rating
    BEGIN
        SELECT RAISE(ABORT, 'service_rating rows never change');
    END
    """,
    """
    CREATE TABLE result_agreement (
        id BLOB NOT NULL,
        clinic_id BLOB NOT NULL,
        screening_id BLOB NOT NULL,
        month VARCHAR(7) NOT NULL,
        agreement VARCHAR(8) NOT NULL,
        given_at BIGINT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_result_agreement_given ON result_agreement (given_at)
    """,
    """
    CREATE INDEX ix_result_agreement_month ON result_agreement (clinic_id, month, agreement)
    """,
    """
    CREATE INDEX ix_result_agreement_screening ON result_agreement (screening_id)
    """,
    """
    CREATE TRIGGER result_agreement_no_delete BEFORE DELETE ON result_agreement
    BEGIN
        SELECT RAISE(ABORT, 'result_agreement rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER result_agreement_no_update BEFORE UPDATE ON result_agreement
    BEGIN
        SELECT RAISE(ABORT, 'result_agreement rows never change');
    END
    """,
    """
    CREATE TABLE incident_event (
        id BLOB NOT NULL,
        subject_id BLOB NOT NULL,
        hlc BIGINT NOT NULL,
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_incident_event_subject
        ON incident_event (subject_id, hlc, origin, epoch, seq)
    """,
    """
    CREATE TRIGGER incident_event_no_delete BEFORE DELETE ON incident_event
    BEGIN
        SELECT RAISE(ABORT, 'incident_event rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER incident_event_no_update BEFORE UPDATE ON incident_event
    BEGIN
        SELECT RAISE(ABORT, 'incident_event rows never change');
    END
    """,
    """
    CREATE TABLE incident (
        id BLOB NOT NULL,
        clinic_id BLOB NOT NULL,
        month VARCHAR(7) NOT NULL,
        category VARCHAR(20) NOT NULL,
        open BOOLEAN NOT NULL,
        opened_at BIGINT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_incident_month ON incident (clinic_id, month, category, open)
    """,
    """
    CREATE INDEX ix_incident_open ON incident (opened_at)
    WHERE open = 1
    """,
    """
    CREATE INDEX ix_incident_opened ON incident (opened_at)
    """,
    """
    CREATE TABLE patient_merge (
        id BLOB NOT NULL,
        subject_id BLOB NOT NULL,
        hlc BIGINT NOT NULL,
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_patient_merge_subject ON patient_merge (subject_id, hlc, origin, epoch, seq)
    """,
    """
    CREATE TRIGGER patient_merge_no_delete BEFORE DELETE ON patient_merge
    BEGIN
        SELECT RAISE(ABORT, 'patient_merge rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER patient_merge_no_update BEFORE UPDATE ON patient_merge
    BEGIN
        SELECT RAISE(ABORT, 'patient_merge rows never change');
    END
    """,
    """
    CREATE TABLE patient_alias (
        patient_id BLOB NOT NULL,
        into_id BLOB NOT NULL,
        survivor_id BLOB NOT NULL,
        PRIMARY KEY (patient_id)
    )
    """,
    """
    CREATE INDEX ix_patient_alias_survivor ON patient_alias (survivor_id)
    """,
    """
    CREATE TABLE issued_report (
        id BLOB NOT NULL,
        patient_id BLOB,
        data_sha256 VARCHAR(64) NOT NULL,
        issued_at BIGINT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_issued_report_hash ON issued_report (data_sha256)
    """,
    """
    CREATE INDEX ix_issued_report_patient ON issued_report (patient_id, issued_at)
    """,
    """
    CREATE TRIGGER issued_report_no_delete BEFORE DELETE ON issued_report
    BEGIN
        SELECT RAISE(ABORT, 'issued_report rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER issued_report_no_update BEFORE UPDATE ON issued_report
    BEGIN
        SELECT RAISE(ABORT, 'issued_report rows never change');
    END
    """,
    """
    CREATE TABLE erasure_event (
        id BLOB NOT NULL,
        subject_id BLOB NOT NULL,
        hlc BIGINT NOT NULL,
        origin SMALLINT NOT NULL,
        epoch BIGINT NOT NULL,
        seq INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_erasure_event_subject ON erasure_event (subject_id, hlc, origin, epoch, seq)
    """,
    """
    CREATE TRIGGER erasure_event_no_delete BEFORE DELETE ON erasure_event
    BEGIN
        SELECT RAISE(ABORT, 'erasure_event rows are never deleted');
    END
    """,
    """
    CREATE TRIGGER erasure_event_no_update BEFORE UPDATE ON erasure_event
    BEGIN
        SELECT RAISE(ABORT, 'erasure_event rows never change');
    END
    """,
    """
    CREATE TABLE erasure (
        id BLOB NOT NULL,
        patient_id BLOB NOT NULL,
        state VARCHAR(10) NOT NULL,
        asked_at BIGINT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX ix_erasure_asked ON erasure (asked_at)
    """,
    """
    CREATE INDEX ix_erasure_patient ON erasure (patient_id, asked_at)
    """,
    """
    CREATE TABLE worklist (
        patient_id BLOB NOT NULL,
        place SMALLINT NOT NULL,
        waiting_since BIGINT NOT NULL,
        assessed BOOLEAN NOT NULL,
        flagged BOOLEAN NOT NULL,
        unreviewed INTEGER NOT NULL,
        rank SMALLINT,
        safety_opened_at BIGINT,
        last_screened_at BIGINT,
        phq9_at BIGINT,
        phq9_total SMALLINT,
        item_nine SMALLINT,
        depression_rank SMALLINT,
        gad7_total SMALLINT,
        anxiety_rank SMALLINT,
        requested_since BIGINT,
        PRIMARY KEY (patient_id)
    )
    """,
    """
    CREATE INDEX ix_worklist_order
        ON worklist (place, waiting_since, patient_id, flagged, unreviewed, rank)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
