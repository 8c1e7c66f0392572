"""The gateway's side of the process of one model: starts it, talks to it, ends it."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.sandbox.process import Sandboxed
from engine.serving import frames
from engine.serving.process_limits import clean_environment, ending

PROGRAM = "engine.serving.model_process"
ROOT = Path(__file__).resolve().parents[2]


class ProcessEnded(Exception):
    """The process has ended; the message says how."""


class ModelClient:
    """A running process. Create it with `start`, on the event loop's thread: its death ends the process."""

    def __init__(
        self, process: subprocess.Popen | Sandboxed, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ):
        self.started = time.monotonic()
        self._process, self._reader, self._writer = process, reader, writer

    @classmethod
    async def start(cls) -> "ModelClient":
        """Start a process that waits for its first message."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", PROGRAM, str(os.getpid()), str(theirs.fileno())],
                cwd=ROOT, env=clean_environment(), pass_fds=[theirs.fileno()], start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        return cls(process, *await asyncio.open_unix_connection(sock=ours))

    @property
    def pid(self) -> int:
        """The id of the process that has the model."""
        return self._process.pid

    async def ask(self, head: Mapping[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Send a message and return the answer to it. Raises ProcessEnded. Cancelled, it leaves a process to end."""
        try:
            self._writer.write(frames.encode(head, body))
            await self._writer.drain()
            return await frames.receive_async(self._reader)
        except (OSError, EOFError) as e:
            self._process.kill()  # it closed its socket, or sent what nobody sends
            code = await asyncio.get_running_loop().run_in_executor(None, self._process.wait)
            raise ProcessEnded(ending(code)) from e

    def end(self) -> None:
        """End the process at once. Repeatable."""
        with suppress(Exception):
            self._writer.close()
        self._process.kill()
        with suppress(RuntimeError):  # the loop is closing: the process is a zombie until ours ends
            asyncio.get_running_loop().run_in_executor(None, self._process.wait)
