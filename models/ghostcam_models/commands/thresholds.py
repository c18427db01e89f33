"""Compare scores from which a class is reported, in whole pictures and in regions of them.

    ghostcam-thresholds --data DIR --onnx models/yolov8n-ghostnetv2.onnx --empty DIR/st_rooms_furniture-train.tar

Prints, for each class and kind, precision / recall / F0.5 at each score over the validation sets that label the class, and with
--empty how many it finds in each 1,000 pictures in which there is nothing. The best F0.5 is marked.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from ghostcam_models.common.command_line import command
from ghostcam_models.common.labels import CLASS_NAMES
from ghostcam_models.data.sets import Photo, archives, read_labelling, read_photos
from ghostcam_models.evaluation.detectors import Detector, from_onnx
from ghostcam_models.evaluation.thresholds import Sample, View, regions, whole
from ghostcam_models.inference import manifest

SCORES = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55)
MIN_OBJECTS = 20
"""Objects of a class from which a score is compared."""


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-thresholds', description=__doc__.splitlines()[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the image sets and sets.json')
    parser.add_argument('--onnx', type=Path, required=True, help='an exported model, its manifest beside it')
    parser.add_argument(
        '--imgsz', type=int, default=320, help='longer side of the input (default %(default)s)'
    )
    parser.add_argument(
        '--empty', type=Path, nargs='*', default=[], help='archives of pictures in which there is nothing'
    )
    parser.add_argument('--sets', nargs='+', help='only these sets')
    options = parser.parse_args(arguments)
    detect = from_onnx(options.onnx, options.imgsz)
    shape_for = manifest.at_size(manifest.read(options.onnx), options.imgsz).input.shape_for

    def region_views(photo: Photo) -> Iterator[View]:
        height, width = photo.pixels.shape[:2]
        return regions(photo, shape_for(width, height))

    labelling = read_labelling(options.data)
    photos = {
        archive.name.rsplit('-', 1)[0]: list(read_photos(archive))
        for archive in archives(options.data, 'val')
    }
    empty = [photo for archive in options.empty for photo in read_photos(archive)]
    for kind, views in {'whole': lambda photo: iter([whole(photo)]), 'region': region_views}.items():
        print_kind(kind, views, photos, labelling, empty, detect, options.sets)


def print_kind(
    kind: str,
    views: Callable[[Photo], Iterator[View]],
    photos: dict[str, list[Photo]],
    labelling: dict[str, frozenset[int]],
    empty: list[Photo],
    detect: Detector,
    sets: list[str] | None,
) -> None:
    """A table of one kind of inference."""
    samples = {
        name: Sample((view for photo in listed for view in views(photo)), detect)
        for name, listed in photos.items()
        if sets is None or name in sets
    }
    nothing = Sample((view for photo in empty for view in views(photo)), detect)
    print(f'{kind:<20}{"".join(f"{score:>22}" for score in SCORES)}')
    for label, name in enumerate(CLASS_NAMES):
        for set_name, sample in samples.items():
            if label not in labelling[set_name] or sample.objects(label) < MIN_OBJECTS:
                continue
            points = [sample.point(label, score) for score in SCORES]
            best = max(points, key=lambda point: point.f)
            cells = (
                f'{p.precision:.3f} / {p.recall:.3f} / {p.f:.3f}{"*" if p is best else " "}' for p in points
            )
            print(f'{name} {set_name[:9]:<{19 - len(name)}}{"".join(f"{cell:>22}" for cell in cells)}')
        if nothing.truths:
            rates = (1000 * nothing.found(label, score) / len(nothing.truths) for score in SCORES)
            print(f'{name} nothing{"":<{12 - len(name)}}{"".join(f"{rate:>21.1f} " for rate in rates)}')


if __name__ == '__main__':
    main()
