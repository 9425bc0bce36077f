"""The pipeline as the rest of the program sees it; cheap to make, models load on first use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from clinic_app.domain.local_head import base_text
from clinic_app.domain.reference_look import LOOK, ReferenceLook
from clinic_app.services.reading import CameraDevice, FaceReader, LiveCamera, Reading

if TYPE_CHECKING:
    from clinic_app.inference.camera.devices import CameraBackend
    from clinic_app.inference.chain import FaceChain


class OnnxFaceReader:
    """Implements `FaceReader` with the models of one folder. May be called from any thread."""

    def __init__(
        self, models: Path, camera_backend: CameraBackend | None = None, threads: int = 1
    ) -> None:
        self._models = models
        self._threads = threads
        self._camera_backend = camera_backend
        self._chain: FaceChain | None = None
        self._loading = threading.Lock()

    def read_file(self, path: Path, stop: Callable[[], bool] = lambda: False) -> Reading:
        """See `FaceReader`. The file is looked at before any model is loaded."""
        from clinic_app.inference.files import read_file
        from clinic_app.inference.intake.photo import sniff_file

        sniff_file(path)
        return read_file(self._loaded(), path, stop)

    def cameras(self) -> Sequence[CameraDevice]:
        """See `FaceReader`."""
        return self._cameras().devices()

    def open_camera(self, device: CameraDevice) -> LiveCamera:
        """See `FaceReader`."""
        from clinic_app.inference.camera.live import FaceCamera

        chain = self._loaded()
        return FaceCamera(chain, self._cameras().open(device), device.name)

    def warm_up(self) -> None:
        """See `FaceReader`."""
        self._loaded()

    def models(self) -> str:
        """See `FaceReader`."""
        return base_text(self._loaded().stages.versions)

    def with_look(self, look: ReferenceLook | None) -> FaceReader:
        """See `FaceReader`. The models are shared."""
        return _LookingReader(self, look) if look is not None else self

    def _loaded(self) -> FaceChain:
        with self._loading:
            if self._chain is None:
                from clinic_app.inference.chain import FaceChain
                from clinic_app.inference.models import load_stages

                self._chain = FaceChain(load_stages(self._models, self._threads))
            return self._chain

    def _cameras(self) -> CameraBackend:
        if self._camera_backend is None:
            from clinic_app.inference.camera.devices import standard_backend

            self._camera_backend = standard_backend()
        return self._camera_backend


class _LookingReader(OnnxFaceReader):
    """Reads with the models of another reader, brought to a reference look."""

    def __init__(self, reader: OnnxFaceReader, look: ReferenceLook) -> None:
        super().__init__(reader._models, reader._camera_backend, reader._threads)
        self._reader = reader
        self._look = look

    def with_look(self, look: ReferenceLook | None) -> FaceReader:
        return self._reader.with_look(look)

    def _loaded(self) -> FaceChain:
        from clinic_app.inference.chain import FaceChain

        if self._chain is None:
            stages = self._reader._loaded().stages
            versions = {**stages.versions, LOOK: self._look.version}
            self._chain = FaceChain(replace(stages, look=self._look, versions=versions))
        return self._chain

    def _cameras(self) -> CameraBackend:
        return self._reader._cameras()


def open_face_reader(
    models: Path, camera_backend: CameraBackend | None = None, threads: int = 1
) -> FaceReader:
    """The pipeline over the models in `models`, with the machine's cameras by default."""
    return OnnxFaceReader(models, camera_backend, threads)
