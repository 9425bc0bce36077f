"""What services ask for from models, reports and other clinics, each loaded at its first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from clinic_app.paths import MODELS
from clinic_app.services.backup_data import Progress, Stop, never, unheard
from clinic_app.services.translations import ENGLISH

if TYPE_CHECKING:
    from clinic_app.domain.drift import DriftVersion
    from clinic_app.domain.face_case import FaceCase
    from clinic_app.domain.joint_learning import JoinedGroup
    from clinic_app.domain.local_head import Comparison, LocalHead
    from clinic_app.domain.model_choice import ModelChoice
    from clinic_app.domain.picture import Picture
    from clinic_app.domain.reference_look import Ablation, Recipe, ReferenceLook
    from clinic_app.inference.kept_sets import FolderModelSets
    from clinic_app.services.learning_data import (
        FittedHead,
        HeadLearner,
        JudgedCase,
        LabelledCase,
    )
    from clinic_app.services.look_data import LookBench, LookPreview
    from clinic_app.services.model_sets import ModelSet
    from clinic_app.services.reading import (
        CameraDevice,
        FaceReader,
        LiveCamera,
        ModelInfo,
        ModelShelf,
        Reading,
    )
    from clinic_app.services.report_data import (
        AuditReport,
        FeedbackReport,
        PersonReport,
        ReportRenderer,
        ScreeningReport,
        WorklistReport,
    )
    from clinic_app.services.sites_data import SitesBox, SitesExchange
    from clinic_app.services.studio_data import StudioEngine


class LateReader:
    """A ``FaceReader`` that loads the pipeline when a picture is first needed, and anew when other
    models are chosen."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._open: tuple[Path, FaceReader] | None = None

    @property
    def _real(self) -> FaceReader:
        from clinic_app.inference.pipeline import open_face_reader

        folder = self._folder()
        if self._open is None or self._open[0] != folder:
            self._open = folder, open_face_reader(folder)
        return self._open[1]

    def read_file(self, path: Path, stop: Callable[[], bool] = lambda: False) -> Reading:
        return self._real.read_file(path, stop)

    def cameras(self) -> Sequence[CameraDevice]:
        return self._real.cameras()

    def open_camera(self, device: CameraDevice) -> LiveCamera:
        return self._real.open_camera(device)

    def warm_up(self) -> None:
        self._real.warm_up()

    def models(self) -> str:
        return self._real.models()

    def with_look(self, look: ReferenceLook | None) -> FaceReader:
        return self._real.with_look(look)


