"""Training batches: placed images and their boxes, cameras' faults, shapes, and what depends on what."""

import numpy as np
import pytest
import torch
from pictures import photo, write_prepared

from ghostcam_models.commands.train import main
from ghostcam_models.data.prepared_images import PAD_VALUE, PreparedImages
from ghostcam_models.training.assigner import assign, locations
from ghostcam_models.training.augment import (
    Tile,
    mosaic,
    pack,
    place_boxes,
    render,
    single,
)
from ghostcam_models.training.batches import Batches
from ghostcam_models.training.color_jitter import color_jitter
from ghostcam_models.training.degrade import dark, degrade, infrared

PERSON, CAR = 0, 2
WIDE = (320, 192)


def rows(*values):
    return np.array(values, np.float32)


@pytest.fixture
def prepared(tmp_path):
    """Black pictures with one white rectangle each, which is a person."""
    pictures, labels = [], []
    for left, width, height in ((40, 400, 300), (100, 300, 400), (8, 160, 120)):
        picture = np.zeros((height, width, 3), np.uint8)
        picture[30:90, left : left + 40] = 255
        pictures.append(picture)
        labels.append(rows((PERSON, left, 30, left + 40, 90)))
    write_prepared(tmp_path, pictures, labels)
    return PreparedImages(tmp_path)


def white_box(pixels):
    """Corners of what is white."""
    y, x = (pixels[..., 0] > 190).nonzero()
    return [x.min(), y.min(), x.max() + 1, y.max() + 1]


@pytest.mark.parametrize('mirrored', [False, True])
@pytest.mark.parametrize('gain', [0.3, 0.8, 1.4])
def test_boxes_move_with_the_pixels(prepared, mirrored, gain):
    tile = Tile(1, np.array((gain, gain * 0.9)), np.array((7.3, -5.6)), mirrored, (320, 256))
    (box,) = place_boxes(prepared, tile)
    assert box[1:5] == pytest.approx(white_box(render(prepared, tile)), abs=1.6)


def test_around_an_image_all_is_gray(prepared):
    pixels = render(prepared, Tile(2, np.array((1.0, 1.0)), np.array((80.0, 36.0)), False, WIDE))
    assert (
        (pixels[:30] == PAD_VALUE).all()
        and (pixels[:, :75] == PAD_VALUE).all()
        and (pixels[40:60, 100:110] != PAD_VALUE).any()
    )


@pytest.mark.parametrize('make', [lambda *a: mosaic(*a), lambda *a: place(*a)])
def test_pictures_of_any_shape_hold_their_boxes(prepared, make):
    random = np.random.default_rng(5)
    found = 0
    for _ in range(20):
        pixels, boxes = make(prepared, random, WIDE)
        assert pixels.shape == (192, 320, 3) and pixels.dtype == np.uint8
        assert (
            (boxes[:, 1:5] >= 0).all() and (boxes[:, [1, 3]] <= 320).all() and (boxes[:, [2, 4]] <= 192).all()
        )
        for _, x1, y1, x2, y2, kind in boxes:
            inner = pixels[int(y1 + 0.3 * (y2 - y1)) : int(y2), int(x1 + 0.3 * (x2 - x1)) : int(x2)]
            if kind and inner.size and min(x2 - x1, y2 - y1) > 12:
                found += 1
                assert np.median(inner) > 200
    assert found > 5


def place(prepared, random, shape):
    tile = single(prepared, random, shape)
    return render(prepared, tile), place_boxes(prepared, tile)


def test_an_object_of_three_pixels_is_one_and_a_smaller_one_is_ignored(prepared):
    def kind(gain):
        (box,) = place_boxes(prepared, Tile(0, np.array((gain, gain)), np.zeros(2), False, (320, 320)))
        return box[5]

    assert kind(3.1 / 40) == 1 and kind(2.5 / 40) == 0


def test_a_cut_object_is_ignored_and_then_gone(prepared):
    def placed(left):
        return place_boxes(prepared, Tile(0, np.ones(2), np.array((left, 0.0)), False, (320, 320)))[
            :, 5
        ].tolist()

    assert placed(-60.0) == [1] and placed(-73.0) == [0] and placed(-78.0) == []


