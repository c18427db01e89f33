"""The manifest beside every ONNX file: all that the daemon must know to feed it and to read its outputs."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ghostcam_models.common.command_line import UserError
from ghostcam_models.common.image_size import ImageSize
from ghostcam_models.model.network import REG_MAX, STRIDES, Config

SCHEMA = 1
"""Version of the manifest's format; src/detect checks it."""

OUTPUTS = tuple(f'{kind}{stride}' for stride in STRIDES for kind in ('box', 'cls'))
"""Names of the raw outputs of a "dfl" head, in the graph's order."""


SIZES = (320, 448, 640)
"""Longer sides, in pixels, at which a network of ours is measured."""

LEAST_SCALE = 0.9
"""How much smaller a picture may be shown for a smaller shape, see Input.shape_for."""


@dataclass(frozen=True)
class Dynamic:
    """Names of the symbolic dimensions, and what they may be set to: multiples of `multiple`, longer sides of `sizes`."""

    multiple: int
    sizes: tuple[int, ...] = SIZES
    width: str = 'width'
    height: str = 'height'


@dataclass(frozen=True)
class Input:
    """RGB pixels, letterboxed centred on padValue; a value of the tensor is (pixel - mean) / std.

    With symbolic dimensions, width and height are those of the square of the size that is meant.
    """

    width: int
    height: int
    name: str = 'images'
    mean: tuple[float, ...] = (0, 0, 0)
    std: tuple[float, ...] = (255, 255, 255)
    padValue: int = 114
    dynamic: Dynamic | None = None

    def shape_for(self, width: int, height: int) -> ImageSize:
        """The shape for a picture of this size in pixels, as src/frame/input-shape.ts chooses it."""
        if self.dynamic is None:
            return ImageSize(self.width, self.height)
        multiple = self.dynamic.multiple
        fitted = self.width * min(width, height) / max(width, height)
        below = int(fitted // multiple) * multiple
        shorter = below if below >= LEAST_SCALE * fitted else below + multiple
        return ImageSize(self.width, shorter) if width >= height else ImageSize(shorter, self.width)


PER_LABEL = {
    'person': 0.51,
    'bicycle': 0.4,
    'car': 0.35,
    'motorcycle': 0.3,
    'bus': 0.35,
    'truck': 0.46,
    'bird': 0.4,
    'cat': 0.46,
    'dog': 0.46,
    'horse': 0.35,
    'sheep': 0.46,
    'cow': 0.46,
}
"""Scores from which a network of ours is believed: docs/models.md, "Thresholds", says how they were found."""

PER_LABEL_IN_REGIONS = {'person': 0.35, 'motorcycle': 0.35, 'sheep': 0.75}
"""Those that differ where a region of a picture is inferred."""


@dataclass(frozen=True)
class RegionThresholds:
    """What differs in inferences of a region."""

    perLabel: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Thresholds:
    """Scores above `score` (or the label's in perLabel) count; boxes that overlap more than iou are one."""

    score: float = 0.3
    iou: float = 0.6
    perLabel: dict[str, float] = field(default_factory=dict)
    region: RegionThresholds | None = None


@dataclass(frozen=True)
class Manifest:
    """The contents of MODEL.json, but for schema and sha256, which `write` adds."""

    name: str
    architecture: str
    scale: str
    precision: str  # fp32, int8-u8s8 or int8-s8s8
    input: Input
    head: dict
    labels: tuple[str, ...]
    thresholds: Thresholds = field(default_factory=Thresholds)
    maxDetections: int = 300
    metrics: dict = field(default_factory=dict)


def thresholds_of(labels: tuple[str, ...]) -> Thresholds:
    """Those of a network of ours that knows these labels."""
    known = {label: score for label, score in PER_LABEL.items() if label in labels}
    in_regions = {label: score for label, score in PER_LABEL_IN_REGIONS.items() if label in labels}
    return Thresholds(perLabel=known, region=RegionThresholds(in_regions) if in_regions else None)


def dfl_head() -> dict:
    """Raw outputs: per level, box logits [1, 4 * REG_MAX, H, W] and class logits [1, nc, H, W]."""
    levels = [{'stride': stride, 'box': f'box{stride}', 'cls': f'cls{stride}'} for stride in STRIDES]
    return {'kind': 'dfl', 'regMax': REG_MAX, 'levels': levels}


def of_network(name: str, config: Config, size: ImageSize | None = None) -> Manifest:
    """The manifest of a float network of ours at an input size, in pixels; None: with symbolic dimensions."""
    dynamic = None if size else Dynamic(config.step)
    width, height = size or (SIZES[0], SIZES[0])
    return Manifest(
        name=name,
        architecture=config.architecture,
        scale=config.scale,
        precision='fp32',
        input=Input(width, height, dynamic=dynamic),
        head=dfl_head(),
        labels=config.labels,
        thresholds=thresholds_of(config.labels),
    )


def at_size(manifest: Manifest, size: int | ImageSize) -> Manifest:
    """The manifest of a model with symbolic dimensions at one of its sizes, in pixels: a longer side, with the shape that fits
    each picture, or one shape for all. Raises UserError where the model does not have it."""
    dynamic = manifest.input.dynamic
    if dynamic is None:
        raise UserError(f'{manifest.name}: this model has one size only')
    width, height = (size, size) if isinstance(size, int) else size
    if width % dynamic.multiple or height % dynamic.multiple:
        raise UserError(f'--imgsz {size}: {manifest.name} takes multiples of {dynamic.multiple}')
    kept = dynamic if isinstance(size, int) else None
    return replace(manifest, input=replace(manifest.input, width=width, height=height, dynamic=kept))


def write(model: Path, manifest: Manifest) -> Path:
    """Write the manifest of an ONNX file beside it, under the same name with the suffix .json."""
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    fields = asdict(manifest)
    if manifest.input.dynamic is None:
        del fields['input']['dynamic']
    if manifest.thresholds.region is None:
        del fields['thresholds']['region']
    path = model.with_suffix('.json')
    path.write_text(json.dumps({'schema': SCHEMA, 'sha256': digest, **fields}, indent=2) + '\n')
    return path


def read(model: Path) -> Manifest:
    """The manifest of an ONNX file. Raises UserError where one of them is missing or it describes another file."""
    path = model.with_suffix('.json')
    for needed in (model, path):
        if not needed.is_file():
            raise UserError(
                f'{needed}: no such file; a model is an .onnx file with its manifest .json beside it'
            )
    fields = json.loads(path.read_text())
    schema, digest = fields.pop('schema'), fields.pop('sha256')
    if schema != SCHEMA or digest != hashlib.sha256(model.read_bytes()).hexdigest():
        raise UserError(f'{model}: not the file that {path.name} describes; export it again')
    dynamic = fields['input'].pop('dynamic', None)
    if dynamic:
        dynamic = Dynamic(**{**dynamic, 'sizes': tuple(dynamic['sizes'])})
    fields['input'] = Input(**fields['input'], dynamic=dynamic)
    region = fields['thresholds'].pop('region', None)
    region = RegionThresholds(**region) if region else None
    fields['thresholds'] = Thresholds(**fields['thresholds'], region=region)
    fields['labels'] = tuple(fields['labels'])
    return Manifest(**fields)
