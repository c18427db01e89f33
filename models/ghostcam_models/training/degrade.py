"""What cameras do to a picture that photographs do not show: infrared, darkness, noise, blur and compression."""

import io

import numpy as np
from PIL import Image, ImageFilter

INFRARED, DARK, BLURRED, COARSE, COMPRESSED = 0.10, 0.10, 0.10, 0.08, 0.22
"""Part of the pictures that each happens to."""


def degrade(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A picture [H, W, 3] uint8 as a camera might give it; most come back as they are."""
    light = random.random()
    if light < INFRARED:
        pixels = infrared(pixels, random)
    elif light < INFRARED + DARK:
        pixels = dark(pixels, random)
    blur, coarse, compressed = random.random(3) < (BLURRED, COARSE, COMPRESSED)
    if not (blur or coarse or compressed):
        return pixels
    image = Image.fromarray(pixels)
    if blur:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.4, 1.4)))
    if coarse:
        size = tuple(int(length * random.uniform(0.4, 0.8)) for length in image.size)
        image = image.resize(size, Image.Resampling.BILINEAR).resize(image.size, Image.Resampling.BILINEAR)
    if compressed:
        image = recompress(image, int(random.integers(8, 45)))
    return np.asarray(image)


def infrared(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Gray, with the lamp's bright middle and dark corners, and noise."""
    height, width = pixels.shape[:2]
    mix = random.dirichlet((2.0, 1.5, 1.0)).astype(np.float32)
    gray = (pixels @ mix) / 255
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    middle = random.uniform(-0.4, 0.4, 2)
    lamp = np.exp(-random.uniform(0, 1.0) * ((x - middle[0]) ** 2 + (y - middle[1]) ** 2))
    gray = gray ** random.uniform(0.7, 1.6) * lamp * random.uniform(0.6, 1.2)
    gray = gray * 255 + noise(gray.shape, random, random.uniform(2, 10))
    return np.repeat(gray.clip(0, 255).astype(np.uint8)[..., None], 3, 2)


def dark(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Little light: a steeper curve, pale or tinted colors, and noise."""
    values = (pixels.astype(np.float32) / 255) ** random.uniform(1.4, 2.8) * random.uniform(0.4, 1.0)
    gray = values.mean(2, keepdims=True)
    values = gray + (values - gray) * random.uniform(0.2, 1.0)
    values *= random.uniform((0.9, 0.9, 0.75), (1.15, 1.05, 1.1)).astype(np.float32)
    values = values * 255 + noise(values.shape, random, random.uniform(2, 9))
    return values.clip(0, 255).astype(np.uint8)


def noise(shape: tuple[int, ...], random: np.random.Generator, sigma: float) -> np.ndarray:
    return random.standard_normal(shape, np.float32) * np.float32(sigma)


def recompress(image: Image.Image, quality: int) -> Image.Image:
    """The blocks, smeared detail and coarse colors of a low bit rate: JPEG's, whose transform H.264 shares in kind."""
    buffer = io.BytesIO()
    image.save(buffer, 'JPEG', quality=quality, subsampling=2)
    return Image.open(buffer).convert('RGB')
