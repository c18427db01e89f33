"""Finding near-copies of images, so that nothing of the validation sets is trained on.

An image's fingerprint is a 16 x 16 grey thumbnail, mean taken out and scaled to unit length; the product of two
fingerprints is their correlation. Crops, recompressions and mirror images of one photograph score close to 1.
"""

import numpy as np
from PIL import Image

SIDE = 16
COPY = 0.97
"""Correlation from which two images count as copies."""


def fingerprint(pixels: np.ndarray) -> np.ndarray:
    """Float32 [SIDE * SIDE] of an RGB image [H, W, 3]; zeros for an image of one colour."""
    grey = Image.fromarray(pixels).convert('L').resize((SIDE, SIDE), Image.Resampling.BOX)
    values = np.asarray(grey, np.float32).ravel()
    values = values - values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)


def mirrored(prints: np.ndarray) -> np.ndarray:
    """Fingerprints [n, SIDE * SIDE] of the mirror images."""
    return prints.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(-1, SIDE * SIDE)


def likeness(prints: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each of prints [n, d], the correlation [n] with the most similar of others [m, d] or its mirror image."""
    return np.maximum(prints @ others.T, prints @ mirrored(others).T).max(1)
