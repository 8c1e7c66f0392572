"""Training with a built-in algorithm: the workload of a CreateTrainingJob request."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.utils.timezone import now

import algorithms
from algorithms.contract import UserError
from common.db.claim import Claim
from common.memory import GIB
from engine.data_source import S3Object
from engine.frameworks import images
from engine.jobs.environment import inherited_environment
from engine.jobs.folder import MemberFolder
from engine.jobs.leftovers import merge_folders
from engine.jobs.machines.gang import Gang
from engine.jobs.metrics import Pattern
from engine.jobs.transfers import Transfers
from engine.jobs.workload import Ending, MemoryLimit, Phase, Result, Workload
from engine.models import TrainingJob
from engine.training.work import NAMESPACE, enter, finish, max_runtime
from engine.tuning import stopping, tasks
from engine.tuning.objective import objective_of
from engine.workloads import checkpoints
from engine.workloads.channels import input_mode, objects_of
from engine.workloads.checkpoints import CheckpointSync
from engine.workloads.portable import add_program
from jobs.instance_types import GIBIBYTES
from sandbox.interpreter import own_binds
from sandbox.level import available
from sandbox.network import INTERFACE, LOOPBACK, address_of
from sandbox.spec import Level, Limits, Spec

GROUP = "homogeneousCluster"  # AWS's name of the only group of instances
ENTRY = "engine.workloads.training_container:run"
MOST_NOTED = 20  # names of files
Status = TrainingJob.Status
SECONDARY = {
    Phase.DOWNLOADING: "Downloading",
    Phase.RUNNING: "Training",
    Phase.STOPPING: "Stopping",
    Phase.UPLOADING: "Uploading",
}
LAST = {
    Ending.COMPLETED: (Status.COMPLETED, "Completed"),
    Ending.STOPPED: (Status.STOPPED, "Stopped"),
    Ending.TIME_LIMIT: (Status.STOPPED, "MaxRuntimeExceeded"),
    Ending.FAILED: (Status.FAILED, "Failed"),
}


class TrainingWorkload(Workload[TrainingJob]):
    """One training job, with a member for each instance; SageMaker's words for their hosts are algo-1, algo-2, ..."""

    log_group = metric_namespace = NAMESPACE
    noun = "training"

    def __init__(self, claim: Claim[TrainingJob], gang: Gang | None = None):
        super().__init__(claim)
        self.request = self.job.request
        self.image = self.request.get("AlgorithmSpecification", {}).get("TrainingImage", "")
        self.algorithm = algorithms.for_image(self.image)
        self.hosts = hosts_of(self.request)
        here = gang.hosts if gang else self.hosts
        self.addresses = gang.addresses if gang else {}  # of the members, where they are on several machines
        self.addresses_here = [self.addresses[host] for host in here if host in self.addresses]
        self.memory = memory_limit(self.request.get("ResourceConfig", {}).get("InstanceType", ""), len(here))
        self.volume = self.request.get("ResourceConfig", {}).get("VolumeSizeInGB", 0) * 1024**3  # bytes
        tuning = self.job.tuning
        self.may_stop_early = tuning is not None and stopping.stops_early(tuning.request)
        if tuning and self.may_stop_early:
            self.exact_metric = objective_of(tuning.request)[1]

    @property
    def max_runtime(self) -> float:
        """Seconds after the first start, from StoppingCondition."""
        return max_runtime(self.job)

    @property
    def stop_requested(self) -> bool:
        """True once StopTrainingJob was called."""
        return self.claim.status == Status.STOPPING

    def patterns(self) -> list[Pattern]:
        """The metrics of the image, then those of the request's MetricDefinitions."""
        definitions = images.metric_definitions(self.request.get("AlgorithmSpecification", {}))
        return [Pattern(definition["Name"], definition["Regex"]) for definition in definitions]

    def enter(self, phase: Phase) -> None:
        """Write the secondary status of the phase; the first also writes TrainingStartTime."""
        started = {"started": self.job.started or now()} if phase is Phase.DOWNLOADING else {}
        enter(self.claim, SECONDARY[phase], **started)

    def prepare(self, host: str, folder: MemberFolder, threads: int) -> None:
        """Write the member's configuration, in a container /opt/ml/input/config. Raises UserError."""
        if self.algorithm is None:
            raise UserError(f"There is no algorithm for the training image {self.image!r} here.")
        channels, resources = self.write_config(host, folder)
        more = {"algorithm": self.algorithm.name, "image": self.image, "threads": threads}
        if config := self.request.get("CheckpointConfig"):
            more["checkpoints"] = str(checkpoints.folder_of(config, Path()))
        level = available()
        limits = Limits(file_size=self.volume, disk=self.volume)
        sandbox = self.in_network(host, Spec(folder.root, binds=own_binds(), limits=limits))
        environment = self._environment(folder, channels, resources, threads, lambda p: sandbox.inside(p, level))
        if level is Level.LIMITED:  # the algorithms are ours: nothing is gained, and a process less
            folder.write_start(ENTRY, environment, self.volume, **more)
        else:
            sandbox = replace(sandbox, environment=inherited_environment() | environment)
            folder.write_sandboxed_start(sandbox, level, ENTRY, self.addresses_here, **more)

    def write_config(self, host: str, folder: MemberFolder) -> tuple[dict, dict]:
        """Write the files of input/config; return the channels and the resources that they describe."""
        channels = {c["ChannelName"]: _channel_config(c, self.request) for c in self.request.get("InputDataConfig", ())}
        instance = self.request.get("ResourceConfig", {}).get("InstanceType", "")
        group = {"instance_group_name": GROUP, "instance_type": instance, "hosts": list(self.hosts)}
        resources = {
            "current_host": host,
            "current_instance_type": instance,
            "current_group_name": GROUP,
            "hosts": list(self.hosts),
            "instance_groups": [group],
            "network_interface_name": INTERFACE if self.addresses else LOOPBACK,
        }
        folder.write_config("hyperparameters.json", self.request.get("HyperParameters", {}))
        folder.write_config("inputdataconfig.json", channels)
        folder.write_config("resourceconfig.json", resources)
        if config := self.request.get("CheckpointConfig"):
            folder.write_config("checkpointconfig.json", {"LocalPath": checkpoints.DEFAULT, **config})
        return channels, resources

    def in_network(self, host: str, sandbox: Spec) -> Spec:
        """The sandbox of a member: called `host`, and with the names of all members where there are several."""
        several = {name: address_of(number) for number, name in enumerate(self.hosts)} if len(self.hosts) > 1 else {}
        return replace(sandbox, hostname=host, hosts=self.addresses or several)

    def download(self, folders: Sequence[MemberFolder], transfers: Transfers) -> None:
        """Fetch each member's part of every channel, and the checkpoints, into its folder. Raises UserError.

        A built-in algorithm gets files in Pipe mode too: it then names them in its errors, and the model is the same.
        """
        for folder in folders:
            channels = [
                (folder.channel(c["ChannelName"]), self.objects(c, folder.host)) for c in self.channels_of_files()
            ]
            transfers.download(channels, self.volume)
            self._restore_checkpoints(folder, transfers)

    def while_running(self, folders: Sequence[MemberFolder]) -> AbstractContextManager:
        """Write every member's checkpoints to S3, if the request has a place for them."""
        if not (config := self.request.get("CheckpointConfig")):
            return nullcontext()
        with ExitStack() as stack:
            for folder in folders:
                directory = checkpoints.folder_of(config, folder.root)
                sync = CheckpointSync(folder.root, directory, config["S3Uri"], self.volume, self.notes.append)
                stack.enter_context(sync)
            return stack.pop_all()

    def channels_of_files(self) -> list[dict]:
        """The channels of the request that become files."""
        return list(self.request.get("InputDataConfig", ()))

    def outputs(self, folders: Sequence[MemberFolder], stopped: bool) -> list[tuple[Path, str]]:
        """The model, and output/data if it has files. A job that was stopped may have left no model."""
        base = self.job.artifact.removesuffix("model.tar.gz")
        merged = folders[0].root.parent / "merged"
        merged.mkdir()
        model = self._merged([folder.model for folder in folders], merged / "model")
        data = self._merged([folder.output / "data" for folder in folders], merged / "data")
        outputs = [(data, f"{base}output.tar.gz")] if any(data.iterdir()) else []
        return outputs + ([(model, self.job.artifact)] if not stopped or any(model.iterdir()) else [])

    def upload(self, outputs: Sequence[tuple[Path, str]], scratch: Path, transfers: Transfers) -> None:
        """Add the portable folder to the artifact, then upload the outputs."""
        for folder, uri in outputs:
            if self.algorithm and uri == self.job.artifact:
                self.notes.extend(filter(None, (add_program(folder, self.algorithm, self.request),)))
        super().upload(outputs, scratch, transfers)

    def save_metrics(self, values: list[dict]) -> None:
        """Write the metrics' last values, as DescribeTrainingJob shows them."""
        self.claim.update(final_metrics=values)
        if self.may_stop_early and self.job.tuning_id:
            tasks.send(self.job.tuning_id)

    def finish(self, result: Result) -> None:
        """Write the last status, the failure's reason and the final metrics. Raises ClaimLost."""
        status, secondary = LAST[result.ending]
        fields = {"failure_reason": result.failure_reason, "final_metrics": result.metrics}
        finish(self.claim, status, secondary, **fields)

    def objects(self, channel: dict, host: str) -> list[S3Object]:
        """The objects that a host has of a channel. Raises UserError."""
        return objects_of(channel, self.request, self.job.region, self.hosts.index(host), len(self.hosts))

    def _merged(self, folders: list[Path], target: Path) -> Path:
        """A folder with the files of every member, as SageMaker packs them: of one name, the first member's."""
        if len(folders) == 1:
            return folders[0]
        for name in merge_folders(folders, target)[:MOST_NOTED]:
            self.notes.append(f"Several members have left {target.name}/{name}: the first one's is kept.")
        return target

    def _restore_checkpoints(self, folder: MemberFolder, transfers: Transfers) -> None:
        if not (config := self.request.get("CheckpointConfig")):
            return
        directory = checkpoints.folder_of(config, folder.root)
        count = checkpoints.download(config["S3Uri"], directory, transfers, self.volume)
        if count and folder.host == self.hosts[0]:
            self.notes.append(f"{count} files of checkpoints are back from {config['S3Uri']}.")

    def _environment(
        self, folder: MemberFolder, channels: dict, resources: dict, threads: int, inside: Callable[[Path], str]
    ) -> dict[str, str]:
        """The variables of SageMaker's training toolkit. The caller's own come first: they cannot replace these.

        `inside` names a path as the process sees it.
        """
        hyperparameters = self.request.get("HyperParameters", {})
        return {
            **self.request.get("Environment", {}),
            **{f"SM_CHANNEL_{_variable(name)}": str(folder.channel(name)) for name in channels},
            **{f"SM_HP_{_variable(name)}": value for name, value in hyperparameters.items()},
            "SM_CHANNELS": json.dumps(sorted(channels)),
            "SM_CURRENT_HOST": resources["current_host"],
            "SM_HOSTS": json.dumps(resources["hosts"]),
            "SM_HPS": json.dumps(hyperparameters),
            "SM_INPUT_CONFIG_DIR": inside(folder.config),
            "SM_INPUT_DATA_CONFIG": json.dumps(channels),
            "SM_INPUT_DIR": inside(folder.root / "input"),
            "SM_LOG_LEVEL": "20",
            "SM_MODEL_DIR": inside(folder.model),
            "SM_NETWORK_INTERFACE_NAME": resources["network_interface_name"],
            "SM_NUM_CPUS": str(threads),
            "SM_NUM_GPUS": "0",
            "SM_OUTPUT_DATA_DIR": inside(folder.output / "data"),
            "SM_OUTPUT_DIR": inside(folder.output),
            "SM_RESOURCE_CONFIG": json.dumps(resources),
            "TRAINING_JOB_NAME": self.job.name,
            "TRAINING_JOB_ARN": self.job.arn,
            "OMP_NUM_THREADS": str(threads),
            "HOME": inside(folder.root),
            "TMPDIR": inside(folder.root / "tmp"),
        }


