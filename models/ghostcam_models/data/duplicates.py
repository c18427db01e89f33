"""Finding near-duplicates of images, so that nothing of the validation sets is trained on.

An image's fingerprint is a 16 x 16 gray thumbnail, mean taken out and scaled to unit length; the product of two
fingerprints is their correlation. Crops, recompressions and mirror images of one photograph have one close to 1.
"""

import numpy as np
from PIL import Image

THUMBNAIL_SIZE = 16
DUPLICATE_CORRELATION = 0.97
"""Correlation from which two images count as duplicates."""


def fingerprint(pixels: np.ndarray) -> np.ndarray:
    """Float32 [THUMBNAIL_SIZE ** 2] of an RGB image [H, W, 3]; zeros for an image of one color."""
    gray = Image.fromarray(pixels).convert('L')
    thumbnail = gray.resize((THUMBNAIL_SIZE, THUMBNAIL_SIZE), Image.Resampling.BOX)
    values = np.asarray(thumbnail, np.float32).ravel()
    values = values - values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)


def mirrored(fingerprints: np.ndarray) -> np.ndarray:
    """Fingerprints [n, THUMBNAIL_SIZE ** 2] of the mirror images."""
    thumbnails = fingerprints.reshape(-1, THUMBNAIL_SIZE, THUMBNAIL_SIZE)
    return thumbnails[:, :, ::-1].reshape(fingerprints.shape)


def max_correlation(fingerprints: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each of fingerprints [n, d], the correlation [n] with the most similar of others [m, d] or its mirror image."""
    return np.maximum(fingerprints @ others.T, fingerprints @ mirrored(others).T).max(1)
