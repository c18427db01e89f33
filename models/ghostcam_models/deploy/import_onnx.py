"""The manifest of a YOLOv8 that was trained elsewhere.

For the usual layout: one output [1, 4 + nc, A] of decoded boxes (cx, cy, w, h in input pixels) and scores. Class
names come from the file's metadata where the exporter left them (`names`), or from --labels.
"""

import ast
from pathlib import Path

import onnx

from ghostcam_models.common.command_line import UserError
from ghostcam_models.inference import manifest


class LayoutError(UserError):
    """The file is not a detector in the usual YOLOv8 layout; the message says why."""


def describe(path: Path, labels: tuple[str, ...] | None) -> manifest.Manifest:
    """The manifest of a YOLOv8 ONNX file. Raises LayoutError where it has another layout."""
    model = onnx.load(path, load_external_data=False)
    shapes = [
        (value.name, [d.dim_value for d in value.type.tensor_type.shape.dim])
        for value in (*model.graph.input, *model.graph.output)
    ]
    if len(shapes) != 2:
        raise LayoutError(f'{path}: expected one input and one output, found {len(shapes)} in all')
    (image, image_shape), (output, output_shape) = shapes
    if len(image_shape) != 4 or image_shape[:2] != [1, 3] or min(image_shape) < 1:
        raise LayoutError(
            f'{path}: expected a static input [1, 3, H, W], found {image_shape}; export without dynamic axes'
        )
    if (
        len(output_shape) != 3
        or output_shape[0] != 1
        or output_shape[1] < 5
        or output_shape[2] < output_shape[1]
    ):
        raise LayoutError(f'{path}: expected an output [1, 4 + classes, locations], found {output_shape}')
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    if labels is None and 'names' in metadata:
        names = ast.literal_eval(metadata['names'])
        labels = tuple(names[i] for i in sorted(names)) if isinstance(names, dict) else tuple(names)
    if labels is None:
        raise LayoutError(f'{path}: has no class names in its metadata; give them with --labels person,car,…')
    if len(labels) != output_shape[1] - 4:
        raise LayoutError(f'{path}: has {output_shape[1] - 4} classes, but {len(labels)} names')
    return manifest.Manifest(
        name=path.stem,
        architecture='yolov8',
        scale='unknown',
        precision='fp32',
        input=manifest.Input(width=image_shape[3], height=image_shape[2], name=image),
        head=manifest.decoded_head(output),
        labels=labels,
    )
