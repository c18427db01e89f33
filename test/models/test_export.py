"""What leaves the exporter computes what PyTorch computes, on noise and on photographs."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ghostcam_models.commands.export import main
from ghostcam_models.deploy.export import ExportError, export
from ghostcam_models.inference import manifest
from ghostcam_models.inference.reference import decode, detect, onnx_run, report, torch_run
from ghostcam_models.model.network import Config, Network

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / 'models' / 'yolov8n-ghostnetv2-320.onnx'
WEIGHTS = ROOT / 'models' / 'weights' / 'yolov8n-ghostnetv2.pt'
PHOTOS = sorted((ROOT / 'test' / 'fixtures' / 'photos').glob('*.png'))
REFERENCE = ROOT / 'test' / 'fixtures' / 'reference' / 'yolov8n-ghostnetv2-320.jsonl'


def picture(path):
    return np.asarray(Image.open(path).convert('RGB'))


def test_decode_agrees_with_pytorch(tmp_path):
    torch.manual_seed(2)
    network = Network(Config('yolov8-ghostnetv2', 'n', ('a', 'b'))).eval()
    path = export(network, 64, tmp_path)
    noise = np.random.default_rng(3).random((1, 3, 64, 64), np.float32)
    with torch.no_grad():
        expected = network.decode(network(torch.from_numpy(noise)))[0].numpy().T
    boxes, scores = decode(onnx_run(path)(noise), manifest.read(path))
    np.testing.assert_allclose(boxes, expected[:, :4], atol=1e-2)
    np.testing.assert_allclose(scores, expected[:, 4:], atol=1e-4)


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


def test_refuses_a_difference(tmp_path, capsys):
    arguments = ['--weights', str(WEIGHTS), '--imgsz', '64', '--out', str(tmp_path), '--tolerance', '1e-9']
    assert main(arguments) == 1
    assert 'differ by' in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_refuses_a_size_that_attention_cannot_halve(tmp_path):
    network = Network(Config('yolov8-ghostnetv2', 'n', ('a',))).eval()
    with pytest.raises(ExportError, match='multiples of 64'):
        export(network, 416, tmp_path)
