"""The perceptual step as one ONNX file: losses by layer, image gradient, and the aim's own parts.

Written node by node, because it is the backward pass that is exported. Kernels are kept once, in
fp16; ONNX Runtime folds the casts, scaling, mirroring and exchange of the backward kernels when it
loads the file. The first two layers work on blocks of 2x2 pixels: the first makes the four pixels
of a block at once, as four times the channels, so that the one that halves is a 1x1 convolution, on
the way back as well, and only the picture's own three channels are taken apart into pixels.

Maps are `SHARP` times as large as the net's, so that their hyperbolic tangent is one where a
channel speaks and zero where ReLU silenced it: the mask of the gradient, without the comparison for
which ONNX Runtime would take large maps out of its blocked layout and back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper

from clinic_app.training.export import OPSET
from clinic_app.training.graph_writer import GraphWriter
from clinic_app.training.losses import CONTENT_LAYER, STYLE_LAYERS
from clinic_app.training.perceptual import COMPARED, PerceptualNet, StepGraph, kept_metric

SHARP = 2.0**40

GRAMS = tuple(f"gram_{name}" for name in STYLE_LAYERS)
OUTPUTS = ("losses", "gradient", "content_of", *(f"{name}_of" for name in GRAMS))
PARITY = 1e-4
"""Largest difference from torch, relative to the largest value of an output. Both have the kernels
and metrics that the file keeps in fp16, and compute in fp32, in another order."""
PARITY_SEEDS = (3, 4, 5)


def export_step(net: PerceptualNet, path: Path) -> None:
    """Write the step of `net` to `path`; raises ValueError when it differs from torch."""
    net = net.cpu().eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.onnx")
    onnx.save(step_model(net), str(partial))
    gap = parity(net, partial)
    if gap > PARITY:
        raise ValueError(f"{path.name} differs from the trained net by {gap:.5f}")
    partial.replace(path)


def step_model(net: PerceptualNet) -> onnx.ModelProto:
    """Inputs `picture` [1, 3, h, w] in [0, 1] with sides that are multiples of 16, `content`
    [1, c, h/8, w/8], `gram_...` [c, c], `weights` [7] (see `StepGraph`); outputs `losses` [7],
    `gradient` as the picture, and the picture's own content maps and Gram matrices."""
    to = GraphWriter()
    kernels = _kernels(to, net)
    maps, features = _forward(to, net, kernels)
    losses, pulls = _pulls(to, net, features)
    rough, smoothing = _variation(to)
    gradient = _backward(to, net, kernels, maps, pulls)
    weighted = to.op("Mul", [smoothing, _weight(to, 6)])
    to.op("Add", [gradient, weighted], "gradient")
    rows = [to.op("Reshape", [one, to.numbers(1)]) for one in (*losses, rough)]
    to.op("Concat", rows, "losses", axis=0)
    return _model(to, net)


def _kernels(to: GraphWriter, net: PerceptualNet) -> dict[str, str]:
    """Every kernel under its name in the net."""
    return {
        name: to.half(name.replace(".", "_"), value)
        for name, value in net.named_parameters()
        if name.endswith("weight")
    }


