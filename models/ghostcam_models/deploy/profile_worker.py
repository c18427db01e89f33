"""Times and profiles models on one ONNX Runtime library, in a process of its own; used by profile.py.

python profile_worker.py LIBRARY PROVIDER THREADS SECONDS PROFILE_PREFIX MODEL… prints JSON: `times` and `processor_times`,
for each model the milliseconds of an image in each turn, and `profiles`, the files of ONNX Runtime's own profile. The
models take turns, so that whatever else the machine does meets them all. With PROVIDER none, it prints what the library
offers. It needs nothing but Python, so that another system's Python can run it, and drives the library through its C API: the functions stand at fixed
places of a table that only grows (onnxruntime_c_api.h, struct OrtApi; `native/ort_api.h` checks the same places).
"""

import ctypes
import json
import sys
import time
from array import array
from ctypes import POINTER, byref, c_char_p, c_float, c_int, c_int64, c_size_t, c_void_p

API_VERSION = 12  # the oldest with SessionOptionsAppendExecutionProvider by name
SLOTS = {
    'GetErrorMessage': 2,
    'CreateEnv': 3,
    'CreateSession': 7,
    'Run': 9,
    'CreateSessionOptions': 10,
    'EnableProfiling': 14,
    'SetIntraOpNumThreads': 24,
    'SessionGetInputCount': 30,
    'SessionGetOutputCount': 31,
    'SessionGetInputTypeInfo': 33,
    'SessionGetInputName': 36,
    'SessionGetOutputName': 37,
    'CreateTensorWithDataAsOrtValue': 49,
    'CastTypeInfoToTensorInfo': 55,
    'GetTensorElementType': 60,
    'GetDimensionsCount': 61,
    'GetDimensions': 62,
    'CreateCpuMemoryInfo': 69,
    'GetAllocatorWithDefaultOptions': 78,
    'ReleaseValue': 96,
    'SessionEndProfiling': 110,
    'GetAvailableProviders': 125,
    'AddSessionConfigEntry': 130,
    'SessionOptionsAppendExecutionProvider': 216,
}
FLOAT, LOG_ERROR, ARENA, DEFAULT_MEMORY = 1, 3, 1, 0
RUNS_A_TURN = 4


class Api:
    """The functions of one library by name; a failed call raises RuntimeError with the library's own words."""

    def __init__(self, path: str):
        base_of = ctypes.CDLL(path).OrtGetApiBase
        base_of.restype = POINTER(c_void_p)
        get_api, get_version = base_of()[0], base_of()[1]
        self.version = ctypes.CFUNCTYPE(c_char_p)(get_version)().decode()
        table = ctypes.CFUNCTYPE(c_void_p, ctypes.c_uint32)(get_api)(API_VERSION)
        if not table:
            raise RuntimeError(f'{path}: version {self.version} is too old')
        functions = ctypes.cast(table, POINTER(c_void_p))
        self._functions = {name: functions[slot] for name, slot in SLOTS.items()}

    def call(self, name: str, *arguments) -> None:
        """Call a function that returns a status."""
        status = ctypes.CFUNCTYPE(c_void_p)(self._functions[name])
        status.argtypes = None
        failure = status(*arguments)
        if failure:
            message = ctypes.CFUNCTYPE(c_char_p, c_void_p)(self._functions['GetErrorMessage'])
            raise RuntimeError(f'{name}: {message(failure).decode()}')

    def get(self, kind: type, name: str, *arguments):
        """Call a function that returns a status and, by its last argument, a value of this C type."""
        value = kind()
        self.call(name, *arguments, byref(value))
        return value

    def release_value(self, value: c_void_p) -> None:
        ctypes.CFUNCTYPE(None, c_void_p)(self._functions['ReleaseValue'])(value)

    def providers(self) -> list[str]:
        names, count = POINTER(c_char_p)(), c_int()
        self.call('GetAvailableProviders', byref(names), byref(count))
        return [names[i].decode() for i in range(count.value)]


