"""The prepared training images as tensors: what prepare.py writes and training draws from."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

SIDE = 416
"""Side of the square canvas that holds each image at its top left; no set has longer images."""

GREY = 114
"""Value of pixels outside an image, in training as in the daemon's letterbox."""

MAX_BOXES = 64
"""Boxes kept per image, the largest first."""


@dataclass
class Bank:
    """All images of a prepared folder, on one device.

    pixels: uint8 [N, SIDE, SIDE, 3] RGB; sizes: float [N, 2] width and height; boxes: float [N, MAX_BOXES, 6] of
    class (-1: none), x1, y1, x2, y2, kind (1 object, 0 ignore); weights: float [N], how often to draw each.
    """

    pixels: torch.Tensor
    sizes: torch.Tensor
    boxes: torch.Tensor
    weights: torch.Tensor
    sets: list[str]

    def __len__(self) -> int:
        return len(self.sizes)

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> 'Bank':
        """Map the folder's files; on a GPU the images are copied there once."""
        if not (folder / 'index.json').exists():
            raise SystemExit(f'{folder}: no prepared images; run ghostcam-prepare first')
        index = json.loads((folder / 'index.json').read_text())
        tables = np.load(folder / 'tables.npz')
        pixels = np.memmap(folder / 'pixels.u8', np.uint8, 'r+', shape=(len(index['sets']), SIDE, SIDE, 3))
        return cls(
            torch.from_numpy(pixels).to(device),
            *(torch.from_numpy(tables[name]).to(device) for name in ('sizes', 'boxes', 'weights')),
            index['sets'],
        )


def pack_boxes(boxes: list[np.ndarray]) -> np.ndarray:
    """Lists of rows [n, 6] (class, corners, kind) to one array [N, MAX_BOXES, 6] padded with class -1."""
    packed = np.zeros((len(boxes), MAX_BOXES, 6), np.float32)
    packed[:, :, 0] = -1
    for target, rows in zip(packed, boxes, strict=True):
        largest = np.argsort(-(rows[:, 3] - rows[:, 1]) * (rows[:, 4] - rows[:, 2]), kind='stable')[
            :MAX_BOXES
        ]
        target[: len(largest)] = rows[largest]
    return packed
