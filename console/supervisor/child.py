"""Keeps one process running: starts it when what it needs is ready, restarts it when it dies, stops it when told."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from common.disk import space
from common.process_group import signal_group
from console.supervisor import process_group
from console.supervisor.output import Lines, Output
from console.supervisor.probes import TIMEOUT
from console.supervisor.process_group import Adopted
from console.supervisor.processes import Process
from console.supervisor.starvation import Starvation

FIRST_WAIT, LONGEST_WAIT = 0.2, 30.0  # seconds before a restart: doubled each time it dies soon again
STEADY = 10.0  # seconds ready after which a death counts as the first one
PROBE_EVERY = 0.05
ALIVE_EVERY = 1.0  # seconds between two probes of a process that is ready
PATIENT, PATIENT_EVERY = 20.0, 5.0  # one that may be silent for so many seconds is asked less often
SLOW = 60.0  # seconds after which we say that it is not ready yet

Start = Callable[[list[str], dict[str, str], Path, Sequence[int], int, int], subprocess.Popen | Adopted]


class Child:
    """A process of the table and its present incarnation. `ready` is set while it answers."""

    def __init__(
        self,
        process: Process,
        output: Output,
        lock: int,
        before: Callable[[Process], Awaitable[None]],
        start: Start = process_group.start,
    ):
        self.process, self.output, self.lock, self.before, self.start = process, output, lock, before, start
        self.listener: socket.socket | None = None
        self.ready = asyncio.Event()
        self.popen: subprocess.Popen | Adopted | None = None
        self.lines: Lines | None = None  # of the present incarnation
        self.spare = 0  # the pid of a spare that is to go on
        self.died = asyncio.Event()
        self.restarts = 0
        self.ready_at = float("inf")  # on the monotonic clock
        self.stopping = False

    @property
    def pid(self) -> int | None:
        """The process id; None before the first start."""
        return self.popen.pid if self.popen else None

    async def keep_running(self, needs: list[asyncio.Event], changed: Callable[[], None]) -> None:
        """Start it, and again whenever it dies, until `stop`. `changed` is called when it became ready or died."""
        for need in needs:
            await need.wait()
        wait = FIRST_WAIT
        while not self.stopping:
            self.lines = lines = Lines(self.process.name, self.output, self.process.loud, self.process.refusal)
            try:
                await self.before(self.process)
                if self.stopping:
                    return
                out = self._start(lines)
            except OSError as e:  # no room on the disk, no memory: there will be again
                self.output.say(f"{self.process.name} cannot be started ({e.strerror}); trying again in {wait:.1f} s")
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)
                continue
            await self._until_dead(changed)
            while self.spare and not self.stopping:
                self._explain(lines, "its spare goes on")
                self.popen, self.spare = Adopted(self.spare), 0
                self._begin()
                self.poll()  # it may have died before it was ours
                await self._until_dead(changed)
            self._close(out, lines)
            if self.stopping:
                return
            if time.monotonic() - self.ready_at > STEADY:
                wait = FIRST_WAIT
            self._explain(lines, f"starting it again in {wait:.1f} s")
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _until_dead(self, changed: Callable[[], None]) -> None:
        """Watch the present incarnation until it dies, and remove what it leaves behind."""
        watch = asyncio.create_task(self._watch(changed))
        await self.died.wait()
        watch.cancel()
        self.ready.clear()
        self.kill()  # its own children must not meet its successor
        self.process.clean()
        self.restarts += not self.stopping
        changed()

    async def stop(self) -> None:
        """Ask it to end, wait, then kill it with all it started."""
        self.stopping = True
        if not self.popen or self.popen.returncode is not None:
            return
        self.popen.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.died.wait(), self.process.grace)
        except TimeoutError:
            self.output.say(f"{self.process.name} did not end in {self.process.grace:.0f} s; killing it")
        self.kill()
        await self.died.wait()

    def accept(self) -> bool:
        """Return whether it stores what it is given, now that there is room.

        One that would refuse it is killed, for `keep_running` to start it again.
        """
        if not self.process.refusal:
            return True
        if self.lines and self.lines.refuses and not self.died.is_set() and not self.stopping:
            if self._has_no_room():
                return False
            self.lines.refuses = False
            self.output.say(f"{self.process.name} refuses what it is given although there is room again; killing it")
            self.ready.clear()
            self.kill()
        return self.ready.is_set()

    def _has_no_room(self) -> bool:
        """True if the disk that it stores on, which may be one of its own, is full."""
        try:
            return self.process.storage is not None and space(self.process.storage).is_full
        except OSError:  # the folder is gone
            return True

    def kill(self) -> None:
        """End it at once, with its whole process group."""
        if self.popen:
            signal_group(self.popen.pid, signal.SIGKILL)

    def poll(self) -> None:
        """Called when some child of ours has died: was it this one?"""
        if self.popen and self.popen.poll() is not None:
            self.died.set()

    def adopt(self, orphans: set[int]) -> int:
        """The pid of the spare that goes on after a death, 0 if there is none: it has the command of the dead."""
        if self.listener and self.died.is_set() and not self.stopping and not self.spare:
            self.spare = next((pid for pid in orphans if process_group.command_of(pid) == self.command), 0)
        return self.spare

    @property
    def command(self) -> list[str]:
        """The command line, with the number of the socket that it inherits."""
        return [*self.process.command, *([str(self.listener.fileno())] if self.listener else [])]

    def _begin(self) -> None:
        self.died.clear()
        self.ready_at = float("inf")

    def _start(self, lines: Lines) -> int:
        """Start the next incarnation; what it writes comes out of a pipe, which is returned and feeds `lines`."""
        self._begin()
        if self.process.ready_file:
            self.process.ready_file.unlink(missing_ok=True)
        keep = [self.lock, *([self.listener.fileno()] if self.listener else [])]
        out, into = os.pipe()
        os.set_blocking(out, False)
        try:
            process = self.process
            self.popen = self.start(self.command, process.environment, process.folder, keep, into, process.nice)
        finally:
            os.close(into)
        asyncio.get_running_loop().add_reader(out, self._read, out, lines)
        return out

    async def _watch(self, changed: Callable[[], None]) -> None:
        since, reported = time.monotonic(), False
        while not await self.process.ready.ask():
            if not reported and time.monotonic() - since > SLOW:
                self.output.say(f"{self.process.name} does not answer yet, {SLOW:.0f} s after its start")
                reported = True
            await asyncio.sleep(PROBE_EVERY)
        self.ready.set()
        self.ready_at = time.monotonic()
        changed()
        await self._watch_alive()

    async def _watch_alive(self) -> None:
        """Kill the process when it does not answer, for `keep_running` to start it again.

        Time in which it waited for a processor or a disk does not count, nor time in which we did: a busy machine is
        slow, and a restart makes it slower.
        """
        assert self.popen
        alive, answered_at = self.process.alive or self.process.ready, time.monotonic()
        silent, requested_at = 0.0, answered_at
        starved: list[Starvation] = []
        every = ALIVE_EVERY if self.process.silence < PATIENT else PATIENT_EVERY
        while silent < self.process.silence:
            await asyncio.sleep(every - time.time() % every)  # all are asked in one turn of the event loop
            answered, now = await alive.ask(), time.monotonic()
            if self.stopping:
                return
            waited = max((starvation.seconds() for starvation in starved), default=0.0)
            if answered:
                silent, answered_at, starved = 0.0, now, []
            else:
                silent += max(0.0, min(now - requested_at, every + TIMEOUT) - waited)
                starved = starved or [
                    Starvation(self.popen.pid, alone=self.process.ready_file is not None),
                    Starvation(os.getpid(), alone=True),
                ]
            requested_at = now
        self.output.say(
            f"{self.process.name} does not answer {alive.name} for {time.monotonic() - answered_at:.0f} s; killing it"
        )
        self.kill()

    def _read(self, out: int, lines: Lines) -> bool:
        """Pass on what it has written; False when there is nothing more for now."""
        try:
            data = os.read(out, 65536)
        except BlockingIOError:
            return False
        if not data:
            asyncio.get_running_loop().remove_reader(out)
            return False
        lines.feed(data)
        return True

    def _close(self, out: int, lines: Lines) -> None:
        while self._read(out, lines):
            pass
        lines.end()
        asyncio.get_running_loop().remove_reader(out)
        os.close(out)

    def _explain(self, lines: Lines, then: str) -> None:
        code = self.popen.returncode if self.popen and self.popen.returncode is not None else 0
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        if self.output.quiet:
            for line in lines.last:
                self.output.show(self.process.name, line)
        self.output.say(f"{self.process.name} {how}; {then}")
