"""Everything a signed-in member of staff works with, made anew at each sign-in."""

from __future__ import annotations

from dataclasses import dataclass

from clinic_app.services.adjudication import AdjudicationService
from clinic_app.services.appointments import AppointmentService
from clinic_app.services.audit import AuditService
from clinic_app.services.availability import AvailabilityService
from clinic_app.services.backup import BackupService
from clinic_app.services.clinic import ClinicService
from clinic_app.services.devices import DeviceService
from clinic_app.services.erasure import ErasureService
from clinic_app.services.export import ExportService
from clinic_app.services.feedback import FeedbackService
from clinic_app.services.forms import FormService
from clinic_app.services.handovers import HandoverService
from clinic_app.services.instruments import InstrumentService
from clinic_app.services.interventions import InterventionService
from clinic_app.services.learning import LearningService
from clinic_app.services.looks import LookService
from clinic_app.services.merges import MergeService
from clinic_app.services.model_sets import ModelSetService
from clinic_app.services.notes import NoteService
from clinic_app.services.patient_home import PatientHomeService
from clinic_app.services.patient_page import PatientPageService
from clinic_app.services.patients import ConsentService, PatientService
from clinic_app.services.reading import FaceReader, ModelShelf
from clinic_app.services.reports import ReportService
from clinic_app.services.retention import RetentionService
from clinic_app.services.reviews import ReviewService
from clinic_app.services.safety import SafetyService
from clinic_app.services.screenings import ScreeningService
from clinic_app.services.session import Session
from clinic_app.services.sites import SitesService
from clinic_app.services.staff import StaffService
from clinic_app.services.studio import StudioService
from clinic_app.services.sync import SyncService
from clinic_app.services.tasks import TaskService
from clinic_app.services.timeline import TimelineService
from clinic_app.services.training_export import TrainingExportService
from clinic_app.services.worklist import WorklistService


@dataclass(frozen=True, slots=True)
class ClinicServices:
    """Everything a signed-in member of staff works with."""

    session: Session
    clinic: ClinicService
    staff: StaffService
    patients: PatientService
    consents: ConsentService
    screenings: ScreeningService
    safety: SafetyService
    forms: FormService
    notes: NoteService
    timeline: TimelineService
    pages: PatientPageService
    interventions: InterventionService
    reviews: ReviewService
    merges: MergeService
    appointments: AppointmentService
    availability: AvailabilityService
    worklist: WorklistService
    tasks: TaskService
    handovers: HandoverService
    feedback: FeedbackService
    patient_home: PatientHomeService
    reports: ReportService
    audit: AuditService
    backups: BackupService
    retention: RetentionService
    exports: ExportService
    erasures: ErasureService
    devices: DeviceService
    instruments: InstrumentService
    adjudication: AdjudicationService
    learning: LearningService
    sites: SitesService
    training_export: TrainingExportService
    looks: LookService
    studio: StudioService
    sync: SyncService
    face_reader: FaceReader
    models: ModelShelf
    model_sets: ModelSetService
