"""Where models' time goes: `ghostcam-profile MODEL… [--runtime NAME=PYTHON[@ROOT] …]`.

For each ONNX Runtime, provider (CPU, and XNNPACK where the runtime has it) and thread count, all models side by side:
time per image in interleaved rounds, the nodes that run in each provider, and the time by operator, from ONNX Runtime's
own profile. An ONNX Runtime is named by a PYTHON that has the package onnxruntime: without --runtime, the one that runs
this; the python of an environment with another version; or, with @ROOT, a path within the root folder of another Debian
of the same processor with python3-onnxruntime, such as mmdebstrap makes.
"""

import argparse
from pathlib import Path

from ghostcam_models.common.command_line import command
from ghostcam_models.deploy.profile import OWN_RUNTIME, Runtime, breakdown, profile, summary


@command
def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-profile', description=__doc__)
    parser.add_argument(
        'models',
        type=Path,
        nargs='+',
        metavar='MODEL',
        help='FILE.onnx; with symbolic dimensions FILE.onnx@WIDTHxHEIGHT',
    )
    parser.add_argument(
        '--runtime',
        type=Runtime.parse,
        action='append',
        metavar='NAME=PYTHON[@ROOT]',
        help='may be repeated (default: the onnxruntime of this environment)',
    )
    parser.add_argument('--threads', type=int, nargs='+', default=[1])
    parser.add_argument(
        '--seconds', type=float, default=3, help='of measuring each model, and half as long again'
    )
    options = parser.parse_args(arguments)
    for runtime in options.runtime or [OWN_RUNTIME]:
        offered = runtime.work('none', '1', '0', '')
        has_xnnpack = any(name.lower().startswith('xnnpack') for name in offered['providers'])
        for provider in ('cpu', 'xnnpack') if has_xnnpack else ('cpu',):
            for threads in options.threads:
                results = profile(runtime, options.models, provider, threads, options.seconds)
                print(f'**{runtime.name} {offered["version"]}, {provider}, {threads} thread(s)**\n')
                print(summary(results), end='\n\n')
                print(breakdown(results), end='\n\n', flush=True)


if __name__ == '__main__':
    main()
