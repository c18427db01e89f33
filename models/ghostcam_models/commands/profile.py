"""Where models' time goes: `ghostcam-profile MODEL… --runtime NAME=LIBRARY[@ROOT] …`.

For each ONNX Runtime library, provider (CPU, and XNNPACK where the library has it) and thread count, all models side by
side: time per image, measured in turns, the nodes that run in each provider, and the time by operator, from ONNX
Runtime's own profile. @ROOT names the root folder of another Debian of the same processor, such as one made by
debootstrap: its own Python and C library then load LIBRARY, which is a path within ROOT.
"""

import argparse
from pathlib import Path

from ghostcam_models.deploy.profile import Runtime, breakdown, profile, summary


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog='ghostcam-profile', description=__doc__)
    parser.add_argument('models', type=Path, nargs='+')
    parser.add_argument(
        '--runtime', type=Runtime.parse, action='append', required=True, metavar='NAME=LIBRARY[@ROOT]'
    )
    parser.add_argument('--threads', type=int, nargs='+', default=[1])
    parser.add_argument(
        '--seconds', type=float, default=3, help='of measuring each model, and half as long again'
    )
    options = parser.parse_args(arguments)
    for runtime in options.runtime:
        offered = runtime.work('none', '1', '0', '')
        has_xnnpack = any(name.lower().startswith('xnnpack') for name in offered['providers'])
        for provider in ('cpu', 'xnnpack') if has_xnnpack else ('cpu',):
            for threads in options.threads:
                results = profile(runtime, options.models, provider, threads, options.seconds)
                print(f'**{runtime.name} {offered["version"]}, {provider}, {threads} thread(s)**\n')
                print(summary(results))
                print(breakdown(results), flush=True)


if __name__ == '__main__':
    main()
