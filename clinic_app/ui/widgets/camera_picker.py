"""Choosing a camera: virtual ones are named and cannot be chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox

from clinic_app.services.reading import CameraDevice
from clinic_app.ui.strings import tr


class DevicePicker(QComboBox):
    """Signals:
    device_chosen: another ``CameraDevice`` was picked by hand.
    """

    device_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setAccessibleName(tr("Camera"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(self._pick)

    def show_devices(self, devices: Sequence[CameraDevice], chosen: CameraDevice | None) -> None:
        self.clear()
        for index, device in enumerate(devices):
            name = device.name
            if device.virtual:
                name = tr("{name} (virtual: cannot be used)").format(name=name)
            self.addItem(name, device)
            self._model.item(index).setEnabled(not device.virtual)
            if device == chosen:
                self.setCurrentIndex(index)
        self.setEnabled(len(devices) > 1)

    def _pick(self, index: int) -> None:
        device = self.itemData(index)
        if device is not None:
            self.device_chosen.emit(device)
