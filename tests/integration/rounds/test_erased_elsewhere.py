"""An erasure reaches what lies on other laptops alone: begun forms, the studio's gallery
and its begun transfers."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from clinic_app.domain.consent import GivenBy, Purpose
from clinic_app.domain.finding import FaceImages
from clinic_app.domain.forms import PERSON, TICKED, FormKind
from clinic_app.domain.ids import new_id
from clinic_app.domain.screening import Draft
from clinic_app.domain.studio import BegunTransfer, StudioPicture, StudioSource, TransferWish
from clinic_app.services.erasure import ErasureService
from clinic_app.services.forms import FormService
from clinic_app.services.patients import ConsentService
from clinic_app.services.screenings import ScreeningService
from clinic_app.services.session import Desk, Session
from clinic_app.services.studio_storage import PutAway, StudioImages
from clinic_app.services.sync import SyncService
from clinic_app.services.sync_data import CentreUnreachable
from tests.fakes.reading import reading
from tests.integration.db.records import PASSWORD, a_consent, a_screening
from tests.integration.rounds.clinics import Workstation, sync_all

FACE = (Purpose.CAPTURE, Purpose.ANALYSIS, Purpose.KEEP_IMAGES)
PNG = b"\x89PNG made up"


def desk(one: Workstation) -> Desk:
    return Desk(Session(one.user, one.vault), one.store.unit_of_work, one.now)


def erases(one: Workstation, patient_id: UUID) -> None:
    service = ErasureService(desk(one))
    service.complete(service.ask(patient_id).id, PASSWORD)
    one.sync()


def syncs(one: Workstation) -> None:
    """As the program does it, with what follows a round."""
    SyncService(desk(one), one.desk).round()


def keeps_picture(one: Workstation, patient_id: UUID) -> None:
    """With consents that no other laptop has heard of yet."""
    screening = a_screening(patient_id, one.user.id, finished_at=one.now())
    by, source = one.user.id, StudioSource.PATIENT
    made = StudioPicture(new_id(), one.now(), by, "", source, "mosaic", patient_id, screening.id)

    begun_transfer = BegunTransfer(
        new_id(),
        one.now(),
        new_id(),  # of some member of staff; each has one
        source,
        "Waves",
        TransferWish(),
        patient_id=patient_id,
        screening_id=screening.id,
    )

    def change(work) -> None:  # type: ignore[no-untyped-def]
        for purpose in Purpose:
            work.consents.add(a_consent(patient_id, one.user.id, purpose=purpose, at=one.now()))
        work.screenings.add(screening)
        work.images.put(screening.id, FaceImages(PNG, PNG), kept=True)
        work.gallery.add(made, StudioImages(PNG, PNG))
        work.begun_transfers.put(begun_transfer, PutAway(PNG, PNG))

    one.do(change)


def pictured(one: Workstation) -> list[UUID | None]:
    with one.store.unit_of_work() as work:
        in_gallery = [picture.patient_id for picture in work.gallery.all()]
        assert [transfer.patient_id for transfer in work.begun_transfers.all()] == in_gallery
        return in_gallery


def begun(one: Workstation) -> set[FormKind]:
    with one.store.unit_of_work() as work:
        return {kind for kind in FormKind if work.forms.all(kind)}


@pytest.fixture
def patient_id(north: Workstation, south: Workstation) -> UUID:
    """Known to both laptops."""
    patient_id = north.registers()
    sync_all(north, south)
    for one in (north, south):
        syncs(one)
    return patient_id


@pytest.mark.parametrize("days", [-400, 0, 400])
def test_begun_forms_go_whatever_the_clocks_say(
    north: Workstation, south: Workstation, patient_id: UUID, days: int
) -> None:
    south.clock_off = timedelta(days=days)
    forms = FormService(desk(south))
    ticks = {f"{PERSON}{patient_id}": TICKED, "text": "call her on Monday"}
    forms.keep(FormKind.HANDOVER, south.user.id, ticks)
    forms.keep(FormKind.INTERVENTION, patient_id, {"text": "a talk"})
    erases(north, patient_id)
    syncs(south)
    assert begun(south) == set()


def starts(one: Workstation, patient_id: UUID, *, pictured: bool = False) -> Draft:
    """An unfinished screening, perhaps with a picture."""
    service = ScreeningService(desk(one))
    draft = service.start(patient_id)
    if pictured:
        consents = ConsentService(desk(one))
        consents.record(patient_id, dict.fromkeys(FACE, True), GivenBy.PATIENT)
        return service.attach(draft.id, reading())
    return draft


def drafts(one: Workstation) -> list[Draft]:
    with one.store.unit_of_work() as work:
        return work.drafts.all()


def audited(one: Workstation, subject: UUID) -> list[str]:
    with one.store.unit_of_work() as work:
        return [entry.detail for entry in work.audit.entries() if entry.subject_id == subject]


def test_an_unfinished_screening_goes_with_the_erasure(
    north: Workstation, south: Workstation, patient_id: UUID
) -> None:
    draft = starts(south, patient_id, pictured=True)
    other = starts(south, south.registers("Okafor"))
    erases(north, patient_id)
    syncs(south)
    assert drafts(south) == [other]
    assert "erased elsewhere" in audited(south, draft.id)
    with south.store.unit_of_work() as work:
        assert work.images.get(draft.id) is None


def test_what_a_patient_is_answering_ends_when_the_laptop_is_back(
    north: Workstation, south: Workstation, patient_id: UUID
) -> None:
    """An answer that calls for the staff finds its screening as long as it can be given."""
    starts(south, patient_id)
    erases(north, patient_id)
    at_work = desk(south)
    at_work.session.hand_over(patient_id)
    sync = SyncService(at_work, south.desk)
    sync.round()
    assert len(drafts(south)) == 1
    at_work.session.reauthenticate(PASSWORD)
    at_work.session.give_back(at_work.session.user)
    sync.round()
    assert drafts(south) == []


def test_an_unfinished_screening_loses_its_picture_with_the_consent_to_it(
    north: Workstation, south: Workstation, patient_id: UUID
) -> None:
    draft = starts(south, patient_id, pictured=True)
    sync_all(south, north)
    assert draft.finding is not None
    taken_back = a_consent(
        patient_id, north.user.id, purpose=Purpose.ANALYSIS, granted=False, at=north.now()
    )
    north.do(lambda work: work.consents.add(taken_back))
    north.sync()
    syncs(south)
    (left,) = drafts(south)
    assert (left.id, left.finding, left.has_images) == (draft.id, None, False)
    assert "withdrawn elsewhere" in audited(south, patient_id)
    with south.store.unit_of_work() as work:
        assert work.images.get(draft.id) is None


def test_a_round_that_is_cut_after_it_has_brought_the_erasure_is_enough(
    north: Workstation, south: Workstation, patient_id: UUID
) -> None:
    FormService(desk(south)).keep(FormKind.INTERVENTION, patient_id, {"text": "a talk"})
    keeps_picture(south, patient_id)
    erases(north, patient_id)

    def cut(place: str) -> None:
        if place == "before push":
            raise CentreUnreachable("The line was cut.")

    south.cut = cut
    with pytest.raises(CentreUnreachable):
        syncs(south)
    assert (begun(south), pictured(south)) == (set(), [])


@pytest.mark.parametrize("days", [-400, 0, 400])
def test_what_is_begun_once_the_erasure_is_known_stays(
    north: Workstation, south: Workstation, patient_id: UUID, days: int
) -> None:
    erases(north, patient_id)
    syncs(south)
    south.clock_off = timedelta(days=days)
    FormService(desk(south)).keep(FormKind.INTERVENTION, patient_id, {"text": "came back"})
    syncs(south)
    assert begun(south) == {FormKind.INTERVENTION}


def test_a_picture_of_somebody_who_came_back_stays(
    north: Workstation, south: Workstation, patient_id: UUID
) -> None:
    erases(north, patient_id)
    syncs(south)
    keeps_picture(south, patient_id)
    syncs(south)
    assert pictured(south) == [patient_id]


def test_a_handover_that_names_others_alone_stays(
    north: Workstation, south: Workstation, patient_id: UUID
) -> None:
    ticks = {f"{PERSON}{new_id()}": TICKED, f"{PERSON}{patient_id}": "", "text": "a quiet day"}
    FormService(desk(south)).keep(FormKind.HANDOVER, south.user.id, ticks)
    erases(north, patient_id)
    syncs(south)
    assert begun(south) == {FormKind.HANDOVER}


def test_a_gallery_loses_the_person_though_the_erasing_laptop_knew_no_consent(
    north: Workstation, south: Workstation, patient_id: UUID
) -> None:
    other = south.registers("Okafor")
    keeps_picture(south, other)
    keeps_picture(south, patient_id)
    erases(north, patient_id)
    syncs(south)
    assert pictured(south) == [other]


def test_a_withdrawal_empties_the_gallery_after_the_round_that_brings_it(
    north: Workstation, south: Workstation, patient_id: UUID
) -> None:
    keeps_picture(south, patient_id)
    sync_all(south, north)
    taken_back = a_consent(
        patient_id, north.user.id, purpose=Purpose.STUDIO, granted=False, at=north.now()
    )
    north.do(lambda work: work.consents.add(taken_back))
    north.sync()
    syncs(south)
    assert pictured(south) == []
