"""Writes the inputs that each fuzzer begins with: python3 seeds.py FOLDER. They are the same in every run."""

import random
import sys
from pathlib import Path

COUNT, SIZES = 128, (16, 64, 256, 1024, 4096)

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
generator = random.Random(1)
for index in range(COUNT):
    (folder / f'{index:03}').write_bytes(generator.randbytes(generator.choice(SIZES)))
