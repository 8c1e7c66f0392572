"""A job's private folder: what SageMaker's container contract puts under /opt/ml, and the sweeping up afterwards."""

import json
import shutil
from pathlib import Path

from django.conf import settings

from engine.models import TrainingJob
from engine.training import processes

HOST = "algo-1"
_FOLDERS = ("input/config", "input/data", "model", "output/data", "checkpoints", "tmp")


class Folder:
    """The folder of one attempt, /opt/ml to the algorithm in it; nobody but our own user can look inside."""

    def __init__(self, root: Path):
        self.root = root
        self.config, self.data = root / "input/config", root / "input/data"
        self.model, self.output, self.checkpoints = root / "model", root / "output", root / "checkpoints"

    def channel(self, name: str) -> Path:
        return self.data / name

    def failure(self) -> str:
        """What the algorithm wrote to output/failure, or ''."""
        try:
            with (self.output / "failure").open(errors="replace") as file:
                return file.read(4096).strip()
        except OSError:
            return ""

    def write_contract(self, job: TrainingJob, algorithm: str, threads: int) -> None:
        """Write input/config and what the process will be started with."""
        request = job.request
        channels = {
            channel["ChannelName"]: _described(channel, request) for channel in request.get("InputDataConfig", ())
        }
        hosts = {"current_host": HOST, "hosts": [HOST], "network_interface_name": "lo"}
        hosts["current_instance_type"] = request.get("ResourceConfig", {}).get("InstanceType", "")
        hyperparameters = request.get("HyperParameters", {})
        self._write("hyperparameters.json", hyperparameters)
        self._write("inputdataconfig.json", channels)
        self._write("resourceconfig.json", hosts)
        start = {
            "algorithm": algorithm,
            "image": request.get("AlgorithmSpecification", {}).get("TrainingImage", ""),
            "environment": self._environment(job, hyperparameters, channels, hosts, threads),
            "threads": threads,
            "file_size": request.get("ResourceConfig", {}).get("VolumeSizeInGB", 0) * 1024**3,
        }
        (self.root / "start.json").write_text(json.dumps(start))

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def _write(self, name: str, content: dict) -> None:
        (self.config / name).write_text(json.dumps(content))

    def _environment(self, job: TrainingJob, hyperparameters: dict, channels: dict, hosts: dict, threads: int) -> dict:
        """The variables of SageMaker's contract. The caller's own come first, so that they cannot replace ours."""
        return {
            **job.request.get("Environment", {}),
            **{f"SM_CHANNEL_{_upper(name)}": str(self.channel(name)) for name in channels},
            **{f"SM_HP_{_upper(name)}": value for name, value in hyperparameters.items()},
            "SM_CHANNELS": json.dumps(sorted(channels)),
            "SM_CURRENT_HOST": HOST,
            "SM_HOSTS": json.dumps([HOST]),
            "SM_HPS": json.dumps(hyperparameters),
            "SM_INPUT_CONFIG_DIR": str(self.config),
            "SM_INPUT_DATA_CONFIG": json.dumps(channels),
            "SM_INPUT_DIR": str(self.root / "input"),
            "SM_LOG_LEVEL": "20",
            "SM_MODEL_DIR": str(self.model),
            "SM_NETWORK_INTERFACE_NAME": "lo",
            "SM_NUM_CPUS": str(threads),
            "SM_NUM_GPUS": "0",
            "SM_OUTPUT_DATA_DIR": str(self.output / "data"),
            "SM_OUTPUT_DIR": str(self.output),
            "SM_RESOURCE_CONFIG": json.dumps(hosts),
            "TRAINING_JOB_NAME": job.name,
            "TRAINING_JOB_ARN": job.arn,
            "OMP_NUM_THREADS": str(threads),
            "HOME": str(self.root),
            "TMPDIR": str(self.root / "tmp"),
        }


def make(job: TrainingJob) -> Folder:
    """A clean folder for this attempt; what earlier attempts of the job left on this machine goes."""
    settings.JOBS_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    for attempt in range(1, job.attempt + 1):
        shutil.rmtree(settings.JOBS_FOLDER / _name(job.region, job.name, attempt), ignore_errors=True)
    folder = Folder(settings.JOBS_FOLDER / _name(job.region, job.name, job.attempt))
    folder.root.mkdir(mode=0o700)
    for name in _FOLDERS:
        (folder.root / name).mkdir(parents=True)
    return folder


def sweep() -> int:
    """Remove the folders no claimed job stands behind; how many."""
    if not settings.JOBS_FOLDER.is_dir():
        return 0
    found = [path for path in settings.JOBS_FOLDER.iterdir() if path.is_dir()]
    # Listed before the rows are read: a folder is made only after its claim, so a new one is either claimed or unseen.
    claimed = TrainingJob.objects.exclude(worker="").values_list("region", "name", "attempt")
    names = {_name(*row) for row in claimed}
    left = [path for path in found if path.name not in names]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def threads_for(running: int) -> int:
    """A fair share of this machine's processors when `running` jobs are under way on it."""
    return max(1, processes.cpus() // max(1, running))


def _name(region: str, name: str, attempt: int) -> str:
    return f"{region}-{name}-{attempt}"


def _upper(name: str) -> str:
    return name.upper().replace("-", "_").replace(".", "_")


def _described(channel: dict, request: dict) -> dict:
    """A channel as input/config/inputdataconfig.json has it."""
    default_mode = request.get("AlgorithmSpecification", {}).get("TrainingInputMode", "File")
    source = channel.get("DataSource", {}).get("S3DataSource", {})
    described = {
        "TrainingInputMode": channel.get("InputMode") or default_mode,
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        "CompressionType": channel.get("CompressionType", "None"),
    }
    if channel.get("ContentType"):
        described["ContentType"] = channel["ContentType"]
    return described
