"""What a job's processes leave in their folder: made safe to read. None of them runs any more."""

import errno
import io
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from algorithms.contract import UserError
from sandbox.leftovers import open_plain_file

MAX_DEPTH = 100  # folders in one another
TOO_DEEP = (
    f"The job left folders more than {MAX_DEPTH} deep, or with names too long to reach: {{!r}}. Please write the model "
    "and the output with fewer folders and shorter names."
)


class LeftFile(NamedTuple):
    """A plain file; `name` is its path below the folder, `size` in bytes."""

    name: str
    size: int
    is_executable: bool


def replace_links(root: Path, names: Iterable[str]) -> None:
    """Have each of these folders below `root` be a folder: what a job put in its place could name any of this machine.

    `names` are relative, a folder before what is in it.
    """
    root.chmod(0o700)
    for name in names:
        path = root / name
        status = path.lstat() if os.path.lexists(path) else None
        if status is None or not stat.S_ISDIR(status.st_mode):
            path.unlink(missing_ok=True)
            path.mkdir()
        elif status.st_mode & 0o700 != 0o700:
            path.chmod(0o700)


def read_file(path: Path, size: int) -> str:
    """Return the beginning of a plain file, "" if it is none: neither a link nor a pipe, which nobody may write."""
    try:
        with io.TextIOWrapper(open_plain_file(path), errors="replace") as file:
            return file.read(size)
    except OSError:
        return ""


def merge_folders(sources: Sequence[Path], target: Path) -> list[str]:
    """Move the plain files of several folders into the new folder `target`; return the names that were taken.

    What an earlier source has stays: a later file of the same name, or one that needs a folder of the name of a file,
    is left where it is. Raises UserError.
    """
    target.mkdir()
    taken: list[str] = []
    for source in sources:
        for file in list_files(source):
            destination = target / file.name
            try:
                destination.parent.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                taken.append(file.name)
                continue
            if destination.exists():
                taken.append(file.name)
            else:
                (source / file.name).rename(destination)
    return taken


def list_files(root: Path) -> list[LeftFile]:
    """Return the plain files below a folder by name, readable for this process. Raises UserError where it is too deep.

    Anything else is left out: a link could name anything of this machine.
    """
    files: list[LeftFile] = []
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            if folder.count("/") > MAX_DEPTH:
                raise UserError(TOO_DEEP.format(folder[:200]))
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(f"{folder}{entry.name}/")
                        Path(entry.path).chmod(0o700)
                    elif stat.S_ISREG(status.st_mode):
                        is_executable = bool(status.st_mode & stat.S_IXUSR)
                        files.append(LeftFile(folder + entry.name, status.st_size, is_executable))
                        if not status.st_mode & stat.S_IRUSR:
                            Path(entry.path).chmod(0o600)
        except OSError as e:
            if e.errno != errno.ENAMETOOLONG:
                raise
            raise UserError(TOO_DEEP.format(folder[:200])) from e
    return sorted(files)
