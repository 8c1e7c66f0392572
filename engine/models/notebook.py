"""Notebook instances and their lifecycle configurations as the engine keeps them."""

from django.db import models

from engine.models.access import AccessKey
from engine.models.events import EventSource
from engine.models.resource import Resource, one_name

DEFAULT_VOLUME_GB = 5  # as on AWS
HOOKS = ("OnCreate", "OnStart")  # of a lifecycle configuration, each with a script


class NotebookInstanceLifecycleConfig(Resource):
    """Shell scripts that run in an instance: once after it is created, and at every start."""

    ARN_TYPE = "notebook-instance-lifecycle-config"

    class Meta:
        verbose_name = "Notebook Instance Lifecycle Config"
        constraints = [one_name("notebook_lifecycle_config_name")]
        indexes = [models.Index(fields=["region", "name"]), models.Index(fields=["-created", "-id"])]


class NotebookInstance(EventSource):
    """JupyterLab of one person. `engine.notebooks` carries out what the status asks for.

    It acts with `key`, an access key of its owner that lives from a start to the stop. `request` is what it has now:
    an update changes it. `activity` is what the keeper measured last, unknown members left out: {"last-activity",
    "stops-at" (the idle stop): epoch seconds; "memory", "memory-limit", "disk": bytes}.
    """

    ARN_TYPE = "notebook-instance"

    class Status(models.TextChoices):
        PENDING = "Pending"
        IN_SERVICE = "InService"
        STOPPING = "Stopping"
        STOPPED = "Stopped"
        FAILED = "Failed"
        UPDATING = "Updating"
        DELETING = "Deleting"

    # InService -> Pending: the keeper was started again, and with it the instances that it had.
    MOVES = {
        Status.PENDING: (Status.IN_SERVICE, Status.FAILED, Status.STOPPING, Status.STOPPED),
        Status.IN_SERVICE: (Status.STOPPING, Status.STOPPED, Status.FAILED, Status.PENDING),
        Status.STOPPING: (Status.STOPPED,),
        Status.STOPPED: (Status.PENDING, Status.UPDATING, Status.DELETING),
        Status.FAILED: (Status.PENDING, Status.UPDATING, Status.DELETING),
        Status.UPDATING: (Status.STOPPED,),
        Status.DELETING: (),
    }
    RUNNING = (Status.PENDING, Status.IN_SERVICE, Status.STOPPING)

    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    failure_reason = models.TextField(blank=True)
    role = models.CharField(max_length=16, choices=AccessKey.Role, help_text="Of the key that created it.")
    key = models.ForeignKey(AccessKey, models.SET_NULL, null=True, blank=True, related_name="+")
    created_script_ran = models.BooleanField(default=False, help_text="OnCreate has ended well.")
    at_once = models.BooleanField(default=False, help_text="It is to stop without being asked first.")
    activity = models.JSONField(default=dict)

    class Meta:
        verbose_name = "Notebook Instance"
        constraints = [one_name("notebook_instance_name")]
        indexes = [
            models.Index(fields=["region", "name"]),
            models.Index(fields=["-created", "-id"]),
            models.Index(fields=["status"]),
        ]
