"""CPU time of ghostcam's letterbox against OpenCV's for the same frames, one thread each, in one run.

    pip install numpy opencv-python-headless
    python3 test/bench/letterbox/bench.py [--json]

Both turn a yuv420p frame into the float32 planes of a 320- or 640-pixel model. OpenCV does it as its users do:
cvtColor, resize, a grey border, blobFromImage (whose result the allocator may reuse, so that page faults do not
count). Its INTER_LINEAR looks at four pixels however much it shrinks (it aliases); INTER_AREA averages all of them,
as ghostcam does. The contenders take turns frame by frame, so that a change of clock or load meets all; the median
of each is printed with their ratio to ours.
"""

import argparse
import ctypes
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent
NATIVE = HERE.parents[2] / 'native'
SOURCES = ['image/letterbox.cc', 'image/planes.cc', 'image/pixel_kernels.cc', 'image/color.cc', 'image/resample.cc']
# width, height, model input: what a camera's ffmpeg delivers (scaled already), sub-streams, full frames.
CASES = [
    (320, 180, 320),
    (320, 240, 320),
    (180, 320, 320),
    (640, 360, 640),
    (640, 360, 320),
    (768, 576, 320),
    (1280, 720, 320),
    (1920, 1080, 320),
    (1920, 1080, 640),
]
ROUNDS = 200


def build_letterbox() -> ctypes.CDLL:
    """Compiles the addon's own sources with its own flags."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / 'letterbox.so'
        sources = [str(HERE / 'letterbox_c.cc'), *(str(NATIVE / name) for name in SOURCES)]
        flags = ['-std=c++17', '-O3', '-fPIC', '-shared', f'-I{NATIVE}']
        subprocess.run(['g++', *flags, '-o', str(library), *sources], check=True)
        loaded = ctypes.CDLL(str(library))
    loaded.letterbox_new.restype = ctypes.c_void_p
    return loaded


def keep_freed_memory() -> None:
    """OpenCV allocates its blob per call; mapping and unmapping it each time would cost more than the blob."""
    m_trim_threshold, m_mmap_threshold = -1, -3  # malloc.h
    libc = ctypes.CDLL(None)
    for option in (m_mmap_threshold, m_trim_threshold):
        libc.mallopt(option, 1 << 30)


def aligned(*shape: int) -> np.ndarray:
    """Floats on a cache line's border, as the addon's bound tensor lies."""
    count = int(np.prod(shape))
    memory = np.empty(count + 16, np.float32)
    start = -memory.ctypes.data % 64 // 4
    return memory[start : start + count].reshape(shape)


class Ours:
    def __init__(self, library: ctypes.CDLL, width: int, height: int, size: int) -> None:
        self.run = library.letterbox_run
        self.handle = ctypes.c_void_p(library.letterbox_new(size, size))
        self.tensor = aligned(3, size, size)
        self.shape = (width, height)

    def __call__(self, yuv: np.ndarray) -> np.ndarray:
        pointer = yuv.ctypes.data_as(ctypes.c_void_p)
        self.run(self.handle, pointer, 0, *self.shape, self.tensor.ctypes.data_as(ctypes.c_void_p))
        return self.tensor


class OpenCv:
    def __init__(self, width: int, height: int, size: int, interpolation: int) -> None:
        ratio = min(size / width, size / height)
        self.scaled = (int(width * ratio + 0.5), int(height * ratio + 0.5))
        left, top = (size - self.scaled[0]) // 2, (size - self.scaled[1]) // 2
        self.picture = np.full((size, size, 3), 114, np.uint8)
        self.inside = self.picture[top : top + self.scaled[1], left : left + self.scaled[0]]
        self.rows = height * 3 // 2
        self.interpolation = interpolation

    def __call__(self, yuv: np.ndarray) -> np.ndarray:
        rgb = cv2.cvtColor(yuv.reshape(self.rows, -1), cv2.COLOR_YUV2RGB_I420)
        if rgb.shape[1::-1] != self.scaled:
            rgb = cv2.resize(rgb, self.scaled, interpolation=self.interpolation)
        self.inside[...] = rgb
        return cv2.dnn.blobFromImage(self.picture, 1 / 255)


def measure(library: ctypes.CDLL, width: int, height: int, size: int) -> dict:
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, width * height * 3 // 2, dtype=np.uint8) for _ in range(4)]
    contenders = {
        'ours': Ours(library, width, height, size),
        'linear': OpenCv(width, height, size, cv2.INTER_LINEAR),
        'area': OpenCv(width, height, size, cv2.INTER_AREA),
    }
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for round_ in range(ROUNDS):
        for name, run in contenders.items():
            start = time.thread_time()
            run(frames[round_ % len(frames)])
            times[name].append((time.thread_time() - start) * 1e3)
    ms = {f'{name}_ms': statistics.median(values) for name, values in times.items()}
    ratios = {f'{name}_over_ours': ms[f'{name}_ms'] / ms['ours_ms'] for name in ('linear', 'area')}
    return {'frame': f'{width}x{height}', 'input': size, **ms, **ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description='letterbox against OpenCV, CPU time of one thread')
    parser.add_argument('--json', action='store_true', help='one JSON object per line')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    keep_freed_memory()
    library = build_letterbox()
    if not arguments.json:
        print(f'OpenCV {cv2.__version__}; median ms of CPU time, {ROUNDS} frames each')
        print('frame      input   ours   linear  ratio     area  ratio')
    for case in CASES:
        row = measure(library, *case)
        if arguments.json:
            print(json.dumps(row))
            continue
        linear = f'{row["linear_ms"]:7.3f} {row["linear_over_ours"]:6.1f}x'
        area = f'{row["area_ms"]:7.3f} {row["area_over_ours"]:6.1f}x'
        print(f'{row["frame"]:<10} {row["input"]:>4} {row["ours_ms"]:7.3f}  {linear}  {area}')


if __name__ == '__main__':
    main()
