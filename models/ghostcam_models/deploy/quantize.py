"""An exported model in INT8: static quantization with scales measured on training images.

u8s8 (unsigned activations, signed weights) is fast on x86 with VNNI, s8s8 on Arm through XNNPACK. Weights have a
scale per channel. Convolutions that lose most when they alone are quantized are left in float, more of them until the
loss of AP50 is at most --limit; a model that loses more even so is not written, unless --force is given.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType, create_calibrator
from onnxruntime.quantization.calibrate import TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
from onnxruntime.quantization.shape_inference import quant_pre_process
from tqdm import tqdm

from ghostcam_models.common.command_line import UserError
from ghostcam_models.data.prepared_images import PreparedImages
from ghostcam_models.evaluation.detectors import from_onnx
from ghostcam_models.evaluation.evaluate import evaluate
from ghostcam_models.inference import manifest
from ghostcam_models.inference.reference import letterbox

ACTIVATIONS = {'u8s8': QuantType.QUInt8, 's8s8': QuantType.QInt8}
"""Precision to the type of its activations."""

SEVEN_BIT_WEIGHTS = {'u8s8': True, 's8s8': False}
"""x86 processors without VNNI add pairs of products in 16 bits, which overflow unless weights keep to 7 bits
(https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "Data type selection")."""

LEFT_IN_FLOAT = (0, 1, 2, 4, 8, 16)
"""How many of the most sensitive convolutions stay in float: tried in turn."""

Inputs = list[np.ndarray]
"""Input tensors [1, 3, H, W]."""

Measure = Callable[[Path], list[float]]
"""The mean AP50 of a model file in points, 0..100, at each size that is measured."""


class AccuracyLoss(UserError):
    """The quantized model loses more than it may."""


class Reader(CalibrationDataReader):
    """Input tensors [1, 3, H, W], one by one."""

    def __init__(self, name: str, inputs: Inputs):
        self.feeds: Iterator[dict[str, np.ndarray]] = iter([{name: tensor} for tensor in inputs])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.feeds, None)


def calibration_inputs(prepared: PreparedImages, model: manifest.Manifest, count: int) -> Inputs:
    """Letterboxed training images [1, 3, H, W], drawn by their weights with a fixed seed; of a model with symbolic dimensions
    at its sizes in turn, each in the shape that fits it."""
    sizes = model.input.dynamic.sizes if model.input.dynamic else ()
    models = [manifest.at_size(model, size) for size in sizes] or [model]
    inputs = []
    for i, index in enumerate(prepared.draw(np.random.default_rng(0), count)):
        picture = np.asarray(prepared.open(index).convert('RGB'))
        height, width = picture.shape[:2]
        shape = models[i % len(models)].input.shape_for(width, height)
        canvas, _ = letterbox(picture, *shape, model.input.padValue)
        tensor = (canvas - model.input.mean) / model.input.std
        inputs.append(tensor.transpose(2, 0, 1)[None].astype(np.float32))
    return inputs


def calibrate(model: Path, name: str, inputs: Inputs) -> TensorsData:
    """The range of every tensor over the inputs."""
    with tempfile.TemporaryDirectory() as folder:
        calibrator = create_calibrator(
            model,
            augmented_model_path=f'{folder}/augmented.onnx',
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={'CalibMovingAverage': True},  # one image's outlier does not set the scale
        )
        calibrator.collect_data(Reader(name, inputs))
        return calibrator.compute_data()


def quantize(model: Path, target: Path, ranges: TensorsData, precision: str, nodes: list[str]) -> None:
    """Write the model with the nodes named, and no others, in INT8 between QuantizeLinear and DequantizeLinear."""
    network = onnx.load(model)
    quantizer = QDQQuantizer(
        network,
        per_channel=True,
        reduce_range=SEVEN_BIT_WEIGHTS[precision],
        weight_qType=QuantType.QInt8,
        activation_qType=ACTIVATIONS[precision],
        tensors_range=ranges,
        nodes_to_quantize=nodes,
        nodes_to_exclude=[],
        op_types_to_quantize=sorted({node.op_type for node in network.graph.node}),
        extra_options={'WeightSymmetric': True},
    )
    quantizer.quantize_model()
    quantizer.model.save_model_to_file(str(target))
    if not any(node.op_type == 'QuantizeLinear' for node in onnx.load(target).graph.node):
        raise RuntimeError(f'{target}: nothing was quantized')


def outputs_of(model: Path, inputs: Inputs) -> list[np.ndarray]:
    """All outputs for each input, as one vector an input."""
    session = onnxruntime.InferenceSession(model, providers=['CPUExecutionProvider'])
    name = session.get_inputs()[0].name
    return [np.concatenate([o.ravel() for o in session.run(None, {name: tensor})]) for tensor in inputs]


def by_sensitivity(model: Path, ranges: TensorsData, precision: str, inputs: Inputs) -> list[str]:
    """Names of the convolutions, most sensitive first: by the outputs' squared error when one alone is INT8."""
    exact = outputs_of(model, inputs)
    errors = {}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / 'one.onnx'
        convolutions = [node.name for node in onnx.load(model).graph.node if node.op_type == 'Conv']
        for name in tqdm(convolutions, desc='sensitivity', unit='layer'):
            quantize(model, target, ranges, precision, [name])
            changed = outputs_of(target, inputs)
            errors[name] = sum(float(np.square(a - b).sum()) for a, b in zip(exact, changed, strict=True))
    return sorted(errors, key=errors.get, reverse=True)


