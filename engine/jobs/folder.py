"""The private folder of a job's attempt, with a folder for each member as SageMaker has it at /opt/ml."""

import json
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from common.remove_folder import remove_folder
from engine.jobs import leftovers
from engine.models.job import Job
from sandbox.identity import decide
from sandbox.spec import Level, Spec

_FOLDERS = ("input/config", "input/data", "model", "output/data", "checkpoints", "tmp")


class MemberFolder:
    """One member's /opt/ml; only the engine's own user can look inside."""

    def __init__(self, root: Path):
        self.root = root
        self.config, self.data = root / "input/config", root / "input/data"
        self.model, self.output, self.checkpoints = root / "model", root / "output", root / "checkpoints"

    @property
    def host(self) -> str:
        """The member's host, such as algo-1."""
        return self.root.name

    def create(self) -> None:
        """Make the empty folders."""
        self.root.mkdir(mode=0o700)
        for name in _FOLDERS:
            (self.root / name).mkdir(parents=True)

    def channel(self, name: str) -> Path:
        """The folder of an input channel."""
        return self.data / name

    def failure(self) -> str:
        """Return what the process wrote to output/failure, at most 4096 characters, or ''."""
        return leftovers.read_file(self.output / "failure", 4096).strip()

    def secure(self) -> None:
        """Make the folders safe to read once the member's processes have ended: they may have made links of them."""
        leftovers.replace_links(self.root, ("model", "output", "output/data", "checkpoints"))

    def write_config(self, name: str, content: dict) -> None:
        """Write a file of input/config, such as resourceconfig.json."""
        (self.config / name).write_text(json.dumps(content))

    def write_start(self, entry: str, environment: dict[str, str], file_size: int, **more: object) -> None:
        """Write start.json, which the zygote reads: it calls `entry` ("module:function") with the folder and this.

        `environment` is added to the few variables a process inherits; `file_size` limits each file, in bytes, 0 for
        no limit. `more` is for the entry alone.
        """
        self._write_start({"entry": entry, "environment": environment, "file_size": file_size, **more})

    def write_sandboxed_start(
        self, spec: Spec, level: Level, entry: str = "", addresses: Sequence[str] = (), **more: object
    ) -> None:
        """Write start.json of a member in a sandbox, whose command is executed there; without one `entry` is called.

        The entry's process has its environment and limits from `spec`; the memory limit is the workload's. Members
        whose spec names hosts share the network of their job; with `addresses`, which its members here have, that
        leads to other machines.
        """
        network = {"network": str(self.root.parent), "addresses": [*addresses]} if spec.hosts else {}
        self._write_start({"sandbox": decide(spec).to_json(), "level": level, "entry": entry, **network, **more})

    def _write_start(self, start: dict[str, object]) -> None:
        (self.root / "start.json").write_text(json.dumps(start))


class JobFolder:
    """The folder of one attempt of a job."""

    def __init__(self, root: Path):
        self.root = root

    def member(self, host: str) -> MemberFolder:
        """The folder of the member called `host`."""
        return MemberFolder(self.root / host)

    def remove(self) -> None:
        """Remove everything. Repeatable."""
        remove_folder(self.root)


def create(job: Job, hosts: tuple[str, ...]) -> JobFolder:
    """Make clean folders for this attempt, and remove what earlier attempts of the job left on this machine."""
    settings.JOBS_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    for attempt in range(1, job.attempt + 1):
        remove_folder(settings.JOBS_FOLDER / _name(type(job), job.region, job.name, attempt))
    folder = JobFolder(settings.JOBS_FOLDER / _name(type(job), job.region, job.name, job.attempt))
    folder.root.mkdir(mode=0o700)
    for host in hosts:
        folder.member(host).create()
    return folder


def sweep() -> int:
    """Remove the folders of attempts that no worker runs; return how many."""
    if not settings.JOBS_FOLDER.is_dir():
        return 0
    # Listed before the rows are read: a folder is made after its claim, so a new one is claimed or not yet listed.
    folders = [path for path in settings.JOBS_FOLDER.iterdir() if path.is_dir()]
    claimed = {
        _name(kind, *row)
        for kind in Job.kinds()
        for row in kind._default_manager.exclude(worker="").values_list("region", "name", "attempt")
    }
    abandoned = [path for path in folders if path.name not in claimed]
    for path in abandoned:
        remove_folder(path)
    return len(abandoned)


def _name(kind: type[Job], region: str, name: str, attempt: int) -> str:
    return f"{kind.ARN_TYPE}-{region}-{name}-{attempt}"