class LateShelf:
    """A ``ModelShelf`` that is read when it is looked at: that of the models in use."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder

    @property
    def _real(self) -> ModelShelf:
        from clinic_app.inference.cards import open_model_shelf

        return open_model_shelf(self._folder())

    def models(self) -> Sequence[ModelInfo]:
        return self._real.models()

    def card(self, name: str) -> str:
        return self._real.card(name)

    def pictures(self, name: str) -> Mapping[str, bytes]:
        return self._real.pictures(name)

    def verify(self, report: Callable[[str], None] = lambda line: None) -> None:
        self._real.verify(report)


class LateLearner:
    """A ``HeadLearner`` that loads NumPy when something is fitted or measured."""

    @cached_property
    def _real(self) -> HeadLearner:
        from clinic_app.inference.learning.learner import open_head_learner

        return open_head_learner()

    def fit(
        self,
        cases: Sequence[LabelledCase],
        progress: Progress = unheard,
        stop: Stop = never,
    ) -> FittedHead:
        return self._real.fit(cases, progress, stop)

    def compare(
        self,
        head: LocalHead,
        cases: Sequence[JudgedCase],
        *,
        look: int,
        left_out: int,
        champion: LocalHead | None = None,
    ) -> Comparison:
        return self._real.compare(head, cases, look=look, left_out=left_out, champion=champion)

    def drift(
        self, cases: Sequence[tuple[FaceCase, str]], stop: Stop = never
    ) -> tuple[DriftVersion, ...]:
        return self._real.drift(cases, stop)


class LateExchange:
    """A ``SitesExchange`` that loads NumPy and cryptography when clinics learn together."""

    @cached_property
    def _real(self) -> SitesExchange:
        from clinic_app.sync.sites.exchange import open_exchange

        return open_exchange()

    def public_key(self, secret: bytes) -> bytes:
        return self._real.public_key(secret)

    def card(self, name: str, secret: bytes) -> bytes:
        return self._real.card(name, secret)

    def read_group(self, content: bytes, secret: bytes) -> JoinedGroup:
        return self._real.read_group(content, secret)

    def open(self, joined: JoinedGroup, secret: bytes) -> AbstractContextManager[SitesBox]:
        return self._real.open(joined, secret)


def open_late_studio(models: Callable[[], Path]) -> StudioEngine:
    from clinic_app.inference.studio import open_studio

    return open_studio(models)


class LateLookBench:
    """A ``LookBench`` that loads the models when a look is tried."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder

    @cached_property
    def _real(self) -> LookBench:
        from clinic_app.inference.looks.bench import open_look_bench

        return open_look_bench(self._folder)

    def models(self) -> str:
        return self._real.models()

    def opened(self, picture: Path) -> Picture | None:
        return self._real.opened(picture)

    def decoded(self, png: bytes) -> Picture:
        return self._real.decoded(png)

    def measure(
        self,
        recipe: Recipe,
        present: Recipe | None,
        pictures: Sequence[Path | Picture],
        progress: Progress = unheard,
        stop: Stop = never,
    ) -> Ablation:
        return self._real.measure(recipe, present, pictures, progress, stop)

    def preview(self, recipe: Recipe, picture: Path | None = None) -> LookPreview:
        return self._real.preview(recipe, picture)


class LateSets:
    """``ModelSets`` that are looked at when somebody asks; signing in alone loads nothing."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._followed: ModelChoice | None = None

    @cached_property
    def _real(self) -> FolderModelSets:
        from clinic_app.inference.kept_sets import FolderModelSets

        made = FolderModelSets(MODELS, self._store)
        if self._followed is not None:
            made.follow(self._followed)
        return made

    def folder(self) -> Path:
        return self._real.folder()

    def known(self) -> Sequence[ModelSet]:
        return self._real.known()

    def card(self, name: str) -> str:
        return self._real.card(name)

    def keep(self) -> str:
        return self._real.keep()

    def check(self, name: str) -> ModelChoice:
        return self._real.check(name)

    def follow(self, choice: ModelChoice) -> None:
        self._followed = choice
        if "_real" in vars(self):
            self._real.follow(choice)

    def left_in_file(self) -> ModelChoice | None:
        return self._real.left_in_file() if self._has_file() else None

    def forget_file(self) -> None:
        if self._has_file():
            self._real.forget_file()

    def _has_file(self) -> bool:
        return (self._store / "models.json").exists()


class LateRenderer:
    """A ``ReportRenderer`` that loads fonts and PDF code when something is printed."""

    @cached_property
    def _real(self) -> ReportRenderer:
        from clinic_app.reports.renderer import open_report_renderer

        return open_report_renderer()

    def screening(self, report: ScreeningReport, language: str = ENGLISH) -> bytes:
        return self._real.screening(report, language)

    def person(self, report: PersonReport, language: str = ENGLISH) -> bytes:
        return self._real.person(report, language)

    def worklist(self, report: WorklistReport, language: str = ENGLISH) -> bytes:
        return self._real.worklist(report, language)

    def audit(self, report: AuditReport, language: str = ENGLISH) -> bytes:
        return self._real.audit(report, language)

    def feedback(self, report: FeedbackReport, language: str = ENGLISH) -> bytes:
        return self._real.feedback(report, language)

    def preview(self, pdf: bytes, page: int, width: int) -> tuple[int, bytes]:
        return self._real.preview(pdf, page, width)
