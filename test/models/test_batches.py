"""Training batches: placed images and their boxes, cameras' faults, shapes, and what depends on what."""

import io

import numpy as np
import pytest
import torch
from pictures import photo, write_prepared
from PIL import Image

from ghostcam_models.commands.train import main
from ghostcam_models.data.prepared_images import PAD_VALUE, PreparedImages
from ghostcam_models.training.assigner import assign, locations
from ghostcam_models.training.augment import (
    Tile,
    pack,
    picture,
    place_boxes,
)
from ghostcam_models.training.batches import Batches
from ghostcam_models.training.color_jitter import color_jitter
from ghostcam_models.training.degrade import compress, dark, degrade, infrared
from ghostcam_models.training.render import render
from ghostcam_models.training.resident import ResidentImages, Tiles

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
    assert box[1:5] == pytest.approx(white_box(render(prepared, [tile], tile.shape)), abs=1.6)


def test_around_an_image_all_is_gray(prepared):
    tile = Tile(2, np.array((1.0, 1.0)), np.array((80.0, 36.0)), False, WIDE)
    pixels = render(prepared, [tile], WIDE)
    assert (
        (pixels[:30] == PAD_VALUE).all()
        and (pixels[:, :75] == PAD_VALUE).all()
        and (pixels[40:60, 100:110] != PAD_VALUE).any()
    )


@pytest.mark.parametrize('as_mosaic', [True, False])
def test_pictures_of_any_shape_hold_their_boxes(prepared, as_mosaic):
    random = np.random.default_rng(5)
    found = 0
    for _ in range(20):
        tiles = picture(prepared, random, WIDE, as_mosaic)
        pixels = render(prepared, tiles, WIDE)
        boxes = np.concatenate([place_boxes(prepared, tile) for tile in tiles])
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


def test_a_device_composes_what_is_rendered_from_files(tmp_path):
    write_prepared(tmp_path, [photo(i) for i in range(4)], [rows((PERSON, 10, 10, 60, 80))] * 4)
    prepared = PreparedImages(tmp_path)
    random = np.random.default_rng(8)
    pictures = [picture(prepared, random, WIDE, i % 2 == 0) for i in range(24)]
    composed = ResidentImages(prepared, torch.device('cpu')).compose(Tiles.of(pictures), WIDE)
    assert composed.shape == (24, 3, 192, 320) and composed.dtype == torch.uint8
    for tiles, pixels in zip(pictures, composed.permute(0, 2, 3, 1).numpy(), strict=True):
        rendered = render(prepared, tiles, WIDE)
        # Resampled in another way: most pixels are alike, and an edge is at most a pixel apart.
        apart = np.abs(pixels.astype(int) - rendered).max(2)
        assert np.median(apart) <= 4 and (apart > 40).mean() < 0.03


@pytest.mark.parametrize('gain', [0.15, 0.25, 0.45, 0.9])
def test_a_device_puts_things_where_they_are_at_every_level(tmp_path, gain):
    picture_ = np.zeros((303, 501, 3), np.uint8)
    picture_[220:260, 440:480] = 255
    write_prepared(tmp_path, [picture_], [rows((PERSON, 440, 220, 480, 260))])
    prepared = PreparedImages(tmp_path)
    tile = Tile(0, np.array((gain, gain)), np.zeros(2), False, (512, 320))
    composed = ResidentImages(prepared, torch.device('cpu')).compose(Tiles.of([[tile]]), (512, 320))
    middles = []
    for pixels in (composed[0, 0].numpy(), render(prepared, [tile], (512, 320))[..., 0]):
        top, left = int(210 * gain), int(430 * gain)  # nothing else is bright here, nor gray
        shown = pixels[top : int(270 * gain), left : int(490 * gain)].astype(float)
        y, x = np.indices(shown.shape) + np.array((top, left))[:, None, None] + 0.5
        middles.append([(shown * x).sum() / shown.sum(), (shown * y).sum() / shown.sum()])
    assert middles[0] == pytest.approx([460 * gain, 240 * gain], abs=0.12)
    assert middles[0] == pytest.approx(middles[1], abs=0.6)  # which keeps to whole pixels


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
        rendered=True,
        mosaics_end=2,
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


def test_shapes_take_turns(prepared):
    source = batches(prepared)
    sizes = [tuple(source[i].images.shape[2:]) for i in range(3)]
    assert sizes == [(192, 320), (64, 64), (192, 320)]
    assert [source[i].shape for i in range(2)] == [WIDE, (64, 64)]


def test_tiles_for_a_device_are_those_of_the_rendered_pictures(prepared):
    tiles, rendered = batches(prepared, rendered=False)[0], batches(prepared)[0]
    composed = ResidentImages(prepared, torch.device('cpu')).compose(tiles.images, tiles.shape)
    assert torch.equal(tiles.targets, rendered.targets)
    assert (composed.float() - rendered.images).abs().mean() < 3


def test_packed_boxes_keep_the_largest_first():
    packed = pack([rows((CAR, 0, 0, 4, 4, 1), (PERSON, 0, 0, 9, 9, 0)), rows()[:0].reshape(0, 6)])
    assert packed[0, :, 0].tolist() == [PERSON, CAR] and packed[1, :, 0].tolist() == [
        -1,
        -1,
    ]


def tensor(*pictures):
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)


def uniform_of(count, part):
    """Draws the value at a part of each range, for count pictures."""
    return lambda low, high, *shape: torch.full((count, *(shape or (1, 1, 1))), low + part * (high - low))


def test_infrared_is_gray_and_darkness_is_dark():
    noise = torch.Generator().manual_seed(1)
    day = tensor(*(photo(seed) for seed in range(5))).float()
    for part in (0.2, 0.8):
        night = infrared(day, uniform_of(5, part), noise)
        assert (night[:, 0] == night[:, 1]).all() and night.shape == day.shape
        assert dark(day, uniform_of(5, part), noise).mean() < 0.8 * day.mean()


@pytest.mark.parametrize(('part', 'quality'), [(0, 8), (0.6, 30), (1, 45)])
def test_compression_is_that_of_jpeg(part, quality):
    pixels = np.ascontiguousarray(photo(3)[:112, :160])
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, 'JPEG', quality=quality, subsampling=2)
    jpeg = np.asarray(Image.open(buffer).convert('RGB')).astype(float)
    made = (
        compress(tensor(pixels).float(), uniform_of(1, part), None).clamp(0, 255)[0].permute(1, 2, 0).numpy()
    )
    lost = np.abs(jpeg - pixels).mean()
    assert np.abs(made - jpeg).mean() < 0.6 * lost and np.abs(made - pixels).mean() == pytest.approx(
        lost, rel=0.1
    )


def test_most_pictures_are_left_as_they_are_and_none_is_lost():
    gray = np.repeat(photo(7)[:112, :160, :1], 3, 2)
    images = tensor(*[gray] * 200)
    results, again = (degrade(images, torch.Generator().manual_seed(2)) for _ in range(2))
    assert torch.equal(results, again) and (images == torch.from_numpy(gray).permute(2, 0, 1)).all()
    same = sum(torch.equal(result, images[0]) for result in results)
    assert 60 < same < 160
    correlations = [np.corrcoef(r.float().mean(0).ravel(), gray.mean(2).ravel())[0, 1] for r in results]
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
