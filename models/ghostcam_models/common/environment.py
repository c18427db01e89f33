"""The folders that the commands use by default, and the processor cores of this machine."""

import os
from pathlib import Path

MODELS = Path(__file__).parents[2]
"""The folder models/ of this checkout, which holds what ships."""

PREPARED = Path(os.environ.get('GHOSTCAM_PREPARED', MODELS / '.cache'))
"""The folder of the prepared training images."""

CORES = len(os.sched_getaffinity(0))
"""Cores that this process may use. More threads than these are slow."""
