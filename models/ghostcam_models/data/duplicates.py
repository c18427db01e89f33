"""Finding near-copies of images: nothing of the validation sets is trained on, no image twice, of a view only some.

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
"""Correlation of fingerprints from which two images may be copies."""
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
    """Int8 [2, ROWS * COLUMNS] of 0 and 1: the gradient hash of an RGB image and of its mirror image."""
    gray = Image.fromarray(pixels).convert('L')
    result = []
    for picture in (gray, ImageOps.mirror(gray)):
        small = picture.resize((COLUMNS + 1, ROWS), Image.Resampling.BOX)
        values = np.asarray(ImageOps.equalize(small), np.int16)
        result.append((np.diff(values, axis=1) > 0).ravel())
    return np.array(result, np.int8)


def mirrored(fingerprints: np.ndarray) -> np.ndarray:
    """Fingerprints [n, THUMBNAIL_SIZE * THUMBNAIL_SIZE] of the mirror images."""
    return fingerprints.reshape(-1, THUMBNAIL_SIZE, THUMBNAIL_SIZE)[:, :, ::-1].reshape(
        -1, THUMBNAIL_SIZE * THUMBNAIL_SIZE
    )


class Known:
    """Images that nothing may be a copy of: fingerprints [n, THUMBNAIL_SIZE * THUMBNAIL_SIZE] and gradient hashes [n, bits]."""

    def __init__(self) -> None:
        self.fingerprints = np.zeros((0, THUMBNAIL_SIZE * THUMBNAIL_SIZE), np.float32)
        self.hashes = np.zeros((0, ROWS * COLUMNS), np.int8)

    @classmethod
    def of(cls, images: Iterable[np.ndarray]) -> 'Known':
        """Of RGB images [H, W, 3]."""
        known = cls()
        for pixels in images:
            known.add(fingerprint(pixels)[None], gradients(pixels)[:1])
        return known

    def add(self, fingerprints: np.ndarray, hashes: np.ndarray) -> None:
        """Take in more images, by their fingerprints and the gradient hashes of their unmirrored form."""
        self.fingerprints = np.concatenate((self.fingerprints, fingerprints))
        self.hashes = np.concatenate((self.hashes, hashes))

    def holds(self, fingerprint_: np.ndarray, hash_: np.ndarray) -> bool:
        """Whether an image or its mirror image is a copy of one of them: proposed by its fingerprint, decided by its
        gradient hash [2, bits]."""
        both = np.stack((fingerprint_, mirrored(fingerprint_[None])[0]))
        for turn, correlations in enumerate((self.fingerprints @ both.T).T):
            proposed = self.hashes[correlations >= CANDIDATE_CORRELATION]
            if len(proposed) and (proposed != hash_[turn]).mean(1).min() <= DUPLICATE_DISTANCE:
                return True
        return False
