"""What the keeper of a member's sandbox tells the zygote: that it could not be set up, or what it was ended for."""

import json
import os
from contextlib import suppress
from pathlib import Path

SETUP_FAILED = "InternalServerError: the job's process could not be set up: "


class Report:
    """The pipe from a keeper to the zygote. `writing` is the keeper's end, and `folder` the member's.

    A member without a sandbox has none: nothing is open then.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.is_sandboxed = _is_sandboxed(folder)
        self._reading = self.writing = -1
        if self.is_sandboxed:
            self._reading, self.writing = os.pipe()

    def follow(self) -> None:
        """Leave the writing to the keeper, once it is forked."""
        if self.is_sandboxed:
            os.close(self.writing)

    def read(self) -> dict[str, int]:
        """Return {"memory": bytes} or {"disk": bytes} if the sandbox was ended for that, after its keeper has ended.

        {"lost": 1} says that the keeper was killed while the job ran, which is no fault of the job's.

        Why it could not be set up goes into the member's output/failure: nothing of the job has run then.
        """
        used: dict[str, int] = {}
        has_run = has_ended = False
        with os.fdopen(self._reading, "rb") as lines:
            for message in map(json.loads, lines):
                has_run, has_ended = has_run or "started" in message, has_ended or "ended" in message
                if "error" in message and not has_run:  # the job may have made a link of it since
                    with suppress(OSError):
                        (self.folder / "output/failure").write_text(SETUP_FAILED + message["error"])
                elif "reason" in message:
                    used[message["reason"]] = message["used"]
        return used if has_ended or not has_run else used | {"lost": 1}


def _is_sandboxed(folder: Path) -> bool:
    try:
        return "sandbox" in json.loads((folder / "start.json").read_text())
    except (OSError, ValueError):
        return False  # the child will say it
