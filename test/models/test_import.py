"""`ghostcam import` reads the files that the libraries of ONNX and PyTorch write."""

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from program import ghostcam
from torch import nn

from ghostcam_models.common.image_size import ImageSize
from ghostcam_models.deploy.export import export
from ghostcam_models.inference import manifest
from ghostcam_models.inference.reference import detect, onnx_run
from ghostcam_models.model.network import Config, Network


def stock_model(names, data_type=TensorProto.FLOAT):
    """A model in YOLOv8's layout whose one location that sees anything sees a fixed box of the second class."""
    rows = np.zeros((1, 6, 84), np.float32)
    rows[0, :, 7] = (32, 16, 20, 10, 0.1, 0.9)
    values = helper.tensor_dtype_to_np_dtype(data_type)
    graph = helper.make_graph(
        [
            helper.make_node('ReduceSum', ['images'], ['sum'], keepdims=0),
            helper.make_node('Mul', ['sum', 'zero'], ['nothing']),
            helper.make_node('Add', ['rows', 'nothing'], ['output0']),
        ],
        'stock',
        [helper.make_tensor_value_info('images', data_type, [1, 3, 64, 64])],
        [helper.make_tensor_value_info('output0', data_type, [1, 6, 84])],
        [
            onnx.numpy_helper.from_array(rows.astype(values), 'rows'),
            onnx.numpy_helper.from_array(np.zeros((), values), 'zero'),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    if names:
        helper.set_model_props(model, {'names': str(names), 'imgsz': '[64, 64]'})
    return model


def test_reads_what_our_exporter_writes_at_one_size(tmp_path):
    network = Network(Config('yolov8-ghostnetv2', 'n', ('hen', 'fox'))).eval()
    path = export(network, ImageSize(128, 64), tmp_path)
    ours = manifest.read(path)
    path.with_suffix('.json').unlink()
    done = ghostcam('import', path, '--labels', 'hen,fox')
    assert done.returncode == 0, done.stderr
    read = manifest.read(path)
    assert (read.input, read.head, read.precision) == (ours.input, ours.head, ours.precision)


@pytest.mark.parametrize('names', [{0: "driver's seat", 1: 'fox \\ "vixen"'}, ['hen', 'füchsin']], ids=str)
def test_names_from_the_metadata(names, tmp_path):
    path = tmp_path / 'mine.onnx'
    onnx.save(stock_model(names), path)
    done = ghostcam('import', path)
    assert (done.returncode, done.stderr) == (0, '')
    model = manifest.read(path)
    assert model.labels == (names[0], names[1])
    assert (model.head['kind'], model.input.width) == ('decoded', 64)
    rows = detect(onnx_run(path), model, np.zeros((128, 128, 3), np.uint8), 0.05)
    np.testing.assert_allclose(rows, [[1, 44, 22, 84, 42, 0.9]], atol=1e-5)


def test_says_what_is_missing(tmp_path):
    path = tmp_path / 'mine.onnx'
    onnx.save(stock_model(None), path)
    assert '--labels' in ghostcam('import', path).stderr
    assert 'but there are 3 labels' in ghostcam('import', path, '--labels', 'hen,fox,cat').stderr
    assert ghostcam('import', path, '--labels', 'hen,fox').returncode == 0


def refusal(path) -> str:
    done = ghostcam('import', path, '--labels', 'hen,fox')
    assert done.returncode == 78
    assert not path.with_suffix('.json').exists()
    return done.stderr


def test_weights_in_another_file(tmp_path):
    path = tmp_path / 'mine.onnx'
    onnx.save(stock_model(None), path, save_as_external_data=True, size_threshold=0, location='mine.data')
    assert 'its weights are in another file (tensor "rows")' in refusal(path)
    # The remedy that it names.
    onnx.save(onnx.load(path), tmp_path / 'whole.onnx')
    assert ghostcam('import', tmp_path / 'whole.onnx', '--labels', 'hen,fox', '--run').returncode == 0


def test_half_precision(tmp_path):
    path = tmp_path / 'mine.onnx'
    onnx.save(stock_model(None, TensorProto.FLOAT16), path)
    assert 'float16' in refusal(path)


class Rows(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(1)[:, : 6 * 84].reshape(-1, 6, 84)


def test_dynamic_axes_of_pytorch(tmp_path):
    path = tmp_path / 'mine.onnx'
    torch.onnx.export(
        Rows(),
        (torch.zeros(1, 3, 64, 64),),
        path,
        input_names=['images'],
        output_names=['output0'],
        dynamic_axes={'images': {0: 'batch'}, 'output0': {0: 'batch'}},
        dynamo=False,
    )
    assert '["batch", 3, 64, 64], and not fixed' in refusal(path)
