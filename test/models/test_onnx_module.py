"""An ONNX graph gives the same in PyTorch as in ONNX Runtime; an operator that is not known is refused."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from ghostcam_models.teachers.onnx_module import OnnxModule

RANDOM = np.random.default_rng(0)


def weight(name, *shape):
    return numpy_helper.from_array(RANDOM.normal(size=shape).astype(np.float32), name)


def write(path, nodes, weights, output):
    graph = helper.make_graph(
        nodes,
        'g',
        [helper.make_tensor_value_info('x', TensorProto.FLOAT, [1, 3, 16, 16])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid('', 11)], ir_version=10), path)


def test_equals_onnx_runtime(tmp_path):
    nodes = [
        helper.make_node(
            'Conv', ['x', 'w1', 'b1'], ['a'], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]
        ),
        helper.make_node('LeakyRelu', ['a'], ['b'], alpha=0.1),
        helper.make_node('MaxPool', ['b'], ['c'], kernel_shape=[3, 3], pads=[0, 0, 1, 1], strides=[2, 2]),
        helper.make_node('Resize', ['c', 'region', 'factors'], ['d'], mode='linear'),
        helper.make_node('Split', ['d'], ['e', 'f'], axis=1, split=[4, 4]),
        helper.make_node('Conv', ['e', 'w2'], ['g'], kernel_shape=[3, 3], pads=[0, 1, 2, 1], group=4),
        helper.make_node('Add', ['g', 'f'], ['h']),
        helper.make_node('Concat', ['h', 'e'], ['i'], axis=1),
        helper.make_node('Gather', ['i', 'order'], ['j'], axis=1),
        helper.make_node('Sigmoid', ['j'], ['k']),
        helper.make_node('Identity', ['k'], ['y']),
    ]
    weights = [
        weight('w1', 8, 3, 3, 3),
        weight('b1', 8),
        weight('w2', 4, 1, 3, 3),
        weight('region', 0),
        numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), 'factors'),
        numpy_helper.from_array(np.array([7, 0, 5, 2, 3, 4, 1, 6]), 'order'),
    ]
    path = tmp_path / 'net.onnx'
    write(path, nodes, weights, 'y')
    x = RANDOM.normal(size=(1, 3, 16, 16)).astype(np.float32)
    (expected,) = onnxruntime.InferenceSession(path).run(None, {'x': x})
    result = OnnxModule(path)(torch.from_numpy(x))['y']
    assert result.shape == expected.shape
    np.testing.assert_allclose(result.numpy(), expected, atol=1e-5)


def test_refuses_what_it_does_not_know(tmp_path):
    path = tmp_path / 'net.onnx'
    write(path, [helper.make_node('Erf', ['x'], ['y'])], [], 'y')
    with pytest.raises(NotImplementedError, match='operator Erf'):
        OnnxModule(path)
