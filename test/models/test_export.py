"""What leaves the exporter computes what PyTorch computes, on noise and on photographs."""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image

from ghostcam_models.commands.export import main
from ghostcam_models.common.command_line import UserError
from ghostcam_models.common.image_size import ImageSize, image_size, model_size
from ghostcam_models.deploy.export import ExportError, export
from ghostcam_models.evaluation.detectors import from_checkpoint, from_onnx
from ghostcam_models.inference import manifest
from ghostcam_models.inference.reference import decode, detect, onnx_run, report, torch_run
from ghostcam_models.model.network import Config, Network, load

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / 'models' / 'yolov8n-ghostnetv2.onnx'
WEIGHTS = ROOT / 'models' / 'weights' / 'yolov8n-ghostnetv2.pt'
PHOTOS = sorted((ROOT / 'test' / 'fixtures' / 'photos').glob('*.png'))
REFERENCE = ROOT / 'test' / 'fixtures' / 'reference' / 'yolov8n-ghostnetv2-320.jsonl'


def picture(path):
    return np.asarray(Image.open(path).convert('RGB'))


@pytest.mark.parametrize('size', [ImageSize(64, 64), ImageSize(192, 64), ImageSize(256, 192)], ids=str)
def test_decode_agrees_with_pytorch(size, tmp_path):
    torch.manual_seed(2)
    network = Network(Config('yolov8-ghostnetv2', 'n', ('a', 'b'))).eval()
    path = export(network, size, tmp_path)
    model = manifest.read(path)
    assert (model.input.width, model.input.height) == size and path.stem == f'yolov8n-ghostnetv2-{size}'
    noise = np.random.default_rng(3).random((1, 3, size.height, size.width), np.float32)
    with torch.no_grad():
        expected = network.decode(network(torch.from_numpy(noise)))[0].numpy().T
    boxes, scores = decode(onnx_run(path)(noise), model)
    np.testing.assert_allclose(boxes, expected[:, :4], atol=1e-2)
    np.testing.assert_allclose(scores, expected[:, 4:], atol=1e-4)


def test_one_file_for_all_sizes_is_the_file_of_each_size(tmp_path):
    torch.manual_seed(4)
    network = Network(Config('yolov8-ghostnetv2', 'n', ('a', 'b'))).eval()
    path = export(network, None, tmp_path)
    assert path.stem == 'yolov8n-ghostnetv2'
    model = manifest.read(path)
    assert model.input.dynamic == manifest.Dynamic(64)
    for size in (ImageSize(64, 128), ImageSize(192, 64)):
        fixed = onnxruntime.InferenceSession(export(network, size, tmp_path))
        options = onnxruntime.SessionOptions()
        for name, side in (('width', size.width), ('height', size.height)):
            options.add_free_dimension_override_by_name(name, side)
        bound = onnxruntime.InferenceSession(path, options)
        noise = np.random.default_rng(5).random((1, 3, size.height, size.width), np.float32)
        for a, b in zip(fixed.run(None, {'images': noise}), bound.run(None, {'images': noise}), strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_shape_fits_its_picture():
    model = manifest.of_network('some', Config('yolov8-ghostnetv2', 'n', ('a',)))
    shapes = {
        (1920, 1080): (320, 192),
        (1080, 1920): (192, 320),
        (640, 480): (320, 256),
        (1280, 800): (320, 192),
        (500, 500): (320, 320),
        (4608, 1728): (320, 128),
    }
    assert {picture: tuple(model.input.shape_for(*picture)) for picture in shapes} == shapes
    assert manifest.at_size(model, 448).input.shape_for(640, 480) == (448, 320)
    assert manifest.at_size(model, ImageSize(448, 448)).input.shape_for(640, 480) == (448, 448)
    assert (model_size('448'), model_size('448x448')) == (448, ImageSize(448, 448))
    with pytest.raises(UserError, match='multiples of 64'):
        manifest.at_size(model, 300)


def test_shipped_model_on_photographs():
    model, lines = manifest.read(SHIPPED), REFERENCE.read_text().splitlines()
    in_torch, in_onnx = torch_run(WEIGHTS), onnx_run(SHIPPED)
    assert len(lines) == len(PHOTOS)
    for path, line in zip(PHOTOS, lines, strict=True):
        expected = json.loads(line)
        assert expected['image'] == path.name
        for run in (in_torch, in_onnx):
            actual = report(path, picture(path), detect(run, model, picture(path), 0.05), model.labels)
            assert [d['label'] for d in actual['detections']] == [d['label'] for d in expected['detections']]
            for a, e in zip(actual['detections'], expected['detections'], strict=True):
                assert abs(a['score'] - e['score']) < 1e-3
                np.testing.assert_allclose(a['box'], e['box'], atol=0.5)


def test_finds_the_person_and_the_cat():
    seen = {line['image']: line['detections'] for line in map(json.loads, REFERENCE.read_text().splitlines())}
    for image, label in (('astronaut.png', 'person'), ('camera.png', 'person'), ('chelsea.png', 'cat')):
        assert seen[image][0]['label'] == label
        assert seen[image][0]['score'] > 0.5
    assert all(detection['score'] < 0.3 for detection in seen['coffee.png'])


def test_refuses_a_difference(tmp_path):
    arguments = ['--weights', str(WEIGHTS), '--imgsz', '64', '--out', str(tmp_path), '--tolerance', '1e-9']
    with pytest.raises(SystemExit, match='differ by'):
        main(arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('size', [ImageSize(416, 416), ImageSize(448, 224), ImageSize(32, 64)], ids=str)
def test_refuses_a_size_that_attention_cannot_halve(size, tmp_path):
    network = Network(Config('yolov8-ghostnetv2', 'n', ('a',))).eval()
    with pytest.raises(ExportError, match=f'--imgsz {size}: yolov8-ghostnetv2 takes multiples of 64'):
        export(network, size, tmp_path)


def test_a_size_is_width_by_height_or_the_side_of_a_square():
    assert image_size('448x256') == (448, 256) and str(image_size('448x256')) == '448x256'
    assert image_size('320') == (320, 320) and str(image_size('320')) == '320'
    for text in ('', '0', '448x', 'x256', '448x256x3', '448*256', '-64', '4.5', '448 x 256'):
        with pytest.raises(argparse.ArgumentTypeError, match='WIDTHxHEIGHT'):
            image_size(text)


@pytest.mark.parametrize('size', [ImageSize(320, 192), ImageSize(256, 192)], ids=str)
def test_a_checkpoint_and_its_export_detect_the_same(size, tmp_path):
    """Pictures of any shape, wider and taller than the input, of the weights that ship."""
    pictures = [picture(path) for path in PHOTOS]
    pictures.append(pictures[0][:, 100:300])
    in_onnx = from_onnx(export(load(WEIGHTS), size, tmp_path))(pictures)
    in_torch = from_checkpoint(WEIGHTS, size)(pictures)
    for actual, expected in zip(in_onnx, in_torch, strict=True):
        assert len(actual) == len(expected)
        np.testing.assert_allclose(actual, expected, atol=0.5)
        np.testing.assert_allclose(actual[:, 5], expected[:, 5], atol=1e-3)


@pytest.mark.parametrize(
    ('name', 'reason'), [('missing.pt', 'no such file'), ('text.pt', 'not a checkpoint')]
)
def test_refuses_what_is_no_checkpoint(tmp_path, name, reason):
    (tmp_path / 'text.pt').write_text('text')
    with pytest.raises(SystemExit, match=f'{name}: {reason}'):
        main(['--weights', str(tmp_path / name), '--out', str(tmp_path)])
