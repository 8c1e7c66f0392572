"""Serves one listening socket from several processes, one at a time: when the one that accepts ends, another goes on.

The others have started, and wait for the lock of a file, which the kernel takes from a process that is killed. Nobody
is refused meanwhile: the socket stays open in the process that made it, and connections wait in its queue.
"""

import asyncio
import fcntl
import os
import socket
import threading
from contextlib import suppress

import uvicorn


class TurnServer(uvicorn.Server):
    """Answers at once on the unix socket that its configuration names, and on `shared` when it has locked `turn`."""

    def __init__(self, config: uvicorn.Config, shared: socket.socket, turn: str):
        super().__init__(config)
        self._shared = shared
        self._turn = os.open(turn, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen on the process's own socket, and wait for the turn in a thread."""
        await super().startup(sockets)
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._wait, args=(loop,), name="turn", daemon=True).start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Give the turn away, then end the open requests."""
        fcntl.flock(self._turn, fcntl.LOCK_UN)  # the next may accept, while our open requests end
        await super().shutdown(sockets)

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(lambda: asyncio.ensure_future(self._accept()))

    async def _accept(self) -> None:
        if self.should_exit:
            return
        server = await asyncio.get_running_loop().create_server(
            self._protocol, sock=self._shared, backlog=self.config.backlog
        )
        self.servers.append(server)

    def _protocol(self) -> asyncio.Protocol:
        """As uvicorn makes it for the sockets it knows."""
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
