"""What the pages of notebook instances show beside what SageMaker describes: the start's steps, the log, the views."""

from contextlib import suppress
from datetime import UTC, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from models_app import aws
from models_app.notebooks.notebook import Notebook
from models_app.training.log import Line
from models_app.training.page import Step

GROUP = "/aws/sagemaker/NotebookInstances"
STREAMS = ("jupyter.log", "LifecycleConfigOnCreate", "LifecycleConfigOnStart")
MAX_LINES = 300
PREFIX = "[sagewright] "
SCRIPT_RUNS, LAB_STARTS, LAB_ANSWERS = "The lifecycle script ", "JupyterLab starts", "JupyterLab answers"  # log lines


def log_lines(notebook: Notebook) -> list[Line]:
    """The last lines of its log streams, the oldest first. Raises what `aws` raises, but for missing streams."""
    logs, events = aws.client("logs"), []
    for stream in STREAMS:
        with suppress(aws.NotFound), aws.plain_errors():
            page = logs.get_log_events(
                logGroupName=GROUP, logStreamName=f"{notebook.name}/{stream}", limit=MAX_LINES, startFromHead=False
            )
            events += [(event["timestamp"], stream, event["message"]) for event in page["events"]]
    born = notebook.created.timestamp() * 1000  # an earlier instance may have had the same name
    events = sorted((event for event in events if event[0] >= born - 1000), key=lambda event: event[0])[-MAX_LINES:]
    return [
        Line(number, datetime.fromtimestamp(at / 1000, UTC), text.removeprefix(PREFIX), _level(text))
        for number, (at, _stream, text) in enumerate(events, 1)
    ]


def steps_of(notebook: Notebook, lines: list[Line]) -> list[Step]:
    """The start of the instance in steps, while it starts or runs or has failed; none of a stopped one."""
    if notebook.status not in ("Pending", "InService", "Failed"):
        return []
    last = next((line.text for line in reversed(lines)), "")
    requested = Step(_("Requested"), "done", f"{_('Created')} {notebook.created:%Y-%m-%d}")
    if notebook.status == "InService":
        return [
            requested,
            Step(_("Disk"), "done", _("%(size)s GB, kept when it stops") % {"size": notebook.volume_gb}),
            Step(
                _("Lifecycle script"), "done", notebook.lifecycle or _("None"), _seconds(lines, SCRIPT_RUNS, LAB_STARTS)
            ),
            Step("JupyterLab", "done", _("Ready"), _seconds(lines, LAB_STARTS, LAB_ANSWERS)),
        ]
    if notebook.status == "Failed":
        return [requested, Step(_("Start"), "fail", _("See the reason below")), Step("JupyterLab", "wait", "")]
    return [requested, Step(_("Start"), "now", last[:140] or _("Waits for its turn")), Step("JupyterLab", "wait", "")]


def ready_inside() -> list[str]:
    """What people find in an instance of ours."""
    if settings.BACKEND == "aws":
        return []
    return [
        _("Signed in as you, with your permissions; no key on the disk"),
        _("boto3, the AWS CLI, the SageMaker SDK 2 and 3, and the Sagewright SDK"),
        _("get_execution_role() and default_bucket() answer without a change"),
        _("pandas, Polars, scikit-learn and matplotlib"),
        _("No network but S3 and SageMaker of this engine"),
    ]


def _seconds(lines: list[Line], first: str, second: str) -> float | None:
    """How long it was between the last two lines of the log that begin so; None where they are not there."""
    begun = None
    for line in reversed(lines):
        if line.text.startswith(second) and begun is None:
            begun = line.at
        elif line.text.startswith(first) and begun is not None:
            return (begun - line.at).total_seconds()
        elif line.text.startswith(LAB_ANSWERS) and begun is not None:
            return None  # of an earlier start
    return None


def _level(text: str) -> str:
    if "received signal" in text:
        return ""
    if text.startswith(("[E ", "[C ")) or "Traceback" in text:
        return "err"
    return "warn" if text.startswith("[W ") else ""
