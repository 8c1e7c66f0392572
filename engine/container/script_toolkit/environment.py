"""The variables and arguments that a training script gets, as sagemaker-training 5.1.4 makes them.

tests/unit/engine/container has that package's own output for comparison.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

PREFIX = "sagemaker_"
TUNING_METRIC = "_tuning_objective_metric"
# Hyperparameters of the platform that have a place of their own; the other ones with the prefix are the framework's.
PLATFORM = (
    "sagemaker_program", "sagemaker_submit_directory", "sagemaker_container_log_level", "sagemaker_job_name",
    "sagemaker_region", "sagemaker_enable_cloudwatch_metrics", "sagemaker_s3_output",
    "sagemaker_default_invocations_accept",
)  # fmt: skip


class TrainingEnvironment(NamedTuple):
    """The job as its configuration files describe it."""

    base: str  # /opt/ml
    hyperparameters: dict[str, Any]  # the script's own
    platform: dict[str, Any]  # those with the prefix sagemaker_
    channels: dict[str, Any]
    resources: dict[str, Any]
    job_name: str
    framework_module: str
    cpus: int

    @property
    def program(self) -> str:
        """The entry point, below the folder of the code."""
        return str(self.platform.get("sagemaker_program") or "")

    @property
    def module(self) -> str:
        """The entry point as the name of a module."""
        return self.program[: -len(".py")] if self.program.endswith(".py") else self.program

    @property
    def log_level(self) -> int:
        """The level of Python's logging that the request asks for."""
        return int(self.platform.get("sagemaker_container_log_level") or 20)


def read(base: str, environ: Mapping[str, str]) -> TrainingEnvironment:
    """Read the configuration below `base`/input/config."""
    config = Path(base, "input", "config")
    raw = json.loads((config / "hyperparameters.json").read_text())
    decoded = {name: decode(value) for name, value in raw.items()}
    own = {n: v for n, v in decoded.items() if not n.startswith(PREFIX) and n != TUNING_METRIC}
    return TrainingEnvironment(
        base=base,
        hyperparameters=own,
        platform={n: v for n, v in decoded.items() if n.startswith(PREFIX)},
        channels=json.loads((config / "inputdataconfig.json").read_text()),
        resources=json.loads((config / "resourceconfig.json").read_text()),
        job_name=environ.get("TRAINING_JOB_NAME", ""),
        framework_module=environ.get("SAGEMAKER_TRAINING_MODULE", ""),
        cpus=int(environ.get("SM_NUM_CPUS") or os.cpu_count() or 1),
    )


def decode(value: str) -> Any:
    """A hyperparameter's value: its JSON, or the text itself where it is none."""
    try:
        return json.loads(value)
    except (ValueError, TypeError):
        return value


def arguments(hyperparameters: Mapping[str, Any]) -> list[str]:
    """The script's arguments, sorted by name: `-x` for one letter, `--name` otherwise."""
    words: list[str] = []
    for name in sorted(hyperparameters):
        value = hyperparameters[name]
        if isinstance(value, dict):
            value = ",".join(f"{k}={v}" for k, v in sorted(value.items()))
        words += [f"--{name}" if len(name) > 1 else f"-{name}", "" if value is None else str(value)]
    return words


def description(job: TrainingEnvironment) -> dict[str, Any]:
    """The job as one object, which the script has as SM_TRAINING_ENV."""
    groups, host = _groups(job.resources), job.resources.get("current_host", "algo-1")
    group = job.resources.get("current_group_name", "homogeneousCluster")
    hosts = job.resources.get("hosts", [host])
    return {
        "additional_framework_parameters": {n: v for n, v in job.platform.items() if n not in PLATFORM},
        "channel_input_dirs": {name: f"{job.base}/input/data/{name}" for name in job.channels},
        "current_host": host,
        "current_instance_group": group,
        "current_instance_group_hosts": groups.get(group, {}).get("hosts", hosts),
        "current_instance_type": job.resources.get("current_instance_type", ""),
        "distribution_hosts": [],
        "distribution_instance_groups": [],
        "framework_module": job.framework_module,
        "hosts": hosts,
        "hyperparameters": job.hyperparameters,
        "input_config_dir": f"{job.base}/input/config",
        "input_data_config": job.channels,
        "input_dir": f"{job.base}/input",
        "instance_groups": [*groups],
        "instance_groups_dict": groups,
        "is_hetero": False,
        "is_master": host == hosts[0],
        "is_modelparallel_enabled": None,
        "is_smddpmprun_installed": False,
        "is_smddprun_installed": False,
        "job_name": job.job_name,
        "log_level": job.log_level,
        "master_hostname": hosts[0],
        "model_dir": f"{job.base}/model",
        "module_dir": job.platform.get("sagemaker_submit_directory") or f"{job.base}/code",
        "module_name": job.module,
        "network_interface_name": job.resources.get("network_interface_name", "lo"),
        "num_cpus": job.cpus,
        "num_gpus": 0,
        "num_neurons": 0,
        "output_data_dir": f"{job.base}/output/data",
        "output_dir": f"{job.base}/output",
        "output_intermediate_dir": f"{job.base}/output/intermediate",
        "resource_config": job.resources,
        "topology": [],
        "user_entry_point": job.program,
    }


def variables(job: TrainingEnvironment) -> dict[str, str]:
    """The variables that the script has beside those of the platform."""
    described = description(job)
    plain = (
        "hosts", "network_interface_name", "user_entry_point", "resource_config", "input_data_config",
        "output_data_dir",
        "current_host", "current_instance_type", "current_instance_group", "current_instance_group_hosts",
        "instance_groups", "instance_groups_dict", "distribution_instance_groups", "is_hetero", "module_name",
        "log_level", "framework_module", "input_dir", "input_config_dir", "output_dir", "num_cpus", "num_gpus",
        "num_neurons", "model_dir", "module_dir", "output_intermediate_dir",
    )  # fmt: skip
    values: dict[str, Any] = {name: described[name] for name in plain}
    values["hps"] = job.hyperparameters
    values["framework_params"] = described["additional_framework_parameters"]
    values["channels"] = sorted(job.channels)
    values["training_env"] = described
    values["user_args"] = arguments(job.hyperparameters)
    values.update({f"channel_{name}": path for name, path in described["channel_input_dirs"].items()})
    values.update({f"hp_{name}": value for name, value in job.hyperparameters.items()})
    result = {f"SM_{name.upper()}": _text(value) for name, value in values.items()}
    result["CURRENT_HOST"] = described["current_host"]
    for name, key in (("SAGEMAKER_JOB_NAME", "sagemaker_job_name"), ("SAGEMAKER_REGION", "sagemaker_region")):
        if job.platform.get(key):
            result[name] = str(job.platform[key])
    return result


def _groups(resources: Mapping[str, Any]) -> dict[str, Any]:
    return {group["instance_group_name"]: group for group in resources.get("instance_groups", ())}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))


def without_nul(values: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The variables that a process can have, and the names of those that it cannot."""
    bad = [name for name, value in values.items() if "\0" in value or "\0" in name or "=" in name or not name]
    return {name: value for name, value in values.items() if name not in bad}, bad
