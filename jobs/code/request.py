"""What a job of people's own code sends: image, hyperparameters, metric definitions and variables of script mode.

Script mode is what the SageMaker Python SDK sends for `SKLearn(entry_point=...)`: each hyperparameter as JSON, and the
names of the source archive and the program among them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from algorithms.images import Images
from jobs.code.bundle import INFERENCE, TRAIN
from jobs.code.kinds import CLASS, KINDS
from jobs.code.spec import CodeSpec

SOURCE = "sourcedir.tar.gz"
INTERNAL = "sagemaker_"  # before the hyperparameters that script mode itself reads
IMAGES: dict[str, Images] = {kind.name: kind.images for kind in KINDS.values() if kind.images}
_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"


def image_uri(code: CodeSpec, region: str) -> str:
    """The framework image that runs `code`. Raises KeyError for a container."""
    return IMAGES[code.kind].uri(region)


def train_channel(code: CodeSpec) -> str:
    """The name of the channel with the training data."""
    channels = code.check.channels
    return channels[0].name if channels else "train"


def script_hyperparameters(
    code: CodeSpec, encoded: Mapping[str, str], source_uri: str, job_name: str, region: str
) -> dict[str, str]:
    """`encoded`, those of a person as JSON, with those that say where the code is."""
    program = TRAIN if code.kind == CLASS else code.entry
    own = {
        "submit_directory": source_uri,
        "program": program,
        "container_log_level": 20,
        "job_name": job_name,
        "region": region,
    }
    return dict(encoded) | {f"{INTERNAL}{name}": json.dumps(value) for name, value in own.items()}


def metric_definitions(code: CodeSpec, names: Iterable[str]) -> list[dict[str, str]]:
    """MetricDefinitions of the metrics `names`: as self.log writes them, or as a script prints name=value."""
    if code.kind == CLASS:
        return [{"Name": n, "Regex": rf"metrics .*?\b{re.escape(n)}=([-+0-9.einaf]+);"} for n in names]
    return [{"Name": n, "Regex": rf"(?:^|[^\w:-]){re.escape(n)}\s*[=:]\s*{_NUMBER}"} for n in names]


def hosting_environment(code: CodeSpec, source_uri: str, region: str) -> dict[str, str]:
    """The variables of CreateModel. A class's artifact has its code with it; a script's is fetched again."""
    is_class = code.kind == CLASS
    return {
        "SAGEMAKER_PROGRAM": INFERENCE if is_class else code.entry,
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code" if is_class else source_uri,
        "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
        "SAGEMAKER_REGION": region,
    }
