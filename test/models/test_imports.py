"""The package's modules import each other as the table in models/README.md says, and no other way."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[2] / 'models'
PACKAGE = MODELS / 'ghostcam_models'


def table() -> dict[str, set[str]]:
    """Group to the groups that it may import, from the README."""
    lines = (MODELS / 'README.md').read_text().split('## Groups')[1].split('\n## ')[0].splitlines()
    rows = [line.strip('|').split('|') for line in lines if line.startswith('| `')]
    names = {re.findall(r'`(\w+)`', first)[0]: re.findall(r'`(\w+)`', last) for first, _, last in rows}
    names['commands'] = [name for name in names if name != 'commands']
    return {group: set(imports) for group, imports in names.items()}


def module_of(path: Path) -> str:
    return '.'.join(path.relative_to(MODELS).with_suffix('').parts).removesuffix('.__init__')


def imports_of(path: Path) -> set[str]:
    """Modules of the package that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path}: relative import'
            found |= {node.module} | {f'{node.module}.{alias.name}' for alias in node.names}
    return found & set(MODULES)


MODULES = {module_of(path): path for path in PACKAGE.rglob('*.py')}
IMPORTS = {name: imports_of(path) for name, path in MODULES.items()}


def group_of(module: str) -> str:
    return module.split('.')[1]


def test_every_group_is_in_the_table():
    assert set(table()) == {path.name for path in PACKAGE.iterdir() if (path / '__init__.py').exists()}


def test_groups_import_what_the_table_says():
    used = {group: set() for group in table()}
    for module, imported in IMPORTS.items():
        if module != 'ghostcam_models':
            used[group_of(module)] |= {group_of(name) for name in imported if name != 'ghostcam_models'}
    for group, allowed in table().items():
        beyond = used[group] - allowed - {group}
        assert not beyond, f'{group} imports {beyond}'
        assert group == 'commands' or allowed == used[group] - {group}, f'{group} does not import all it may'


@pytest.mark.parametrize('graph', [IMPORTS, table()], ids=['modules', 'groups'])
def test_nothing_imports_in_a_circle(graph):
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(' -> '.join(error.args[1]))


def test_no_command_is_imported():
    for module, imported in IMPORTS.items():
        commands = {name for name in imported if name.startswith('ghostcam_models.commands.')}
        assert not commands, f'{module} imports {commands}'