def hosts_of(request: dict) -> tuple[str, ...]:
    """The hosts of a CreateTrainingJob request, one for each instance."""
    return tuple(f"algo-{n + 1}" for n in range(request.get("ResourceConfig", {}).get("InstanceCount") or 1))


def memory_limit(instance_type: str, members: int = 1) -> MemoryLimit:
    """The memory of the instance type, or a member's share of what this machine gives a job where that is less."""
    memory, share = GIBIBYTES.get(instance_type, 0) * GIB, settings.JOB_MEMORY // members
    if 0 < memory <= share:
        source = (
            f"as much as {instance_type} has. Please use an instance type with more memory, or reduce the size of "
            "training data processed on an instance."
        )
        return MemoryLimit(memory, source)
    source = (
        f"{_most(members)}. Please reduce the size of training data processed on an "
        "instance, or raise SAGEWRIGHT_JOB_MEMORY."
    )
    return MemoryLimit(share, source)


def _most(members: int) -> str:
    most = "the most that this machine gives to one job"
    return most if members == 1 else f"a share of {most}, which has {members} members"


def _variable(name: str) -> str:
    return name.upper().replace("-", "_").replace(".", "_")


def _channel_config(channel: dict, request: dict) -> dict:
    """A channel as input/config/inputdataconfig.json describes it."""
    source = channel.get("DataSource", {}).get("S3DataSource", {})
    config = {
        "TrainingInputMode": input_mode(channel, request),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        "CompressionType": channel.get("CompressionType", "None"),
    }
    if channel.get("ContentType"):
        config["ContentType"] = channel["ContentType"]
    return config
