"""Who may join, sync and settle; what is audited; what goes on behind the lock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clinic_app.domain.audit import AuditKind
from clinic_app.domain.errors import (
    AccessDenied,
    InvalidInput,
    NotSignedIn,
    WrongPassword,
    WrongState,
)
from clinic_app.domain.forms import FormKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.people import Role
from clinic_app.domain.tasks import done
from clinic_app.services.sync_data import (
    WAYS,
    CentreUnreachable,
    CentreUntrusted,
    Conflict,
    ConflictKind,
    Resolution,
    Stage,
)
from clinic_app.services.tasks import NewTask
from tests.fakes.clinic import COLLEAGUE, COLLEAGUE_PASSWORD, PASSWORD, FakeClinic
from tests.fakes.sync import ENROLMENT, JOINED, conflict

STAFF = (Role.COUNSELOR, Role.DOCTOR, Role.ADMINISTRATOR)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "north-1.enrolment"
    made.write_bytes(ENROLMENT)
    return made


def as_colleague(clinic: FakeClinic, role: Role) -> None:
    clinic.add_staff(COLLEAGUE, COLLEAGUE_PASSWORD, role)
    clinic.sign_in(COLLEAGUE, COLLEAGUE_PASSWORD)


def audited(clinic: FakeClinic, subject: str) -> list[tuple[AuditKind, str]]:
    return [(one.kind, one.detail) for one in clinic.store.tables.audit if one.subject == subject]


@pytest.mark.parametrize("role", STAFF)
def test_all_staff_may_sync_and_settle(clinic: FakeClinic, role: Role) -> None:
    clinic.sync.now = JOINED
    as_colleague(clinic, role)
    sync = clinic.services.sync
    assert sync.status().joined
    assert sync.round().statements == 4
    clinic.sync.found = [made := conflict()]
    sync.resolve(made.id, Resolution.CHOOSE, "0")
    assert clinic.sync.settled == [(made.id, Resolution.CHOOSE, "0", None)]


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.DOCTOR])
def test_only_an_administrator_joins(clinic: FakeClinic, role: Role, file: Path) -> None:
    as_colleague(clinic, role)
    with pytest.raises(AccessDenied):
        clinic.services.sync.join(file, COLLEAGUE_PASSWORD)
    assert not clinic.sync.now.joined


def test_joining_asks_for_the_password_again_and_is_audited(clinic: FakeClinic, file: Path) -> None:
    sync = clinic.services.sync
    with pytest.raises(WrongPassword):
        sync.join(file, "not this one")
    with pytest.raises(InvalidInput) as missing:
        sync.join(file.with_name("none"), PASSWORD)
    assert missing.value.field == "file"
    letter = file.with_name("letter")
    letter.write_bytes(b"dear")
    with pytest.raises(InvalidInput):
        sync.join(letter, PASSWORD)
    assert not sync.status().joined
    stages: list[Stage] = []
    sync.join(file, PASSWORD, lambda progress: stages.append(progress.stage))
    assert sync.status().joined
    assert stages[0] is Stage.CONNECTING
    assert stages[-1] is Stage.DONE
    assert audited(clinic, "centre") == [(AuditKind.CHANGED, "joined")]


def test_a_join_whose_first_round_was_cut_is_audited_as_joined(
    clinic: FakeClinic, file: Path
) -> None:
    clinic.sync.fails_after_joining = CentreUnreachable("The line was cut.")
    with pytest.raises(CentreUnreachable):
        clinic.services.sync.join(file, PASSWORD)
    assert audited(clinic, "centre") == [(AuditKind.CHANGED, "joined")]


def test_a_join_that_is_killed_in_its_first_round_is_audited_as_joined(
    clinic: FakeClinic, file: Path
) -> None:
    class Killed(BaseException):
        """As a kill: nothing that comes afterwards is done."""

    def die(*_: object) -> None:
        raise Killed

    clinic.sync.brings = die
    with pytest.raises(Killed):
        clinic.services.sync.join(file, PASSWORD)
    assert audited(clinic, "centre") == [(AuditKind.CHANGED, "joined")]


def test_rounds_go_on_behind_the_lock_but_records_are_not_shown(clinic: FakeClinic) -> None:
    clinic.sync.now = JOINED
    clinic.sync.found = [conflict()]
    services = clinic.services
    services.clinic.lock()
    assert services.sync.round().pulled == 0
    assert services.sync.status().conflicts == 1
    with pytest.raises(NotSignedIn):
        services.sync.conflicts()
    with pytest.raises(NotSignedIn):
        services.sync.resolve("0", Resolution.KEEP_BOTH)
    with pytest.raises(NotSignedIn):
        services.sync.marks((clinic.sync.found[0].record_id,))


def test_rounds_go_on_in_a_patients_hands_but_nothing_else_does(clinic: FakeClinic) -> None:
    clinic.sync.now = JOINED
    patient = clinic.add_patient()
    services = clinic.services
    services.clinic.hand_over(patient.id)
    services.sync.round()
    with pytest.raises(AccessDenied):
        services.sync.conflicts()


def test_after_signing_out_no_round_begins(clinic: FakeClinic) -> None:
    clinic.sync.now = JOINED
    clinic.services.session.end()
    with pytest.raises(NotSignedIn):
        clinic.services.sync.round()
    assert clinic.sync.rounds == 0


def test_a_grave_trouble_is_audited_once_and_again_after_a_good_round(clinic: FakeClinic) -> None:
    clinic.sync.now = JOINED
    sync = clinic.services.sync
    forged = CentreUntrusted("The certificate of the central server is not signed by the clinic.")

    def fails_with(error: BaseException | None) -> None:
        clinic.sync.fails_with = error
        if error is None:
            sync.round()
            return
        with pytest.raises(type(error)):
            sync.round()

    fails_with(CentreUnreachable("No server answers."))
    assert audited(clinic, "centre") == []
    fails_with(forged)
    fails_with(forged)
    assert audited(clinic, "centre") == [(AuditKind.REFUSED, "CentreUntrusted")]
    fails_with(None)
    fails_with(forged)
    assert len(audited(clinic, "centre")) == 2


def test_reading_conflicts_is_audited_for_each_person(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    assert clinic.services.sync.conflicts() == ()
    assert audited(clinic, "conflict") == []
    clinic.sync.found = [conflict(patient_id=patient.id)]
    assert len(clinic.services.sync.conflicts()) == 1
    (entry,) = [one for one in clinic.store.tables.audit if one.subject == "conflict"]
    assert (entry.kind, entry.subject_id) == (AuditKind.READ, patient.id)


@pytest.mark.parametrize("kind", ConflictKind)
@pytest.mark.parametrize("how", Resolution)
def test_each_kind_is_settled_in_its_own_ways_alone(
    clinic: FakeClinic, kind: ConflictKind, how: Resolution
) -> None:
    clinic.sync.found = [made := conflict(kind)]
    fields = {"text": "What holds."} if how is Resolution.MERGE else None
    chosen = "1" if how is Resolution.CHOOSE else ""
    if how in WAYS[kind]:
        clinic.services.sync.resolve(made.id, how, chosen, fields)
        assert clinic.sync.settled == [(made.id, how, chosen, fields)]
        assert audited(clinic, "conflict")[-1][0] is AuditKind.CHANGED
    else:
        with pytest.raises(InvalidInput):
            clinic.services.sync.resolve(made.id, how, chosen, fields)
        assert clinic.sync.settled == []


@pytest.mark.parametrize(
    ("how", "chosen", "fields"),
    [
        (Resolution.CHOOSE, "7", None),
        (Resolution.CHOOSE, "", None),
        (Resolution.MERGE, "", None),
        (Resolution.MERGE, "", {"text": "  "}),
        (Resolution.MERGE, "", {"other": "words"}),
    ],
)
def test_half_an_answer_settles_nothing(
    clinic: FakeClinic, how: Resolution, chosen: str, fields: dict[str, str] | None
) -> None:
    clinic.sync.found = [made := conflict()]
    with pytest.raises(InvalidInput):
        clinic.services.sync.resolve(made.id, how, chosen, fields)
    assert clinic.sync.found == [made]


def test_what_was_settled_meanwhile_is_not_settled_again(clinic: FakeClinic) -> None:
    with pytest.raises(WrongState):
        clinic.services.sync.resolve("gone", Resolution.KEEP_BOTH)


def test_a_draft_note_is_settled_by_who_wrote_it(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    draft = clinic.services.notes.write(patient.id, "Sleeping better")
    clinic.sync.found = [made := conflict(record_id=draft.id, patient_id=patient.id)]
    mine = clinic.services
    as_colleague(clinic, Role.DOCTOR)
    with pytest.raises(AccessDenied, match="Amina Diallo"):
        clinic.services.sync.resolve(made.id, Resolution.CHOOSE, "0")
    assert audited(clinic, "action")[-1] == (AuditKind.REFUSED, "settle_conflict")
    mine.sync.resolve(made.id, Resolution.CHOOSE, "0")
    assert clinic.sync.found == []


def test_rival_words_of_a_draft_are_shown_to_who_wrote_it(clinic: FakeClinic) -> None:
    patient = clinic.add_patient()
    draft = clinic.services.notes.write(patient.id, "Sleeping better")
    clinic.sync.found = [made := conflict(record_id=draft.id, patient_id=patient.id)]
    assert clinic.services.sync.conflicts() == (made,)
    as_colleague(clinic, Role.DOCTOR)
    (seen,) = clinic.services.sync.conflicts()
    assert seen.id == made.id
    assert {one.fields for one in seen.versions} == {()}
    assert str(seen.barred).startswith("This draft belongs to Amina Diallo")


def test_a_round_drops_begun_forms_about_what_was_closed_elsewhere(clinic: FakeClinic) -> None:
    clinic.sync.now = JOINED
    patient, services = clinic.add_patient(), clinic.services
    over, still = services.tasks.add(NewTask("Ring")), services.tasks.add(NewTask("Write"))
    for task in (over, still):
        services.forms.keep(FormKind.TASK, task.id, {"title": "Begun"})
    services.forms.keep(FormKind.INTERVENTION, patient.id, {"text": "Begun"})
    with clinic.store.unit_of_work() as work:
        work.tasks.save(done(over, new_id(), clinic.clock()))
        work.commit()
    services.sync.round()
    left = {one.subject_id for one in clinic.store.tables.forms.values()}
    assert left == {still.id, patient.id}
    assert audited(clinic, "form_draft")[-1] == (AuditKind.CHANGED, "closed elsewhere")


@pytest.fixture
def of_rosa(clinic: FakeClinic) -> Conflict:
    """Rival words of a draft whose author has left; the administrator is signed in."""
    rosa = clinic.add_staff("rosa", "amber-window-tide", Role.COUNSELOR)
    clinic.sign_in("rosa", "amber-window-tide")
    patient = clinic.add_patient()
    draft = clinic.services.notes.write(patient.id, "Sleeping better")
    clinic.sign_in()
    clinic.services.staff.disable(rosa.id, PASSWORD)
    clinic.sync.found = [made := conflict(record_id=draft.id, patient_id=patient.id)]
    return made


def test_the_draft_of_somebody_who_has_left_stays_sealed_until_it_is_handed_over(
    clinic: FakeClinic, of_rosa: Conflict
) -> None:
    (seen,) = clinic.services.sync.conflicts()
    assert {one.fields for one in seen.versions} == {()}
    assert "hand it over" in str(seen.barred)
    with pytest.raises(AccessDenied, match="hand it over"):
        clinic.services.sync.resolve(of_rosa.id, Resolution.KEEP_BOTH)
    me = clinic.services.session.user.id
    rosa = clinic.store.tables.notes[of_rosa.record_id].author
    clinic.services.staff.hand_over_notes(rosa, me, "She has left", PASSWORD)
    assert clinic.services.sync.conflicts() == (of_rosa,)
    clinic.services.sync.resolve(of_rosa.id, Resolution.KEEP_BOTH)
    assert clinic.sync.found == []


def test_what_somebody_discarded_before_leaving_is_settled_unread(
    clinic: FakeClinic, of_rosa: Conflict
) -> None:
    clinic.sync.found = [discarded := replace(of_rosa, kind=ConflictKind.DELETED_EDITED)]
    (seen,) = clinic.services.sync.conflicts()
    assert ({one.fields for one in seen.versions}, seen.barred) == ({()}, None)
    clinic.services.sync.resolve(discarded.id, Resolution.KEEP_BOTH)
    assert clinic.sync.found == []
