"""What `ghostcam-profile` measures of a small model on this environment's ONNX Runtime."""

import re

import pytest
import torch

from ghostcam_models.commands.profile import main
from ghostcam_models.common.image_size import ImageSize
from ghostcam_models.deploy.export import export
from ghostcam_models.model.network import Config, Network


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    torch.manual_seed(0)
    network = Network(Config('yolov8-ghostnetv2', 'n', ('a',), 'relu')).eval()
    return export(network, ImageSize(128, 64), tmp_path_factory.mktemp('export'))


def test_measures_each_model_and_counts_its_nodes(model, capsys):
    main([str(model), str(model), '--seconds', '0.1'])
    text = capsys.readouterr().out
    cells = [[cell.strip() for cell in line.strip('|').split('|')] for line in text.splitlines()]
    summary = [row for row in cells if row[0] == model.stem]
    assert len(summary) == 2
    for _, median, least, cpu, ratio, in_cpu in summary:
        assert float(median) >= float(least) > 0 and float(cpu) > 0 and float(ratio) > 0
        share, nodes = re.fullmatch(r'([\d.]+)%, (\d+) nodes', in_cpu).groups()
        assert float(share) == 100 and int(nodes) > 100
    (convolutions,) = (row[2:] for row in cells if row[:2] == ['CPU', 'Conv'])
    assert all(re.fullmatch(r'[\d.]+ \(99\)', cell) for cell in convolutions)


def test_says_what_a_python_lacks(model, tmp_path):
    python = tmp_path / 'python'
    python.write_text('#!/bin/sh\necho "No module named onnxruntime" >&2\nexit 1\n')
    python.chmod(0o755)
    with pytest.raises(SystemExit, match='other: .*python: No module named onnxruntime'):
        main([str(model), '--runtime', f'other={python}'])
