"""The folders that the commands use by default, and what the processor of this machine has."""

import os
from pathlib import Path

MODELS = Path(__file__).parents[2]
"""The folder models/ of this checkout, which holds what ships."""

PREPARED = Path(os.environ.get('GHOSTCAM_PREPARED', MODELS / '.cache'))
"""The folder of the prepared training images."""

CORES = len(os.sched_getaffinity(0))
"""Cores that this process may use. More threads than these are slow."""


def has_bfloat16(cpuinfo: Path = Path('/proc/cpuinfo')) -> bool:
    """Whether the processor multiplies bfloat16 itself; where it does not, that is many times slower than float32."""
    try:
        features = set(cpuinfo.read_text().split())
    except OSError:
        return False
    return not features.isdisjoint(('avx512_bf16', 'amx_bf16', 'bf16'))
