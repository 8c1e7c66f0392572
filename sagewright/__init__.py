"""Sagewright from code and from a shell: the SDK, the `sagewright` command and the pytest plugin.

Importing this package imports nothing else and leaves sys.path as it is. What it offers is imported when it is first
asked for: `from sagewright import Model` needs NumPy, and no Django, boto3, pandas or polars.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sagewright.runtime.table import Column, Table
    from sagewright.sdk.errors import (
        EndpointFailed,
        JobFailed,
        NotAlone,
        NotConfigured,
        NotFound,
        PredictionFailed,
        PreflightFailed,
        SagewrightError,
    )
    from sagewright.sdk.model import Model
    from sagewright.sdk.predictor import Predictor
    from sagewright.sdk.session import Session
    from sagewright.sdk.sources import PredictorInstance, S3DataSource, TrainingInstance
    from sagewright.sdk.training_job import TrainingJob

__version__ = "0.1.0"

_ERRORS = (
    "EndpointFailed", "JobFailed", "NotAlone", "NotConfigured", "NotFound", "PredictionFailed", "PreflightFailed",
    "SagewrightError",
)  # fmt: skip
_HOMES = {
    "Column": "runtime.table",
    "Model": "sdk.model",
    "Predictor": "sdk.predictor",
    "PredictorInstance": "sdk.sources",
    "S3DataSource": "sdk.sources",
    "Session": "sdk.session",
    "Table": "runtime.table",
    "TrainingInstance": "sdk.sources",
    "TrainingJob": "sdk.training_job",
    **dict.fromkeys(_ERRORS, "sdk.errors"),
}
__all__ = [
    "Column", "EndpointFailed", "JobFailed", "Model", "NotAlone", "NotConfigured", "NotFound", "PredictionFailed",
    "Predictor", "PredictorInstance", "PreflightFailed", "S3DataSource", "SagewrightError", "Session", "Table",
    "TrainingInstance", "TrainingJob",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sagewright' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"sagewright.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
