"""Batches, loss, distillation, resuming and averaging, on small made-up data."""

import csv
import time

import numpy as np
import pytest
import torch
from pictures import photo, write_prepared

from ghostcam_models.common.command_line import UserError
from ghostcam_models.common.environment import has_bfloat16
from ghostcam_models.data.merge import IGNORE, OBJECT
from ghostcam_models.data.prepared_images import PreparedImages
from ghostcam_models.model.network import Config, Network
from ghostcam_models.training.assigner import assign, locations
from ghostcam_models.training.log import Log
from ghostcam_models.training.loss import ciou, decode, detection_loss
from ghostcam_models.training.resident import ResidentImages
from ghostcam_models.training.soup import average
from ghostcam_models.training.speed import Variant, measure, report
from ghostcam_models.training.trainer import LOGGED, Settings, Trainer

PERSON, BICYCLE, CAR, TRUCK = 0, 1, 2, 5
NOTHING = np.zeros((0, 6), np.float32)


def rows(*values):
    return np.array(values, np.float32)


@pytest.fixture
def prepared(tmp_path):
    label = rows((PERSON, 40, 40, 140, 240), (CAR, 200, 100, 400, 300))
    write_prepared(tmp_path, [photo(seed, 416, 312) for seed in range(4)], [label] * 4)
    return PreparedImages(tmp_path)


def test_the_assigner_takes_the_best_locations_inside_an_object():
    centers, _ = locations((64, 64), torch.device('cpu'))
    target = torch.tensor([[[PERSON, 0.0, 0, 32, 32, OBJECT], [CAR, 40, 40, 64, 64, IGNORE]]])
    exact = target[:, 0, 1:5][:, None].expand(1, len(centers), 4)
    scores = torch.full((1, len(centers), 12), 0.5)
    assigned = assign(scores, exact, target, centers)
    taken = assigned.target_score[0] > 0
    assert ((centers[taken] < 32).all()) and taken.sum() >= 10
    assert (
        assigned.target_score.max() == pytest.approx(1, abs=1e-5)
        and (assigned.label[0][taken] == PERSON).all()
    )
    ignored = assigned.ignore[0, :, CAR]
    assert (centers[ignored] > 40).all() and ignored.any() and not assigned.ignore[0, :, PERSON].any()


def test_ciou_of_equal_and_of_distant_boxes():
    box = torch.tensor([0.0, 0, 10, 10])
    assert ciou(box, box) == pytest.approx(1, abs=1e-5)
    # Two equal squares side by side with a gap: IoU 0, centers 20 apart, the hull 30 x 10.
    assert ciou(box, box + torch.tensor([20.0, 0, 20, 0])) == pytest.approx(
        -(20**2) / (30**2 + 10**2), abs=1e-5
    )


def test_perfect_outputs_have_almost_no_loss():
    centers, strides = locations((64, 64), torch.device('cpu'))
    target = torch.tensor([[[PERSON, 4.0, 4, 36, 36, OBJECT]]])
    distance = torch.cat((centers - 4, 36 - centers), 1) / strides[:, None]
    bins = torch.arange(16.0)
    box = -40 * (bins - distance.clamp(0, 15)[..., None]).abs().flatten(1)[None]
    inside = (distance.min(1).values > 0)[None]
    logits = torch.full((1, len(centers), 12), -20.0)
    logits[..., PERSON][inside] = 20
    perfect, _ = detection_loss(box, logits, target, (64, 64))
    wrong, _ = detection_loss(-box, -logits, target, (64, 64))
    assert perfect < wrong / 5


def test_decoding_gives_the_expected_distances():
    logits = torch.full((1, 1, 64), -50.0)
    logits[0, 0, [1, 16 + 2, 32 + 3, 48 + 4]] = 50
    box = decode(logits, torch.tensor([[100.0, 100.0]]), torch.tensor([8.0]))
    assert box[0, 0].tolist() == pytest.approx([92, 84, 124, 132])


@pytest.mark.parametrize(
    ('features', 'expected'),
    [
        ('flags\t\t: fpu avx2 avx512f avx512_bf16 amx_tile', True),
        ('Features\t: fp asimd i8mm bf16', True),
        ('flags\t\t: fpu avx2 avx512f', False),
    ],
)
def test_a_processor_computes_in_bfloat16_only_where_it_has_instructions_for_it(tmp_path, features, expected):
    (tmp_path / 'cpuinfo').write_text(f'processor\t: 0\n{features}\n')
    assert has_bfloat16(tmp_path / 'cpuinfo') is expected
    assert not has_bfloat16(tmp_path / 'missing')


def test_a_resumed_run_is_bit_equal_to_one_that_was_never_stopped(prepared, tmp_path):
    settings = Settings(imgsz=((64, 64),), batch_size=2, iterations=4, warmup=1, distill=0.0)
    cpu = torch.device('cpu')
    through = Trainer(settings, prepared, None, cpu)
    for _ in range(2):
        through.step()
    through.save(tmp_path / 'last.pt')
    through.step()
    resumed = Trainer(settings, prepared, None, cpu)
    resumed.resume(tmp_path / 'last.pt')
    assert resumed.iteration == 2
    resumed.step()
    for name, value in through.ema.state_dict().items():
        assert torch.equal(value, resumed.ema.state_dict()[name]), name


