"""Pretrained COCO detectors that label the training images and are the bar to clear.

Each teacher takes one RGB photograph and returns detections of this project's twelve classes. They run in ONNX
Runtime; `ghostcam-evaluate --teacher NAME` measures them on the validation images.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image

from ghostcam_models.common.boxes import candidates, nms
from ghostcam_models.common.command_line import UserError
from ghostcam_models.common.labels import COCO_IDS
from ghostcam_models.model.decode import corners, expected_distances, grid

SIZE = 416
"""Side of the teachers' square input in pixels."""

STRIDES = (8, 16, 32, 64)

IMAGENET_MEAN = np.array([123.675, 116.28, 103.53], np.float32)
IMAGENET_STD = np.array([58.395, 57.12, 57.375], np.float32)
"""Mean and standard deviation of ImageNet's R, G and B, of 0..255."""

CANDIDATES = 300
"""Detections of an image that go into non-maximum suppression."""

COCO = list(COCO_IDS)
"""COCO_IDS as a list, which NumPy takes as an index along one axis."""


@dataclass(frozen=True)
class Teacher:
    """One detector: its file, and how pixels go in and boxes come out.

    feed turns an RGB image [H, W, 3] uint8 into the session's inputs; decode turns the session's outputs into
    scores [A, 12] and boxes [A, 4] in pixels of the SIZE x SIZE input; scale says how input pixels map back.
    """

    file: str
    feed: Callable[[np.ndarray], dict[str, np.ndarray]]
    decode: Callable[[list[np.ndarray]], tuple[np.ndarray, np.ndarray]]
    letterbox: bool = False  # aspect kept, image at the top left; otherwise stretched to the square


class TeacherSession:
    """A teacher loaded into ONNX Runtime. Not safe for use by several threads."""

    def __init__(self, teacher: Teacher, folder: Path, threads: int = 0):
        path = folder / teacher.file
        if not path.exists():
            raise UserError(f'{path}: no such teacher; name the folder that holds it with --teachers')
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # PicoDet's file holds weights that nothing uses, each worth a warning
        options.intra_op_num_threads = threads
        options.add_session_config_entry('session.intra_op.allow_spinning', '0')
        model = onnx.load(path)
        # PicoDet's export lists its weights as inputs, which keeps ONNX Runtime from folding them.
        weights = {tensor.name for tensor in model.graph.initializer}
        inputs = [value for value in model.graph.input if value.name not in weights]
        del model.graph.input[:]
        model.graph.input.extend(inputs)
        self.teacher = teacher
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=['CPUExecutionProvider']
        )

    def detect(
        self, image: np.ndarray, score: float, iou: float = 0.6, every_class: bool = True
    ) -> np.ndarray:
        """Detections [n, 6] in pixels of image [H, W, 3], all above the given score."""
        height, width = image.shape[:2]
        scores, boxes = self.teacher.decode(self.session.run(None, self.teacher.feed(image)))
        rows = candidates(boxes, scores, score, every_class).astype(np.float32)
        rows = nms(rows[np.argsort(-rows[:, 5], kind='stable')[:CANDIDATES]], iou)
        if self.teacher.letterbox:
            rows[:, 1:5] *= max(height, width) / SIZE
        else:
            rows[:, [1, 3]] *= width / SIZE
            rows[:, [2, 4]] *= height / SIZE
        rows[:, [1, 3]] = rows[:, [1, 3]].clip(0, width)
        rows[:, [2, 4]] = rows[:, [2, 4]].clip(0, height)
        return rows


def stretched(image: np.ndarray) -> np.ndarray:
    """The image [H, W, 3] resized to SIZE x SIZE, aspect ignored, float32 0..255."""
    return np.asarray(Image.fromarray(image).resize((SIZE, SIZE), Image.Resampling.BILINEAR), np.float32)


def planar(pixels: np.ndarray) -> np.ndarray:
    """[H, W, 3] to [1, 3, H, W], contiguous."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def decode_dfl(logits: np.ndarray, stride: int, offset: float) -> np.ndarray:
    """One level's distribution logits [A, 4 * bins], around cells' corners + offset, to corners [A, 4] in pixels."""
    side = -(-SIZE // stride)
    distances = expected_distances(torch.from_numpy(logits))
    return (corners(distances, grid(side, side) + offset) * stride).numpy()


def _nanodet_feed(image: np.ndarray) -> dict[str, np.ndarray]:
    return {'data': planar(((stretched(image) - IMAGENET_MEAN) / IMAGENET_STD)[..., ::-1])}


def _nanodet_decode(outputs: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    scores, boxes = [], []
    for stride, cls, distances in zip(STRIDES, outputs[0::2], outputs[1::2], strict=True):
        scores.append(cls[0][COCO].reshape(len(COCO), -1).T)
        boxes.append(decode_dfl(distances[0].reshape(32, -1).T, stride, 0.0))
    return np.concatenate(scores), np.concatenate(boxes)


def _picodet_feed(image: np.ndarray) -> dict[str, np.ndarray]:
    return {'image': planar((stretched(image) - IMAGENET_MEAN) / IMAGENET_STD)}


def _picodet_decode(outputs: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    levels = zip(STRIDES, outputs[:4], outputs[4:], strict=True)
    decoded = [(cls[0][:, COCO], decode_dfl(box[0], stride, 0.5)) for stride, cls, box in levels]
    return np.concatenate([d[0] for d in decoded]), np.concatenate([d[1] for d in decoded])


def _yolox_feed(image: np.ndarray) -> dict[str, np.ndarray]:
    height, width = image.shape[:2]
    ratio = SIZE / max(height, width)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    canvas = np.full((SIZE, SIZE, 3), 114, np.float32)
    canvas[: size[1], : size[0]] = Image.fromarray(image).resize(size, Image.Resampling.BILINEAR)
    return {'images': planar(canvas[..., ::-1])}


def _yolox_decode(outputs: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    rows = outputs[0][0]
    strides = np.concatenate([np.full((SIZE // s) ** 2, s) for s in STRIDES[:3]])
    cells = np.concatenate([grid(SIZE // s, SIZE // s).numpy() for s in STRIDES[:3]])
    center = (rows[:, :2] + cells) * strides[:, None]
    half = np.exp(rows[:, 2:4]) * strides[:, None] / 2
    return rows[:, 4:5] * rows[:, 5:][:, COCO], np.column_stack((center - half, center + half))


def _deim_feed(image: np.ndarray) -> dict[str, np.ndarray]:
    return {'images': planar(stretched(image) / 255), 'orig_target_sizes': np.array([[SIZE, SIZE]], np.int64)}


def _deim_decode(outputs: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    labels, boxes, scores = (output[0] for output in outputs)
    return np.where(labels[:, None] == np.array(COCO), scores[:, None], 0), boxes


TEACHERS = {
    'nanodet': Teacher('nanodet_plus_m_1.5x_416.onnx', _nanodet_feed, _nanodet_decode),
    'picodet': Teacher('picodet_s_416_coco.onnx', _picodet_feed, _picodet_decode),
    'deim': Teacher('deimv2_femto_416.onnx', _deim_feed, _deim_decode),
    'yolox': Teacher('yolox_nano_416.onnx', _yolox_feed, _yolox_decode, letterbox=True),
}
