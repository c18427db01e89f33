"""The installed package: its commands are those of models/README.md, and requirements.txt pins what it depends on."""

import re
from importlib.metadata import distribution
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[2] / 'models'
PACKAGE = distribution('ghostcam-models')
COMMANDS = [entry for entry in PACKAGE.entry_points if entry.group == 'console_scripts']


def test_readme_lists_every_command():
    listed = re.findall(r'^\| `(ghostcam-\w+)', (MODELS / 'README.md').read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(entry.name for entry in COMMANDS)
    files = {path.stem for path in (MODELS / 'ghostcam_models' / 'commands').glob('[!_]*.py')}
    assert files == {entry.module.rsplit('.', 1)[1] for entry in COMMANDS}


@pytest.mark.parametrize('entry', COMMANDS, ids=lambda entry: entry.name)
def test_a_command_calls_itself_by_its_name(entry, capsys):
    with pytest.raises(SystemExit) as ended:
        entry.load()(['--help'])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f'usage: {entry.name} ')


def test_requirements_pin_every_dependency():
    lines = (MODELS / 'requirements.txt').read_text().splitlines()
    pinned = {line.split('==')[0] for line in lines if '==' in line}
    assert {re.match(r'[\w-]+', requirement)[0] for requirement in PACKAGE.requires} <= pinned
