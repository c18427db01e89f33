"""Where models' time goes: time per image, measured in turns, the nodes of each provider, and the time by operator."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

WORKER = Path(__file__).with_name('profile_worker.py')

Operators = dict[tuple[str, str], list[float]]
"""(provider, operator) to the milliseconds an image of each such node (the median of its runs)."""


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
        """The answer of profile_worker.py in a process of its own."""
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


@dataclass(frozen=True)
class Result:
    """What was measured of one model; milliseconds an image, those of `processor` of one core's time.

    ratio: processor time to that of the first model, the median over the turns: other work on the machine, which
    lengthens `times`, changes it little.
    """

    model: Path
    times: list[float]
    processor: list[float]
    ratio: float
    operators: Operators

    def of_provider(self, provider: str) -> list[float]:
        return [ms for (name, _), times in self.operators.items() if name == provider for ms in times]

    def total(self) -> float:
        return sum(map(sum, self.operators.values()))


def profile(
    runtime: Runtime, models: list[Path], provider: str, threads: int, seconds: float
) -> list[Result]:
    """One measurement of each model."""
    with tempfile.TemporaryDirectory() as folder:
        answer = runtime.work(provider, str(threads), str(seconds), f'{folder}/profile', *map(str, models))
        operators = [by_operator(json.loads(Path(path).read_text())) for path in answer['profiles']]
    first = answer['processor_times'][0]
    return [
        Result(
            model,
            times,
            processor,
            statistics.median(a / b for a, b in zip(processor, first, strict=True)),
            of_model,
        )
        for model, times, processor, of_model in zip(
            models, answer['times'], answer['processor_times'], operators, strict=True
        )
    ]


def by_operator(events: list[dict]) -> Operators:
    """From ONNX Runtime's profile."""
    nodes = defaultdict(list)
    for event in events:
        if event.get('cat') == 'Node' and event['name'].endswith('_kernel_time'):
            where = event['args']['provider'].removesuffix('ExecutionProvider'), event['args']['op_name']
            nodes[where, event['name']].append(event['dur'] / 1000)
    operators: Operators = defaultdict(list)
    for (where, _), times in nodes.items():
        operators[where].append(statistics.median(times))
    return operators


def summary(results: list[Result]) -> str:
    """The models as Markdown; a column of each provider: its share of the nodes' time, and its nodes."""
    providers = sorted({provider for result in results for provider, _ in result.operators})
    rows = [['model', 'ms', 'least', 'processor ms', 'ratio', *(f'in {provider}' for provider in providers)]]
    for result in results:
        row = [result.model.stem, f'{statistics.median(result.times):.2f}', f'{min(result.times):.2f}']
        row += [f'{statistics.median(result.processor):.2f}', f'{result.ratio:.3f}']
        for provider in providers:
            of_it = result.of_provider(provider)
            row.append(f'{sum(of_it) / result.total():.1%}, {len(of_it)} nodes')
        rows.append(row)
    return markdown(rows)


def breakdown(results: list[Result]) -> str:
    """The operators as Markdown, slowest first: ms and nodes in each model."""
    kinds = {kind for result in results for kind in result.operators}
    rows = [['provider', 'operator', *(result.model.stem for result in results)]]
    for kind in sorted(
        kinds, key=lambda kind: -sum(sum(result.operators.get(kind, ())) for result in results)
    ):
        times = [result.operators.get(kind, ()) for result in results]
        rows.append([*kind, *(f'{sum(of_it):.2f} ({len(of_it)})' if of_it else '' for of_it in times)])
    return markdown(rows)


def markdown(rows: list[list[str]]) -> str:
    lines = [rows[0], ['---'] * len(rows[0]), *rows[1:]]
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines) + '\n'
