"""Starts an ASGI application under uvicorn, with the limits of this package."""

import asyncio
import resource
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from common.http import spare
from common.http.protocol import Protocol

OPEN_FILES = 65_536  # a connection is one; the usual limit of 1,024 is soon used up by clients that only wait


def serve(app: str, host: str, port: int, workers: int = 1, grace: int = 5, protocol: type = Protocol) -> None:
    """Serve `app` ("module:name") until SIGINT or SIGTERM; open requests get `grace` seconds to end."""
    raise_open_files()
    uvicorn.run(app, host=host, port=port, workers=workers, **_options(grace, protocol))


def serve_inherited(
    app: Any,
    descriptor: int,
    grace: int = 5,
    warm_up: Callable[[], object] = lambda: None,
    protocol: type = Protocol,
    alive: Path | None = None,
) -> None:
    """As `serve`, on the socket `descriptor`, which listens and was opened by the process that started this one.

    It outlives this process, so that connections wait until another accepts: the spare, when this one is killed. The
    spare calls `warm_up` before. The file `alive` is touched every second as long as the event loop turns and the
    application, if it has a method `is_stuck`, says that it is not.
    """
    raise_open_files()
    config = uvicorn.Config(app, **_options(grace, protocol))
    config.load()
    dismiss_spare = spare.keep(warm_up)
    with socket.socket(fileno=descriptor) as listener:
        _Server(config, dismiss_spare, alive).run([listener])


class _Server(uvicorn.Server):
    """A server that calls `before_end` when it is told to end: afterwards uvicorn ends the process by the signal.

    While nothing happens it wakes once a second, where uvicorn's looks ten times whether it is to end.
    """

    def __init__(self, config: uvicorn.Config, before_end: Callable[[], object], alive: Path | None):
        super().__init__(config)
        self._before_end, self._alive = before_end, alive
        self._is_stuck: Callable[[], bool] = getattr(config.loaded_app, "is_stuck", lambda: False)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end_requested = asyncio.Event()

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            if self._alive and not self._is_stuck():
                say_alive(self._alive)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._end_requested.wait(), 1.0)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end_requested.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_end()
        getattr(self.config.loaded_app, "prepare_end", lambda: None)()
        await super().shutdown(sockets)


def say_alive(file: Path) -> None:
    """Touch `file`, by whose time the supervisor knows that this process lives. A full disk is no reason to end."""
    with suppress(OSError):
        file.touch()


def _options(grace: int, protocol: type) -> dict[str, Any]:
    return {
        "loop": "uvloop",
        "http": protocol,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "log_level": "warning",
        "proxy_headers": False,
        "server_header": False,
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": grace,
    }


def raise_open_files() -> None:
    """Let this process open as many files as it may, up to OPEN_FILES."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
