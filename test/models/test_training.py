"""Labels, batches, loss and resuming, on small made-up data."""

import numpy as np
import pytest
import torch

from ghostcam_models.common.boxes import fuse, nms
from ghostcam_models.data.bank import SIDE, Bank, pack_boxes
from ghostcam_models.data.duplicates import COPY, fingerprint, likeness
from ghostcam_models.data.merge import IGNORE, OBJECT, merge
from ghostcam_models.data.sets import Labelling, parse_boxes
from ghostcam_models.model.network import Config, Network
from ghostcam_models.training.assigner import assign, locations
from ghostcam_models.training.augment import Draw, Tiles, batch, place_boxes, render
from ghostcam_models.training.loss import ciou, decode, detection_loss
from ghostcam_models.training.soup import average
from ghostcam_models.training.trainer import Settings, Trainer

PERSON, BICYCLE, CAR, TRUCK = 0, 1, 2, 5
NOTHING = np.zeros((0, 6), np.float32)


def rows(*values):
    return np.array(values, np.float32)


@pytest.fixture
def bank():
    pixels = torch.from_numpy(np.random.default_rng(0).integers(0, 255, (4, SIDE, SIDE, 3), np.uint8))
    boxes = pack_boxes([rows((PERSON, 40, 40, 140, 240, OBJECT), (CAR, 200, 100, 400, 300, IGNORE))] * 4)
    sizes = torch.tensor([[416.0, 416.0], [416, 312], [312, 416], [200, 150]])
    return Bank(pixels, sizes, torch.from_numpy(boxes), torch.ones(4), ['made up'] * 4)


def test_label_lines_become_clipped_boxes_of_the_known_classes():
    text = '0 0.5 0.5 0.5 0.5\n79 0.5 0.5 0.1 0.1\n7 1.0 1.0 0.2 0.2\n'
    expected = [(PERSON, 25, 50, 75, 150), (TRUCK, 90, 180, 100, 200)]
    assert parse_boxes(text, 100, 200) == pytest.approx(rows(*expected))


def test_teachers_fill_in_what_a_set_does_not_label():
    labelling = Labelling(frozenset({CAR}), frozenset())
    label = rows((CAR, 0, 0, 100, 100))
    view = rows(
        (TRUCK, 2, 2, 98, 98, 0.9),  # the labelled car by another name
        (PERSON, 200, 0, 240, 100, 0.8),
        (PERSON, 300, 0, 340, 100, 0.3),  # unsure
        (BICYCLE, 300, 200, 340, 300, 0.1),  # nothing
    )
    merged = merge('some', labelling, label, [view])
    assert [(int(r[0]), int(r[5])) for r in merged] == [(CAR, OBJECT), (PERSON, OBJECT), (PERSON, IGNORE)]


def test_exhaustive_classes_take_nothing_from_teachers():
    labelling = Labelling(frozenset({PERSON}), frozenset({PERSON}))
    merged = merge('some', labelling, np.zeros((0, 5), np.float32), [rows((PERSON, 0, 0, 50, 100, 0.9))])
    assert len(merged) == 0


def test_doubtful_labels_count_only_with_a_teachers_box():
    labelling = Labelling(frozenset({BICYCLE}), frozenset())
    label = rows((BICYCLE, 0, 0, 100, 100))
    alone = merge('vn_streetcam', labelling, label, [NOTHING])
    assert [(int(r[0]), int(r[5])) for r in alone] == [(BICYCLE, IGNORE)]
    confirmed = merge('vn_streetcam', labelling, label, [rows((BICYCLE, 0, 30, 100, 100, 0.9))])
    assert confirmed.tolist() == [[BICYCLE, 0, 30, 100, 100, OBJECT]]


def test_a_view_that_misses_an_object_lowers_its_score():
    seen = rows((PERSON, 0, 0, 100, 100, 0.8))
    assert fuse([seen, NOTHING])[0, 5] == pytest.approx(0.4)
    assert fuse([seen, rows((PERSON, 0, 0, 100, 120, 0.8))])[0].tolist() == pytest.approx(
        [0, 0, 0, 100, 110, 0.8]
    )


def test_suppression_is_per_class():
    found = rows((PERSON, 0, 0, 10, 10, 0.5), (PERSON, 0, 0, 10, 11, 0.9), (CAR, 0, 0, 10, 10, 0.4))
    assert nms(found, 0.6)[:, [0, 5]].tolist() == pytest.approx(rows((PERSON, 0.9), (CAR, 0.4)))


def test_mirrored_and_smaller_copies_are_found():
    # Smooth pictures: of noise, a smaller copy keeps nothing.
    y, x = np.mgrid[0:160, 0:200] / 40.0
    photo = (
        ((np.stack((np.sin(x), np.cos(y + x), np.sin(y * 2))) + 1) * 127).astype(np.uint8).transpose(1, 2, 0)
    )
    other = np.ascontiguousarray(photo[::-1])
    known = fingerprint(photo)[None]
    assert likeness(fingerprint(photo[::2, ::-2])[None], known)[0] >= COPY
    assert likeness(fingerprint(other)[None], known)[0] < COPY


