"""The gateway's side of the process of one model: starts it in a sandbox, talks to it, ends it."""

import asyncio
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

from engine.container.script_toolkit.frames import encode
from engine.serving import frames, process_folders
from engine.serving.process_limits import PROCESSES, clean_environment, ending
from sandbox.interpreter import own_program
from sandbox.level import available
from sandbox.process import Sandboxed, start
from sandbox.spec import Limits, Spec

PROGRAM = "engine.serving.model_process"
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
    async def start(cls, model: Path) -> Self:
        """Start a process that may read the folder `model`, and waits for its first message. Raises OSError."""
        return await cls._connect(lambda descriptor: _launch(model, descriptor))

    @classmethod
    async def _connect(cls, launch: Callable[[int], tuple[Sandboxed, Path]]) -> Self:
        """Call `launch` with the descriptor of a socket, in a thread, and talk to the process that it returns.

        `launch` returns the process and its folder. Raises what it raises. Cancelled, it ends the process later.
        """
        ours, theirs = socket.socketpair()

        def run() -> tuple[Sandboxed, Path]:
            with theirs:  # it is closed here: who waits for this thread may be cancelled before its end
                return launch(theirs.fileno())

        starting = asyncio.get_running_loop().run_in_executor(None, run)
        try:
            process, folder = await asyncio.shield(starting)
            return cls(process, *await asyncio.open_unix_connection(sock=ours), folder)
        except BaseException:
            ours.close()
            starting.add_done_callback(_discard)
            raise

    @property
    def pid(self) -> int:
        """The id of the keeper of the sandbox that has the model."""
        return self._process.pid

    async def ask(self, head: Mapping[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Send a message and return the answer to it. Raises ProcessEnded. Cancelled, it leaves a process to end."""
        try:
            self._writer.write(encode(head, body))
            await self._writer.drain()
            return await frames.receive(self._reader, self.max_head, self.max_body)
        except (OSError, EOFError) as e:  # it closed its socket, or sent what nobody sends
            code = await asyncio.get_running_loop().run_in_executor(None, self._finish, OWN_END)
            raise ProcessEnded(_REASONS.get(self._process.end_reason) or ending(code)) from e

    def end(self) -> None:
        """End the process at once and remove its folder. Repeatable."""
        with suppress(Exception):
            self._writer.close()
        _in_thread(self._finish)

    def _finish(self, seconds: float = 0.0) -> int:
        return _end(self._process, self._folder, seconds)


def _launch(model: Path, descriptor: int) -> tuple[Sandboxed, Path]:
    with process_folders.new() as folder:
        spec = Spec(folder, environment=clean_environment(), limits=Limits(processes=PROCESSES))
        spec = own_program(spec, available(), PROGRAM, str(descriptor), readable=[model])
        return start(spec, pass_fds=[descriptor]), folder


def _end(process: Sandboxed, folder: Path, seconds: float = 0.0) -> int:
    """End the process, which has `seconds` to end by itself; return its exit code."""
    with suppress(Exception):
        process.wait(seconds)
    process.close()
    process_folders.remove(folder)
    return process.poll() or 0


def _discard(starting: asyncio.Future[tuple[Sandboxed, Path]]) -> None:
    if not starting.cancelled() and starting.exception() is None:
        _in_thread(partial(_end, *starting.result()))


def _in_thread(function: Callable[[], object]) -> None:
    try:
        asyncio.get_running_loop().run_in_executor(None, function)
    except RuntimeError:  # the loop is closing
        function()
