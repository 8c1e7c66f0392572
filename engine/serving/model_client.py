"""The gateway's side of the process of one model: starts it in a sandbox, talks to it, ends it."""

import asyncio
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from common.remove_folder import remove_folder
from engine.sandbox.interpreter import own_program
from engine.sandbox.level import available
from engine.sandbox.process import Sandboxed, start
from engine.sandbox.spec import Limits, Spec
from engine.serving import frames
from engine.serving.process_limits import clean_environment, ending

PROGRAM = "engine.serving.model_process"
PROCESSES = 64  # and threads, of a model's library
OWN_END = 0.5  # seconds in which a process that closed its socket ends by itself, with a code that tells more
_REASONS = {"memory": "using more memory than it may", "disk": "writing more files than it may"}


class ProcessEnded(Exception):
    """The process has ended; the message says how."""


class ModelClient:
    """A running process. It ends with this one, and its folder is removed then."""

    max_head, max_body = frames.MAX_HEAD, frames.MAX_BODY  # bytes of an answer

    def __init__(self, process: Sandboxed, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, folder: Path):
        self.started = time.monotonic()
        self._process, self._reader, self._writer, self._folder = process, reader, writer, folder

    @classmethod
    async def start(cls, model: Path) -> "ModelClient":
        """Start a process that may read the folder `model`, and waits for its first message. Raises OSError."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                started = await asyncio.get_running_loop().run_in_executor(None, _start, model, theirs.fileno())
        except BaseException:
            ours.close()
            raise
        process, folder = started
        return cls(process, *await asyncio.open_unix_connection(sock=ours), folder)

    @property
    def pid(self) -> int:
        """The id of the keeper of the sandbox that has the model."""
        return self._process.pid

    async def ask(self, head: Mapping[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Send a message and return the answer to it. Raises ProcessEnded. Cancelled, it leaves a process to end."""
        try:
            self._writer.write(frames.encode(head, body))
            await self._writer.drain()
            return await frames.receive_async(self._reader, self.max_head, self.max_body)
        except (OSError, EOFError) as e:  # it closed its socket, or sent what nobody sends
            code = await asyncio.get_running_loop().run_in_executor(None, self._finish, OWN_END)
            raise ProcessEnded(_REASONS.get(self._process.end_reason) or ending(code)) from e

    def end(self) -> None:
        """End the process at once and remove its folder. Repeatable."""
        with suppress(Exception):
            self._writer.close()
        try:
            asyncio.get_running_loop().run_in_executor(None, self._finish)
        except RuntimeError:  # the loop is closing
            self._finish()

    def _finish(self, seconds: float = 0.0) -> int:
        with suppress(Exception):
            self._process.wait(seconds)
        self._process.close()
        remove_folder(self._folder)
        return self._process.poll() or 0


def _start(model: Path, descriptor: int) -> tuple[Sandboxed, Path]:
    folder = Path(tempfile.mkdtemp(prefix="sagewright-model-"))
    try:
        spec = Spec(folder, environment=clean_environment(), limits=Limits(processes=PROCESSES))
        spec = own_program(spec, available(), PROGRAM, "0", str(descriptor), readable=[model])
        return start(spec, pass_fds=[descriptor]), folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