class Session:
    """A model loaded with one provider, fed with one fixed random picture."""

    def __init__(self, api: Api, env: c_void_p, model: str, provider: str, threads: int, profile: str | None):
        self.api = api
        options = api.get(c_void_p, 'CreateSessionOptions')
        api.call('AddSessionConfigEntry', options, b'session.intra_op.allow_spinning', b'0')
        if provider == 'cpu':
            api.call('SetIntraOpNumThreads', options, c_int(threads))
        else:
            # As the daemon does (native/session_options.cc), which says why.
            api.call('AddSessionConfigEntry', options, b'session.qdqisint8allowed', b'1')
            api.call('SetIntraOpNumThreads', options, c_int(1))
            keys, values = (c_char_p * 1)(b'intra_op_num_threads'), (c_char_p * 1)(str(threads).encode())
            api.call(
                'SessionOptionsAppendExecutionProvider',
                options,
                provider.upper().encode(),
                keys,
                values,
                c_size_t(1),
            )
        if profile:
            api.call('EnableProfiling', options, profile.encode())
        self.handle = api.get(c_void_p, 'CreateSession', env, model.encode(), options)
        self.allocator = api.get(c_void_p, 'GetAllocatorWithDefaultOptions')
        self.inputs = self._names('Input')
        self.outputs = self._names('Output')
        self.tensor = self._random_tensor()

    def _names(self, side: str) -> list[bytes]:
        count = self.api.get(c_size_t, f'SessionGet{side}Count', self.handle).value
        return [
            self.api.get(c_char_p, f'SessionGet{side}Name', self.handle, c_size_t(i), self.allocator).value
            for i in range(count)
        ]

    def _random_tensor(self) -> c_void_p:
        info = self.api.get(c_void_p, 'SessionGetInputTypeInfo', self.handle, c_size_t(0))
        info = self.api.get(c_void_p, 'CastTypeInfoToTensorInfo', info)
        rank = self.api.get(c_size_t, 'GetDimensionsCount', info).value
        shape = (c_int64 * rank)()
        self.api.call('GetDimensions', info, shape, c_size_t(rank))
        kind = self.api.get(c_int, 'GetTensorElementType', info).value
        if len(self.inputs) != 1 or kind != FLOAT or min(shape) < 1:
            raise RuntimeError('the model must have one float input of fixed shape')
        count = 1
        for side in shape:
            count *= side
        # Any numbers will do, but not zeros: some kernels are faster on them.
        self.values = (c_float * count).from_buffer(array('f', [i * 0.61803 % 1 for i in range(count)]))
        memory = self.api.get(c_void_p, 'CreateCpuMemoryInfo', c_int(ARENA), c_int(DEFAULT_MEMORY))
        return self.api.get(
            c_void_p, 'CreateTensorWithDataAsOrtValue', memory, self.values, c_size_t(4 * count), shape,
            c_size_t(rank), c_int(FLOAT),
        )  # fmt: skip

    def run(self) -> None:
        inputs, outputs = (c_char_p * 1)(*self.inputs), (c_char_p * len(self.outputs))(*self.outputs)
        results = (c_void_p * len(self.outputs))()
        tensors = (c_void_p * 1)(self.tensor)
        self.api.call(
            'Run',
            self.handle,
            None,
            inputs,
            tensors,
            c_size_t(1),
            outputs,
            c_size_t(len(self.outputs)),
            results,
        )
        for result in results:
            self.api.release_value(c_void_p(result))

    def turn(self) -> tuple[float, float]:
        """Milliseconds of an image, on the clock and of this process's processor time; the first warms the caches."""
        self.run()
        start, processor_start = time.perf_counter(), time.process_time()
        for _ in range(RUNS_A_TURN):
            self.run()
        end, processor_end = time.perf_counter(), time.process_time()
        return (end - start) * 1000 / RUNS_A_TURN, (processor_end - processor_start) * 1000 / RUNS_A_TURN

    def end_profiling(self) -> str:
        return self.api.get(c_char_p, 'SessionEndProfiling', self.handle, self.allocator).value.decode()


def take_turns(sessions: list[Session], seconds: float) -> list[list[tuple[float, float]]]:
    """For each session its turns, as many for one as for another, in about so many seconds for each of them."""
    for session in sessions:
        session.turn()
    turns: list[list[tuple[float, float]]] = [[] for _ in sessions]
    end = time.perf_counter() + seconds * len(sessions)
    while not turns[0] or time.perf_counter() < end:
        for session, of_it in zip(sessions, turns, strict=True):
            of_it.append(session.turn())
    return turns


def main() -> None:
    library, provider, threads, seconds, prefix, *models = sys.argv[1:]
    api = Api(library)
    answer = {'version': api.version, 'providers': api.providers()}
    if provider != 'none':
        env = api.get(c_void_p, 'CreateEnv', c_int(LOG_ERROR), b'profile')
        sessions = [Session(api, env, model, provider, int(threads), None) for model in models]
        turns = take_turns(sessions, float(seconds))
        answer['times'] = [[time for time, _ in of_it] for of_it in turns]
        answer['processor_times'] = [[time for _, time in of_it] for of_it in turns]
        answer['profiles'] = []
        for i, model in enumerate(models):
            profiled = Session(api, env, model, provider, int(threads), f'{prefix}-{i}')
            take_turns([profiled], float(seconds) / 2)
            answer['profiles'].append(profiled.end_profiling())
    print(json.dumps(answer))


if __name__ == '__main__':
    main()
