"""A lock with sides: those of one side hold it together, those of different sides never do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Gives the sides turns. Who comes while another side waits gets the next turn, so that no side waits for ever."""

    def __init__(self) -> None:
        self._side = ""
        self._holders = 0
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def of(self, side: str) -> AsyncIterator[None]:
        """Hold the lock as one of `side`."""
        await self._enter(side)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, side: str) -> None:
        if not self._holders or (side == self._side and not self._waiting):
            self._side, self._holders = side, self._holders + 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((side, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was this one's turn already
                self._leave()
            raise

    def _leave(self) -> None:
        self._holders -= 1
        self._waiting = [(side, turn) for side, turn in self._waiting if not turn.done()]
        if self._holders or not self._waiting:
            return
        self._side = self._waiting[0][0]
        turns = [turn for side, turn in self._waiting if side == self._side]
        self._waiting = [(side, turn) for side, turn in self._waiting if side != self._side]
        self._holders = len(turns)
        for turn in turns:
            turn.set_result(None)