@pytest.mark.parametrize('mirrored', [False, True])
def test_boxes_move_with_the_pixels(bank, mirrored):
    bank.pixels[1] = 0
    bank.pixels[1, 40:240, 40:140] = 255  # the person's box, the smaller of the two, white on black
    tiles = Tiles(
        torch.tensor([1]),
        torch.tensor([[0.8, 0.7]]),
        torch.tensor([[10.0, -5.0]]),
        torch.tensor([mirrored]),
        320,
        320,
    )
    white = (render(bank, tiles)[0, 0] > 200).nonzero()
    drawn = torch.cat((white.amin(0).flip(0), white.amax(0).flip(0) + 1)).float()
    assert torch.allclose(place_boxes(bank, tiles)[0, 1, 1:5], drawn, atol=1.0)


def test_a_batch_depends_on_its_seed_alone(bank):
    first, again, other = (batch(bank, Draw(seed, torch.device('cpu')), 64, 1, 2) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0]) and torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])
    assert first[0].shape == (3, 3, 64, 64) and first[0].min() >= 0 and first[0].max() <= 1


def test_the_assigner_takes_the_best_locations_inside_an_object():
    centres, _ = locations(64, torch.device('cpu'))
    target = torch.tensor([[[PERSON, 0.0, 0, 32, 32, OBJECT], [CAR, 40, 40, 64, 64, IGNORE]]])
    exact = target[:, 0, 1:5][:, None].expand(1, len(centres), 4)
    scores = torch.full((1, len(centres), 12), 0.5)
    found = assign(scores, exact, target, centres)
    taken = found.goal[0] > 0
    assert ((centres[taken] < 32).all()) and taken.sum() >= 10
    assert found.goal.max() == pytest.approx(1, abs=1e-5) and (found.label[0][taken] == PERSON).all()
    ignored = found.ignore[0, :, CAR]
    assert (centres[ignored] > 40).all() and ignored.any() and not found.ignore[0, :, PERSON].any()


def test_ciou_of_equal_and_of_distant_boxes():
    box = torch.tensor([0.0, 0, 10, 10])
    assert ciou(box, box) == pytest.approx(1, abs=1e-5)
    # Two equal squares side by side with a gap: IoU 0, centres 20 apart, the hull 30 x 10.
    assert ciou(box, box + torch.tensor([20.0, 0, 20, 0])) == pytest.approx(
        -(20**2) / (30**2 + 10**2), abs=1e-5
    )


def test_perfect_outputs_have_almost_no_loss():
    centres, strides = locations(64, torch.device('cpu'))
    target = torch.tensor([[[PERSON, 4.0, 4, 36, 36, OBJECT]]])
    distance = torch.cat((centres - 4, 36 - centres), 1) / strides[:, None]
    bins = torch.arange(16.0)
    box = -40 * (bins - distance.clamp(0, 15)[..., None]).abs().flatten(1)[None]
    inside = (distance.min(1).values > 0)[None]
    logits = torch.full((1, len(centres), 12), -20.0)
    logits[..., PERSON][inside] = 20
    perfect, _ = detection_loss(box, logits, target, 64)
    wrong, _ = detection_loss(-box, -logits, target, 64)
    assert perfect < wrong / 5


def test_decoding_gives_the_expected_distances():
    logits = torch.full((1, 1, 64), -50.0)
    logits[0, 0, [1, 16 + 2, 32 + 3, 48 + 4]] = 50
    box = decode(logits, torch.tensor([[100.0, 100.0]]), torch.tensor([8.0]))
    assert box[0, 0].tolist() == pytest.approx([92, 84, 124, 132])


def test_a_resumed_run_is_bit_equal_to_one_that_was_never_stopped(bank, tmp_path):
    settings = Settings(sizes=(64,), batch=2, iterations=4, warmup=1, distil=0.0)
    cpu = torch.device('cpu')
    through = Trainer(settings, bank, None, cpu)
    for _ in range(2):
        through.step()
    through.save(tmp_path / 'last.pt')
    through.step()
    resumed = Trainer(settings, bank, None, cpu)
    resumed.resume(tmp_path / 'last.pt')
    assert resumed.iteration == 2
    resumed.step()
    for name, value in through.average.state_dict().items():
        assert torch.equal(value, resumed.average.state_dict()[name]), name


def test_an_average_has_the_mean_of_every_weight_and_statistic():
    config = Config('yolov8-ghostnetv2', 'n', ('person',), 'relu')
    networks = [Network(config), Network(config)]
    for norm in networks[1].modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(norm.running_mean)
    expected = {k: v.clone() for k, v in networks[0].state_dict().items()}
    for name, value in networks[1].state_dict().items():
        expected[name] = (expected[name] + value) / 2
    for name, value in average(networks).state_dict().items():
        torch.testing.assert_close(value, expected[name].to(value.dtype), msg=name)


def test_only_networks_of_one_configuration_are_averaged():
    networks = [Network(Config('yolov8-ghostnetv2', 'n', (name,), 'relu')) for name in ('person', 'car')]
    with pytest.raises(ValueError, match='one configuration'):
        average(networks)
