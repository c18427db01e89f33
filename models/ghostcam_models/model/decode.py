"""Box decoding in PyTorch: from side distributions (DFL) to corners.

Every network here that predicts distributions is decoded by these functions, the teachers too. The decoder of
inference/reference.py is written apart from them, so that one can be checked against the other.

Shapes: B images, A grid locations, N bins of a distribution. Corners are x1, y1, x2, y2.
"""

import torch


def grid(height: int, width: int, device: torch.device | None = None) -> torch.Tensor:
    """Top-left corners [height * width, 2] of a map's cells as x, y in strides, row by row."""
    y, x = torch.meshgrid(
        torch.arange(height, device=device), torch.arange(width, device=device), indexing='ij'
    )
    return torch.stack((x, y), -1).view(-1, 2).float()


def expected_distances(logits: torch.Tensor, bins: torch.Tensor | None = None) -> torch.Tensor:
    """Expected distance of each side from its distribution's logits: [..., 4 * N] -> [..., 4], in strides.

    The sides are left, top, right, bottom. bins [N] are the distances, 0 to N - 1 where they are not given (Li et
    al., arXiv 2006.04388).
    """
    sides = logits.unflatten(-1, (4, -1)).softmax(-1)
    if bins is None:
        bins = torch.arange(sides.shape[-1], device=logits.device, dtype=logits.dtype)
    return sides @ bins


def corners(distances: torch.Tensor, centers: torch.Tensor) -> torch.Tensor:
    """Distances [..., A, 4] of the sides from centers [A, 2], in one unit, to corners [..., A, 4] in that unit."""
    return torch.cat((centers - distances[..., :2], centers + distances[..., 2:]), -1)
