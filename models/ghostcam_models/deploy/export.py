"""PyTorch to ONNX.

Batch norms are fused, operators that the runtimes are slow with are replaced (model/rewrite.py), and box decoding stays
outside: the outputs are each level's raw logits. The input's width and height are symbolic dimensions, to which whoever
opens the file gives sizes, so that its graph is then as static as that of a file of one size. Every file is run in ONNX
Runtime and compared with the network as it was trained, in PyTorch, before it takes its name; its manifest goes beside it.
"""

import copy
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from ghostcam_models.common.command_line import UserError
from ghostcam_models.common.image_size import ImageSize
from ghostcam_models.inference import manifest
from ghostcam_models.model.fuse import fuse
from ghostcam_models.model.network import Network
from ghostcam_models.model.rewrite import REWRITES, rewrite

OPSET = 17
"""ONNX Runtime 1.21, the oldest on a supported board, runs it."""

COMPARED = ((5, 5), (5, 3), (2, 4), (7, 4))
"""Widths and heights, in steps of the network, at which a file with symbolic dimensions is compared: the first is
traced."""

TOLERANCE = 1e-3
"""Largest difference of a logit between PyTorch and ONNX Runtime: in scores less than a thousandth."""


class ExportError(UserError):
    """The network cannot be exported as asked, or its export does not compute what the network does."""


def export(
    network: Network,
    size: ImageSize | None,
    folder: Path,
    tolerance: float = TOLERANCE,
    rewrites: tuple[str, ...] = tuple(REWRITES),
) -> Path:
    """Write NAME.onnx, such as yolov8n-ghostnetv2.onnx, and its manifest into folder; returns the path of the ONNX file.
    With a size, the file has that only, and is called NAME-SIZE.onnx, such as yolov8n-ghostnetv2-448x256.onnx.

    Where some rewrites are left out, NAME says which are in: NAME-split+ghost, or NAME-plain for none. Raises ExportError, and leaves no file, where PyTorch and ONNX Runtime differ by more than tolerance.
    """
    step = network.config.step
    if size and (size.width % step or size.height % step):
        raise ExportError(f'--imgsz {size}: {network.config.architecture} takes multiples of {step}')
    network.eval()
    name = network.config.name
    if set(rewrites) != set(REWRITES):
        name += '-' + ('+'.join(rewrites) or 'plain')
    path = folder / (f'{name}-{size}.onnx' if size else f'{name}.onnx')
    sizes = [size] if size else [ImageSize(width * step, height * step) for width, height in COMPARED]
    draft = path.with_suffix('.onnx.draft')
    try:
        trace(rewrite(fuse(copy.deepcopy(network)), rewrites), sizes[0], draft, symbolic=size is None)
        worst = max(difference(network, compared, draft) for compared in sizes)
        if not worst <= tolerance:
            raise ExportError(
                f'{path}: ONNX Runtime and PyTorch differ by {worst:.2g}, more than {tolerance:g}'
            )
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    manifest.write(path, manifest.of_network(path.stem, network.config, size))
    return path


def trace(network: Network, size: ImageSize, path: Path, symbolic: bool) -> None:
    """Write the graph of a network for one image of a size, or with symbolic dimensions traced at that size."""
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, size.height, size.width),),
        path,
        input_names=['images'],
        output_names=list(manifest.OUTPUTS),
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(path)
    constants_to_initializers(model.graph)
    drop_identities(model.graph)
    if symbolic:
        name_sizes(model.graph)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def name_sizes(graph: onnx.GraphProto) -> None:
    """Give the sides of the input and of the outputs names instead of sizes.

    No node holds a size: pooling, strides and Resize have factors. The comparison at several sizes shows it.
    """
    dynamic = manifest.Dynamic(1)
    for value, suffix in ((graph.input[0], ''), *((output, f'_{output.name}') for output in graph.output)):
        height, width = value.type.tensor_type.shape.dim[2:]
        height.dim_param, width.dim_param = dynamic.height + suffix, dynamic.width + suffix
    del graph.value_info[:]


def constants_to_initializers(graph: onnx.GraphProto) -> None:
    """Turn Constant nodes into initializers, which tools count and show as the parameters that they are."""
    for node in [node for node in graph.node if node.op_type == 'Constant']:
        tensor = node.attribute[0].t
        tensor.name = node.output[0]
        graph.initializer.append(tensor)
        graph.node.remove(node)


def drop_identities(graph: onnx.GraphProto) -> None:
    """Remove Identity nodes: PyTorch's exporter has equal parameters share one initializer through them."""
    source = {node.output[0]: node.input[0] for node in graph.node if node.op_type == 'Identity'}
    kept = [node for node in graph.node if node.op_type != 'Identity']
    for node in kept:
        node.input[:] = [source.get(name, name) for name in node.input]
    del graph.node[:]
    graph.node.extend(kept)


def difference(network: Network, size: ImageSize, path: Path) -> float:
    """Largest difference of a logit between PyTorch and ONNX Runtime, on noise of all contrasts."""
    noise = np.random.default_rng(0).random((1, 3, size.height, size.width), np.float32)
    picture = noise * np.linspace(0, 1, size.width, dtype=np.float32)
    with torch.no_grad():
        expected = [logits.numpy() for level in network(torch.from_numpy(picture)) for logits in level]
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    actual = session.run(list(manifest.OUTPUTS), {'images': picture})
    return max(float(np.abs(a - b).max()) for a, b in zip(expected, actual, strict=True))
