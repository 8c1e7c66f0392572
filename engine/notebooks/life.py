"""One instance from its start to its end: environments, scripts, JupyterLab, idle stop; nothing is left behind."""

import asyncio
import contextlib
import logging
import os
import re
import secrets
import time
from collections.abc import Awaitable

from engine.frameworks.locked_environment import EnvironmentUnavailable
from engine.http.caller import in_database
from engine.models import NotebookInstance
from engine.notebooks import environments, lifecycle, rows
from engine.notebooks import log as logs
from engine.notebooks.aws_proxy import AwsProxy
from engine.notebooks.log import InstanceLog
from engine.notebooks.process import Running, start
from engine.notebooks.proxy import Upstream
from engine.notebooks.session import Secrets, Session, gateway_address, open_socket
from engine.notebooks.watch import Watch, full_volume
from sandbox.level import available, why_not
from sandbox.spec import Level

READY_SECONDS = 60.0  # JupyterLab must answer within
STOP_SECONDS = 30.0  # between SIGTERM and SIGKILL
POLL_READY, CHECK_EVERY, FLUSH_EVERY = 0.1, 5.0, 0.5  # seconds
NO_WALLS = "This machine cannot wall notebooks in, and they run nowhere else. {} `sagewright doctor` says more."
Status = NotebookInstance.Status
log = logging.getLogger(__name__)


class Failure(Exception):
    """Why the instance cannot run, for its FailureReason."""


