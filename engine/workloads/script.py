"""Training with a script of the caller's: the workload of a CreateTrainingJob request for a framework's image."""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from algorithms.contract import UserError
from common.db.claim import Claim, Unfinished
from engine.frameworks import environments, images, requirements
from engine.frameworks.cage import Cage
from engine.frameworks.environments import PythonEnvironment
from engine.frameworks.locked_environment import EnvironmentUnavailable
from engine.frameworks.uv import InstallCancelled
from engine.jobs.folder import MemberFolder
from engine.jobs.leftovers import read_file
from engine.jobs.machines.gang import Gang
from engine.jobs.transfers import TransferCancelled, Transfers
from engine.models import TrainingJob
from engine.workloads import sources
from engine.workloads.channels import input_mode
from engine.workloads.pipes import PipedChannel, Pipes
from engine.workloads.training import TrainingWorkload
from sandbox.level import sentence, why_not
from sandbox.spec import Level, Limits

RETRY = 30.0  # seconds until the base environment is tried again
SDK_DRIVERS, SDK_CODE = "sm_drivers", "code"  # channels of the SageMaker Python SDK, version 3
MAX_TEXT = 2**20  # bytes of a driver's file


class ScriptWorkload(TrainingWorkload):
    """One training job with code of its own, which runs in a sandbox."""

    def __init__(self, claim: Claim[TrainingJob], gang: Gang | None = None):
        super().__init__(claim, gang)
        self.algorithm = None  # the image may be that of a built-in algorithm, which does not run here
        self.framework = images.framework_of(self.image)
        self.specification = self.request.get("AlgorithmSpecification", {})
        self.threads = 1
        self.piped: dict[str, list[PipedChannel]] = {}  # by host

    def prepare(self, host: str, folder: MemberFolder, threads: int) -> None:
        """Write the member's configuration. What its process is, is known once its code is there."""
        self.write_config(host, folder)
        self.threads = threads
        if host == self.hosts[0]:
            self.notes.extend(self._substitutions())

    def download(self, folders: Sequence[MemberFolder], transfers: Transfers) -> None:
        """Fetch channels and code, make the environment that the code asks for, and describe the sandbox.

        Raises UserError.
        """
        super().download(folders, transfers)
        piped = [c for c in self.request.get("InputDataConfig", ()) if input_mode(c, self.request) == "Pipe"]
        for folder in folders:
            self.piped[folder.host] = [PipedChannel.of(one, self.objects(one, folder.host)) for one in piped]
            code = self._fetch_code(folder, transfers)
            try:
                environment = environments.with_requirements(
                    self._requirements(folder, code), self.notes.append, lambda: transfers.cancelled
                )
            except InstallCancelled:
                raise TransferCancelled from None
            except EnvironmentUnavailable as e:
                raise Unfinished(str(e), counted=True, delay=RETRY) from e
            self._write_start(folder, environment)

    def while_running(self, folders: Sequence[MemberFolder]) -> AbstractContextManager:
        """Write checkpoints to S3, and feed the pipes of channels in Pipe mode."""
        with ExitStack() as stack:
            stack.enter_context(super().while_running(folders))
            for folder in folders:
                if channels := self.piped[folder.host]:
                    stack.enter_context(Pipes(folder.data, channels))
            return stack.pop_all()

    def channels_of_files(self) -> list[dict]:
        """The channels that are not in Pipe mode: a script reads those from pipes."""
        return [c for c in super().channels_of_files() if input_mode(c, self.request) != "Pipe"]

    def _fetch_code(self, folder: MemberFolder, transfers: Transfers) -> Path | None:
        """The folder of the code: what sagemaker_submit_directory names, unpacked, or the channel `code`."""
        channel = folder.channel(SDK_CODE)
        archive = _decoded(self.request.get("HyperParameters", {}).get(images.SUBMIT_DIRECTORY))
        if archive is None:
            return channel if channel.is_dir() else None
        return sources.fetch(archive, folder.root / "code", folder.root / "tmp", transfers)

    def _requirements(self, folder: MemberFolder, code: Path | None) -> tuple[str, ...]:
        if code is None:
            return ()
        name = "requirements.txt"
        settings = folder.channel(SDK_DRIVERS) / "sourcecode.json"
        if settings.is_file():
            name = _requirements_of(read_file(settings, MAX_TEXT))
        path = (code / name).resolve() if name else code
        if not path.is_file():
            return ()
        if not path.is_relative_to(code.resolve()):
            raise UserError(f"The requirements file {name} is not in the folder of the code.")
        return requirements.read(path, name)

    def _write_start(self, folder: MemberFolder, environment: PythonEnvironment) -> None:
        limits = Limits(memory=self.memory.size, file_size=self.volume, disk=self.volume)
        cage = Cage(folder.root, environment, limits)
        if entry := self.specification.get("ContainerEntrypoint"):
            words = (*entry, *self.specification.get("ContainerArguments", ()))
            command = tuple(cage.translate(word) for word in words)
            _translate_drivers(folder.channel(SDK_DRIVERS), cage)
        else:
            command = (cage.python, "-m", "script_toolkit.train")
        if folder.host == self.hosts[0]:
            why = "" if cage.level is Level.WALLED else f" ({why_not(Level.WALLED)})"
            self.notes.append(f"{sentence(cage.level)}{why}")
        spec = self.in_network(folder.host, cage.spec(command, self._variables(cage, folder.host)))
        folder.write_sandboxed_start(spec, cage.level, addresses=self.addresses_here)

    def _variables(self, cage: Cage, host: str) -> dict[str, str]:
        """The container's variables. The caller's own come first: they cannot replace the platform's."""
        own = {"PYTHONPATH": "", **self.request.get("Environment", {})}
        variables = {
            **own,
            **cage.variables(self.threads),
            "TRAINING_JOB_NAME": self.job.name,
            "TRAINING_JOB_ARN": self.job.arn,
            **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), self.job.region),  # botocore reads the second
            "CURRENT_HOST": host,
            "SM_NUM_CPUS": str(self.threads),
            "SAGEMAKER_TRAINING_MODULE": self.framework.module if self.framework else "",
            "SCRIPT_PYTHONPATH": own["PYTHONPATH"],
        }
        if self.specification.get("ContainerEntrypoint"):  # no toolkit of ours takes part
            variables["PYTHONPATH"] = own["PYTHONPATH"]
        return {name: value for name, value in variables.items() if value or name != "PYTHONPATH"}

    def _substitutions(self) -> list[str]:
        """Sentences on what is not as the request says."""
        sentences = [f"The image {self.image} is not run; its script runs in a Python environment of this engine."]
        for channel in self.request.get("InputDataConfig", ()):
            name = channel["ChannelName"]
            if input_mode(channel, self.request) == "FastFile":
                sentences.append(f"Channel {name}: FastFile mode is served as File mode, with the same paths.")
        return sentences


def _decoded(value: str | None) -> str | None:
    """A hyperparameter of the SDK: JSON, or the text itself."""
    if value is None:
        return None
    try:
        decoded = json.loads(value)
    except ValueError:
        decoded = value
    return decoded if isinstance(decoded, str) else value


def _requirements_of(settings: str) -> str:
    """The name of the requirements file in the SDK's sourcecode.json, "" if there is none."""
    try:
        name = json.loads(settings).get("requirements")
    except (ValueError, AttributeError):
        return ""
    return name if isinstance(name, str) else ""


def _translate_drivers(folder: Path, cage: Cage) -> None:
    """Give the SDK's own drivers, which name /opt/ml, this sandbox's name of it."""
    if cage.base == "/opt/ml" or not folder.is_dir():
        return
    for path in (p for p in folder.rglob("*") if p.suffix in (".sh", ".py", ".json") and p.stat().st_size < MAX_TEXT):
        path.write_text(cage.translate(path.read_text(errors="surrogateescape")), errors="surrogateescape")
