"""Transforms a job's requests with a script's functions: `python -m script_toolkit.transform FRAMEWORK CODE PROGRAM`.

Each of the workers is a process of script_toolkit.serve with a model of its own.
"""

import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from script_toolkit import batches, frames
from script_toolkit.batches import LOST, Answer

START_SECONDS = 600.0
NOT_LOADED = "AlgorithmError: See job logs for more information. The model was not loaded: {}"


class NotLoaded(Exception):
    """The script's model cannot be loaded."""


class Worker:
    """One process that answers. It is started anew for the request after one at which it ended or was too slow."""

    def __init__(self, words: list[str], settings: dict):
        self._words, self._settings = words, settings
        self._process: subprocess.Popen | None = None
        self._connection: socket.socket | None = None

    def start(self) -> None:
        """Start the process and wait until its model is loaded. Raises NotLoaded."""
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "script_toolkit.serve", str(theirs.fileno()), *self._words]
        with theirs:
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        self._connection = ours
        ours.settimeout(START_SECONDS)
        try:
            frames.send(ours, {})
            head, _ = frames.receive(ours)
        except (OSError, EOFError):
            code = self.end()
            raise NotLoaded(f"its process ended with exit code {code}.") from None
        if head["status"] != 200:
            self.end()
            raise NotLoaded(head.get("message", ""))
        ours.settimeout(self._settings["timeout"])

    def ask(self, body: bytes) -> Answer:
        """The answer to one request; its status is LOST if there is none."""
        try:
            if self._connection is None:
                self.start()
            assert self._connection is not None
            header = {
                "content_type": self._settings["content_type"] or None,
                "accept": self._settings["accept"] or None,
            }
            frames.send(self._connection, header, body)
            head, content = frames.receive(self._connection)
        except TimeoutError:
            self.end()
            return Answer(LOST, message=f"No answer came within {self._settings['timeout']:g} seconds.")
        except (OSError, EOFError):
            code = self.end()
            return Answer(LOST, message=f"The process of the script ended with exit code {code}.")
        except NotLoaded as e:
            return Answer(500, message=f"The model was not loaded: {e}")
        return Answer(head["status"], content, str(head.get("content_type", "")), str(head.get("message", "")))

    def end(self) -> int:
        """End the process; its exit code."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        if self._process is None:
            return 0
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(1.0)
        self._process.kill()
        return self._process.wait()


def main() -> int:
    """Load the script's model once for each worker, and transform every input file."""
    root = Path(os.environ["SAGEMAKER_BASE_DIR"])
    settings = batches.read_settings(root)
    workers = [Worker(sys.argv[1:4], settings) for _ in range(settings["workers"])]
    try:
        for worker in workers:
            worker.start()
        batches.run(root, [worker.ask for worker in workers])
    except NotLoaded as e:
        with suppress(OSError), (root / "output/failure").open("x") as file:
            file.write(NOT_LOADED.format(e))
        return 1
    finally:
        for worker in workers:
            worker.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
