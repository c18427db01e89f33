"""The built program, which `npm run setup` makes, run as its users run it."""

import os
import subprocess
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / 'dist' / 'main.js'


def ghostcam(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess:
    """Runs a command to its end."""
    return subprocess.run(
        ['node', PROGRAM, *arguments], env={**os.environ, **environment}, capture_output=True, text=True
    )
