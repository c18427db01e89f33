"""Finding near-copies of images: nothing of the validation sets is trained on, no image twice, of a view only some.

Two measures, because each misfires elsewhere. The fingerprint, a 16 x 16 gray thumbnail of zero mean and unit length,
whose products are correlations, proposes: crops, recompressions and mirror images of one photograph score near 1, but
so do dark or flat pictures that share no more than a lamp or light from one side. The details decide: a 32 x 32
thumbnail without its local mean and contrast, in which two such pictures have nothing in common.
"""

from collections.abc import Iterable

import numpy as np
from PIL import Image

THUMBNAIL_SIZE = 16
CANDIDATE_CORRELATION = 0.92
"""Correlation of fingerprints from which two images may be copies."""
SAME_VIEW_CORRELATION = 0.90
"""Correlation from which two images of one source show the same view of one camera."""
COPY_CORRELATION = 0.6
"""Correlation of the details from which they are copies: one cropped by a fiftieth on each side has .63 at least, two
dark or flat pictures with the same light .58 at most, all but one in a hundred."""

DETAILS_SIZE = 32
DETAILS_RADIUS = 2
"""Pixels of the thumbnail around each, over which its mean and contrast are taken."""
LEAST_CONTRAST = 1.0
"""Gray values that are added to the contrast, so that noise is no detail."""
DETAILS_SCALE = 25
"""A detail is at most five times its contrast: so much for one byte."""


def fingerprint(pixels: np.ndarray) -> np.ndarray:
    """Float32 [THUMBNAIL_SIZE * THUMBNAIL_SIZE] of an RGB image [H, W, 3]; zeros for an image of one color."""
    gray = Image.fromarray(pixels).convert('L').resize((THUMBNAIL_SIZE, THUMBNAIL_SIZE), Image.Resampling.BOX)
    values = np.asarray(gray, np.float32).ravel()
    values = values - values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)


def details(pixels: np.ndarray) -> np.ndarray:
    """Int8 [2, DETAILS_SIZE * DETAILS_SIZE]: the details of an RGB image [H, W, 3] and of its mirror image."""
    size = (DETAILS_SIZE, DETAILS_SIZE)
    gray = Image.fromarray(pixels).convert('L').convert('F').resize(size, Image.Resampling.BOX)
    values = np.asarray(gray, np.float64)
    values = values - local_mean(values)
    contrast = np.sqrt(local_mean(values**2).clip(min=0))
    detail = np.round(values / (contrast + LEAST_CONTRAST) * DETAILS_SCALE).astype(np.int8)
    return np.stack((detail.ravel(), detail[:, ::-1].ravel()))


def local_mean(values: np.ndarray) -> np.ndarray:
    """Mean [H, W] of the square of DETAILS_RADIUS around each value; the edge's values go on outside."""
    side = 2 * DETAILS_RADIUS + 1
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, DETAILS_RADIUS, 'edge'), (side, side))
    return windows.mean((2, 3))


def mirrored(fingerprints: np.ndarray) -> np.ndarray:
    """Fingerprints [n, THUMBNAIL_SIZE * THUMBNAIL_SIZE] of the mirror images."""
    return fingerprints.reshape(-1, THUMBNAIL_SIZE, THUMBNAIL_SIZE)[:, :, ::-1].reshape(
        -1, THUMBNAIL_SIZE * THUMBNAIL_SIZE
    )


class Known:
    """Images that nothing may be a copy of, by their fingerprints [n, f] and details [n, d]."""

    def __init__(self) -> None:
        self.fingerprints = np.zeros((0, THUMBNAIL_SIZE * THUMBNAIL_SIZE), np.float32)
        self.details = np.zeros((0, DETAILS_SIZE * DETAILS_SIZE), np.int8)

    @classmethod
    def of(cls, images: Iterable[np.ndarray]) -> 'Known':
        """Of RGB images [H, W, 3]."""
        known = cls()
        for pixels in images:
            known.add(fingerprint(pixels)[None], details(pixels)[:1])
        return known

    def add(self, fingerprints: np.ndarray, details: np.ndarray) -> None:
        """Take in more images, by their fingerprints and details, as they are, not mirrored."""
        self.fingerprints = np.concatenate((self.fingerprints, fingerprints))
        self.details = np.concatenate((self.details, details))

    def holds(self, fingerprint_: np.ndarray, details_: np.ndarray) -> bool:
        """Whether an image or its mirror image is a copy of one of them: proposed by its fingerprint, decided by its
        details [2, d]."""
        both = np.stack((fingerprint_, mirrored(fingerprint_[None])[0]))
        for turn, correlations in enumerate((self.fingerprints @ both.T).T):
            proposed = self.details[correlations >= CANDIDATE_CORRELATION]
            if (correlation(proposed, details_[turn]) >= COPY_CORRELATION).any():
                return True
        return False


def correlation(many: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Cosine [n] of the angle between each of many [n, d] and one [d]; 0 where either is all zeros."""
    many, one = many.astype(np.float32), one.astype(np.float32)
    lengths = np.linalg.norm(many, axis=1) * np.linalg.norm(one)
    return many @ one / np.maximum(lengths, 1e-6)
