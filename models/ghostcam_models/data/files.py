"""Files of a folder, a tar file or a git directory, read the same way: paths first, then contents in any order."""

import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from ghostcam_models.common.command_line import UserError


class Files(Protocol):
    """keys: path to a name of the contents (git: the blob's id; else the path itself)."""

    keys: dict[str, str]

    def read(self, paths: Iterable[str]) -> Iterator[bytes]:
        """The contents of each path, in the order asked for."""
        ...


def open_files(path: Path) -> Files:
    """The reader that fits. UserError: there is nothing at path, or nothing of a known kind."""
    if path.is_file() and tarfile.is_tarfile(path):
        return TarFiles(path)
    for folder in (path, path / '.git', path / 'repo', path / 'repo' / '.git'):
        if (folder / 'HEAD').is_file() and (folder / 'objects').is_dir():
            return GitFiles(folder)
    if path.is_dir():
        return FolderFiles(path)
    raise UserError(f'{path}: neither a folder, a tar file nor a git directory')


class FolderFiles:
    """Every file below a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        paths = sorted(str(p.relative_to(folder)) for p in folder.rglob('*') if p.is_file())
        self.keys = {path: path for path in paths}

    def read(self, paths: Iterable[str]) -> Iterator[bytes]:
        for path in paths:
            yield (self.folder / path).read_bytes()


class TarFiles:
    """Every file in a tar file."""

    def __init__(self, archive: Path):
        self.archive = archive
        with tarfile.open(archive) as tar:
            self.members = {member.name.removeprefix('./'): member for member in tar if member.isfile()}
        self.keys = {path: path for path in sorted(self.members)}

    def read(self, paths: Iterable[str]) -> Iterator[bytes]:
        with tarfile.open(self.archive) as tar:
            for path in paths:
                yield tar.extractfile(self.members[path]).read()


class GitFiles:
    """The files of the newest commit of a git directory, without a work tree. Blobs that are absent are not listed."""

    def __init__(self, folder: Path):
        # The directory may belong to another user; reading its objects runs nothing of it.
        self.git = ['git', '-c', 'safe.directory=*', '-C', str(folder)]
        listing = subprocess.run(
            [*self.git, 'ls-tree', '-r', '-l', '-z', 'HEAD'], stdout=subprocess.PIPE, check=True
        ).stdout
        self.keys = {}
        for entry in filter(None, listing.decode('utf-8', 'replace').split('\0')):
            facts, path = entry.split('\t', 1)
            _, kind, blob, size = facts.split()
            if kind == 'blob' and size.isdigit():
                self.keys[path] = blob

    def read(self, paths: Iterable[str]) -> Iterator[bytes]:
        with subprocess.Popen(
            [*self.git, 'cat-file', '--batch'], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            for path in paths:
                process.stdin.write(f'{self.keys[path]}\n'.encode())
                process.stdin.flush()
                size = int(process.stdout.readline().split()[2])
                yield process.stdout.read(size)
                process.stdout.read(1)
            process.stdin.close()
