"""The studio: whose pictures come in, what is kept, and that nothing gets into a record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import ConsentEvent, GivenBy, Purpose
from clinic_app.domain.errors import (
    AccessDenied,
    ConsentMissing,
    InvalidInput,
    NotFound,
    NotSignedIn,
    StoreFull,
    UnreadableImage,
    WrongPassword,
)
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.picture import Picture
from clinic_app.domain.screening import ClinicianSeverity
from clinic_app.domain.studio import StudioSource
from clinic_app.services.studio import StudioService
from clinic_app.services.studio_data import Mode, StudioContent, TransferWish
from clinic_app.services.studio_storage import StudioImages
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.reading import face_images
from tests.fakes.studio import shaded

ALL = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES, Purpose.STUDIO)
RESULT = shaded(200)


@pytest.fixture
def studio(clinic: FakeClinic) -> StudioService:
    return clinic.services.studio


def screened(clinic: FakeClinic, *consent: Purpose) -> tuple[UUID, UUID]:
    """A patient with these consents and a screening whose picture was kept."""
    patient = clinic.add_patient(consent=consent)
    services, path = clinic.services, Path(__file__)
    draft = services.screenings.start(patient.id).id
    services.screenings.attach(draft, services.face_reader.read_file(path))
    services.screenings.judge(draft, ClinicianSeverity.MILD)
    done = services.screenings.finish(draft)
    with clinic.store.unit_of_work() as work:
        work.images.put(done.id, face_images(), kept=True)
        work.commit()
    return patient.id, done.id


def noted(clinic: FakeClinic, subject_id: UUID) -> list[tuple[AuditKind, str]]:
    audit = clinic.store.tables.audit
    return [(one.kind, one.detail) for one in audit if one.subject_id == subject_id]


def test_pictures_of_nobody_who_is_a_patient_come_from_files_the_camera_and_the_program(
    studio: StudioService, tmp_path: Path
) -> None:
    photo = tmp_path / "boat.png"
    photo.write_bytes(b"x")
    assert studio.open_file(photo).source is StudioSource.FILE
    assert studio.sample().source is StudioSource.SAMPLE
    assert studio.snapshot(RESULT) == StudioContent(RESULT, StudioSource.WEBCAM)
    with pytest.raises(UnreadableImage):
        studio.open_file(tmp_path / "none.png")
    assert "brush" in studio.styles()
    assert "brush" in studio.style_pictures()


def test_a_patients_picture_comes_in_with_consent_alone_and_is_audited(
    clinic: FakeClinic, studio: StudioService
) -> None:
    patient, screening = screened(clinic, *ALL)
    (one,) = studio.pictures_of(patient)
    assert one.screening_id == screening
    content = studio.picture_of(screening)
    assert (content.source, content.patient_id) == (StudioSource.PATIENT, patient)
    assert (AuditKind.READ, "studio") in noted(clinic, patient)
    assert (AuditKind.READ, "studio") in noted(clinic, screening)


@pytest.mark.parametrize("missing", [Purpose.KEEP_IMAGES, Purpose.STUDIO])
def test_without_either_consent_no_picture_of_a_patient_comes_in(
    clinic: FakeClinic, studio: StudioService, missing: Purpose
) -> None:
    patient, screening = screened(clinic, *(one for one in ALL if one is not missing))
    for ask in (lambda: studio.pictures_of(patient), lambda: studio.picture_of(screening)):
        with pytest.raises(ConsentMissing):
            ask()


def test_a_picture_that_was_not_kept_is_not_there(
    clinic: FakeClinic, studio: StudioService
) -> None:
    patient, screening = screened(clinic, *ALL)
    with clinic.store.unit_of_work() as work:
        work.images.put(screening, face_images(), kept=False)
        work.commit()
    assert studio.pictures_of(patient) == ()
    with pytest.raises(NotFound):
        studio.picture_of(screening)


@pytest.mark.parametrize("taken_back", ALL)
def test_consent_taken_back_stops_a_picture_that_is_already_open(
    clinic: FakeClinic, studio: StudioService, taken_back: Purpose
) -> None:
    patient, screening = screened(clinic, *ALL)
    content = studio.picture_of(screening)
    studio.redrawn(content, {"ink": 1.0}, 1.0)
    stopped = studio.transfer(content, RESULT, TransferWish(steps=3))
    assert [one.step for one in stopped.run(lambda: False)][-1] == 3
    clinic.services.consents.record(patient, {taken_back: False})
    for ask in (
        lambda: studio.redrawn(content, {"ink": 1.0}, 1.0),
        lambda: studio.style_of_face(content, Mode.PICK),
        lambda: next(stopped.run(lambda: False)),
        lambda: studio.transfer(content, RESULT, TransferWish()),
        lambda: studio.marked(content, RESULT),
        lambda: studio.marked(content, RESULT, printing=True),
        lambda: studio.keep(content, RESULT, "", "ink", also_of_patient=True),
    ):
        with pytest.raises(ConsentMissing):
            ask()


def test_a_transfer_that_runs_ends_with_the_consent_and_says_so(
    clinic: FakeClinic, studio: StudioService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also behind a lock, where the program goes on with what was begun."""
    monkeypatch.setattr("clinic_app.services.studio_transfers.LOOKED_EVERY", 0.0)
    patient, screening = screened(clinic, *ALL)
    running = studio.transfer(studio.picture_of(screening), RESULT, TransferWish(steps=30))
    told = running.run(lambda: False)
    assert next(told).step == 1
    clinic.services.session.lock()
    assert next(told).step == 2
    clinic.services.clinic.resume(PASSWORD)
    clinic.services.consents.record(patient, {Purpose.STUDIO: False})
    with pytest.raises(ConsentMissing, match="This transfer has ended"):
        next(told)


