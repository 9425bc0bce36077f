"""ONNX Runtime sessions: opened only from bytes whose checksum and contract were checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from clinic_app.domain.errors import ModelRejected
from clinic_app.inference.manifest import Manifest, model_bytes
from clinic_app.inference.modelfile import operator_set

if TYPE_CHECKING:
    from clinic_app.inference.arrays import FloatArray


class Session(Protocol):
    """The part of `onnxruntime.InferenceSession` that the stages use: arrays in, arrays out."""

    def run(
        self, output_names: Sequence[str] | None, input_feed: Mapping[str, FloatArray]
    ) -> Sequence[Any]: ...


@dataclass(frozen=True)
class Contract:
    """What the program expects of a model: lowest operator set, the picture it takes, outputs with
    their ranks, and what else it takes."""

    min_opset: int
    input_name: str
    outputs: Mapping[str, int]
    beside: Mapping[str, int] = field(default_factory=dict)


CONTRACTS: Mapping[str, Contract] = {
    "face": Contract(
        11,
        "input",
        {f"{kind}_{stride}": 3 for kind in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)},
    ),
    "landmarks": Contract(17, "face", {"points": 3}),
    "style": Contract(17, "face", {"normalised": 4}),
    "severity": Contract(
        17,
        "face",
        {
            "severity_logits": 2,
            "emotion_logits": 2,
            "sadness": 1,
            "band": 1,
            "embedding": 2,
            "activation_map": 4,
        },
    ),
}
"""The four models the program cannot read a face without."""

_GRAMS = tuple(f"gram_conv{block}_1" for block in range(1, 6))
STUDIO_CONTRACTS: Mapping[str, Contract] = {
    "perceptual": Contract(
        17,
        "picture",
        {"losses": 1, "gradient": 4, "content_of": 4, **{f"{name}_of": 2 for name in _GRAMS}},
        {"content": 4, "weights": 1, **dict.fromkeys(_GRAMS, 2)},
    ),
    "styles": Contract(17, "picture", {"styled": 4}, {"weights": 1}),
}
"""The models of the style studio; a set of models may lack them."""


def open_session(folder: Path, manifest: Manifest, name: str, threads: int = 1) -> Session:
    """A checked session of model `name`; raises `ModelRejected`.

    `threads` is the number of cores one pass may use. One is the default: the nets are small, and
    the window needs the other core.
    """
    return session_opener(folder, manifest, name, threads)({})


def session_opener(
    folder: Path, manifest: Manifest, name: str, threads: int = 1
) -> Callable[[Mapping[str, int]], Session]:
    """What opens checked sessions of model `name` with free dimensions fixed by name, all of the
    same bytes, read and checked now; raises `ModelRejected`, now or when opening."""
    entry = manifest.entry(name)
    data = model_bytes(folder, name, entry)
    contract = {**CONTRACTS, **STUDIO_CONTRACTS}[name]
    opset = operator_set(data)
    if opset != entry.opset or opset < contract.min_opset:
        raise ModelRejected(
            "The '{name}' model uses an operator set that is not supported.", name=name
        )

    def opened(sizes: Mapping[str, int]) -> Session:
        session = start(data, name, threads, sizes)
        _check_contract(session, contract, name)
        checked: Session = session
        return checked

    return opened


def start(data: bytes, name: str, threads: int, sizes: Mapping[str, int] | None = None) -> Any:
    """An ONNX Runtime session on the CPU, all graph optimisations on, no output of its own."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # of Windows; elsewhere `clinic_app/__init__.py` does
    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = max(1, threads)
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    for dimension, size in (sizes or {}).items():
        options.add_free_dimension_override_by_name(dimension, size)
    # Idle threads must sleep, not spin: the preview runs for minutes on a clinic's laptop.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001  (its errors share no base class; each means the same here)
        raise ModelRejected("The '{name}' model cannot be loaded.", name=name) from None


def _check_contract(session: Any, contract: Contract, name: str) -> None:
    inputs = {tensor.name: tensor for tensor in session.get_inputs()}
    given = {tensor.name: tensor for tensor in session.get_outputs()}
    if set(inputs) != {contract.input_name, *contract.beside} or any(
        len(inputs[beside].shape) != rank for beside, rank in contract.beside.items()
    ):
        raise ModelRejected(
            "The '{name}' model does not take the input that the program gives.", name=name
        )
    entry = inputs[contract.input_name]
    if entry.type != "tensor(float)" or len(entry.shape) != 4 or entry.shape[1] != 3:
        raise ModelRejected("The '{name}' model does not take a colour picture.", name=name)
    for output, rank in contract.outputs.items():
        if output not in given or len(given[output].shape) != rank:
            raise ModelRejected(
                "The '{name}' model does not give the output '{output}'.", name=name, output=output
            )


def takes_any_size(session: Any) -> bool:
    """Whether height and width of the input are free."""
    shape = session.get_inputs()[0].shape
    return not any(isinstance(side, int) for side in shape[2:4])
