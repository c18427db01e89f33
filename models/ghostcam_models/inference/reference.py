"""From photograph to boxes in plain NumPy: what the daemon's C++ is tested against. Nothing here is fast."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from ghostcam_models.common.boxes import candidates, nms
from ghostcam_models.common.command_line import UserError
from ghostcam_models.inference import manifest
from ghostcam_models.inference.manifest import Manifest
from ghostcam_models.model.network import load

Run = Callable[[np.ndarray], dict[str, np.ndarray]]
"""A network: input tensor [1, 3, H, W] to its outputs by name."""


@dataclass(frozen=True)
class Placement:
    """Where a picture of width x height pixels lies in the input: scaled per axis, moved by left and top."""

    width: int
    height: int
    scale_x: float
    scale_y: float
    left: int
    top: int

    def to_picture(self, boxes: np.ndarray) -> np.ndarray:
        """Boxes [n, 4] of input pixels in pixels of the picture, clipped to it."""
        offset = np.array([self.left, self.top, self.left, self.top])
        scale = np.array([self.scale_x, self.scale_y, self.scale_x, self.scale_y])
        limit = np.array([self.width, self.height, self.width, self.height])
        return np.clip((boxes - offset) / scale, 0, limit)


def triangle_filter(size: int, new_size: int) -> np.ndarray:
    """Weights [new_size, size] that resample a line of pixels, pixel centers at .5.

    The triangle is two pixels wide when enlarging, which is bilinear interpolation, and as many times wider
    as the line gets shorter, so that no pixel is skipped (the bilinear filter of Pillow).
    """
    ratio = size / new_size
    support = max(1.0, ratio)
    center = (np.arange(new_size)[:, None] + 0.5) * ratio
    distance = np.abs(np.arange(size)[None] + 0.5 - center) / support
    weights = np.clip(1 - distance, 0, None)
    return weights / weights.sum(1, keepdims=True)


def letterbox(picture: np.ndarray, width: int, height: int, pad: float) -> tuple[np.ndarray, Placement]:
    """Fit a picture [h, w, 3], RGB 0..255, into width x height, centred on pad: float [height, width, 3]."""
    h, w = picture.shape[:2]
    ratio = min(width / w, height / h)
    new_w, new_h = (max(1, int(side * ratio + 0.5)) for side in (w, h))
    left, top = (width - new_w) // 2, (height - new_h) // 2
    scaled = np.tensordot(triangle_filter(h, new_h), picture.astype(np.float64), (1, 0))
    scaled = np.tensordot(triangle_filter(w, new_w), scaled, (1, 1)).transpose(1, 0, 2)
    canvas = np.full((height, width, 3), float(pad))
    canvas[top : top + new_h, left : left + new_w] = scaled
    return canvas, Placement(w, h, new_w / w, new_h / h, left, top)


def decode(outputs: dict[str, np.ndarray], model: Manifest) -> tuple[np.ndarray, np.ndarray]:
    """Boxes [A, 4] in input pixels and scores [A, labels] of every location."""
    if model.head['kind'] == 'decoded':
        rows = outputs[model.head['output']][0].T
        center, half = rows[:, :2], rows[:, 2:4] / 2
        return np.concatenate((center - half, center + half), 1), rows[:, 4:]
    if model.head['kind'] != 'dfl':
        raise UserError(f'{model.name}: the reference does not read heads of kind {model.head["kind"]}')
    boxes, scores = [], []
    for level in model.head['levels']:
        logits, stride = outputs[level['box']][0], level['stride']
        height, width = logits.shape[1:]
        bins = logits.reshape(4, model.head['regMax'], height, width)
        weights = np.exp(bins - bins.max(1, keepdims=True))
        expectation = (weights * np.arange(bins.shape[1])[:, None, None]).sum(1) / weights.sum(1)
        left, top, right, bottom = expectation * stride
        x, y = (np.arange(width)[None] + 0.5) * stride, (np.arange(height)[:, None] + 0.5) * stride
        boxes.append(np.stack((x - left, y - top, x + right, y + bottom)).reshape(4, -1).T)
        scores.append((1 / (1 + np.exp(-outputs[level['cls']][0]))).reshape(len(model.labels), -1).T)
    return np.concatenate(boxes), np.concatenate(scores)


def detect(
    run: Run, model: Manifest, picture: np.ndarray, score: float, every_class: bool = False
) -> np.ndarray:
    """Detections [n, 6] of a picture [h, w, 3]: class, corners in its pixels, score above the given one.

    As in the daemon, a location has one class, its best, unless every_class, and boxes that lie wholly in the padding are none.
    """
    height, width = picture.shape[:2]
    canvas, placement = letterbox(picture, *model.input.shape_for(width, height), model.input.padValue)
    tensor = ((canvas - model.input.mean) / model.input.std).transpose(2, 0, 1)[None].astype(np.float32)
    rows = candidates(*decode(run(tensor), model), score, every_class)
    rows = nms(rows, model.thresholds.iou, model.maxDetections)
    rows[:, 1:5] = placement.to_picture(rows[:, 1:5])
    return rows[(rows[:, 1] < rows[:, 3]) & (rows[:, 2] < rows[:, 4])]


def onnx_run(path: Path) -> Run:
    """The network of an ONNX file, on ONNX Runtime's CPU provider."""
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    name, outputs = session.get_inputs()[0].name, [output.name for output in session.get_outputs()]
    return lambda tensor: dict(zip(outputs, session.run(outputs, {name: tensor}), strict=True))


def torch_run(weights: Path) -> Run:
    """The network of a checkpoint, in PyTorch, as it was trained: nothing fused."""
    network = load(weights)

    def run(tensor: np.ndarray) -> dict[str, np.ndarray]:
        with torch.no_grad():
            levels = network(torch.from_numpy(tensor))
        return dict(
            zip(manifest.OUTPUTS, (logits.numpy() for level in levels for logits in level), strict=True)
        )

    return run


def report(path: Path, picture: np.ndarray, rows: np.ndarray, labels: tuple[str, ...]) -> dict:
    """What `ghostcam detect --json` prints of one image."""
    detections = [
        {'label': labels[int(row[0])], 'score': round(float(row[5]), 6), 'box': row[1:5].round(4).tolist()}
        for row in rows
    ]
    height, width = picture.shape[:2]
    return {'image': path.name, 'width': width, 'height': height, 'detections': detections}