def test_images_in_the_device_s_memory_train_as_those_that_are_decoded(prepared):
    settings = Settings(imgsz=((64, 64),), batch_size=4, iterations=4, warmup=1, distill=0.0)
    cpu = torch.device('cpu')
    resident = ResidentImages(prepared, cpu)
    losses = [
        Trainer(settings, prepared, None, cpu, resident=images).step()[0]['loss']
        for images in (None, resident)
    ]
    assert losses[1] == pytest.approx(losses[0], rel=0.05)


def test_the_teacher_sees_the_pictures_before_a_camera_s_faults(prepared):
    settings = Settings(
        imgsz=((64, 64),), batch_size=16, iterations=4, warmup=1, distill=0.0, distill_fraction=0.5
    )
    trainer = Trainer(settings, prepared, None, torch.device('cpu'))
    shown, learned = [], []

    class Teacher:
        def predict(self, images):
            shown.append(images)

    trainer.teacher = Teacher()
    trainer.network.register_forward_pre_hook(lambda _, inputs: learned.append(inputs[0]))
    batch = trainer.next_batch()
    trainer.batches = iter([batch])
    trainer.step()
    assert torch.equal(shown[0], batch.images[:8].float() / 255) and learned[0].shape == (16, 3, 64, 64)
    assert not torch.equal(learned[0][:8], shown[0])


def test_the_learning_rate_warms_up_stays_and_falls(prepared):
    settings = Settings(iterations=100, warmup=10, cooldown=0.5, lr=1.0, distill=0.0)
    trainer = Trainer(settings, prepared, None, torch.device('cpu'))

    def lr(iteration):
        trainer.iteration = iteration
        return trainer.lr()

    assert lr(0) == pytest.approx(0.1) and lr(9) == lr(49) == pytest.approx(1)
    falling = [lr(i) for i in range(50, 101, 10)]
    assert falling == sorted(falling, reverse=True) and falling[-1] == pytest.approx(0.01)


def test_mosaics_end_in_the_cooldown(prepared):
    settings = Settings(iterations=20, cooldown=0.5, batch_size=4, mosaic=1.0, imgsz=((64, 64),), distill=0.0)
    trainer = Trainer(settings, prepared, None, torch.device('cpu'), loaders=0)
    tiles = [len(trainer.next_batch().targets[0]) for _ in range(20)]
    assert settings.mosaics_end == 16 and min(tiles[:16]) > max(tiles[16:])


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
    with pytest.raises(UserError, match='one configuration'):
        average(networks)


def test_the_log_says_what_an_image_costs_and_forgets_what_a_resumed_run_does_again(tmp_path, monkeypatch):
    clock = {'seconds': 0.0}
    monkeypatch.setattr(time, 'process_time', lambda: clock['seconds'])
    path = tmp_path / 'log.csv'

    def write(log, iteration, loss):
        clock['seconds'] += 0.05
        log.add(dict.fromkeys(LOGGED, loss), images=4)
        log.write(iteration, lr=0.1)

    log = Log(path, 0, processes=2)
    write(log, 10, loss=1.0)
    write(log, 20, loss=1.0)
    write(Log(path, 15, processes=2), 16, loss=2.0)
    with open(path, newline='') as file:
        rows = list(csv.DictReader(file))
    assert [(row['iteration'], row['images'], float(row['loss'])) for row in rows] == [
        ('10', '4', 1.0),
        ('16', '8', 2.0),
    ]
    # Each of two processes takes 50 ms for its two of four images.
    assert [float(row['cpu_ms_per_image']) for row in rows] == [25, 25]


def test_the_costs_of_settings_are_of_iterations_in_turn_and_the_first_round_is_left_out():
    turns = []

    class Turn(Variant):
        def step(self):
            turns.append(self.name)
            self.processor.append(self.seconds * (9 if len(turns) <= 2 else 1))
            self.drawing.append(self.seconds / 4)
            self.wall.append(self.seconds * 2)

    one, two = Turn('as given', None, 1), Turn('half', None, 1)
    one.seconds, two.seconds = 0.8, 0.4
    measure([one, two], rounds=3)
    assert turns == ['as given', 'half'] * 4
    lines = [line.strip('| ').split('|') for line in report([one, two], batch_size=8).splitlines()]
    assert [[cell.strip() for cell in line] for line in lines[2:]] == [
        ['as given', '100', '25%', '1.00', '1.00'],
        ['half', '50', '25%', '0.50', '0.50'],
    ]


def test_the_costs_are_of_the_steps_that_a_run_makes(prepared):
    """Drawing a batch beforehand to time it leaves the same weights."""
    settings = Settings(distill=0.0, imgsz=((64, 64),), batch_size=2, iterations=4)
    runs = [Trainer(settings, prepared, None, torch.device('cpu')) for _ in range(2)]
    timed = Variant('timed', runs[0], 1)
    for _ in range(2):
        timed.step()
        runs[1].step()
    assert all(torch.equal(a, b) for a, b in zip(*(run.network.parameters() for run in runs), strict=True))
    assert all(0 < drawn < whole for drawn, whole in zip(timed.drawing, timed.processor, strict=True))
