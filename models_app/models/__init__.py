"""The console's rows."""

from common.db.person import Person
from models_app.models.budget import Budget
from models_app.models.charge import Charge
from models_app.models.draft import Draft, Upload
from models_app.models.endpoint import Endpoint
from models_app.models.evaluation import Evaluation
from models_app.models.event import Event
from models_app.models.invitation import Invitation
from models_app.models.job import LogLine, MetricPoint, TrainingJob
from models_app.models.job_value import JobProperty, JobValue
from models_app.models.list_settings import ListChoice, SavedView
from models_app.models.model import Model
from models_app.models.notification import Delivery, Notification, NotificationChoices
from models_app.models.password_tries import PasswordTries
from models_app.models.retention_clock import RetentionClock
from models_app.models.scan import Scan
from models_app.models.tag import Tag
from models_app.models.traffic_hour import TrafficHour
from models_app.models.transform_job import TransformJob
from models_app.models.trial import Trial
from models_app.models.tuning_job import TuningJob

__all__ = [
    "Budget",
    "Charge",
    "Delivery",
    "Draft",
    "Endpoint",
    "Evaluation",
    "Event",
    "Invitation",
    "JobProperty",
    "JobValue",
    "ListChoice",
    "LogLine",
    "MetricPoint",
    "Model",
    "Notification",
    "NotificationChoices",
    "PasswordTries",
    "Person",
    "RetentionClock",
    "SavedView",
    "Scan",
    "Tag",
    "TrafficHour",
    "TrainingJob",
    "TransformJob",
    "Trial",
    "TuningJob",
    "Upload",
]  # fmt: skip
