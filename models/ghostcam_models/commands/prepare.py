"""Make the training images ready: read, drop copies, compress, label with a teacher, hold some out; resumable.

    ghostcam-prepare --data DIR --teachers DIR [--pool DIR [--table FILE] [--exclude FILE]] [--prepared DIR]

--data holds the image sets (ghostcam_models/data/sets.py), --teachers the teachers (ghostcam_models/teachers/zoo.py),
--pool the folders, tar files and git directories that --table describes (ghostcam_models/data/sources.py). Everything
made goes to --prepared. Stop it at any moment: the same command goes on, and what is done can be trained on.
"""

import argparse
from pathlib import Path

from ghostcam_models.common.command_line import command
from ghostcam_models.common.environment import CORES, MODELS, PREPARED
from ghostcam_models.data.convert import read_excluded
from ghostcam_models.data.prepare import prepare
from ghostcam_models.data.prepared_images import assemble
from ghostcam_models.data.sets import set_sources
from ghostcam_models.data.sources import read_sources


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-prepare', description=__doc__.splitlines()[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the image sets and sets.json')
    parser.add_argument('--teachers', type=Path, required=True, help="folder of the teachers' .onnx files")
    parser.add_argument('--pool', type=Path, help='folder of the further sources')
    parser.add_argument(
        '--table', type=Path, default=MODELS / 'pool.json', help='what is in --pool (default %(default)s)'
    )
    parser.add_argument('--exclude', type=Path, help='table of files (repo, blob, path) that are left out')
    parser.add_argument(
        '--prepared', type=Path, default=PREPARED, help='folder to write to (default %(default)s)'
    )
    parser.add_argument('--workers', type=int, default=CORES, help='processes')
    parser.add_argument('--assemble', action='store_true', help='only join what an unfinished run has done')
    options = parser.parse_args(arguments)
    # The sets first: what the pool has of their images, mostly without labels, is then left out as copies.
    sources = set_sources(options.data)
    if options.pool:
        sources += read_sources(options.table, options.pool)
    if options.assemble:
        assemble(sources, options.prepared)
        return
    excluded = read_excluded(options.exclude) if options.exclude else set()
    prepare(sources, options.data, options.teachers, options.prepared, excluded, options.workers)


if __name__ == '__main__':
    main()
