"""Where a model's time goes: `python -m models.profile MODEL… --runtime NAME=LIBRARY[@ROOT] …`.

For each model, ONNX Runtime library, provider (CPU, and XNNPACK where the library has it) and thread count: time per
image, the nodes that run in each provider, and the time by operator, from ONNX Runtime's own profile. @ROOT names the
root folder of another Debian of the same processor, such as one made by debootstrap: its own Python and C library then
load LIBRARY, which is a path within ROOT.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

WORKER = Path(__file__).with_name('runtime.py')


@dataclass(frozen=True)
class Runtime:
    name: str
    library: str
    root: str

    @classmethod
    def parse(cls, text: str) -> 'Runtime':
        name, _, place = text.partition('=')
        library, _, root = place.partition('@')
        return cls(name, root + library, root)

    def work(self, *arguments: str) -> dict:
        """The answer of `models.runtime` in a process of its own."""
        command, environment = [sys.executable], dict(os.environ)
        if self.root:
            libraries = f'{self.root}/usr/lib/x86_64-linux-gnu'
            loader = f'{self.root}/lib64/ld-linux-x86-64.so.2'
            command = [loader, '--library-path', libraries, f'{self.root}/usr/bin/python3']
            environment['PYTHONHOME'] = f'{self.root}/usr'
        done = subprocess.run(
            [*command, WORKER, self.library, *arguments], env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f'{self.name}: {done.stderr.strip().splitlines()[-1]}')
        return json.loads(done.stdout)


def profile(runtime: Runtime, model: Path, provider: str, threads: int, seconds: float) -> dict:
    """One measurement: ms per image, and by (provider, operator) the nodes and the ms of an image (median per node)."""
    with tempfile.TemporaryDirectory() as folder:
        answer = runtime.work(str(model), provider, str(threads), str(seconds), f'{folder}/profile')
        events = json.loads(Path(answer['profile']).read_text())
    nodes = defaultdict(list)
    for event in events:
        if event.get('cat') == 'Node' and event['name'].endswith('_kernel_time'):
            where = event['args']['provider'].removesuffix('ExecutionProvider'), event['args']['op_name']
            nodes[where, event['name']].append(event['dur'] / 1000)
    operators: dict[tuple[str, str], list[float]] = defaultdict(list)
    for (where, _), times in nodes.items():
        operators[where].append(statistics.median(times))
    return {
        'median': statistics.median(answer['times']),
        'least': min(answer['times']),
        'operators': operators,
    }


def table(title: str, result: dict) -> str:
    """One measurement as Markdown: the operators, slowest first."""
    operators = result['operators']
    total = sum(map(sum, operators.values()))
    lines = [
        f'**{title}**: {result["median"]:.2f} ms an image (least {result["least"]:.2f})',
        '',
        '| provider | operator | nodes | ms | share |',
        '|---|---|---|---|---|',
    ]
    for provider in sorted({provider for provider, _ in operators}):
        of_it = [times for (p, _), times in operators.items() if p == provider]
        ms = sum(map(sum, of_it))
        lines.append(f'| **{provider}** | all | {sum(map(len, of_it))} | {ms:.2f} | {ms / total:.1%} |')
    for (provider, operator), times in sorted(operators.items(), key=lambda item: -sum(item[1])):
        lines.append(
            f'| {provider} | {operator} | {len(times)} | {sum(times):.2f} | {sum(times) / total:.1%} |'
        )
    return '\n'.join(lines) + '\n'


def main() -> None:
    parser = argparse.ArgumentParser(prog='python -m models.profile', description=__doc__)
    parser.add_argument('models', type=Path, nargs='+')
    parser.add_argument(
        '--runtime', type=Runtime.parse, action='append', required=True, metavar='NAME=LIBRARY[@ROOT]'
    )
    parser.add_argument('--threads', type=int, nargs='+', default=[1])
    parser.add_argument('--seconds', type=float, default=3, help='of each measurement, twice')
    options = parser.parse_args()
    for runtime in options.runtime:
        offered = runtime.work(str(options.models[0]), 'none', '1', '0', '')
        has_xnnpack = any(name.lower().startswith('xnnpack') for name in offered['providers'])
        for provider in ('cpu', 'xnnpack') if has_xnnpack else ('cpu',):
            for threads in options.threads:
                for model in options.models:
                    title = (
                        f'{model.stem}, {runtime.name} {offered["version"]}, {provider}, {threads} thread(s)'
                    )
                    print(table(title, profile(runtime, model, provider, threads, options.seconds)))


if __name__ == '__main__':
    main()
