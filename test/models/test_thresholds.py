"""What thresholds are compared on, and that they stay with a model on its way to what ships."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ghostcam_models.common.image_size import ImageSize
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.data.sets import Photo
from ghostcam_models.evaluation.thresholds import Point, Sample, View, regions, whole
from ghostcam_models.inference import manifest
from ghostcam_models.model.network import Config

MODELS = Path(__file__).parents[2] / 'models'
SHAPE = ImageSize(320, 192)


def photo(*boxes: tuple[float, float, float, float], ignored: str = '') -> Photo:
    """640 x 360 pixels with persons at these corners."""
    encoded = io.BytesIO()
    Image.new('RGB', (640, 360)).save(encoded, 'PNG')
    rows = [
        f'0 {(x1 + x2) / 1280} {(y1 + y2) / 720} {(x2 - x1) / 640} {(y2 - y1) / 360}'
        for x1, y1, x2, y2 in boxes
    ]
    return Photo('made', 'a', encoded.getvalue(), '\n'.join(rows) + ignored)


def test_regions_are_the_corners_and_the_middle_in_own_pixels():
    views = list(regions(photo(), SHAPE))
    assert [view.window[:2] for view in views] == [(0, 0), (0, 168), (160, 84), (320, 0), (320, 168)]
    assert {view.pixels.shape for view in views} == {(192, 320, 3)}
    assert not list(regions(photo(), ImageSize(576, 324)))  # shows it 1.1 times as large as the whole does


def test_what_an_inner_border_cuts_off_is_neither_to_be_found_nor_false():
    view = View(photo((10, 10, 40, 90), (300, 10, 340, 90)), (0, 0, 320, 192))
    truth, ignored = view.truth()
    assert (truth[:, 1:3].tolist(), ignored[:, 1:3].tolist()) == ([[10, 10]], [[300, 10]])
    # The edge of the photo cuts nothing off.
    assert view.cut(np.array([[0, 0, 30, 80], [290, 100, 319, 180], [10, 120, 40, 191]])).tolist() == [
        False,
        True,
        True,
    ]


def test_a_sample_counts_in_pixels_of_the_photo():
    person = photo((400, 200, 430, 280))
    rows = np.array([[0, 80, 32, 110, 112, 0.7], [0, 200, 50, 230, 110, 0.4], [0, 290, 50, 320, 110, 0.9]])
    sample = Sample([View(person, (320, 168, 640, 360))], lambda pictures: (rows for _ in pictures))
    assert sample.objects(0) == 1
    assert (sample.point(0, 0.3).precision, sample.point(0, 0.3).recall) == (pytest.approx(1 / 3), 1)
    assert (sample.found(0, 0.5), sample.found(2, 0.5)) == (2, 0)
    assert Sample([whole(person)], lambda pictures: (rows[:0] for _ in pictures)).point(0, 0.3).f == 0


def test_precision_weighs_more():
    assert Point(0.3, 0.8, 0.4).f > Point(0.3, 0.4, 0.8).f
    assert Point(0.3, 0.5, 0.5).f == pytest.approx(0.5)


def test_thresholds_go_with_the_model(tmp_path):
    """From the network through its file, and to the INT8 forms, which take them from the float model's manifest."""
    path = tmp_path / 'some.onnx'
    path.write_bytes(b'not read')
    made = manifest.of_network('some', Config('yolov8-ghostnetv2', 'n', CLASS_NAMES))
    manifest.write(path, made)
    assert set(made.thresholds.perLabel) == set(CLASS_NAMES)
    assert made.thresholds.region.perLabel['person'] < made.thresholds.perLabel['person']
    assert manifest.read(path).thresholds == made.thresholds
    # A manifest names no label that its model does not have.
    other = manifest.of_network('some', Config('yolov8-ghostnetv2', 'n', ('helmet',)))
    manifest.write(path, other)
    assert manifest.read(path).thresholds == manifest.Thresholds()
    assert 'region' not in path.with_suffix('.json').read_text()


def test_all_shipped_forms_have_them():
    expected = manifest.thresholds_of(CLASS_NAMES)
    models = list(MODELS.glob('yolo*.onnx'))
    assert len(models) == 3
    assert [manifest.read(model).thresholds for model in models] == [expected] * 3
