"""The members of a job with several instances: their hosts, and the end of each one's log."""

from datetime import UTC, datetime

from models_app import aws
from models_app.aws.names import TRAINING_LOGS
from models_app.models import TrainingJob
from models_app.training.log import Line, level_of

MOST_HOSTS = 100  # that are listed
MOST_LINES = 500  # of a log


def hosts_of(job: TrainingJob) -> list[str]:
    """The hosts of the job as SageMaker calls them, one for each instance."""
    return [f"algo-{number + 1}" for number in range(min(job.instance_count, MOST_HOSTS))]


def last_lines(job: TrainingJob, host: str) -> list[Line]:
    """The end of a host's log, the oldest line first; [] before there is one. Raises aws.Refused, aws.Unavailable."""
    logs = aws.client("logs")
    try:
        with aws.plain_errors():
            described = logs.describe_log_streams(
                logGroupName=TRAINING_LOGS, logStreamNamePrefix=f"{job.name}/{host}-", limit=1
            )
            if not (streams := described["logStreams"]):
                return []
            page = logs.get_log_events(
                logGroupName=TRAINING_LOGS,
                logStreamName=streams[0]["logStreamName"],
                startFromHead=False,
                limit=MOST_LINES,
            )
    except aws.NotFound:
        return []
    events = [(datetime.fromtimestamp(event["timestamp"] / 1000, UTC), event["message"]) for event in page["events"]]
    return [Line(number, at, text, level_of(text)) for number, (at, text) in enumerate(events, 1)]