def test_a_transfer_of_nobodys_picture_is_not_looked_after(
    clinic: FakeClinic, studio: StudioService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_app.services.studio_transfers.LOOKED_EVERY", 0.0)
    running = studio.transfer(studio.sample(), RESULT, TransferWish(steps=3))
    assert [one.step for one in running.run(lambda: False)][-1] == 3


def test_a_patients_picture_is_saved_to_a_file_only_after_the_password(
    clinic: FakeClinic, studio: StudioService
) -> None:
    patient, screening = screened(clinic, *ALL)
    content = studio.picture_of(screening)
    made = studio.keep(content, RESULT, "", "ink", also_of_patient=True)
    tries: tuple[Callable[..., bytes], ...] = (
        lambda **how: studio.marked(content, RESULT, **how),
        lambda **how: studio.marked_of(made.id, **how),
    )
    for save in tries:
        for wrong in ({}, {"password": "wrong-password-1"}):
            with pytest.raises(WrongPassword):
                save(**wrong)
        assert AuditKind.EXPORTED not in [kind for kind, _ in noted(clinic, patient)]
        assert save(printing=True).endswith(b"altered")
    for save in tries:
        assert save(password=PASSWORD).endswith(b"altered")
    kinds = [kind for kind, _ in noted(clinic, patient)]
    assert kinds.count(AuditKind.EXPORTED) == 2


def test_a_patients_picture_goes_into_the_gallery_on_purpose_alone(
    clinic: FakeClinic, studio: StudioService
) -> None:
    patient, screening = screened(clinic, *ALL)
    content = studio.picture_of(screening)
    with pytest.raises(InvalidInput):
        studio.keep(content, RESULT, "", "ink")
    assert studio.gallery() == ()
    made = studio.keep(content, RESULT, "", "ink", also_of_patient=True)
    assert made.patient_id == patient
    assert (AuditKind.CREATED, f"studio picture {made.id}") in noted(clinic, patient)
    studio.images(made.id)
    studio.marked_of(made.id, printing=True)
    assert noted(clinic, patient)[-2:] == [
        (AuditKind.READ, f"studio picture {made.id}"),
        (AuditKind.PRINTED, "studio picture"),
    ]


@pytest.mark.parametrize("taken_back", ALL)
def test_consent_taken_back_empties_the_gallery_of_that_person(
    clinic: FakeClinic, studio: StudioService, taken_back: Purpose
) -> None:
    patient, screening = screened(clinic, *ALL)
    studio.keep(studio.picture_of(screening), RESULT, "", "ink", also_of_patient=True)
    stays = studio.keep(studio.sample(), RESULT, "Harbour", "chalk")
    clinic.services.consents.record(patient, {taken_back: False})
    assert list(clinic.store.tables.gallery) == [stays.id]
    assert (AuditKind.IMAGES_REMOVED, "studio") in noted(clinic, patient)
    assert studio.gallery() == (stays,)


@pytest.mark.parametrize("taken_back", ALL)
@pytest.mark.parametrize("seen", ["in the gallery", "at sign-in"])
def test_consent_taken_back_on_another_laptop_empties_the_gallery_here(
    clinic: FakeClinic, studio: StudioService, taken_back: Purpose, seen: str
) -> None:
    patient, screening = screened(clinic, *ALL)
    studio.keep(studio.picture_of(screening), RESULT, "", "ink", also_of_patient=True)
    given = clinic.services.consents.history(patient)[-1]
    with clinic.store.unit_of_work() as work:  # as a round of sync brings it
        work.consents.add(
            ConsentEvent(
                new_id(),
                patient,
                taken_back,
                False,
                GivenBy.PATIENT,
                given.recorded_by,
                clinic.clock(),
            )
        )
        work.commit()
    if seen == "in the gallery":
        assert studio.gallery() == ()
    else:
        clinic.front_door.sign_out(clinic.services)
        clinic.sign_in()
    assert clinic.store.tables.gallery == {}


def test_retention_takes_what_the_studio_made_of_a_picture_with_the_picture(
    clinic: FakeClinic, studio: StudioService
) -> None:
    old_patient, old = screened(clinic, *ALL)
    opened = studio.picture_of(old)
    studio.keep(opened, RESULT, "", "ink", also_of_patient=True)
    clinic.clock.advance(days=366)
    _, new = screened(clinic, *ALL)
    young = studio.keep(studio.picture_of(new), RESULT, "", "ink", also_of_patient=True)
    others = studio.keep(studio.sample(), RESULT, "Harbour", "chalk")
    clinic.services.retention.run(PASSWORD)
    assert set(clinic.store.tables.gallery) == {young.id, others.id}
    assert (AuditKind.IMAGES_REMOVED, "studio") in noted(clinic, old_patient)
    for ask in (
        lambda: studio.redrawn(opened, {"ink": 1.0}, 1.0),
        lambda: studio.keep(opened, RESULT, "", "ink", also_of_patient=True),
    ):
        with pytest.raises(NotFound):
            ask()
    assert set(clinic.store.tables.gallery) == {young.id, others.id}


def test_erasure_takes_what_the_gallery_and_begun_transfers_hold_of_a_person(
    clinic: FakeClinic, studio: StudioService
) -> None:
    patient, screening = screened(clinic, *ALL)
    content = studio.picture_of(screening)
    studio.keep(content, RESULT, "", "ink", also_of_patient=True)
    studio.transfer(content, RESULT, TransferWish())
    erasures = clinic.services.erasures
    request = erasures.ask(patient)
    assert erasures.plan(patient).images == 3
    erasures.complete(request.id, PASSWORD)
    assert clinic.store.tables.gallery == {}
    assert clinic.store.tables.begun_transfers == {}


def test_the_gallery_keeps_shows_gives_out_and_deletes(
    clinic: FakeClinic, studio: StudioService
) -> None:
    made = studio.keep(studio.sample(), RESULT, "  Harbour ", "ink, strength 0.5")
    assert (made.title, made.source, made.patient_id) == ("Harbour", StudioSource.SAMPLE, None)
    assert studio.gallery() == (made,)
    assert all(isinstance(one, Picture) for one in studio.images(made.id))
    assert studio.thumbnail(made.id).width <= 224
    assert studio.marked_of(made.id).endswith(b"altered")
    studio.delete(made.id)
    assert studio.gallery() == ()
    for ask in (studio.images, studio.thumbnail, studio.delete, studio.marked_of):
        with pytest.raises(NotFound):
            ask(made.id)
    kinds = [kind for kind, _ in noted(clinic, made.id)]
    assert kinds == [AuditKind.CREATED, AuditKind.EXPORTED, AuditKind.IMAGES_REMOVED]


def test_a_small_picture_is_made_once_also_for_an_entry_that_came_without_one(
    clinic: FakeClinic, studio: StudioService
) -> None:
    made = studio.keep(studio.sample(), RESULT, "", "ink")
    engine = clinic.engine
    assert len(engine.thumbnails) == 1
    studio.thumbnail(made.id)
    assert len(engine.thumbnails) == 1
    with clinic.store.unit_of_work() as work:
        work.gallery.remove(made.id)
        work.gallery.add(made, StudioImages(b"content", b"result"))
        work.commit()
    clinic.store.commit_fails_with = StoreFull("The disk is full.")
    studio.thumbnail(made.id)
    clinic.store.commit_fails_with = None
    studio.thumbnail(made.id)
    assert len(engine.thumbnails) == 3
    assert studio.thumbnail(made.id) == shaded(90, 12, 12)
    assert len(engine.thumbnails) == 3


def test_every_file_that_leaves_is_marked(studio: StudioService) -> None:
    assert studio.marked(studio.sample(), RESULT).endswith(b"altered")


def test_a_face_chooses_styles_and_no_face_chooses_none(
    clinic: FakeClinic, studio: StudioService
) -> None:
    content, live = studio.snapshot(RESULT), studio.live()
    assert studio.style_of_face(content, Mode.PICK) == {"dots": 1.0}
    assert studio.style_of_face(content, Mode.BLEND) == {"dots": 0.8, "chalk": 0.2}
    assert live.style_of_face(RESULT, Mode.BLEND) == {"dots": 0.8, "chalk": 0.2}
    clinic.engine.seen = {}
    assert studio.style_of_face(content, Mode.PICK) == {}
    assert live.style_of_face(RESULT, Mode.PICK) == {}


def test_a_lock_between_two_frames_ends_the_camera_and_accuses_nobody(
    clinic: FakeClinic, studio: StudioService
) -> None:
    live = studio.live()
    live.drawn(live.small(RESULT), {"ink": 1.0}, 1.0)
    clinic.services.clinic.lock()
    for ask in (
        lambda: live.small(RESULT),
        lambda: live.drawn(RESULT, {"ink": 1.0}, 1.0),
        lambda: live.style_of_face(RESULT, Mode.PICK),
    ):
        with pytest.raises(NotSignedIn):
            ask()
    assert AuditKind.REFUSED not in [one.kind for one in clinic.store.tables.audit]
    with pytest.raises(NotSignedIn):
        studio.live()
    assert clinic.store.tables.audit[-1].kind is AuditKind.REFUSED


def test_a_patient_at_the_laptop_sees_nothing_of_the_studio(
    clinic: FakeClinic, studio: StudioService
) -> None:
    patient = clinic.add_patient()
    clinic.services.clinic.hand_over(patient.id)
    with pytest.raises(AccessDenied):
        studio.gallery()


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.DOCTOR, Role.ADMINISTRATOR])
def test_all_staff_may_use_the_studio(clinic: FakeClinic, role: Role) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    assert clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).studio.gallery() == ()


def test_everything_that_the_studio_does_leaves_the_records_as_they_were(
    clinic: FakeClinic, studio: StudioService
) -> None:
    _, screening = screened(clinic, *ALL)
    before = clinic.store.tables.copy()
    content = studio.picture_of(screening)
    for _ in studio.transfer(content, RESULT, TransferWish(steps=3)).run(lambda: False):
        pass
    made = studio.keep(content, RESULT, "t", "ink", also_of_patient=True)
    studio.marked(content, studio.redrawn(content, {"ink": 1.0}, 1.0), password=PASSWORD)
    studio.delete(made.id)
    assert clinic.store.tables.changed_since(before) == {"audit"}
