"""Count layers, parameters, GFLOPs and file sizes of the published comparison's detectors, and of what it leaves out."""

import argparse
import json

from ghostcam_models.common.command_line import command
from ghostcam_models.model.complexity import markdown, rows


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-compare', description=__doc__)
    parser.add_argument('--json', action='store_true', help='print the rows as JSON')
    options = parser.parse_args(arguments)
    counted = rows()
    print(json.dumps(counted, indent=2) if options.json else markdown(counted))


if __name__ == '__main__':
    main()