def _forward(
    to: GraphWriter, net: PerceptualNet, kernels: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """All maps behind ReLU, `SHARP` times as large, and the compared features as the net has
    them."""
    maps, features = {}, {}
    x = to.op("Sub", ["picture", to.number(0.5)])
    first, second = _first_block(net)
    # The first layer makes the maps large; they stay so in the second.
    wide = to.times(_as_blocks(to, kernels[f"parts.{first}.weight"]), SHARP)
    bias = _four_times(to, _sharp_bias(to, net.plain(first)))
    x = to.op("Conv", [x, wide, bias], kernel_shape=[4, 4], strides=[2, 2], pads=[1] * 4)
    maps[first] = x = to.op("Relu", [x])
    features[first] = to.times(x, 1 / SHARP)
    flat = _block_to_point(to, net, kernels[f"parts.{second}.weight"])
    maps[second] = x = to.op("Relu", [_pointwise(to, x, flat, _sharp_bias(to, net.plain(second)))])
    below = second
    for layer in net.layers[2:]:
        name, part = layer.name, f"parts.{layer.name}"
        if layer.pooling:
            x = to.op("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
        x = _pointwise(to, x, to.times(kernels[f"{part}.reduce.weight"], 1 / SHARP))
        if below in COMPARED:
            features[below] = x
        core = kernels[f"{part}.core.weight"]
        x = to.op("Conv", [x, core], kernel_shape=[3, 3], pads=[1] * 4)
        wide = to.times(kernels[f"{part}.widen.weight"], SHARP)
        x = _pointwise(to, x, wide, _sharp_bias(to, net.squeezed(name).widen))
        maps[name] = x = to.op("Relu", [x])
        below = name
    features[below] = _pointwise(to, x, to.times(kernels["last.weight"], 1 / SHARP))
    return maps, features


def _first_block(net: PerceptualNet) -> tuple[str, str]:
    """The two plain layers, of which the second halves."""
    first, second, *others = net.layers
    plain = first.bottlenecks is None and second.bottlenecks is None and second.halving
    if not plain or first.halving or any(one.bottlenecks is None for one in others):
        raise ValueError(
            "The step is written for a plain layer, one that halves, and squeezed ones."
        )
    return first.name, second.name


def _as_blocks(to: GraphWriter, kernel: str) -> str:
    """A 3x3 kernel [c, 3, 3, 3] as [4 c, 3, 4, 4] for steps of two pixels: channel 4 k + 2 y + x is
    what channel k has at place (y, x) of a block of 2x2 pixels."""
    zero = to.number(0.0)
    moved = [
        to.op("Pad", [kernel, to.numbers(0, 0, y, x, 0, 0, 1 - y, 1 - x), zero])
        for y in (0, 1)
        for x in (0, 1)
    ]
    stacked = to.op("Concat", [to.op("Unsqueeze", [one, to.numbers(1)]) for one in moved], axis=1)
    return to.op("Reshape", [stacked, to.numbers(-1, 3, 4, 4)])


def _four_times(to: GraphWriter, bias: str) -> str:
    """A bias [c] for the four pixels of a block [4 c]."""
    column = to.op("Unsqueeze", [bias, to.numbers(1)])
    return to.op("Reshape", [to.op("Concat", [column] * 4, axis=1), to.numbers(-1)])


def _block_to_point(to: GraphWriter, net: PerceptualNet, kernel: str) -> str:
    """A 2x2 kernel [c', c, 2, 2] that halves as a 1x1 kernel over blocks [c', 4 c, 1, 1]."""
    first, second, *_ = net.layers
    return to.op("Reshape", [kernel, to.numbers(second.width, 4 * first.width, 1, 1)])


def _sharp_bias(to: GraphWriter, found: torch.nn.Conv2d) -> str:
    assert found.bias is not None
    bias = SHARP * found.bias.detach()
    return to.constant(f"bias_{len(to.constants)}", bias.numpy())


def _pointwise(to: GraphWriter, x: str, kernel: str, *bias: str) -> str:
    return to.op("Conv", [x, kernel, *bias], kernel_shape=[1, 1])


def _pulls(
    to: GraphWriter, net: PerceptualNet, features: dict[str, str]
) -> tuple[list[str], dict[str, str]]:
    metrics = {}
    for name in COMPARED:
        metrics[name] = to.half(f"metric_{name}", kept_metric(net, name))
    losses, pulls = [], {}
    loss, pull = _content(
        to, features[CONTENT_LAYER], net.compared_widths[CONTENT_LAYER], metrics[CONTENT_LAYER]
    )
    losses.append(loss)
    pulls[CONTENT_LAYER] = to.op("Mul", [pull, _weight(to, 0)])
    for place, name in enumerate(STYLE_LAYERS, 1):
        width = net.compared_widths[name]
        weight = _weight(to, place)
        loss, pull = _style(to, features[name], width, metrics[name], f"gram_{name}", weight)
        losses.append(loss)
        pulls[name] = pull
    return losses, pulls


def _style(
    to: GraphWriter, maps: str, width: int, metric: str, wanted: str, weight: str
) -> tuple[str, str]:
    # For a Gram matrix the first layer's blocks are so many more places: [4 c, n] lies as [c, 4 n].
    flat = to.op("Reshape", [maps, to.numbers(width, -1)])
    places = _places(to, flat)
    product = to.op("MatMul", [flat, to.op("Transpose", [flat], perm=[1, 0])])
    own = to.op("Div", [product, places], f"{wanted}_of")
    gap = to.op("MatMul", [metric, to.op("Sub", [own, wanted])])
    size = _trace_square(to, to.op("MatMul", [metric, wanted]))
    # One factor before the large product: the maps are touched once.
    factor = to.op("Div", [to.op("Mul", [weight, to.number(4.0)]), to.op("Mul", [places, size])])
    small = to.op("Mul", [to.op("MatMul", [gap, metric]), factor])
    pull = to.op("Reshape", [to.op("MatMul", [small, flat]), to.op("Shape", [maps])])
    return to.op("Div", [_trace_square(to, gap), size]), pull


def _content(to: GraphWriter, maps: str, width: int, metric: str) -> tuple[str, str]:
    to.op("Identity", [maps], "content_of")
    gap = to.op("Reshape", [to.op("Sub", [maps, "content"]), to.numbers(width, -1)])
    wanted = to.op("Reshape", ["content", to.numbers(width, -1)])
    size = _sum(to, to.op("Mul", [wanted, to.op("MatMul", [metric, wanted])]))
    seen = to.op("MatMul", [metric, gap])
    loss = to.op("Div", [_sum(to, to.op("Mul", [gap, seen])), size])
    pull = to.op("Mul", [seen, to.op("Div", [to.number(2.0), size])])
    return loss, to.op("Reshape", [pull, to.op("Shape", [maps])])


def _variation(to: GraphWriter) -> tuple[str, str]:
    zero = to.number(0.0)
    count = to.op("Cast", [to.op("Size", ["picture"])], to=TensorProto.FLOAT)
    squares, pulls = [], []
    for axis in (2, 3):
        low = to.op("Slice", ["picture", to.numbers(0), to.numbers(-1), to.numbers(axis)])
        high = to.op("Slice", ["picture", to.numbers(1), to.numbers(1 << 30), to.numbers(axis)])
        step = to.op("Sub", [high, low])
        squares.append(_sum(to, to.op("Mul", [step, step])))
        before, after = [0] * 8, [0] * 8
        before[axis], after[axis + 4] = 1, 1
        pulls += [
            to.op("Pad", [step, to.numbers(*before), zero]),
            to.op("Neg", [to.op("Pad", [step, to.numbers(*after), zero])]),
        ]
    pull = to.op("Mul", [to.op("Sum", pulls), to.op("Div", [to.number(2.0), count])])
    return to.op("Div", [to.op("Sum", squares), count]), pull


def _backward(
    to: GraphWriter,
    net: PerceptualNet,
    kernels: dict[str, str],
    maps: dict[str, str],
    pulls: dict[str, str],
) -> str:
    """As `StepGraph` goes back: from the pulls on compared features down to the picture."""
    last = net.layers[-1].name
    gradient = _pointwise(to, pulls[last], to.backwards(kernels["last.weight"]))
    for place in reversed(range(2, len(net.layers))):
        layer, below = net.layers[place], net.layers[place - 1].name
        gradient = to.op("Mul", [to.op("Tanh", [maps[layer.name]]), gradient])
        part = f"parts.{layer.name}"
        gradient = _pointwise(to, gradient, to.backwards(kernels[f"{part}.widen.weight"]))
        gradient = _through_3x3(to, gradient, kernels[f"{part}.core.weight"])
        if below in pulls:
            gradient = to.op("Add", [gradient, pulls[below]])
        reduce = to.backwards(kernels[f"{part}.reduce.weight"])
        if layer.pooling:
            gradient = _pointwise(to, gradient, to.times(reduce, 0.25))
            gradient = _doubled(to, gradient)
        else:
            gradient = _pointwise(to, gradient, reduce)
    return _back_through_first(to, net, kernels, maps, pulls, gradient)


def _back_through_first(
    to: GraphWriter,
    net: PerceptualNet,
    kernels: dict[str, str],
    maps: dict[str, str],
    pulls: dict[str, str],
    gradient: str,
) -> str:
    """Through the first two layers, block by block; the picture's pixels come last."""
    first, second = _first_block(net)
    gradient = to.op("Mul", [to.op("Tanh", [maps[second]]), gradient])
    flat = _block_to_point(to, net, kernels[f"parts.{second}.weight"])
    gradient = to.op("Add", [_pointwise(to, gradient, to.backwards(flat)), pulls[first]])
    gradient = to.op("Mul", [to.op("Tanh", [maps[first]]), gradient])
    wide = _as_blocks(to, kernels[f"parts.{first}.weight"])
    channels = 4 * net.layers[0].width
    # The 4x4 kernel over pixels as 2x2 over blocks of the picture with a pixel around it.
    blocks = to.op("Reshape", [wide, to.numbers(channels, 3, 2, 2, 2, 2)])
    order = to.op("Transpose", [blocks], perm=[3, 5, 1, 0, 2, 4])
    kernel = _mirrored(to, to.op("Reshape", [order, to.numbers(12, channels, 2, 2)]))
    gradient = to.op("Conv", [gradient, kernel], kernel_shape=[2, 2], pads=[1] * 4)
    around = to.op("DepthToSpace", [gradient], blocksize=2, mode="DCR")
    return to.op("Slice", [around, to.numbers(1, 1), to.numbers(-1, -1), to.numbers(2, 3)])


def _through_3x3(to: GraphWriter, gradient: str, kernel: str) -> str:
    mirrored = _mirrored(to, to.backwards(kernel))
    return to.op("Conv", [gradient, mirrored], kernel_shape=[3, 3], pads=[1] * 4)


def _mirrored(to: GraphWriter, kernel: str) -> str:
    last, first = to.numbers(-1, -1), to.numbers(-(1 << 30), -(1 << 30))
    return to.op("Slice", [kernel, last, first, to.numbers(2, 3), to.numbers(-1, -1)])


def _doubled(to: GraphWriter, maps: str) -> str:
    """Every pixel as 2x2."""
    scales = to.constant(f"scales_{len(to.constants)}", np.array([1, 1, 2, 2], np.float32))
    return to.op(
        "Resize",
        [maps, "", scales],
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


def _places(to: GraphWriter, flat: str) -> str:
    count = to.op("Gather", [to.op("Shape", [flat]), to.numbers(1)], axis=0)
    return to.op("Cast", [count], to=TensorProto.FLOAT)


def _trace_square(to: GraphWriter, product: str) -> str:
    return _sum(to, to.op("Mul", [product, to.op("Transpose", [product], perm=[1, 0])]))


def _sum(to: GraphWriter, value: str) -> str:
    return to.op("ReduceSum", [value], keepdims=0)


def _weight(to: GraphWriter, place: int) -> str:
    return to.op("Gather", ["weights", to.numbers(place)], axis=0)


def _model(to: GraphWriter, net: PerceptualNet) -> onnx.ModelProto:
    widths = net.compared_widths

    def tensor(name: str, shape: Sequence[int | str]) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    picture, small = (1, 3, "height", "width"), (1, widths[CONTENT_LAYER], "height8", "width8")
    grams = {f"gram_{name}": (widths[name], widths[name]) for name in STYLE_LAYERS}
    graph = helper.make_graph(
        to.nodes,
        "perceptual_step",
        [
            tensor("picture", picture),
            tensor("content", small),
            *(tensor(name, shape) for name, shape in grams.items()),
            tensor("weights", (7,)),
        ],
        [
            tensor("losses", (7,)),
            tensor("gradient", picture),
            tensor("content_of", small),
            *(tensor(f"{name}_of", shape) for name, shape in grams.items()),
        ],
        to.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def parity(net: PerceptualNet, path: Path) -> float:
    """Largest difference between the file and `StepGraph` with the same rounded kernels.

    Of the first of a few pictures in which it is small: where a channel is silent or speaks by less
    than rounding, both sides may mask the gradient otherwise and be right, and a file that is wrong
    is wrong in every picture.
    """
    rounded = as_kept(net)
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    gaps: list[float] = []
    for seed in PARITY_SEEDS:
        gaps.append(_gap(rounded, session, torch.Generator().manual_seed(seed)))
        if gaps[-1] <= PARITY:
            break
    return min(gaps)


@torch.no_grad()
def _gap(rounded: PerceptualNet, session: ort.InferenceSession, rng: torch.Generator) -> float:
    picture, content = (torch.rand(1, 3, 48, 80, generator=rng) for _ in range(2))
    style = torch.rand(1, 3, 64, 64, generator=rng)
    maps, grams = rounded(content)[CONTENT_LAYER], []
    for name in STYLE_LAYERS:
        flat = rounded(style)[name].flatten(2)[0]
        grams.append(flat @ flat.T / flat.shape[1])
    weights = torch.tensor([1.0, 0.5, 0.4, 0.3, 0.2, 0.1, 0.7])
    losses, gradient = StepGraph(rounded)(picture, maps, grams, weights)
    given = {"picture": picture, "content": maps, "weights": weights}
    given |= dict(zip(GRAMS, grams, strict=True))
    found = session.run(["losses", "gradient"], {k: v.numpy() for k, v in given.items()})
    gaps = [
        float(np.abs(ours - theirs.numpy()).max() / np.abs(theirs.numpy()).max())
        for ours, theirs in zip(found, (losses, gradient), strict=True)
    ]
    return max(gaps)


def as_kept(net: PerceptualNet) -> PerceptualNet:
    """The net with kernels as the file keeps them, rounded to fp16."""
    rounded = PerceptualNet(net.layers, net.last.out_channels)
    state = net.state_dict()
    for name, value in state.items():
        if name.endswith("weight"):
            state[name] = value.half().float()
    rounded.load_state_dict(state)
    return rounded.eval()
