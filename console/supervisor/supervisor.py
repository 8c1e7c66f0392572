"""Runs a whole stack from start to stop: prepares it, keeps every process up, tells the person and the tools."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time

from common.process_group import adopt_orphans, children, reap, reap_all, signal_group
from console.supervisor import addresses, prepared, probes
from console.supervisor.child import Child
from console.supervisor.disk import DiskWatch
from console.supervisor.folder import write_private
from console.supervisor.options import Options
from console.supervisor.output import Output
from console.supervisor.process_group import Adopted
from console.supervisor.processes import STOPPING, Process, build
from console.supervisor.refusal import Refusal
from console.supervisor.stack import Stack
from console.supervisor.store import ENCODED, Store
from console.supervisor.welcome import welcome
from console.supervisor.zygote import Launcher
from sagewright.application import ROOT

WITH_ADDRESS = ("web", "live", "gateway", "engine", "notebooks")
OURS = ("SAGEWRIGHT_", "AWS_", "DJANGO_")
LAST_GRACE = 5.0  # seconds to collect what the processes themselves left behind


class Supervisor:
    """All processes of one stack, on a folder whose lock is `lock`, as `options` say."""

    def __init__(self, stack: Stack, output: Output, lock: int, options: Options):
        self.stack, self.output, self.options = stack, output, options
        self.began = time.monotonic()
        processes = [] if options.prepare_only else build(stack)
        self.launcher = Launcher(stack, output.say)
        start = self.launcher.start
        self.children = [Child(process, output, lock, self._before, start) for process in processes]
        self.errands: dict[subprocess.Popen | Adopted, asyncio.Event] = {}
        self.prepared, self.named, self.stop_requested = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.tasks: list[asyncio.Task] = []
        self.failure: BaseException | None = None
        self.first_user = ""
        self.was_ready = False

    async def run(self) -> None:
        """Start everything, wait for Ctrl-C or SIGTERM, stop everything. Raises Refusal when it cannot be prepared."""
        adopt_orphans()
        self.stack.folder.forget_stack()
        self._listen()
        self.launcher.begin()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGCHLD, self._collect)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._request_stop)
        if self.options.stop_at_eof:
            loop.add_reader(sys.stdin.fileno(), self._read_stdin)
        ready = {"prepared": self.prepared, "names": self.named}
        ready |= {child.process.name: child.ready for child in self.children}
        watch = DiskWatch(self.stack.folder.data, self.output.say, self._accept)
        work = (self._prepare(), self._name_objects(ready), watch.run())
        self.tasks = [asyncio.create_task(task) for task in work]
        for child in self.children:
            needs = [ready[name] for name in child.process.needs if name in ready]
            self.tasks.append(asyncio.create_task(child.keep_running(needs, self._changed)))
        for task in self.tasks:
            task.add_done_callback(self._ended)
        await self.stop_requested.wait()
        await self._stop()
        for task in self.tasks:
            task.cancel()
        if self.failure:
            raise self.failure

    def _accept(self) -> bool:
        """Return whether every process stores what it is given; one that refuses is started again."""
        return all([child.accept() for child in self.children])

    def _listen(self) -> None:
        """Open the sockets that processes inherit; they stay open when these die. Raises Refusal."""
        for child in self.children:
            if child.process.port:
                child.listener = addresses.listen(child.process.port)

    async def _prepare(self) -> None:
        """Bring database, static files, first user and keys up to date; nothing at all when they are."""
        digest = prepared.static_digest()
        mark = prepared.static_mark(self.stack)
        static = "web" in self.stack.processes and (not mark.exists() or mark.read_text() != digest)
        if static or not prepared.database_is_ready(self.stack):
            environment = self.stack.common | self.stack.aws
            if self.stack.first_user_key:
                environment = environment | {"SAGEWRIGHT_FIRST_USER_KEY": self.stack.first_user_key}
            command = [sys.executable, str(ROOT / "manage.py"), "prepare", *(["--static"] if static else [])]
            code, text = await self._errand(command, environment)
            if code and not self.stop_requested.is_set():
                raise Refusal(f"The database or the static files could not be prepared:\n{text}")
            self.first_user = text.strip()
            if static and not code:
                write_private(mark, digest)
        self.prepared.set()
        if self.options.prepare_only:
            self.stop_requested.set()

    async def _name_objects(self, ready: dict[str, asyncio.Event]) -> None:
        """Rename the objects of a store that an earlier version left, before anybody reads them."""
        store = Store(self.stack.folder, self.stack.at.store)
        if "store" in ready and store.names != ENCODED:
            await ready["store"].wait()
            self.output.say("renaming the objects of an earlier version; this happens once")
            command = [sys.executable, "-m", "console.store_upgrade", str(store.port)]
            code, text = await self._errand(command, self.stack.common | self.stack.store)
            if code and not self.stop_requested.is_set():
                raise Refusal(text.strip())
            for line in text.splitlines():
                self.output.say(line)
        self.named.set()

    async def _before(self, process: Process) -> None:
        """Before a process starts: wait for the zygote, if it is to be one of its forks."""
        if process.command[0] == sys.executable:
            await self.launcher.settled.wait()
        await self._restore_messages(process)

    async def _restore_messages(self, process: Process) -> None:
        """Before a worker starts: put back what a killed one of its queue had taken and not finished.

        Only with our own Valkey, where no other worker of that queue can be alive.
        """
        if not process.queue or "valkey" not in self.stack.processes:
            return
        if await probes.number(self.stack.socket, "HLEN celery:unacked"):
            await self._errand([sys.executable, "-m", "console.restore", *process.queue.split(",")], self.stack.common)

    async def _errand(self, command: list[str], environment: dict[str, str]) -> tuple[int, str]:
        """Run a short helper to its end: its exit code and what it printed."""
        with tempfile.TemporaryFile(dir=self.stack.folder.run) as out:
            await self.launcher.settled.wait()
            code = await self._to_the_end(self.launcher.start(command, environment, out=out.fileno()))
            out.seek(0)
            return code, out.read().decode(errors="replace")

    async def _to_the_end(self, popen: subprocess.Popen | Adopted) -> int:
        self.errands[popen] = ended = asyncio.Event()
        self._collect()
        await ended.wait()
        del self.errands[popen]
        assert popen.returncode is not None
        return popen.returncode

    async def _stop(self) -> None:
        for child in self.children:
            child.stopping = True
        self.launcher.close()
        for popen in self.errands:
            signal_group(popen.pid, signal.SIGKILL)
        for stage in STOPPING:
            await asyncio.gather(*(child.stop() for child in self.children if child.process.name in stage))
        reap_all(set(), LAST_GRACE)
        for child in self.children:
            if child.listener:
                child.listener.close()
        self.stack.folder.forget_stack()

    def _collect(self) -> None:
        """Some child of ours ended: find out which, and end what it left behind."""
        self.launcher.poll()
        for child in self.children:
            child.poll()
        for popen, ended in self.errands.items():
            if popen.poll() is not None:
                ended.set()
        mine = self.launcher.pids | {popen.pid for popen in self.errands}
        mine |= {child.popen.pid for child in self.children if child.popen and child.popen.returncode is None}
        orphans = children(os.getpid()) - mine
        reap(mine | {child.adopt(orphans) for child in self.children})

    def _request_stop(self) -> None:
        if self.stop_requested.is_set():
            self.output.say("killing what is left")
            for child in self.children:
                child.kill()
        else:
            self.output.say("stopping (again: at once)")
            self.stop_requested.set()

    def _read_stdin(self) -> None:
        """Whoever started us has closed their end of our input, or is gone."""
        if not os.read(sys.stdin.fileno(), 4096):
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self._request_stop()

    def _ended(self, task: asyncio.Task) -> None:
        """A task of ours that fails ends the whole start: a Refusal, or a bug that must be seen."""
        if not task.cancelled() and task.exception():
            self.failure = self.failure or task.exception()
            self.stop_requested.set()

    def _changed(self) -> None:
        """Print the welcome when all processes are ready for the first time, then write run/stack.json.

        In this order, because a tool that waits for "ready" in the file reads the one-time password from the output.
        """
        ready = self.prepared.is_set() and all(child.ready.is_set() for child in self.children)
        first_time = ready and not self.was_ready
        stack = self.stack
        if first_time:
            self.was_ready = True
            for line in welcome(stack, self.first_user, time.monotonic() - self.began):
                self.output.say(line)
        state = {
            "ready": ready,
            "pid": os.getpid(),
            "backend": "aws" if stack.on_aws else "engine",
            "addresses": {name: stack.at.url(name) for name in stack.processes if name in WITH_ADDRESS},
            "pids": {child.process.name: child.pid for child in self.children if child.ready.is_set()},
            "restarts": {child.process.name: child.restarts for child in self.children},
            "environment": {k: v for k, v in (stack.common | stack.aws).items() if k.startswith(OURS)},
            "exports": stack.exports(),
        }
        try:
            stack.folder.write_stack(state)
        except OSError as e:  # the disk is full; tools read what was true before
            self.output.say(f"{stack.folder.run / 'stack.json'} cannot be written: {e.strerror}")
        if first_time and self.options.demo:
            self.tasks.append(asyncio.create_task(self._demo()))

    async def _demo(self) -> None:
        """Run `manage.py demo` beside the running stack; it prints where we print."""
        command = [sys.executable, str(ROOT / "manage.py"), "demo"]
        await self._to_the_end(
            self.launcher.start(command, self.stack.common | self.stack.aws, out=sys.stdout.fileno())
        )