def batches(prepared, **changes):
    wanted = dict(
        shapes=(WIDE, (64, 64)),
        count=4,
        mosaics=2,
        clean=1,
        cooldown_start=2,
        seed=3,
        rank=0,
        world=1,
    )
    return Batches(prepared, **{**wanted, **changes})


def test_a_batch_depends_on_seed_iteration_and_rank_alone(prepared):
    first, again = batches(prepared)[0], batches(prepared)[0]
    assert torch.equal(first.images, again.images) and torch.equal(first.targets, again.targets)
    others = (
        batches(prepared)[2],
        batches(prepared, rank=1, world=2)[0],
        batches(prepared, seed=4)[0],
    )
    assert not any(torch.equal(first.images, other.images) for other in others)


def test_shapes_take_turns_and_the_teacher_sees_the_clean_pictures(prepared):
    source = batches(prepared)
    assert [tuple(source[i].images.shape[2:]) for i in range(3)] == [
        (192, 320),
        (64, 64),
        (192, 320),
    ]
    assert source[0].clean.shape == (1, 3, 192, 320) and len(batches(prepared, clean=0)[0].clean) == 0
    alone = batches(prepared, shapes=((64, 64),), count=1)
    same = [torch.equal(alone[i].images, alone[i].clean) for i in range(20)]
    assert any(same) and not all(same)  # the student's are made worse, some of them


def test_packed_boxes_keep_the_largest_first():
    packed = pack([rows((CAR, 0, 0, 4, 4, 1), (PERSON, 0, 0, 9, 9, 0)), rows()[:0].reshape(0, 6)])
    assert packed[0, :, 0].tolist() == [PERSON, CAR] and packed[1, :, 0].tolist() == [
        -1,
        -1,
    ]


def test_infrared_is_gray_and_darkness_is_dark():
    random = np.random.default_rng(1)
    for seed in range(5):
        night = infrared(photo(seed), random)
        assert (night[..., 0] == night[..., 1]).all() and night.shape == photo(seed).shape
        assert dark(photo(seed), random).mean() < 0.8 * photo(seed).mean()


def test_most_pictures_are_left_as_they_are_and_none_is_lost():
    random = np.random.default_rng(2)
    gray = np.repeat(photo(7)[..., :1], 3, 2)
    results = [degrade(gray, random) for _ in range(200)]
    same = sum(np.array_equal(result, gray) for result in results)
    assert 60 < same < 160
    correlations = [np.corrcoef(r.mean(2).ravel(), gray.mean(2).ravel())[0, 1] for r in results]
    assert np.median(correlations) > 0.95 and min(correlations) > 0.3


def test_colors_change_and_stay_in_range():
    images = torch.from_numpy(np.stack([photo(i) for i in range(4)])).permute(0, 3, 1, 2)
    first, again = (color_jitter(images, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(first, again) and first.min() >= 0 and first.max() <= 1
    assert (first - images / 255).abs().mean() > 0.02


def test_a_small_object_between_the_locations_has_one():
    centers, _ = locations((64, 64), torch.device('cpu'))
    small = torch.tensor([[[PERSON, 14.5, 14.5, 17.5, 17.5, 1.0]]])  # around the corner of four cells
    boxes = small[:, 0, 1:5][:, None].expand(1, len(centers), 4)
    found = assign(torch.full((1, len(centers), 12), 0.5), boxes, small, centers)
    assert found.target_score.max() == pytest.approx(1, abs=1e-5)


def test_locations_of_a_wide_input_go_row_by_row():
    centers, strides = locations((128, 64), torch.device('cpu'))
    assert len(centers) == sum((128 // s) * (64 // s) for s in (8, 16, 32))
    assert centers[:2].tolist() == [[4, 4], [12, 4]] and centers[16].tolist() == [4, 12]
    assert strides[-1] == 32 and centers[-1].tolist() == [112, 48]


@pytest.mark.parametrize('wrong', ['100', '448x250'])
def test_sizes_that_the_network_cannot_take_are_refused(tmp_path, capsys, wrong):
    with pytest.raises(SystemExit):
        main(['--run', str(tmp_path / 'run'), '--distill', '0', '--imgsz', '320', wrong])
    assert f'--imgsz {wrong}: yolov8-ghostnetv2 takes multiples of 64' in capsys.readouterr().err
    assert not (tmp_path / 'run').exists()
