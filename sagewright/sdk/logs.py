"""Log lines of jobs and endpoints from CloudWatch Logs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from sagewright.sdk.session import Session

TRAINING, ENDPOINT = "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/Endpoints/"
TRANSFORM = "/aws/sagemaker/TransformJobs"


class LogReader:
    """Reads the streams of `group` whose names begin with `prefix`, each from where it was left."""

    def __init__(self, session: Session, group: str, prefix: str = ""):
        self._session = session
        self._group, self._prefix = group, prefix
        self._tokens: dict[str, str] = {}

    def new_lines(self) -> list[str]:
        """The lines since the last call, stream by stream; [] while there is no stream."""
        return [line for stream in self._streams() for line in self._read(stream)]

    def _streams(self) -> list[str]:
        known = {"logStreamNamePrefix": self._prefix} if self._prefix else {}
        try:
            answer = self._session.client("logs").describe_log_streams(logGroupName=self._group, **known)
        except self._session.client("logs").exceptions.ResourceNotFoundException:
            return []
        return [stream["logStreamName"] for stream in answer["logStreams"]]

    def _read(self, stream: str) -> Iterator[str]:
        while True:
            token = self._tokens.get(stream)
            more = {"nextToken": token} if token else {}
            answer = self._session.client("logs").get_log_events(
                logGroupName=self._group, logStreamName=stream, startFromHead=True, **more
            )
            yield from (event["message"].rstrip("\n") for event in answer["events"])
            self._tokens[stream] = answer["nextForwardToken"]
            if answer["nextForwardToken"] == token or not answer["events"]:
                return


def follow(reader: LogReader, ended: Callable[[], bool]) -> Iterator[str]:
    """The lines as they come, until `ended()` and nothing more comes."""
    began = time.monotonic()
    while True:
        last = ended()
        yield from reader.new_lines()
        if last:
            return
        time.sleep(pause(time.monotonic() - began))


def pause(elapsed: float) -> float:
    """Seconds to wait before the next look at something that has run for `elapsed` seconds."""
    return min(5.0, max(0.25, elapsed / 12))
