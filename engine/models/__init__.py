"""The engine's rows: what SageMaker, CloudWatch and IAM would remember."""

from engine.models.access import AccessKey
from engine.models.bucket import BucketSetting, PartChecksums
from engine.models.hosting import Endpoint, EndpointConfig, Model
from engine.models.machines import Share, TrainingMachine
from engine.models.notebook import NotebookInstance, NotebookInstanceLifecycleConfig
from engine.models.tag import Tag
from engine.models.telemetry import LogEvent, MetricDatum, RetentionMark
from engine.models.training import TrainingJob
from engine.models.transform import TransformJob
from engine.models.tuning import HyperParameterTuningJob

__all__ = [
    "AccessKey",
    "BucketSetting",
    "Endpoint",
    "EndpointConfig",
    "HyperParameterTuningJob",
    "LogEvent",
    "MetricDatum",
    "Model",
    "NotebookInstance",
    "NotebookInstanceLifecycleConfig",
    "PartChecksums",
    "RetentionMark",
    "Share",
    "Tag",
    "TrainingJob",
    "TrainingMachine",
    "TransformJob",
]
