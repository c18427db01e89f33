"""A YOLOv8 exported by others gets a manifest, and its boxes come out."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from ghostcam_models.commands.import_onnx import main
from ghostcam_models.inference import manifest
from ghostcam_models.inference.reference import detect, onnx_run


def stock_export(path, names):
    """A file in the usual layout whose one location that sees anything sees a fixed box of the second class."""
    rows = np.zeros((1, 6, 84), np.float32)
    rows[0, :, 7] = (32, 16, 20, 10, 0.1, 0.9)
    graph = helper.make_graph(
        [
            helper.make_node('ReduceSum', ['images'], ['sum'], keepdims=0),
            helper.make_node('Mul', ['sum', 'zero'], ['nothing']),
            helper.make_node('Add', ['rows', 'nothing'], ['output0']),
        ],
        'stock',
        [helper.make_tensor_value_info('images', TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info('output0', TensorProto.FLOAT, [1, 6, 84])],
        [onnx.numpy_helper.from_array(rows, 'rows'), onnx.numpy_helper.from_array(np.float32(0), 'zero')],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    if names:
        helper.set_model_props(model, {'names': str(names), 'imgsz': '[64, 64]'})
    onnx.save(model, path)


def test_names_from_the_metadata(tmp_path):
    path = tmp_path / 'mine.onnx'
    stock_export(path, {0: 'hen', 1: 'fox'})
    main([str(path)])
    model = manifest.read(path)
    assert model.labels == ('hen', 'fox')
    assert (model.head['kind'], model.input.width) == ('decoded', 64)
    rows = detect(onnx_run(path), model, np.zeros((128, 128, 3), np.uint8), 0.05)
    np.testing.assert_allclose(rows, [[1, 44, 22, 84, 42, 0.9]], atol=1e-5)


def test_says_what_is_missing(tmp_path):
    path = tmp_path / 'mine.onnx'
    stock_export(path, None)
    with pytest.raises(SystemExit, match='--labels'):
        main([str(path)])
    with pytest.raises(SystemExit, match='2 classes, but 1 names'):
        main([str(path), '--labels', 'hen'])
    main([str(path), '--labels', 'hen,fox'])
