"""Where models' time goes: time per image, in interleaved rounds, the nodes of each provider, and the time by operator."""

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

from ghostcam_models.common.command_line import UserError
from ghostcam_models.common.markdown import table

WORKER = Path(__file__).with_name('profile_worker.py')

Operators = dict[tuple[str, str], list[float]]
"""(provider, operator) to the milliseconds an image of each such node (the median of its runs)."""


@dataclass(frozen=True)
class Runtime:
    """A Python with the package onnxruntime: the interpreter, and the root folder of the system it belongs to, if not
    this one."""

    name: str
    python: str
    root: str = ''

    @classmethod
    def parse(cls, text: str) -> 'Runtime':
        """NAME=PYTHON, or NAME=PYTHON@ROOT where PYTHON is a path within ROOT."""
        name, equals, place = text.partition('=')
        python, _, root = place.partition('@')
        if not (name and equals and python):
            raise argparse.ArgumentTypeError(f'{text}: expected NAME=PYTHON or NAME=PYTHON@ROOT')
        return cls(name, root + python, root)

    def work(self, *arguments: str) -> dict:
        """The answer of profile_worker.py in a process of its own. Raises UserError where it gives none."""
        command, environment = [self.python], dict(os.environ)
        if self.root:
            # The other system's programs load with its own C library.
            loader = next(Path(self.root).glob('lib*/ld-linux-*.so.*'), self.python)
            libraries = ':'.join(map(str, Path(self.root).glob('usr/lib/*-linux-gnu')))
            command = [str(loader), '--library-path', libraries, self.python]
            environment['PYTHONHOME'] = f'{self.root}/usr'
        try:
            done = subprocess.run(
                [*command, '-', *arguments],
                input=WORKER.read_text(),
                env=environment,
                capture_output=True,
                text=True,
            )
        except OSError as error:
            raise UserError(f'{self.name}: {self.python}: {error.strerror}') from error
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or [f'status {done.returncode}'])[-1]
            raise UserError(f'{self.name}: {self.python}: {reason}')
        return json.loads(done.stdout)


OWN_RUNTIME = Runtime('own', sys.executable)
"""The onnxruntime that requirements.txt pins."""


@dataclass(frozen=True)
class Result:
    """What was measured of one model, in milliseconds an image of each round: `times` on the clock, `cpu_times` of CPU
    time.

    ratio: CPU time to that of the first model, the median over the rounds: other work on the machine, which lengthens
    `times`, changes it little.
    """

    model: Path
    times: list[float]
    cpu_times: list[float]
    ratio: float
    operators: Operators

    def of_provider(self, provider: str) -> list[float]:
        """Milliseconds an image of each node that ran in the provider."""
        return [ms for (name, _), times in self.operators.items() if name == provider for ms in times]

    def total(self) -> float:
        """Milliseconds an image of all nodes."""
        return sum(map(sum, self.operators.values()))


def profile(
    runtime: Runtime, models: list[Path], provider: str, threads: int, seconds: float
) -> list[Result]:
    """One measurement of each model on a provider, 'cpu' or 'xnnpack', in about `seconds` each and half as long again."""
    with tempfile.TemporaryDirectory() as folder:
        answer = runtime.work(provider, str(threads), str(seconds), f'{folder}/profile', *map(str, models))
        operators = [by_operator(json.loads(Path(path).read_text())) for path in answer['profiles']]
    first = answer['cpu_times'][0]
    return [
        Result(
            model,
            times,
            cpu_times,
            statistics.median(a / b for a, b in zip(cpu_times, first, strict=True)),
            of_model,
        )
        for model, times, cpu_times, of_model in zip(
            models, answer['times'], answer['cpu_times'], operators, strict=True
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
    rows = [['model', 'ms', 'min', 'CPU ms', 'ratio', *(f'in {provider}' for provider in providers)]]
    for result in results:
        row = [label(result.model), f'{statistics.median(result.times):.2f}', f'{min(result.times):.2f}']
        row += [f'{statistics.median(result.cpu_times):.2f}', f'{result.ratio:.3f}']
        for provider in providers:
            of_it = result.of_provider(provider)
            row.append(f'{sum(of_it) / result.total():.1%}, {len(of_it)} nodes')
        rows.append(row)
    return table(rows)


def label(model: Path) -> str:
    """A model's name, with its size: yolov8n-ghostnetv2@448x256."""
    return model.name.replace('.onnx', '')


def breakdown(results: list[Result]) -> str:
    """The operators as Markdown, slowest first: ms and nodes in each model."""
    kinds = {kind for result in results for kind in result.operators}
    rows = [['provider', 'operator', *(label(result.model) for result in results)]]
    for kind in sorted(
        kinds, key=lambda kind: -sum(sum(result.operators.get(kind, ())) for result in results)
    ):
        times = [result.operators.get(kind, ()) for result in results]
        rows.append([*kind, *(f'{sum(of_it):.2f} ({len(of_it)})' if of_it else '' for of_it in times)])
    return table(rows)
