"""Times and profiles models with one ONNX Runtime; profile.py runs it in a process of its own.

Its arguments are PROVIDER THREADS SECONDS PROFILE_PREFIX MODEL[@WIDTHxHEIGHT]…, the size for a model with symbolic
dimensions; it prints JSON: `times` and `cpu_times`, for each
model the milliseconds an image of each round, and `profiles`, the files of ONNX Runtime's own profile. The models take
turns in each round, so that whatever else the machine does meets them all. With PROVIDER none, it prints what the
runtime offers. It needs nothing but the package onnxruntime of the Python that runs it, which need not be this
project's.
"""

import json
import sys
import time

import numpy as np
import onnxruntime

RUNS_A_ROUND = 4


def open_session(
    model: str, size: str, provider: str, threads: int, profile: str | None
) -> onnxruntime.InferenceSession:
    """A model on a provider, configured as the daemon does (native/session_options.cc, which says why)."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    for name, side in zip(('width', 'height'), size.split('x') if size else (), strict=False):
        options.add_free_dimension_override_by_name(name, int(side))
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    if profile:
        options.enable_profiling = True
        options.profile_file_prefix = profile
    if provider == 'cpu':
        options.intra_op_num_threads = threads
        return onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'])
    options.add_session_config_entry('session.qdqisint8allowed', '1')
    options.intra_op_num_threads = 1
    xnnpack = ('XnnpackExecutionProvider', {'intra_op_num_threads': str(threads)})
    return onnxruntime.InferenceSession(model, options, providers=[xnnpack, 'CPUExecutionProvider'])


class Candidate:
    """A model in a session, fed with one fixed random picture."""

    def __init__(self, model: str, provider: str, threads: int, profile: str | None = None):
        path, _, size = model.partition('@')
        self.session = open_session(path, size, provider, threads, profile)
        (image,) = self.session.get_inputs()
        # Not zeros: some kernels are faster on them.
        picture = np.random.default_rng(0).random(image.shape, np.float32)
        self.feed = {image.name: picture}

    def run(self) -> None:
        self.session.run(None, self.feed)

    def measure(self) -> tuple[float, float]:
        """Milliseconds of an image, on the clock and of this process's CPU time; a first run warms the caches."""
        self.run()
        start, cpu_start = time.perf_counter(), time.process_time()
        for _ in range(RUNS_A_ROUND):
            self.run()
        end, cpu_end = time.perf_counter(), time.process_time()
        return (end - start) * 1000 / RUNS_A_ROUND, (cpu_end - cpu_start) * 1000 / RUNS_A_ROUND


def interleave(candidates: list[Candidate], seconds: float) -> list[list[tuple[float, float]]]:
    """For each candidate what `measure` gives in each round, in about so many seconds for each of them."""
    for candidate in candidates:
        candidate.measure()
    rounds: list[list[tuple[float, float]]] = [[] for _ in candidates]
    end = time.perf_counter() + seconds * len(candidates)
    while not rounds[0] or time.perf_counter() < end:
        for candidate, measured in zip(candidates, rounds, strict=True):
            measured.append(candidate.measure())
    return rounds


def main() -> None:
    provider, threads, seconds, prefix, *models = sys.argv[1:]
    answer = {'version': onnxruntime.__version__, 'providers': onnxruntime.get_available_providers()}
    if provider != 'none':
        candidates = [Candidate(model, provider, int(threads)) for model in models]
        rounds = interleave(candidates, float(seconds))
        answer['times'] = [[wall for wall, _ in measured] for measured in rounds]
        answer['cpu_times'] = [[cpu for _, cpu in measured] for measured in rounds]
        answer['profiles'] = []
        for i, model in enumerate(models):
            profiled = Candidate(model, provider, int(threads), f'{prefix}-{i}')
            interleave([profiled], float(seconds) / 2)
            answer['profiles'].append(profiled.session.end_profiling())
    print(json.dumps(answer))


if __name__ == '__main__':
    main()
