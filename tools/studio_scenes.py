"""The style studio for the pictures of the guide: everything on the sample portrait."""

from __future__ import annotations

from clinic_app.domain.studio import StudioSource
from clinic_app.services.studio import StudioService
from clinic_app.services.studio_data import StudioContent, TransferWish
from clinic_app.ui.screens.studio.live.view import LivePage
from clinic_app.ui.screens.studio.look.view import LookPage
from clinic_app.ui.screens.studio.transfer.view import TransferPage
from clinic_app.ui.screens.studio.view import StudioScreen
from clinic_app.ui.screenshots import Scene, desk_of
from clinic_app.ui.shell.window import MainWindow

_STYLES = ("waves", "glass", "woodcut", "wash")
_STEPS = 60
_BLEND = (0.4, 0.6, 0.3, 0.2)
"""The share of each reference in the look."""


def studio_scenes(studio: StudioService) -> list[Scene]:
    """The pages in their order; signed in already."""

    def screen(window: MainWindow) -> StudioScreen:
        present = desk_of(window).present
        assert isinstance(present, StudioScreen)
        return present

    def transfer(window: MainWindow) -> TransferPage:
        page = screen(window).page("transfer")
        assert isinstance(page, TransferPage)
        return page

    def sample(window: MainWindow) -> None:
        transfer(window).content.take_sample()

    def start(window: MainWindow) -> None:
        page = transfer(window)
        page.styles.buttons["waves"].click()
        page.settings.steps.slider.setValue(2)
        page.settings.side.slider.setValue(3)
        page.settings.outputs.slider.setValue(2)
        page.start.click()

    def live(window: MainWindow) -> None:
        screen(window).open("live")
        page = screen(window).page("live")
        assert isinstance(page, LivePage)
        page.content.take_sample()

    def fill(_window: MainWindow) -> None:
        """Four small transfers in the gallery."""
        if studio.gallery():
            return
        content, styles = studio.sample(), studio.style_pictures()
        for name in _STYLES:
            wish = TransferWish(steps=_STEPS, longest_side=192)
            news = list(studio.transfer(content, styles[name], wish).run(lambda: False))
            picture = news[-1].picture
            assert picture is not None
            small = StudioContent(content.picture, StudioSource.SAMPLE)
            studio.keep(small, picture, "", f"{name.title()}; {_STEPS} steps")

    def blend(window: MainWindow) -> None:
        """Not measured: under every light the one face there is, which smiles, reads as nought."""
        page = screen(window).page("look")
        assert isinstance(page, LookPage)
        for dial, share in zip(page.dials.values(), _BLEND, strict=True):
            dial.show_value(share)

    return [
        Scene("studio-empty", (lambda window: desk_of(window).go_to("studio"),)),
        Scene("studio-transfer", (sample, start)),
        Scene("studio-live", (live,)),
        Scene("studio-gallery", (fill, lambda window: screen(window).open("gallery"))),
        Scene("studio-look", (lambda window: screen(window).open("look"), blend)),
    ]
