"""The description of a sandbox: its folder, command, environment, binds, doors and limits."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

ROOT = "/opt/ml"  # where the folder of a walled sandbox is
MIB = 2**20


class Level(StrEnum):
    """How well a sandbox holds, the best first."""

    WALLED = "walled"
    LOCKED = "locked"
    LIMITED = "limited"


class SandboxError(OSError):
    """A sandbox could not be set up."""


@dataclass(frozen=True)
class Bind:
    """A file or folder of this machine, seen inside as `target`, which is an absolute path."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Door:
    """The way to one service: 127.0.0.1:`port` inside leads to `address`, "HOST:PORT" or the path of a unix socket."""

    port: int
    address: str


@dataclass(frozen=True)
class Limits:
    """What a whole sandbox may use, in bytes or counts; 0 for no limit. `open_files` and `file_size` are a process's.

    `disk` counts the files of the folder; /tmp and /dev/shm, which are memory, hold `tmp` bytes each.
    """

    memory: int = 0
    processes: int = 512
    open_files: int = 4096
    file_size: int = 0
    disk: int = 0
    tmp: int = 256 * MIB


@dataclass(frozen=True)
class Spec:
    """One sandbox. `folder` is writable: /opt/ml inside when walled, at its real path otherwise.

    `command` is executed inside with `environment`, of which it is the whole: nothing is inherited. `cwd` is a name
    inside a walled sandbox, and is translated at the other levels.
    """

    folder: Path
    command: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    cwd: str = ROOT
    hostname: str = "algo-1"
    binds: tuple[Bind, ...] = ()
    doors: tuple[Door, ...] = ()
    limits: Limits = Limits()
    own_user: bool = True  # as sandbox.identity decides
    cgroup: str = ""  # the one below which it has its own, as sandbox.identity decides
    hosts: dict[str, str] = field(default_factory=dict)  # addresses by name, where several share a network

    def inside(self, path: Path, level: Level) -> str:
        """Return the name inside of `path`, which is the folder, a bind's source, or below one. Raises ValueError."""
        for source, target in self._names():
            if path.is_relative_to(source):
                return str(Path(target, path.relative_to(source)) if level is Level.WALLED else path)
        raise ValueError(f"{path} is not in the sandbox: add a bind for it.")

    def outside(self, name: str) -> Path:
        """Return the path on this machine of a name in a walled sandbox; of a system file the same."""
        for source, target in self._names():
            if Path(name).is_relative_to(target):
                return source / Path(name).relative_to(target)
        return Path(name)

    def _names(self) -> list[tuple[Path, str]]:
        """Pairs of source and target, the most specific first."""
        names = [(self.folder, ROOT), *((bind.source, bind.target) for bind in self.binds)]
        return sorted(names, key=lambda name: -len(name[1]))

    def check_sources(self) -> None:
        """Raise SandboxError if the source of a bind is behind a link that code can have made.

        That is in the folder or in a writable bind: an earlier program may have put a link to any file there.
        """
        changeable = [self.folder, *(bind.source for bind in self.binds if bind.writable)]
        for bind in self.binds:
            for root in changeable:
                if bind.source == root or not bind.source.is_relative_to(root):
                    continue
                for part in (bind.source, *bind.source.parents):
                    if part == root:
                        break
                    if part.is_symlink():
                        raise SandboxError(f"{part} is a link, and cannot be shown in a sandbox. Remove it.")

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads; all of it can be written as JSON."""
        return json.loads(json.dumps(asdict(self), default=str))

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Return the sandbox that `to_json` described."""
        return cls(
            **content
            | {
                "folder": Path(content["folder"]),
                "command": tuple(content["command"]),
                "binds": tuple(Bind(Path(b["source"]), b["target"], b["writable"]) for b in content["binds"]),
                "doors": tuple(Door(**door) for door in content["doors"]),
                "limits": Limits(**content["limits"]),
            }
        )
