"""Finding near-copies of images, so that nothing of the validation sets is trained on, and views are not repeated.

Two hashes, because each misfires elsewhere. The fingerprint, a 16 x 16 gray thumbnail of zero mean and unit length,
whose products are correlations, proposes: crops, recompressions and mirror images of one photograph score near 1, but
so do dark or flat pictures that share no more than a bright spot. The gradient hash decides: the signs of 32 x 16
neighbouring differences of the contrast-equalised thumbnail (dHash), which two different dark pictures do not share.
"""

from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageOps

THUMBNAIL_SIZE = 16
CANDIDATE_CORRELATION = 0.96
"""Correlation of fingerfingerprints from which two images may be copies."""
SAME_VIEW_CORRELATION = 0.90
"""Correlation from which two images of one source show the same view of one camera."""
DUPLICATE_DISTANCE = 0.22
"""Part of the gradient hash's bits that may differ between copies; unrelated images differ in half."""

ROWS, COLUMNS = 16, 32


def fingerprint(pixels: np.ndarray) -> np.ndarray:
    """Float32 [THUMBNAIL_SIZE * THUMBNAIL_SIZE] of an RGB image [H, W, 3]; zeros for an image of one color."""
    gray = Image.fromarray(pixels).convert('L').resize((THUMBNAIL_SIZE, THUMBNAIL_SIZE), Image.Resampling.BOX)
    values = np.asarray(gray, np.float32).ravel()
    values = values - values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)


def gradients(pixels: np.ndarray) -> np.ndarray:
    """Float32 [2, ROWS * COLUMNS] of -1 and 1: the gradient hash of an RGB image and of its mirror image."""
    gray = Image.fromarray(pixels).convert('L')
    result = []
    for picture in (gray, ImageOps.mirror(gray)):
        small = picture.resize((COLUMNS + 1, ROWS), Image.Resampling.BOX)
        values = np.asarray(ImageOps.equalize(small), np.int16)
        result.append(np.where(np.diff(values, axis=1) > 0, 1, -1).ravel())
    return np.array(result, np.float32)


def mirrored(fingerprints: np.ndarray) -> np.ndarray:
    """Fingerfingerprints [n, THUMBNAIL_SIZE * THUMBNAIL_SIZE] of the mirror images."""
    return fingerprints.reshape(-1, THUMBNAIL_SIZE, THUMBNAIL_SIZE)[:, :, ::-1].reshape(
        -1, THUMBNAIL_SIZE * THUMBNAIL_SIZE
    )


class Known:
    """Images that nothing may be a copy of: fingerfingerprints [n, THUMBNAIL_SIZE * THUMBNAIL_SIZE] and gradient hashes [n, 2, bits]."""

    def __init__(self, fingerprints: np.ndarray, hashes: np.ndarray):
        self.fingerprints = np.concatenate((fingerprints, mirrored(fingerprints)))
        self.hashes = np.concatenate((hashes[:, 0], hashes[:, 1]))

    @classmethod
    def of(cls, images: Iterable[np.ndarray]) -> 'Known':
        """Of RGB images [H, W, 3]."""
        pairs = [(fingerprint(pixels), gradients(pixels)) for pixels in images]
        fingerprints, hashes = zip(*pairs, strict=True) if pairs else ((), ())
        return cls(
            np.array(fingerprints, np.float32).reshape(-1, THUMBNAIL_SIZE * THUMBNAIL_SIZE),
            np.array(hashes, np.float32).reshape(-1, 2, ROWS * COLUMNS),
        )

    def holds(self, fingerprint_: np.ndarray, hash_: np.ndarray) -> bool:
        """Whether an image is a copy of one of them: proposed by its fingerprint, decided by its gradient hash."""
        proposed = self.fingerprints @ fingerprint_ >= CANDIDATE_CORRELATION
        apart = (1 - self.hashes[proposed] @ hash_[0] / hash_.shape[1]) / 2
        return bool((apart <= DUPLICATE_DISTANCE).any())
