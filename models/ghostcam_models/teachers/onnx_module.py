"""An ONNX graph as a PyTorch module, so that a teacher runs on the student's device, in its precision, in batches.

Knows the operators of convolutional detectors at fixed channel counts; any other is refused by name. Meaning of each:
https://onnx.ai/onnx/operators.
"""

from collections.abc import Callable
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn

Values = list[torch.Tensor | None]


class OnnxModule(nn.Module):
    """forward(x [B, C, H, W]) gives the graph's outputs by name, computed in the weights' type and device."""

    def __init__(self, path: Path):
        super().__init__()
        graph = onnx.load(path).graph
        weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        (self.input_name,) = (value.name for value in graph.input if value.name not in weights)
        self.output_names = [value.name for value in graph.output]
        self.steps = []
        self.keys = {}
        for node in graph.node:
            if node.op_type not in OPERATORS:
                raise NotImplementedError(f'{path}: operator {node.op_type} is not known here')
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == 'Resize':
                # Read here: a number that lies on a device is waited for, with all that is queued before it.
                attributes['factors'] = weights[node.input[2]].tolist()[2:]
            self.steps.append((OPERATORS[node.op_type], attributes, list(node.input), list(node.output)))
        for index, (name, value) in enumerate(weights.items()):
            self.keys[name] = f'weight{index}'
            self.register_buffer(f'weight{index}', torch.from_numpy(value.copy()))

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        values = {name: getattr(self, key) for name, key in self.keys.items()}
        values[self.input_name] = x
        for operator, attributes, inputs, outputs in self.steps:
            results = operator([values[name] if name else None for name in inputs], attributes)
            values.update(zip(outputs, results if isinstance(results, tuple) else (results,), strict=True))
        return {name: values[name] for name in self.output_names}


def _conv(values: Values, a: dict) -> torch.Tensor:
    x, weight, *bias = values
    top, left, bottom, right = a.get('pads', (0, 0, 0, 0))
    if (top, left) != (bottom, right):
        x = F.pad(x, (left, right, top, bottom))
        top = left = 0
    return F.conv2d(
        x,
        weight,
        bias[0] if bias else None,
        a.get('strides', (1, 1)),
        (top, left),
        a.get('dilations', (1, 1)),
        a.get('group', 1),
    )


def _max_pool(values: Values, a: dict) -> torch.Tensor:
    top, left, bottom, right = a.get('pads', (0, 0, 0, 0))
    x = F.pad(values[0], (left, right, top, bottom), value=float('-inf'))
    return F.max_pool2d(x, a['kernel_shape'], a.get('strides', (1, 1)), ceil_mode=bool(a.get('ceil_mode', 0)))


def _resize(values: Values, a: dict) -> torch.Tensor:
    """By constant factors, with half-pixel centers."""
    if a.get('coordinate_transformation_mode', b'half_pixel') != b'half_pixel':
        raise NotImplementedError(f'Resize with {a["coordinate_transformation_mode"]}')
    mode = {b'linear': 'bilinear', b'nearest': 'nearest-exact'}[a['mode']]
    return F.interpolate(values[0], scale_factor=a['factors'], mode=mode)


def _gather(values: Values, a: dict) -> torch.Tensor:
    return values[0].index_select(a.get('axis', 0), values[1].flatten())


OPERATORS: dict[str, Callable[[Values, dict], torch.Tensor | tuple[torch.Tensor, ...]]] = {
    'Add': lambda v, _: v[0] + v[1],
    'Concat': lambda v, a: torch.cat(v, a['axis']),
    'Conv': _conv,
    'Gather': _gather,
    'Identity': lambda v, _: v[0],
    'LeakyRelu': lambda v, a: F.leaky_relu(v[0], a.get('alpha', 0.01)),
    'MaxPool': _max_pool,
    'Resize': _resize,
    'Sigmoid': lambda v, _: v[0].sigmoid(),
    'Split': lambda v, a: v[0].split(list(a['split']), a.get('axis', 0)),
}
