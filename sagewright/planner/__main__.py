"""Answers requests, lines of JSON on stdin, with lines of JSON on stdout, until stdin ends."""

import json
import logging
import os
import sys
from contextlib import suppress
from typing import Any

from sagewright.application import make_importable


def main() -> None:
    """Serve. What anything prints goes to stderr, for stdout belongs to the answers."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    make_importable()
    logging.basicConfig(level=logging.WARNING)
    from sagewright.planner.operations import perform

    def send(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()

    with suppress(KeyboardInterrupt, BrokenPipeError):  # Ctrl-C is for the person's own process, which ends this one
        for line in sys.stdin:
            request = json.loads(line)
            send(perform(request["operation"], request["arguments"], lambda *at: send({"progress": at})))


if __name__ == "__main__":
    main()
