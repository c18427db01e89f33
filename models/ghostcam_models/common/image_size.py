"""The size of a network's input, square or not, and how it is written: 320, or 448x256 for width x height."""

import argparse
import re
from typing import NamedTuple


class ImageSize(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return str(self.width) if self.width == self.height else f'{self.width}x{self.height}'


def image_size(text: str) -> ImageSize:
    """The size that an option gives: "448x256", or "320" for a square. Raises ArgumentTypeError where it is neither."""
    matched = re.fullmatch(r'([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?', text)
    if matched is None:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no size: give WIDTHxHEIGHT, such as 448x256, or the side of a square"
        )
    width, height = matched.groups()
    return ImageSize(int(width), int(height or width))


def model_size(text: str) -> int | ImageSize:
    """The size of an exported model that an option gives, as MODEL has it: 320 is a longer side, with the shape that fits
    each picture; 320x320 is one shape for all. Raises ArgumentTypeError where it is neither."""
    size = image_size(text)
    return size if 'x' in text else size.width
