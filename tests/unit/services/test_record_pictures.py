"""Pictures that are in a record do not come back as pictures of nobody."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.consent import Purpose
from clinic_app.domain.errors import UnreadableImage
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.ids import new_id
from clinic_app.inference.findings import encoded_png
from clinic_app.inference.studio import OnnxStudio
from clinic_app.paths import MODELS
from clinic_app.services.export import ExportReason
from clinic_app.services.look_data import LookStopped
from clinic_app.services.record_pictures import leaving, refuse_record
from clinic_app.services.studio import SAMPLE
from clinic_app.services.studio_data import OpeningStopped
from tests.fakes.clinic import PASSWORD, FakeClinic
from tests.fakes.labelled import add_case
from tests.fakes.reading import face_images, png
from tests.fakes.store import FakeUnitOfWork

IN_A_RECORD = "This picture is in a record; take it from there"
READ_FROM = b"a picture"
"""What every finding of these tests was read from."""
SOFT = {"soft window": 1.0}

Door = Callable[[FakeClinic, Path], object]
DOORS: dict[str, Door] = {
    "content or style": lambda clinic, path: clinic.services.studio.open_file(path),
    "face of a look": lambda clinic, path: clinic.services.looks.measure(SOFT, 0.5, (path,)),
    "preview of a look": lambda clinic, path: clinic.services.looks.preview(SOFT, 0.5, path),
}


@pytest.fixture
def filled(clinic: FakeClinic) -> FakeClinic:
    with clinic.store.unit_of_work() as work:
        add_case(work, clinic.services.session.user.id)
        work.commit()
    return clinic


@pytest.fixture(params=DOORS.values(), ids=DOORS.keys())
def door(request: pytest.FixtureRequest) -> Door:
    chosen: Door = request.param
    return chosen


def file(folder: Path, content: bytes) -> Path:
    path = folder / "picture.png"
    path.write_bytes(content)
    return path


def test_a_picture_of_nobody_comes_in(filled: FakeClinic, door: Door, tmp_path: Path) -> None:
    door(filled, file(tmp_path, png(30, 30, 7)))


@pytest.mark.parametrize(
    "content",
    [leaving(png(30, 30, 7)), READ_FROM],
    ids=["a crop that left a record", "the photo a screening was read from"],
)
def test_what_is_in_a_record_does_not_come_in(
    filled: FakeClinic, door: Door, tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(UnreadableImage, match=IN_A_RECORD):
        door(filled, file(tmp_path, content))


def test_the_photo_of_a_screening_that_is_not_finished_does_not_come_in(
    clinic: FakeClinic, tmp_path: Path
) -> None:
    photo = file(tmp_path, READ_FROM)
    clinic.services.studio.open_file(photo)
    patient = clinic.add_patient(consent=(Purpose.CAPTURE, Purpose.ANALYSIS))
    draft = clinic.services.screenings.start(patient.id).id
    clinic.services.screenings.attach(draft, clinic.services.face_reader.read_file(photo))
    with pytest.raises(UnreadableImage, match=IN_A_RECORD):
        clinic.services.studio.open_file(photo)


@pytest.mark.parametrize("place", ["face", "normalised"])
def test_the_pixels_of_a_kept_face_do_not_come_in_whatever_their_file(
    filled: FakeClinic, place: str, tmp_path: Path
) -> None:
    studio, photo = filled.services.studio, file(tmp_path, b"saved anew by another program")
    kept = filled.engine.encoded(studio.open_file(photo).picture)
    pair = (kept, png()) if place == "face" else (png(), kept)
    with filled.store.unit_of_work() as work:
        work.images.put(new_id(), FaceImages(*pair), kept=True)
        work.commit()
    with pytest.raises(UnreadableImage, match=IN_A_RECORD):
        studio.open_file(photo)


def test_one_picture_of_a_record_among_several_is_found_in_one_look_and_noted(
    filled: FakeClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter, entered = FakeUnitOfWork.__enter__, []

    def counted(work: FakeUnitOfWork) -> FakeUnitOfWork:
        entered.append(work)
        return enter(work)

    monkeypatch.setattr(FakeUnitOfWork, "__enter__", counted)
    photos = [tmp_path / f"{number}.png" for number in range(3)]
    for photo, content in zip(photos, (b"one", READ_FROM, b"two"), strict=True):
        photo.write_bytes(content)
    with pytest.raises(UnreadableImage, match=IN_A_RECORD):
        filled.services.looks.measure(SOFT, 0.5, photos)
    assert len(entered) == 1
    noted = filled.store.tables.audit[-1]
    assert (noted.kind, noted.subject, noted.subject_id, noted.detail) == (
        AuditKind.REFUSED,
        "studio picture",
        None,
        "in a record",
    )


def test_a_crop_that_was_kept_by_another_encoder_is_known_by_its_pixels(
    filled: FakeClinic, tmp_path: Path
) -> None:
    """As of a workstation with another version of OpenCV, from which sync has brought it."""
    filled.engine = OnnxStudio(lambda: MODELS)  # type: ignore[assignment]
    with Image.open(SAMPLE) as opened:
        crop = opened.convert("RGB").crop((120, 20, 376, 276))
    written = io.BytesIO()
    crop.save(written, format="PNG", optimize=True)
    assert written.getvalue() != encoded_png(np.asarray(crop))
    with filled.store.unit_of_work() as work:
        work.images.put(new_id(), FaceImages(png(), written.getvalue()), kept=True)
        work.commit()
    crop.save(tmp_path / "crop.bmp")
    with pytest.raises(UnreadableImage, match=IN_A_RECORD):
        filled.services.studio.open_file(tmp_path / "crop.bmp")


def test_every_kept_picture_is_decoded_once_a_part_at_a_time_and_one_that_cannot_be_hides_none(
    clinic: FakeClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_app.services.record_pictures._AT_ONCE", 2)
    photo, decoded = file(tmp_path, b"another picture"), []
    pictures = [png(9, 9, shade) for shade in range(4)]
    with clinic.store.unit_of_work() as work:
        work.images.put(new_id(), FaceImages(b"damaged", b""), kept=True)
        for one in pictures:
            work.images.put(new_id(), FaceImages(one, one), kept=True)
        work.commit()
    real = clinic.engine.decoded
    monkeypatch.setattr(clinic.engine, "decoded", lambda data: decoded.append(data) or real(data))
    for _ in range(2):
        clinic.services.studio.open_file(photo)
        assert sorted(set(decoded)) == sorted([b"", b"damaged", *pictures])
        assert len(decoded) == 2 * 5
    with clinic.store.unit_of_work() as work:
        last = clinic.engine.encoded(clinic.engine.open_picture(photo))
        work.images.put(new_id(), FaceImages(png(), last), kept=True)
        work.commit()
    with pytest.raises(UnreadableImage, match=IN_A_RECORD):
        clinic.services.studio.open_file(photo)
    assert len(decoded) == 2 * 5 + 2


def test_looking_through_the_kept_pictures_can_be_stopped(
    clinic: FakeClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_app.services.record_pictures._AT_ONCE", 1)
    with clinic.store.unit_of_work() as work:
        for _ in range(5):
            work.images.put(new_id(), face_images(), kept=True)
        work.commit()

    def told() -> int:
        return len(clinic.store.tables.image_pixels)

    photo = file(tmp_path, b"a photo")
    with pytest.raises(LookStopped):
        clinic.services.looks.measure(SOFT, 0.5, (photo,), stop=lambda: told() == 3)
    assert (told(), clinic.bench.asked) == (3, [])


def keep(clinic: FakeClinic, *pictures: FaceImages) -> None:
    with clinic.store.unit_of_work() as work:
        for one in pictures:
            work.images.put(new_id(), one, kept=True)
        work.commit()


def test_who_opens_a_file_is_told_how_far_it_is_and_a_stopped_one_does_not_come_in(
    clinic: FakeClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_app.services.record_pictures._AT_ONCE", 1)
    keep(clinic, *[face_images()] * 4)
    photo, shares = file(tmp_path, b"a photo"), []
    with pytest.raises(OpeningStopped):
        clinic.services.studio.open_file(photo, shares.append, lambda: len(shares) == 2)
    assert shares == [0.25, 0.5]
    assert clinic.services.studio.open_file(photo, shares.append).patient_id is None
    assert shares == [0.25, 0.5, 0.5, 1.0]
    clinic.services.studio.open_file(photo, shares.append)
    assert len(shares) == 4


def test_kept_pictures_that_were_got_to_know_ahead_are_not_decoded_again_and_are_refused(
    clinic: FakeClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_app.services.record_pictures._AT_ONCE", 2)
    studio, photo = clinic.services.studio, file(tmp_path, b"another picture")
    keep(clinic, *[face_images()] * 4, FaceImages(b"damaged", png()))
    assert [studio.know_some() for _ in range(4)] == [True, True, False, False]
    decoded = []
    monkeypatch.setattr(clinic.engine, "decoded", lambda data: decoded.append(data))
    kept = clinic.engine.encoded(studio.open_file(photo).picture)
    assert decoded == []
    monkeypatch.undo()
    keep(clinic, FaceImages(kept, png()))
    assert not studio.know_some()
    with pytest.raises(UnreadableImage, match=IN_A_RECORD):
        studio.open_file(photo)


@pytest.mark.parametrize("away", ["locked", "in a patient's hands"])
def test_getting_to_know_goes_on_behind_the_lock_and_is_nobodys_refused_attempt(
    clinic: FakeClinic, away: str
) -> None:
    """It runs by itself: the trail must not say that somebody tried what was not allowed."""
    patient, services = clinic.add_patient(), clinic.services
    keep(clinic, face_images())
    if away == "locked":
        services.clinic.lock()
    else:
        services.session.hand_over(patient.id)
    assert not services.studio.know_some()
    assert len(clinic.store.tables.image_pixels) == 1
    assert AuditKind.REFUSED not in [one.kind for one in clinic.store.tables.audit]


def test_a_picture_that_takes_the_place_of_another_while_that_is_decoded_is_refused_too(
    clinic: FakeClinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, photo = clinic.services.studio, file(tmp_path, b"another picture")
    newer = clinic.engine.encoded(clinic.engine.open_picture(photo))
    screening, decode = new_id(), clinic.engine.decoded

    def put(face: bytes) -> None:
        with clinic.store.unit_of_work() as work:
            work.images.put(screening, FaceImages(face, png()), kept=True)
            work.commit()

    def meanwhile(data: bytes):
        put(newer)
        return decode(data)

    put(png(9, 9, 1))
    monkeypatch.setattr(clinic.engine, "decoded", meanwhile)
    studio.know_some()
    monkeypatch.undo()
    with pytest.raises(UnreadableImage, match=IN_A_RECORD):
        studio.open_file(photo)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_a_kept_crop_saved_by_another_program_is_known_by_its_pixels(
    filled: FakeClinic, tmp_path: Path, kind: str
) -> None:
    filled.engine = OnnxStudio(lambda: MODELS)  # type: ignore[assignment]
    with Image.open(SAMPLE) as opened:
        crop = opened.convert("RGB").crop((120, 20, 376, 276))
    kept = encoded_png(np.asarray(crop))
    with filled.store.unit_of_work() as work:
        work.images.put(new_id(), FaceImages(kept, png()), kept=True)
        work.commit()
    path = tmp_path / "crop"
    crop.save(path, format=kind)
    assert path.read_bytes() != kept
    with pytest.raises(UnreadableImage, match=IN_A_RECORD):
        filled.services.studio.open_file(path)
    crop.putpixel((0, 0), (1, 2, 3))
    crop.save(path, format=kind)
    assert filled.services.studio.open_file(path).patient_id is None  # other pixels


def test_what_a_person_is_given_and_what_training_is_given_says_what_it_is(
    filled: FakeClinic, tmp_path: Path
) -> None:
    (case,) = filled.store.tables.screenings.values()
    services = filled.services
    services.exports.write(
        case.patient_id,
        tmp_path / "own",
        ExportReason.PERSON_ASKED,
        PASSWORD,
        accepts_unprotected=True,
    )
    services.training_export.write(tmp_path / "set", PASSWORD, accepts_unprotected=True)
    pictures = sorted(tmp_path.rglob("*.png"))
    assert len(pictures) == 3
    for one in pictures:
        with pytest.raises(UnreadableImage, match=IN_A_RECORD):
            services.studio.open_file(one)


def test_the_text_of_a_record_leaves_the_kept_picture_as_it_is() -> None:
    kept = face_images().face_png
    refuse_record(kept)
    left = leaving(kept)
    assert len(left) > len(kept)
    assert left.startswith(kept[:33])
    assert left.endswith(kept[33:])
