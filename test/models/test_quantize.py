"""Quantizing a small export with random weights: what is written, and when nothing is."""

import json

import numpy as np
import onnx
import pytest
import torch
from pictures import write_prepared

from ghostcam_models.common.image_size import ImageSize
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.data.prepared_images import PAD_VALUE, PreparedImages
from ghostcam_models.deploy import quantize
from ghostcam_models.deploy.export import export
from ghostcam_models.inference import manifest
from ghostcam_models.model.network import Config, Network


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    torch.manual_seed(0)
    network = Network(Config('yolov8-ghostnetv2', 'n', CLASS_NAMES, 'relu')).eval()
    return export(network, ImageSize(128, 64), tmp_path_factory.mktemp('export'))


@pytest.fixture
def inputs():
    return list(np.random.default_rng(0).random((4, 1, 3, 64, 128), np.float32))


def test_one_file_for_all_sizes_stays_one(tmp_path):
    torch.manual_seed(0)
    network = Network(Config('yolov8-ghostnetv2', 'n', CLASS_NAMES, 'relu')).eval()
    model = export(network, None, tmp_path)
    shapes = ((64, 128), (128, 64))
    inputs = [np.random.default_rng(0).random((1, 3, *shape), np.float32) for shape in shapes]
    target = tmp_path / 'some-int8-u8s8.onnx'
    quantize.search(model, target, 'u8s8', inputs, lambda path: [50.0], limit=1, force=False)
    assert manifest.read(target).input == manifest.read(model).input
    exact, changed = (quantize.outputs_of(path, inputs) for path in (model, target))
    for a, b in zip(exact, changed, strict=True):
        assert a.shape == b.shape and np.abs(a - b).mean() < 0.1 * np.abs(a).mean()


@pytest.mark.parametrize(
    ('precision', 'kind', 'largest'),
    [('u8s8', onnx.TensorProto.UINT8, 64), ('s8s8', onnx.TensorProto.INT8, 127)],
)
def test_activations_have_the_asked_kind_and_weights_a_scale_per_channel(
    model, inputs, tmp_path, precision, kind, largest
):
    target = tmp_path / f'some-int8-{precision}.onnx'
    figures = quantize.search(model, target, precision, inputs, lambda path: [50.0], limit=1, force=False)
    assert figures['floatConvolutions'] == 0
    graph = onnx.load(target).graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    first = next(
        node for node in graph.node if node.op_type == 'QuantizeLinear' and node.input[0] == 'images'
    )
    assert constants[first.input[2]].data_type == kind
    weights = [
        node
        for node in graph.node
        if node.op_type == 'DequantizeLinear'
        and node.input[0] in constants
        and len(constants[node.input[0]].dims) == 4
    ]
    assert weights and all(constants[n.input[0]].data_type == onnx.TensorProto.INT8 for n in weights)
    assert all(constants[n.input[1]].dims == constants[n.input[0]].dims[:1] for n in weights)
    values = [onnx.numpy_helper.to_array(constants[n.input[0]]).astype(int) for n in weights]
    assert max(np.abs(v).max() for v in values) == largest
    written = json.loads(target.with_suffix('.json').read_text())
    assert written['precision'] == f'int8-{precision}' and written['name'] == target.stem
    assert (written['input']['width'], written['input']['height']) == (128, 64)


def test_a_model_that_loses_too_much_is_not_written(model, inputs, tmp_path, monkeypatch):
    monkeypatch.setattr(quantize, 'LEFT_IN_FLOAT', (0,))
    target = tmp_path / 'some-int8-u8s8.onnx'

    def measure(path):
        # The smallest and the largest size.
        return [50.0, 40.0] if path == model else [49.9, 38.5]

    with pytest.raises(quantize.AccuracyLoss, match=r'loses 1\.50 points of AP50, more than 1'):
        quantize.search(model, target, 'u8s8', inputs, measure, limit=1, force=False)
    assert not target.exists()
    quantize.search(model, target, 'u8s8', inputs, measure, limit=1, force=True)
    assert target.exists()


def test_calibration_letterboxes_images_into_the_shape_of_the_input(model, tmp_path):
    white = np.full((200, 200, 3), 255, np.uint8)
    write_prepared(tmp_path, [white], [np.array([(0, 10, 10, 90, 190)], np.float32)])
    (tensor,) = quantize.calibration_inputs(PreparedImages(tmp_path), manifest.read(model), 1)
    assert tensor.shape == (1, 3, 64, 128)
    assert np.allclose(tensor[..., 32:96], 1, atol=0.01)  # the square image, as high as the input
    assert np.allclose(tensor[..., :32], PAD_VALUE / 255) and np.allclose(tensor[..., 96:], PAD_VALUE / 255)
