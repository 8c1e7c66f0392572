"""What a sandbox must show of this machine for a Python interpreter to run in it."""

import functools
import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sandbox.spec import Bind, Level, Spec

PROJECT = Path(__file__).resolve().parents[1]
# What the processes of jobs, models, evaluations and readers import of it.
PACKAGES = ("algorithms", "common", "engine", "evaluation", "jobs", "preflight", "sandbox", "tables")


@functools.cache
def own_binds() -> tuple[Bind, ...]:
    """Return the read-only binds with which this process's own interpreter, packages and program run inside.

    Of the project they show the packages of jobs and models alone: neither its data folder nor anything else. An entry
    of the path that holds the project, a home or the folder of temporary files is left out, for it holds far more than
    packages, and would cover the sandbox's own.
    """
    folders = [Path(prefix) for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)]
    folders += [PROJECT / name for name in PACKAGES]
    wide = {PROJECT, Path.home(), Path(tempfile.gettempdir())}
    wide |= {parent for folder in tuple(wide) for parent in folder.parents}
    folders += [Path(entry) for entry in sys.path if Path(entry) not in wide and Path(entry).is_absolute()]
    return _binds([folder for folder in folders if folder != Path.cwd() or folder == Path(sys.prefix)])


def own_program(spec: Spec, level: Level, module: str, *arguments: str, readable: Iterable[Path] = ()) -> Spec:
    """Return `spec` with the command `python -m module arguments`, a program of ours, and all that it needs.

    The folders of `readable` have the same names inside. If this process is root they are opened to all users, for
    the sandbox has one of its own; who may walk to them is decided by the folders above.
    """
    folders = tuple(readable)
    if os.geteuid() == 0:
        for folder in folders:
            _open_to_all(folder)
    own = (bind for bind in own_binds() if not spec.folder.is_relative_to(bind.source))
    binds = (*spec.binds, *own, *(Bind(folder, str(folder)) for folder in folders))
    packages = PROJECT
    if level is Level.LOCKED:  # which forbids to list the project's folder, and an import would do that
        packages = spec.folder / "packages"
        packages.mkdir()
        for name in PACKAGES:
            (packages / name).symlink_to(PROJECT / name)
    installed = spec.environment.get("PYTHONPATH", "").split(os.pathsep)  # where an installed algorithm may be
    path = [str(packages), *(entry for entry in installed if entry and Path(entry) != PROJECT)]
    environment = spec.environment | {"PYTHONPATH": os.pathsep.join(path)}
    return replace(spec, command=(sys.executable, "-m", module, *arguments), binds=binds, environment=environment)


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        wanted = mode | (0o555 if stat.S_ISDIR(mode) else 0o444)
        if wanted != mode and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(wanted))


def _binds(folders: list[Path]) -> tuple[Bind, ...]:
    """Binds of those that exist and are not shown already, below /usr or another one."""
    visible = [Path("/usr")]
    binds: list[Bind] = []
    for folder in sorted(folders, key=lambda one: len(one.parts)):
        if folder.exists() and not any(folder.is_relative_to(one) for one in visible):
            visible.append(folder)
            binds.append(Bind(folder.resolve(), str(folder)))
    return tuple(binds)
