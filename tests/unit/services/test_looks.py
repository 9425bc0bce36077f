"""A look is measured before it is adopted, signed for, used from then on, and taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import (
    AccessDenied,
    InvalidInput,
    NotFound,
    UnreadableImage,
    WrongPassword,
    WrongState,
)
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.reference_look import (
    LOOK,
    OBJECTION_TEXTS,
    LookEventKind,
    Objection,
    ReferenceLook,
    Stability,
)
from clinic_app.domain.studio import StudioSource
from clinic_app.services.look_data import LookStopped
from clinic_app.services.looks import LookService
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.studio import STEADY, shaded

OBJECTION_HINDI = {
    OBJECTION_TEXTS[Objection.SPREADS]: "फैलता है।",
    OBJECTION_TEXTS[Objection.FLIPS]: "पलटता है।",
}
SOFT = {"soft window": 1.0}


@pytest.fixture
def looks(clinic: FakeClinic) -> LookService:
    return clinic.services.looks


def noted(clinic: FakeClinic) -> list[tuple[AuditKind, str]]:
    audit = clinic.store.tables.audit
    return [(one.kind, one.detail) for one in audit if one.subject == "look"]


def measured(clinic: FakeClinic) -> ReferenceLook:
    return clinic.services.looks.measure(SOFT, 0.5, (), different_people=True)


def test_a_look_is_measured_adopted_used_and_taken_back(
    clinic: FakeClinic, looks: LookService, tmp_path: Path
) -> None:
    photo = tmp_path / "face.png"
    photo.write_bytes(b"x")
    reader = clinic.services.face_reader
    assert LOOK not in reader.read_file(photo).finding.models
    look = measured(clinic)
    assert LOOK not in reader.read_file(photo).finding.models
    assert looks.adopt(look.id, "steadier here", PASSWORD) == look
    assert reader.read_file(photo).finding.models[LOOK] == look.version
    state = looks.state()
    assert (state.in_use, state.can_go_back, state.back_to) == (look, True, "")
    assert (state.rows[0].in_use, state.decisions[0].text) == (True, "steadier here")
    assert looks.take_back("as it was", PASSWORD) is None
    name = clinic.services.session.user.display_name
    assert [(one.kind, one.look, one.who, one.text) for one in looks.state().decisions] == [
        (LookEventKind.TAKEN_BACK, "", name, "as it was"),
        (LookEventKind.ADOPTED, look.version, name, "steadier here"),
    ]
    assert LOOK not in reader.read_file(photo).finding.models
    assert noted(clinic) == [
        (AuditKind.CREATED, look.version),
        (AuditKind.SIGNED, f"adopted {look.version}"),
        (AuditKind.SIGNED, "taken back"),
    ]


def test_a_second_look_is_measured_against_the_first_and_leads_back_to_it(
    clinic: FakeClinic, looks: LookService, tmp_path: Path
) -> None:
    first = measured(clinic)
    looks.adopt(first.id, "one", PASSWORD)
    photo = tmp_path / "a.png"
    photo.write_bytes(b"x")
    second = looks.measure({"daylight": 1.0}, 0.25, (photo,), different_people=True)
    recipe, present, pictures = clinic.bench.asked[-1]
    assert (recipe.strength, present, pictures) == (0.25, first.recipe, (photo,))
    assert (second.number, second.measurement.present_id) == (2, first.id)
    looks.adopt(second.id, "two", PASSWORD)
    assert looks.state().back_to == first.version
    assert looks.take_back("no", PASSWORD) == first


def test_a_look_is_measured_on_what_the_camera_took_and_on_no_other_picture_of_the_studio(
    clinic: FakeClinic, looks: LookService
) -> None:
    studio = clinic.services.studio
    taken = studio.snapshot(shaded(90))
    looks.measure(SOFT, 0.5, (taken,))
    assert clinic.bench.asked[-1][2] == (taken.picture,)
    of_patient = replace(taken, source=StudioSource.PATIENT, patient_id=new_id())
    for other in (of_patient, studio.sample()):
        with pytest.raises(WrongState, match="pictures of the camera"):
            looks.measure(SOFT, 0.5, (other,))
    assert len(clinic.bench.asked) == 1


def test_pictures_that_may_be_of_one_person_do_not_count_as_several_people(
    clinic: FakeClinic, looks: LookService
) -> None:
    """The program cannot tell people apart: somebody has to have said that they are different."""
    look = looks.measure(SOFT, 0.5, ())
    with pytest.raises(WrongState, match="every face is of another person"):
        looks.adopt(look.id, "steadier", PASSWORD)
    said = looks.measure(SOFT, 0.5, (), different_people=True)
    assert looks.adopt(said.id, "steadier", PASSWORD).measurement.different_people


def test_what_is_worse_than_the_look_in_use_is_not_adopted(
    clinic: FakeClinic, looks: LookService
) -> None:
    clinic.bench.found = replace(STEADY, candidate=Stability(0.03, 0.3, 0.2))
    look = measured(clinic)
    with pytest.raises(WrongState, match="spreads more") as caught:
        looks.adopt(look.id, "I like it", PASSWORD)
    assert looks.state().in_use is None
    told = caught.value.sentence.text(lambda words: OBJECTION_HINDI.get(words, words))
    assert told == "फैलता है। पलटता है।"


def test_a_look_that_was_measured_with_other_models_is_not_adopted(
    clinic: FakeClinic, looks: LookService
) -> None:
    look = measured(clinic)
    clinic.bench.in_use = "severity 0.9.0 style 0.1.0"
    with pytest.raises(WrongState, match="other models"):
        looks.adopt(look.id, "why not", PASSWORD)


def test_other_models_read_without_the_look_until_it_is_measured_with_them(
    clinic: FakeClinic, looks: LookService, tmp_path: Path
) -> None:
    photo = tmp_path / "face.png"
    photo.write_bytes(b"x")
    reader, fake = clinic.services.face_reader, clinic.reader
    first = measured(clinic)
    looks.adopt(first.id, "steadier", PASSWORD)
    before, newer = fake.default, {**fake.default.finding.models, "severity": "0.9.0"}
    fake.default = replace(before, finding=replace(before.finding, models=newer))
    clinic.bench.in_use = fake.models()
    assert LOOK not in reader.read_file(photo).finding.models
    state = looks.state()
    assert (state.in_use, state.idle, state.can_go_back) == (None, first, True)
    (row,) = state.rows
    assert (row.in_use, row.against) == (False, (Objection.OTHER_MODELS,))
    clinic.bench.found = replace(STEADY, models=fake.models())
    again = measured(clinic)
    assert clinic.bench.asked[-1][1] is None
    looks.adopt(again.id, "measured anew", PASSWORD)
    assert reader.read_file(photo).finding.models[LOOK] == again.version
    state = looks.state()
    assert (state.in_use, state.idle, state.back_to) == (again, None, "")
    fake.default, clinic.bench.in_use = before, STEADY.models
    assert looks.state().back_to == first.version
    assert LOOK not in reader.read_file(photo).finding.models
    assert looks.take_back("the models before are back", PASSWORD) == first
    assert reader.read_file(photo).finding.models[LOOK] == first.version


def test_a_decision_takes_a_reason_and_the_password(clinic: FakeClinic, looks: LookService) -> None:
    look = measured(clinic)
    with pytest.raises(InvalidInput):
        looks.adopt(look.id, " ", PASSWORD)
    with pytest.raises(WrongPassword):
        looks.adopt(look.id, "steadier", "not this one at all")
    with pytest.raises(NotFound):
        looks.adopt(new_id(), "steadier", PASSWORD)
    with pytest.raises(WrongState):
        looks.take_back("nothing there", PASSWORD)
    assert looks.state().in_use is None


def test_a_measurement_that_fails_or_is_stopped_leaves_nothing(
    clinic: FakeClinic, looks: LookService
) -> None:
    clinic.bench.trouble = UnreadableImage("There is no face to be found in “a.png”.")
    with pytest.raises(UnreadableImage):
        measured(clinic)
    clinic.bench.trouble = None
    with pytest.raises(LookStopped):
        looks.measure(SOFT, 0.5, (), stop=lambda: True)
    with pytest.raises(InvalidInput):
        looks.measure({}, 0.5, ())
    assert looks.state().rows == ()


def test_it_can_be_stopped_while_the_pictures_are_compared_with_the_record(
    clinic: FakeClinic, looks: LookService, tmp_path: Path
) -> None:
    photos = [tmp_path / f"{number}.png" for number in range(3)]
    for photo in photos:
        photo.write_bytes(photo.name.encode())
    with pytest.raises(LookStopped):
        looks.measure(SOFT, 0.5, photos, stop=lambda: len(clinic.bench.compared) == 2)
    assert (clinic.bench.compared, clinic.bench.asked) == (photos[:2], [])


def test_a_look_adopted_meanwhile_asks_for_another_measurement(
    clinic: FakeClinic, looks: LookService
) -> None:
    first = measured(clinic)

    def adopt_now(share: float) -> None:
        looks.adopt(first.id, "quick", PASSWORD)

    with pytest.raises(WrongState, match="measure again"):
        looks.measure(SOFT, 0.5, (), progress=adopt_now)


def test_a_step_back_leads_where_it_was_told_to_or_nowhere(
    clinic: FakeClinic, looks: LookService
) -> None:
    """Sync brings another decision, or a second administrator is quicker, while it is signed."""
    first = measured(clinic)
    looks.adopt(first.id, "steadier", PASSWORD)
    second = measured(clinic)
    looks.adopt(second.id, "steadier still", PASSWORD)
    told = looks.state().back_to
    assert told == first.version
    assert looks.take_back("as another administrator", PASSWORD, told) == first
    with pytest.raises(WrongState, match="look again"):
        looks.take_back("the camera was changed", PASSWORD, told)
    assert looks.state().in_use == first
    assert looks.take_back("all of it", PASSWORD, "") is None


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.DOCTOR])
def test_everybody_may_see_the_look_in_use_and_administrators_alone_change_it(
    clinic: FakeClinic, role: Role
) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    looks = clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD).looks
    assert looks.state().in_use is None
    for ask in (
        lambda: looks.preview(SOFT, 0.5),
        lambda: looks.measure(SOFT, 0.5, ()),
        lambda: looks.adopt(new_id(), "x", COLLEAGUE_PASSWORD),
        lambda: looks.take_back("x", COLLEAGUE_PASSWORD),
    ):
        with pytest.raises(AccessDenied):
            ask()
