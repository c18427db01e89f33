"""Measure a detector on the validation sets.

    ghostcam-evaluate --data DIR --onnx models/yolov8n-ghostnetv2.onnx --imgsz 448
    ghostcam-evaluate --data DIR --weights FILE.pt --imgsz 448x256
    ghostcam-evaluate --data DIR --teachers DIR --teacher picodet
    ghostcam-evaluate --data DIR --daemon yolov8n-ghostnetv2-320
    ghostcam-evaluate --data DIR --weights FILE.pt --part train     # how far it overfits

Prints, per set, AP50 and AP50-95 as means over the classes with at least 20 objects, then by object size and per
class, with precision and recall at the shipped threshold.
"""

import argparse
import json
import shlex
from dataclasses import asdict
from pathlib import Path

from ghostcam_models.common.command_line import command
from ghostcam_models.common.image_size import ImageSize, model_size
from ghostcam_models.evaluation.detectors import from_checkpoint, from_daemon, from_onnx, from_teacher
from ghostcam_models.evaluation.evaluate import count_false_positives, evaluate, table
from ghostcam_models.inference import manifest
from ghostcam_models.inference.manifest import SIZES
from ghostcam_models.teachers.zoo import TEACHERS


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-evaluate', description=__doc__.splitlines()[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the image sets and sets.json')
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument('--onnx', type=Path, help='an exported model with its manifest beside it')
    source.add_argument('--weights', type=Path, help='a checkpoint')
    source.add_argument('--teacher', choices=TEACHERS, help='a teacher; takes --teachers')
    source.add_argument('--daemon', help='a model as the daemon runs it, through `ghostcam detect --json`')
    parser.add_argument(
        '--ghostcam', default='node dist/main.js', help='command that --daemon runs (default %(default)s)'
    )
    parser.add_argument(
        '--imgsz',
        type=model_size,
        help='input size for --weights and --onnx: WIDTHxHEIGHT; or 320, for a checkpoint the side of a square, for an exported model '
        'the longer side of what fits each picture (default: 320, or the first size of the model)',
    )
    parser.add_argument('--teachers', type=Path, help="folder of the teachers' .onnx files")
    parser.add_argument(
        '--score',
        type=float,
        help="threshold for precision and recall (default: the model's, as in its manifest)",
    )
    parser.add_argument(
        '--empty', type=Path, help='archive of empty scenes to count false positives on (PREPARED/validation)'
    )
    parser.add_argument('--sets', nargs='+', help='only these sets')
    parser.add_argument(
        '--every-class',
        action='store_true',
        help='of a location each class that it may be, as AP is measured elsewhere, not the best alone as in the daemon',
    )
    parser.add_argument(
        '--part', choices=('val', 'train'), default='val', help='images (default %(default)s)'
    )
    parser.add_argument('--json', type=Path, help='also write the figures to this file')
    options = parser.parse_args(arguments)
    score = options.score
    if options.onnx:
        detect = from_onnx(options.onnx, options.imgsz, options.every_class)
        if score is None:
            score = manifest.read(options.onnx).thresholds.score
    elif options.weights:
        size = options.imgsz or SIZES[0]
        size = ImageSize(size, size) if isinstance(size, int) else size
        detect = from_checkpoint(options.weights, size, options.every_class)
    elif options.daemon:
        if options.every_class:
            parser.error('--every-class: the daemon reports the best class of a location alone')
        detect = from_daemon(shlex.split(options.ghostcam), options.daemon)
    elif options.teachers is None:
        parser.error('--teacher needs --teachers DIR')
    else:
        detect = from_teacher(options.teacher, options.teachers, options.every_class)
    score = manifest.Thresholds().score if score is None else score
    results = evaluate(detect, options.data, score, options.sets, options.part)
    print(table(results, score))
    if options.empty:
        print(count_false_positives(detect, options.empty, score))
    if options.json:
        options.json.write_text(
            json.dumps({name: asdict(figures) for name, figures in results.items()}, indent=1)
        )


if __name__ == '__main__':
    main()