class Life:
    """Runs one instance. `stop` asks it to end, `stop_at_once` kills what runs; `run` returns when nothing is left."""

    def __init__(self, instance: NotebookInstance):
        self.instance = instance
        self._proxy = AwsProxy(gateway_address())
        self.session, self.log = Session(instance, self._proxy), InstanceLog(instance)
        self.upstream: Upstream | None = None
        self._streams = [self.log]
        self._hidden: tuple[str, ...] = ()
        self._process: Running | None = None
        self._socket = -1
        self._watch = Watch(instance, self.session)
        self._stopping, self._at_once = asyncio.Event(), asyncio.Event()

    def stop(self) -> None:
        """Ask it to end. Repeatable."""
        self._stopping.set()

    def stop_at_once(self) -> None:
        """Kill everything inside. Repeatable."""
        self._at_once.set()
        self._stopping.set()

    async def run(self, leave_status: asyncio.Event) -> None:
        """Start, serve until the end, clean up, and write what became of it, unless `leave_status` is set by then."""
        flushing = asyncio.ensure_future(self._flush())
        outcome, reason = Status.STOPPED, ""
        try:
            await self._until_stopped(self._work())
        except Failure as e:
            outcome, reason = Status.FAILED, str(e)
        except Exception as e:
            log.exception("notebook instance %s failed", self.instance)
            outcome, reason = Status.FAILED, f"The engine failed: {type(e).__name__}. The log of `notebooks` says more."
        finally:
            await self._clean_up()
            flushing.cancel()
        if outcome == Status.FAILED:
            self.log.note(reason)
        else:
            self.log.note("Stopped.")
        await self._flush_once(is_last=True)
        if not leave_status.is_set():
            await in_database(rows.finish, self.instance.pk, outcome, reason)

    async def _work(self) -> None:
        """Everything up to the end of JupyterLab by itself. Raises Failure."""
        if available() is not Level.WALLED:
            raise Failure(NO_WALLS.format(why_not(Level.WALLED)))
        await self._prepare_environments()
        await self._check_volume()
        key, secret = await in_database(rows.issue_key, self.instance.pk)
        token = secrets.token_urlsafe(24)
        self._hidden = self.log.hidden = (secret, token)
        await self._proxy.start()
        await asyncio.to_thread(self.session.make, Secrets(key, secret, token))
        await self._run_scripts()
        self.log.note(f"JupyterLab starts on {self.instance.request['InstanceType']}.")
        self._process = process = await start(self.session.spec(self.session.server_command()), self.log.feed)
        self.upstream = await self._wait_until_ready(process, token)
        await in_database(rows.enter_service, self.instance.pk)
        self.log.note("JupyterLab answers.")
        watching = asyncio.ensure_future(self._stop_when_due())
        try:
            code = await process.wait()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        if not self._stopping.is_set() and code:
            raise Failure(self._why(process, code))

    async def _until_stopped(self, work: Awaitable[None]) -> None:
        """Await `work`; when a stop is asked for, end the process gently first and `work` with it."""
        working = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                await self._end_process()
                working.cancel()
                with contextlib.suppress(asyncio.CancelledError, Failure):
                    await working
                return
            await working
        finally:
            stopped.cancel()

    async def _end_process(self) -> None:
        """SIGTERM, STOP_SECONDS or until it is to end at once, SIGKILL."""
        process = self._process
        if process is None:
            return
        process.terminate()
        at_once = asyncio.ensure_future(self._at_once.wait())
        ended = asyncio.ensure_future(process.wait())
        await asyncio.wait({at_once, ended}, timeout=STOP_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        at_once.cancel()
        if not ended.done():
            self.log.note("It did not end by itself and is killed.")
            await process.kill()
        await ended

    async def _prepare_environments(self) -> None:
        try:
            await asyncio.to_thread(environments.make_all, self.log.note)
        except EnvironmentUnavailable as e:
            raise Failure(str(e)) from e

    async def _check_volume(self) -> None:
        if self.session.volume.exists() and (reason := await full_volume(self.session)):
            raise Failure(reason)

    async def _run_scripts(self) -> None:
        for hook, script in await in_database(lifecycle.scripts, self.instance.pk):
            stream = InstanceLog(self.instance, f"LifecycleConfig{hook}")
            stream.hidden = self._hidden
            self._streams.append(stream)
            self.log.note(f"The lifecycle script {hook} runs.")
            self._process = await lifecycle.start_script(self.session, hook, script, stream)
            try:
                code = await asyncio.wait_for(self._process.wait(), lifecycle.SECONDS)
            except TimeoutError:
                raise Failure(lifecycle.too_long(self.instance)) from None
            if code:
                raise Failure(lifecycle.failed(self.instance, code, stream.last))
            await self._process.close()
            self._process = None
            if hook == lifecycle.ON_CREATE:
                await in_database(rows.remember_created_script, self.instance.pk)

    async def _wait_until_ready(self, process: Running, token: str) -> Upstream:
        """The way to JupyterLab, once it answers. Raises Failure."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if process.code is not None:
                raise Failure(self._why(process, process.code))
            try:
                self._socket = open_socket(self.session.folder) if self._socket < 0 else self._socket
            except OSError:
                await asyncio.sleep(POLL_READY)
                continue
            upstream = Upstream(f"/proc/self/fd/{self._socket}", token, self.session.path)
            if await upstream.status() is not None:
                return upstream
            await upstream.close()
            await asyncio.sleep(POLL_READY)
        raise Failure(f"JupyterLab did not answer within {READY_SECONDS:.0f} s. {self._last_line()}")

    async def _stop_when_due(self) -> None:
        """Stop it when its person may no longer use it, when nobody uses it, and when its disk is full.

        Nothing ends this but a stop: neither a database that is away nor what code inside answers or does to its files.
        """
        while True:
            try:
                if note := await self._watch.reason_to_stop(self.upstream, self._process):
                    self.log.note(note)
                    await in_database(rows.begin_stop, self.instance.pk)
                    return self.stop()
            except Exception as e:
                log.warning("notebook instance %s cannot be watched, trying again: %r", self.instance, e)
            await asyncio.sleep(CHECK_EVERY)

    async def _clean_up(self) -> None:
        """End what is left; take the key away; remove the session's folder. Nothing of this fails for good."""
        if self.upstream:
            await self.upstream.close()
            self.upstream = None
        if self._process:
            await self._process.close()
            if self._process.end_reason == "memory":
                self.log.note(f"Everything inside used more than {self.session.memory / 2**30:.0f} GiB of memory.")
            self._process = None
        await self._proxy.close()
        if self._socket >= 0:
            os.close(self._socket)
            self._socket = -1
        await in_database(rows.revoke_key, self.instance.pk)
        await asyncio.to_thread(self.session.remove)

    def _why(self, process: Running, code: int) -> str:
        if process.end_reason == "memory":
            return (
                f"Everything inside used more than {self.session.memory / 2**30:.0f} GiB of memory, what "
                f"{self.instance.request['InstanceType']} has. Update InstanceType to a larger one, and start it again."
            )
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return f"JupyterLab {how}. {self._last_line()}"

    def _last_line(self) -> str:
        lines = [line for line in self.log.last if not line.startswith("[sagewright]") and re.search(r"\w", line)]
        return f"Its last line: {lines[-1][:300]}" if lines else "It said nothing."

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_EVERY)
            await self._flush_once()

    async def _flush_once(self, is_last: bool = False) -> None:
        events = [event for stream in self._streams for event in stream.drain(is_last)]
        with contextlib.suppress(Exception):  # the database is away: these lines are lost, others come
            await in_database(logs.write, events)
