"""Training with a built-in algorithm: the workload of a CreateTrainingJob request."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.utils.timezone import now

import algorithms
from algorithms.contract import UserError
from common.db.claim import Claim
from common.memory import GIB
from engine.data_source import S3Object
from engine.jobs.environment import inherited_environment
from engine.jobs.folder import MemberFolder
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
from sandbox.spec import Level, Limits, Spec

GROUP = "homogeneousCluster"  # AWS's name of the only group of instances
ENTRY = "engine.workloads.training_container:run"
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
    """One training job. A built-in algorithm has one member; SageMaker's word for its host is algo-1."""

    log_group = metric_namespace = NAMESPACE
    noun = "training"

    def __init__(self, claim: Claim[TrainingJob]):
        super().__init__(claim)
        self.request = self.job.request
        self.image = self.request.get("AlgorithmSpecification", {}).get("TrainingImage", "")
        self.algorithm = algorithms.for_image(self.image)
        self.memory = memory_limit(self.request.get("ResourceConfig", {}).get("InstanceType", ""))
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
        """The metrics of the algorithm, then those of the request's MetricDefinitions."""
        definitions = [*(self.algorithm.metric_definitions() if self.algorithm else ())]
        definitions += self.request.get("AlgorithmSpecification", {}).get("MetricDefinitions", ())
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
        sandbox = Spec(folder.root, binds=own_binds(), limits=limits)
        environment = self._environment(folder, channels, resources, threads, lambda p: sandbox.inside(p, level))
        if level is Level.LIMITED:  # the algorithms are ours: nothing is gained, and a process less
            folder.write_start(ENTRY, environment, self.volume, **more)
        else:
            sandbox = replace(sandbox, environment=inherited_environment() | environment)
            folder.write_sandboxed_start(sandbox, level, ENTRY, **more)

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
            "network_interface_name": "lo",
        }
        folder.write_config("hyperparameters.json", self.request.get("HyperParameters", {}))
        folder.write_config("inputdataconfig.json", channels)
        folder.write_config("resourceconfig.json", resources)
        if config := self.request.get("CheckpointConfig"):
            folder.write_config("checkpointconfig.json", {"LocalPath": checkpoints.DEFAULT, **config})
        return channels, resources

    def download(self, folders: Sequence[MemberFolder], transfers: Transfers) -> None:
        """Fetch every channel and the checkpoints into every member's folder. Raises UserError.

        A built-in algorithm gets files in Pipe mode too: it then names them in its errors, and the model is the same.
        """
        for folder in folders:
            channels = [(folder.channel(c["ChannelName"]), self.objects(c)) for c in self.channels_of_files()]
            transfers.download(channels, self.volume)
            self._restore_checkpoints(folder, transfers)

    def while_running(self, folders: Sequence[MemberFolder]) -> AbstractContextManager:
        """Write checkpoints to S3, if the request has a place for them."""
        if not (config := self.request.get("CheckpointConfig")):
            return nullcontext()
        root = folders[0].root
        return CheckpointSync(root, checkpoints.folder_of(config, root), config["S3Uri"], self.notes.append)

    def channels_of_files(self) -> list[dict]:
        """The channels of the request that become files."""
        return list(self.request.get("InputDataConfig", ()))

    def outputs(self, folders: Sequence[MemberFolder], stopped: bool) -> list[tuple[Path, str]]:
        """The model, and output/data if it has files. A job that was stopped may have left no model."""
        first, base = folders[0], self.job.artifact.removesuffix("model.tar.gz")
        data = [(first.output / "data", f"{base}output.tar.gz")] if any((first.output / "data").iterdir()) else []
        has_model = not stopped or any(first.model.iterdir())
        return data + ([(first.model, self.job.artifact)] if has_model else [])

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

    def objects(self, channel: dict) -> list[S3Object]:
        """The objects of a channel. Raises UserError."""
        return objects_of(channel, self.request, self.job.region)

    def _restore_checkpoints(self, folder: MemberFolder, transfers: Transfers) -> None:
        if not (config := self.request.get("CheckpointConfig")):
            return
        place = checkpoints.folder_of(config, folder.root)
        if count := checkpoints.download(config["S3Uri"], place, transfers, self.volume):
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


def memory_limit(instance_type: str) -> MemoryLimit:
    """The memory of the instance type, or what this machine gives a job where that is less."""
    memory = GIBIBYTES.get(instance_type, 0) * GIB
    if 0 < memory <= settings.JOB_MEMORY:
        source = (
            f"as much as {instance_type} has. Please use an instance type with more memory, or reduce the size of "
            "training data processed on an instance."
        )
        return MemoryLimit(memory, source)
    source = (
        "the most that this machine gives to one job. Please reduce the size of training data processed on an "
        "instance, or raise SAGEWRIGHT_JOB_MEMORY."
    )
    return MemoryLimit(settings.JOB_MEMORY, source)


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
