"""ResNet50V2 with random weights: the network the papers use, as the yardstick for our chain.

Pre-activation residual blocks as in He et al. 2016 and Keras; batch norms behind a convolution are
folded into it, as any deployment would do. Speed does not depend on the weights.
"""

from __future__ import annotations

import numpy as np

from tests.onnx_writer import GraphWriter

STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
SIDE = 224


class _Net:
    def __init__(self) -> None:
        self.graph = GraphWriter()
        self._random = np.random.default_rng(0)

    def conv(self, x: str, inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> str:
        scale = (2.0 / (inputs * kernel * kernel)) ** 0.5
        shape = (outputs, inputs, kernel, kernel)
        weights = self._random.standard_normal(shape, dtype=np.float32) * np.float32(scale)
        names = [x, self.graph.constant(weights), self.graph.constant(np.zeros(outputs))]
        pad = kernel // 2
        return self.graph.node(
            "Conv", names, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4
        )

    def relu(self, x: str) -> str:
        return self.graph.node("Relu", [x])

    def normed(self, x: str, channels: int) -> str:
        ones, zeros = np.ones(channels), np.zeros(channels)
        parts = [self.graph.constant(part) for part in (ones, zeros, zeros, ones)]
        return self.relu(self.graph.node("BatchNormalization", [x, *parts]))

    def block(self, x: str, inputs: int, width: int, stride: int, project: bool) -> str:
        active = self.normed(x, inputs)
        if project:
            side = self.conv(active, inputs, 4 * width, stride=stride)
        elif stride > 1:
            side = self.graph.node("MaxPool", [x], kernel_shape=[1, 1], strides=[stride] * 2)
        else:
            side = x
        y = self.relu(self.conv(active, inputs, width))
        y = self.relu(self.conv(y, width, width, kernel=3, stride=stride))
        return self.graph.node("Add", [side, self.conv(y, width, 4 * width)])


def resnet50v2() -> bytes:
    """An ONNX file: `image` [1, 3, 224, 224] to `scores` [1, 1000]."""
    net = _Net()
    x = net.conv("image", 3, 64, kernel=7, stride=2)
    x = net.graph.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = 64
    for number, (width, blocks) in enumerate(STAGES):
        for k in range(blocks):
            last = k == blocks - 1 and number < len(STAGES) - 1
            x = net.block(x, channels, width, stride=2 if last else 1, project=k == 0)
            channels = 4 * width
    x = net.normed(x, channels)
    x = net.graph.node("GlobalAveragePool", [x])
    x = net.graph.node("Flatten", [x])
    weights = net.graph.constant(np.full((channels, 1000), 0.01))
    net.graph.node("MatMul", [x, weights], "scores")
    return net.graph.model({"image": [1, 3, SIDE, SIDE]}, {"scores": [1, 1000]})
