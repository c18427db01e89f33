"""`ghostcam detect` answers what PyTorch answers, whatever detector MODEL names.

The built program is run: `npm run setup` makes it.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from networks import PHOTOS, random_network
from PIL import Image
from program import ghostcam
from torch import nn

from ghostcam_models.common.image_size import ImageSize
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.deploy.export import export
from ghostcam_models.inference import manifest
from ghostcam_models.inference.reference import detect, report
from ghostcam_models.model.network import BLOCKS, Config, Network

SQUARE, WIDE, FOUR_TO_THREE = ImageSize(128, 128), ImageSize(256, 128), ImageSize(256, 192)
NOT_IN_A_CLEAN_GRAPH = {
    *('Pad', 'Identity', 'Constant', 'Shape', 'Cast', 'BatchNormalization'),  # left behind by exporting
    *('Split', 'AveragePool'),  # rewritten
}
DETECTORS = [
    *((architecture, 'n', 'silu', SQUARE) for architecture in BLOCKS),
    ('yolov8', 's', 'silu', SQUARE),
    ('yolov8-ghostnetv2', 's', 'relu', SQUARE),
    ('yolov8-ghostnetv2', 'n', 'relu', SQUARE),
    ('yolov8-ghostnetv2', 'n', 'relu', WIDE),
    ('yolov8-ghostnetv2', 'n', 'relu', FOUR_TO_THREE),
    ('yolov8', 'n', 'silu', ImageSize(160, 96)),
]


def detections(model: Path) -> list[dict]:
    """What `ghostcam detect` prints of the photographs, above 0.05."""
    done = ghostcam('detect', *PHOTOS, '--json', '--threshold', '0.05', '--provider', 'cpu', MODEL=str(model))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def assert_same(actual: list[dict], expected: list[dict]) -> None:
    """Every box of either has its like in the other; but for those so near 0.05, or the score of the last of 300, that they may be on its
    other side."""
    assert sum(len(line['detections']) for line in expected) >= 50
    for a, e in zip(actual, expected, strict=True):
        for some, others in ((a, e), (e, a)):
            scores = [one['score'] for one in some['detections']]
            limit = 0.051 if len(scores) < 300 else max(0.051, min(scores) + 1e-3)
            for one in some['detections']:
                assert one['score'] < limit or any(alike(one, other) for other in others['detections']), one


def alike(one: dict, other: dict) -> bool:
    return (
        one['label'] == other['label']
        and abs(one['score'] - other['score']) < 1e-3
        and float(np.abs(np.subtract(one['box'], other['box'])).max()) < 0.5
    )


def in_pytorch(network: Network, model: manifest.Manifest) -> list[dict]:
    """The same by the network itself, as it was trained: nothing fused, nothing rewritten."""

    def run(tensor: np.ndarray) -> dict[str, np.ndarray]:
        with torch.no_grad():
            levels = network(torch.from_numpy(tensor))
        return dict(
            zip(manifest.OUTPUTS, (logits.numpy() for level in levels for logits in level), strict=True)
        )

    pictures = [(path, np.asarray(Image.open(path).convert('RGB'))) for path in PHOTOS]
    return [
        report(path, picture, detect(run, model, picture, 0.05), model.labels) for path, picture in pictures
    ]


@pytest.mark.parametrize('architecture,scale,activation,size', DETECTORS, ids=str)
def test_every_detector(architecture, scale, activation, size, tmp_path):
    network = random_network(Config(architecture, scale, CLASS_NAMES, activation), size)
    path = export(network, size, tmp_path)
    graph = onnx.load(path).graph
    assert not {node.op_type for node in graph.node} & NOT_IN_A_CLEAN_GRAPH
    assert all(d.dim_value > 0 for o in graph.output for d in o.type.tensor_type.shape.dim)
    assert_same(detections(path), in_pytorch(network, manifest.read(path)))


def test_one_file_for_all_sizes_at_the_shape_of_each_picture(tmp_path):
    network = random_network(Config('yolov8-ghostnetv2', 'n', CLASS_NAMES, 'relu'), FOUR_TO_THREE)
    path = export(network, None, tmp_path)
    assert_same(detections(path), in_pytorch(network, manifest.read(path)))


class Decoded(nn.Module):
    """A detector whose output is [1, 4 + nc, A]: cx, cy, w, h in input pixels, then scores: as YOLOv8's."""

    def __init__(self, network: Network):
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        decoded = self.network.decode(self.network(x))
        left_top, right_bottom, scores = decoded[:, :2], decoded[:, 2:4], decoded[:, 4:]
        return torch.cat(((left_top + right_bottom) / 2, right_bottom - left_top, scores), 1)


class WithObjectness(Decoded):
    """[1, 3 * A, 5 + nc]: an objectness before the scores, 3 boxes at each location: as YOLOv5's. Two of the boxes are none."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = super().forward(x).transpose(1, 2)
        box, scores = rows[..., :4], rows[..., 4:]
        # The best score as the objectness, and the scores as shares of it: their product is the score.
        objectness = scores.amax(2, keepdim=True)
        seen = torch.cat((box, objectness, scores / objectness), 2)
        unseen = torch.cat((box, torch.zeros_like(objectness), scores), 2)
        return torch.cat((unseen, seen, unseen), 1)


class EndToEnd(nn.Module):
    """[1, 300, 6]: corners, score and class of the 300 best: as YOLOv10's."""

    def __init__(self, network: Network):
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = self.network.decode(self.network(x)).transpose(1, 2)
        best, classes = rows[..., 4:].max(2)
        scores, chosen = best.topk(300, 1)
        boxes = rows[..., :4].gather(1, chosen[..., None].expand(-1, -1, 4))
        return torch.cat((boxes, scores[..., None], classes.gather(1, chosen)[..., None].float()), 2)


@pytest.mark.parametrize(
    'layout,kind,iou',
    [(Decoded, 'decoded', 0.6), (WithObjectness, 'objectness', 0.6), (EndToEnd, 'end-to-end', 1)],
    ids=lambda value: str(value) if isinstance(value, str) else '',
)
def test_a_detector_from_elsewhere(layout, kind, iou, tmp_path):
    network = random_network(Config('yolov8', 'n', CLASS_NAMES), WIDE)
    path = tmp_path / 'theirs.onnx'
    example = (torch.zeros(1, 3, WIDE.height, WIDE.width),)
    torch.onnx.export(
        layout(network), example, path, input_names=['images'], output_names=['output0'], dynamo=False
    )
    done = ghostcam('import', path, '--labels', ','.join(CLASS_NAMES))
    assert done.returncode == 0, done.stderr
    assert manifest.read(path).head['kind'] == kind
    raw_head = manifest.read(export(network, WIDE, tmp_path))
    raw_head = replace(raw_head, thresholds=replace(raw_head.thresholds, iou=iou))
    assert_same(detections(path), in_pytorch(network, raw_head))
