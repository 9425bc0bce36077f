"""A patient's picture leaves the screen once it may not be shown any more."""

from __future__ import annotations

from uuid import UUID

import pytest

from clinic_app.domain.consent import Purpose
from clinic_app.ui.screens.studio import watch
from clinic_app.ui.screens.studio.gallery import GalleryPage
from clinic_app.ui.screens.studio.live.view import LivePage
from clinic_app.ui.screens.studio.transfer.presenter import State
from clinic_app.ui.screens.studio.transfer.view import TransferPage
from clinic_app.ui.screens.studio.view import StudioScreen
from tests.fakes.clinic import FakeClinic
from tests.fakes.reading import face_images
from tests.gui.conftest import Driver
from tests.gui.studio.conftest import Gate, go_to
from tests.unit.services.test_studio import ALL, RESULT, screened


def withdraw(clinic: FakeClinic, patient: UUID, _: UUID) -> None:
    clinic.services.consents.record(patient, {Purpose.STUDIO: False})


def remove_picture(clinic: FakeClinic, _: UUID, screening: UUID) -> None:
    with clinic.store.unit_of_work() as work:
        work.images.put(screening, face_images(), kept=False)
        work.commit()


WAYS = {"withdrawn": withdraw, "picture removed": remove_picture}
SAID = {"withdrawn": "has not agreed", "picture removed": "No picture of this screening was kept."}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "EVERY_MS", 20)


def take_patients(driver: Driver, page: LivePage | TransferPage) -> tuple[UUID, UUID]:
    """A patient's picture, open on the page."""
    patient, screening = screened(driver.clinic, *ALL)
    page.content.take(driver.clinic.services.studio.picture_of(screening))
    driver.settle()
    return patient, screening


def nothing_is_left(page: LivePage | TransferPage) -> bool:
    return (
        page.content.content is None
        and page.content.view.image is None
        and not page.compare.showing
    )


def test_a_finished_transfer_leaves_the_screen_that_comes_back(
    inside: Driver, screen: StudioScreen, transfer: TransferPage, way: str
) -> None:
    ids = take_patients(inside, transfer)
    transfer.settings.steps.slider.setValue(0)
    inside.click("Start", transfer)
    assert transfer.presenter.state is State.DONE
    assert not nothing_is_left(transfer)
    go_to(inside, "Gallery")
    WAYS[way](inside.clinic, *ids)
    go_to(inside, "Optimised transfer")
    assert nothing_is_left(transfer)
    assert transfer.presenter.outputs == []
    assert not transfer.save.isEnabled()
    assert SAID[way] in inside.words(transfer)


def test_a_picture_that_was_only_chosen_leaves_while_somebody_looks_at_it(
    often: None, inside: Driver, transfer: TransferPage, way: str
) -> None:
    ids = take_patients(inside, transfer)
    assert not nothing_is_left(transfer)
    WAYS[way](inside.clinic, *ids)
    inside.until(lambda: nothing_is_left(transfer))
    assert transfer.presenter.state is State.IDLE
    assert not transfer.start.isEnabled()


def test_a_transfer_that_stands_still_is_stopped_and_leaves(
    often: None, inside: Driver, transfer: TransferPage, held: Gate, way: str
) -> None:
    """Its own look at the consent comes only between two steps."""
    transfer.cancel.click()
    held.may_go_on.set()
    inside.settle()
    ids = take_patients(inside, transfer)
    held.reached.clear()
    held.may_go_on.clear()
    transfer.start.click()
    inside.until(held.reached.is_set)
    inside.until(lambda: transfer.bar.value() == 4)
    WAYS[way](inside.clinic, *ids)
    inside.until(lambda: nothing_is_left(transfer))
    held.may_go_on.set()
    inside.settle()
    assert nothing_is_left(transfer)
    assert transfer.presenter.state is State.FAILED
    assert transfer.presenter.outputs == []
    assert not transfer.offer.isVisible()
    assert inside.clinic.store.tables.begun_transfers == {}


def test_a_still_leaves_the_page_of_live_styles_that_comes_back(
    inside: Driver, screen: StudioScreen, live: LivePage, way: str
) -> None:
    ids = take_patients(inside, live)
    assert live.outcome.save.isEnabled()
    go_to(inside, "Gallery")
    WAYS[way](inside.clinic, *ids)
    go_to(inside, "Live styles")
    assert nothing_is_left(live)
    assert not live.outcome.save.isEnabled()
    assert SAID[way] in live.said.text()


def test_a_still_leaves_while_somebody_looks_at_it(
    often: None, inside: Driver, live: LivePage, way: str
) -> None:
    ids = take_patients(inside, live)
    WAYS[way](inside.clinic, *ids)
    inside.until(lambda: nothing_is_left(live))
    assert not live.outcome.save.isEnabled()


def test_a_still_leaves_with_the_slider_that_finds_it_out(
    inside: Driver, live: LivePage, way: str
) -> None:
    ids = take_patients(inside, live)
    WAYS[way](inside.clinic, *ids)
    live.strength.slider.setValue(10)
    inside.settle()
    assert nothing_is_left(live)
    assert SAID[way] in live.said.text()


def test_an_entry_of_the_gallery_leaves_while_somebody_looks_at_it(
    often: None, inside: Driver, screen: StudioScreen, way: str
) -> None:
    studio = inside.clinic.services.studio
    ids = screened(inside.clinic, *ALL)
    studio.keep(studio.picture_of(ids[1]), RESULT, "", "ink", also_of_patient=True)
    stays = studio.keep(studio.sample(), RESULT, "Harbour", "chalk")
    go_to(inside, "Gallery")
    page = screen.page("gallery")
    assert isinstance(page, GalleryPage)
    page.list.setCurrentRow(1)
    inside.until(lambda: page.title.text() == "ink" and page.compare.showing)
    WAYS[way](inside.clinic, *ids)
    inside.until(lambda: page.list.count() == 1)
    inside.settle()
    assert page.title.text() == "Harbour"
    assert list(inside.clinic.store.tables.gallery) == [stays.id]


def test_what_is_nobodys_stays(often: None, inside: Driver, live: LivePage) -> None:
    patient, _ = take_patients(inside, live)
    inside.click("Sample", live)
    inside.clinic.services.consents.record(patient, {Purpose.STUDIO: False})
    go_to(inside, "Gallery")
    go_to(inside, "Live styles")
    assert not nothing_is_left(live)
    assert live.outcome.save.isEnabled()