def search(
    model: Path, target: Path, precision: str, inputs: Inputs, measure: Measure, limit: float, force: bool
) -> dict[str, float]:
    """Write target, with as few float convolutions as the limit allows; returns what was measured.

    The loss is that of the size that loses most. Raises AccuracyLoss, and leaves no file, where it is above limit with all
    of LEFT_IN_FLOAT tried, unless force is set: then the best is kept.
    """
    name = manifest.read(model).input.name
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / 'prepared.onnx'
        quant_pre_process(model, prepared, skip_symbolic_shape=True)
        ranges = calibrate(prepared, name, inputs)
        nodes = [node.name for node in onnx.load(prepared).graph.node]
        before = measure(model)
        order: list[str] = []
        least = np.inf
        for count in LEFT_IN_FLOAT:
            if count and not order:
                # What is large there is what suffers.
                largest = sorted(inputs, key=lambda tensor: tensor.size)[-4:]
                order = by_sensitivity(prepared, ranges, precision, largest)
            left = set(order[:count])
            draft = Path(folder) / target.name
            quantize(prepared, draft, ranges, precision, [node for node in nodes if node not in left])
            write_manifest(draft, model, precision)
            after = measure(draft)
            lost = [float(a - b) for a, b in zip(before, after, strict=True)]
            print(
                f'{count} convolutions in float: lost {", ".join(f"{points:.2f}" for points in lost)}',
                flush=True,
            )
            if max(lost) < least:
                least = max(lost)
                figures = {
                    'ap50': after[0],
                    'ap50Float': before[0],
                    'lostMost': least,
                    'floatConvolutions': count,
                }
                kept = draft.read_bytes()
            if least <= limit:
                break
    if least > limit and not force:
        raise AccuracyLoss(f'{target}: loses {least:.2f} points of AP50, more than {limit:g}; not written')
    target.write_bytes(kept)
    write_manifest(target, model, precision, figures)
    return figures


def write_manifest(
    target: Path, model: Path, precision: str, metrics: dict[str, float] | None = None
) -> None:
    """The float model's manifest, with the quantized file's name and precision."""
    source = manifest.read(model)
    manifest.write(
        target, replace(source, name=target.stem, precision=f'int8-{precision}', metrics=metrics or {})
    )


def mean_ap50(model: Path, data: Path, sets: list[str] | None) -> list[float]:
    """Mean AP50, in points (0..100), of a model file over the validation sets named (None: all) in data: at its smallest and
    its largest size, or at the one that it has.

    Raises UserError where a set is missing or has too few objects of every class.
    """
    described = manifest.read(model)
    sizes = sorted(described.input.dynamic.sizes) if described.input.dynamic else [None]
    return [
        _mean_ap50(model, size, data, described.thresholds.score, sets)
        for size in dict.fromkeys((sizes[0], sizes[-1]))
    ]


def _mean_ap50(model: Path, size: int | None, data: Path, score: float, sets: list[str] | None) -> float:
    results = evaluate(from_onnx(model, size), data, score, sets)
    ap50 = 100 * float(np.mean([figures.ap50 for figures in results.values()])) if results else np.nan
    if np.isnan(ap50):
        wanted = ' '.join(sets or ('all',))
        raise UserError(
            f'{data}: nothing to measure on: --sets {wanted} must each be here, with enough objects of a class'
        )
    return ap50
