"""Every figure of the published comparison, and every figure of like for like, counted again."""

import pytest

from ghostcam_models.model.complexity import PUBLISHED, all_fused, as_published, build, gflops, parameters
from ghostcam_models.model.fuse import fuse_as_published

# Architecture, scale, classes: layers, parameters, GFLOPs; counted its way.
AS_PUBLISHED = [
    ('yolov8', 'n', 1, 168, 3_005_843, 8.085),
    ('yolov8', 'n', 20, 168, 3_009_548, 8.106),
    ('yolov8', 'n', 80, 168, 3_151_904, 8.746),
    ('yolov8-ghostnet', 'n', 1, 267, 2_553_539, 6.809),
    ('yolov8-ghostnet', 'n', 20, 267, 2_557_244, 6.830),
    ('yolov8-ghostnet', 'n', 80, 267, 2_699_600, 7.471),
    ('yolov8-ghostnetv2-off', 'n', 1, 279, 2_553_539, 6.809),
    ('yolov8-ghostnetv2-off', 'n', 20, 279, 2_557_244, 6.830),
    ('yolov8-ghostnetv2-off', 'n', 80, 279, 2_699_600, 7.471),
    ('yolov8-ghostnetv2', 'n', 1, 307, 2_583_747, 6.828),
    ('yolov8-ghostnetv2', 'n', 20, 307, 2_587_452, 6.848),
    ('yolov8-ghostnetv2', 'n', 80, 307, 2_729_808, 7.489),
    ('yolov8-ghostnetv2-all', 'n', 1, 321, 2_585_795, 6.841),
    ('yolov8-ghostnetv2-all', 'n', 20, 321, 2_589_500, 6.861),
    ('yolov8-ghostnetv2-all', 'n', 80, 321, 2_731_856, 7.502),
    ('yolov8-g-ghost', 'n', 1, 195, 2_581_091, 6.897),
    ('yolov8-g-ghost', 'n', 20, 195, 2_584_796, 6.917),
    ('yolov8-g-ghost', 'n', 80, 195, 2_727_152, 7.558),
    ('yolov8', 's', 1, 168, 11_125_971, 28.438),
    ('yolov8-ghostnet', 's', 1, 267, 9_307_443, 23.212),
]

# Architecture: parameters, GFLOPs of the convolutions; scale n, 80 classes, every batch norm fused.
ALL_FUSED = [
    ('yolov8', 3_151_904, 8.744),
    ('yolov8-ghostnet', 2_697_968, 7.426),
    ('yolov8-ghostnetv2-off', 2_697_968, 7.426),
    ('yolov8-ghostnetv2', 2_727_312, 7.442),
    ('yolov8-ghostnetv2-all', 2_729_216, 7.451),
    ('yolov8-g-ghost', 2_725_184, 7.505),
]


@pytest.mark.parametrize('architecture,scale', PUBLISHED)
def test_published_figures(architecture, scale):
    ours, published = as_published(architecture, scale), PUBLISHED[architecture, scale]
    assert (ours.layers, ours.parameters, round(ours.gflops, 1)) == (
        published.layers,
        published.parameters,
        published.gflops,
    )
    assert abs(ours.kb / published.kb - 1) < 0.02  # the article's file holds its framework's objects too


@pytest.mark.parametrize('architecture,scale,nc,layers,parameters,gflops', AS_PUBLISHED)
def test_like_for_like(architecture, scale, nc, layers, parameters, gflops):
    ours = as_published(architecture, scale, nc)
    assert (ours.layers, ours.parameters, round(ours.gflops, 3)) == (layers, parameters, gflops)


@pytest.mark.parametrize('architecture,parameters,gflops', ALL_FUSED)
def test_all_folded(architecture, parameters, gflops):
    ours = all_fused(architecture, 'n', 80)
    assert (ours.parameters, round(ours.gflops, 3)) == (parameters, gflops)


def test_published_yolov8():
    """The figures that YOLOv8 is published with, 80 classes."""
    unfused = build('yolov8', 'n', 80)
    assert (sum(1 for _ in unfused.modules()), parameters(unfused), round(gflops(unfused), 1)) == (
        225,
        3_157_200,
        8.9,
    )
    assert parameters(fuse_as_published(build('yolov8', 's', 80))) == 11_156_544
    assert round(gflops(fuse_as_published(build('yolov8', 's', 80))), 1) == 28.6
