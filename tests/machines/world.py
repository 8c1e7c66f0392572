"""Machines with trainers, and what they share: PostgreSQL, Redis and an object store behind the gateway."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.machines.network import Machine, Switch, switch
from tests.scale import servers
from tests.stack import ROOT, Stack
from tests.unit.engine.training.processes import descendants
from tests.waiting import LIMIT, wait_for


class Trainer:
    """The trainer of one machine, by the documented command, with a data folder of its own."""

    def __init__(self, machine: Machine, folder: Path, shared: dict[str, str]):
        self.machine, self.log = machine, folder / f"{machine.name}.log"
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAGEWRIGHT_", "PYTHONDONTWRITE"))
        }
        self._environment = (
            environment
            | shared
            | {
                "SAGEWRIGHT_MACHINE_ADDRESS": machine.address,
                "SAGEWRIGHT_DATA": str(folder / machine.name),
            }
        )
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it; it is ready some seconds later."""
        up = (sys.executable, str(ROOT / "manage.py"), "up", "--only", "trainer", "--free-ports")
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self.machine.command(*up), cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def processes(self) -> list[int]:
        """Every process of the machine, the supervisor first."""
        assert self._process
        return [self._process.pid, *descendants(self._process.pid)]

    def kill(self) -> None:
        """Take the machine's power away."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        assert self._process
        self._process.wait(LIMIT)

    def stop(self) -> None:
        """Stop it as a person does."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(LIMIT)


class World:
    """All of it. `stack` has everything but the trainers."""

    def __init__(self, net: Switch, stack: Stack, trainers: list[Trainer]):
        self.net, self.stack, self.trainers = net, stack, trainers

    def trainer(self, host: str) -> Trainer:
        """The trainer of the machine called `host`."""
        return next(trainer for trainer in self.trainers if trainer.machine.name == host)

    def query(self, text: str) -> list[tuple]:
        """The rows of a query of the database."""
        import psycopg

        with psycopg.connect(self.stack.environment["SAGEWRIGHT_DATABASE_URL"]) as connection:
            return connection.execute(text).fetchall()


@contextmanager
def world(folder: Path, count: int) -> Iterator[World]:
    """A block with `count` machines, whose trainers are ready."""
    with ExitStack() as stack:
        port, password = stack.enter_context(servers.postgres())
        redis_port, redis_password = stack.enter_context(servers.redis())
        net = stack.enter_context(switch(count))

        def shared(host: str, postgres: int, redis: int) -> dict[str, str]:
            return {
                "SAGEWRIGHT_DATABASE_URL": f"postgresql://sagewright:{password}@{host}:{postgres}/sagewright",
                "SAGEWRIGHT_REDIS_URL": f"redis://:{redis_password}@{host}:{redis}/0",
                "SAGEWRIGHT_SECRET_KEY": "the same on every machine",
            }

        processes = ("--only", "store,engine,gateway,beat,worker")
        command = (sys.executable, "-c", SERVE, *processes)
        near = shared("127.0.0.1", port, redis_port)
        (folder / "shared").mkdir()
        running = stack.enter_context(Stack(folder / "shared", command=command, empty=True, **near))
        far = shared(net.address, net.forward(port), net.forward(redis_port))
        far["SAGEWRIGHT_GATEWAY_URL"] = f"http://{net.address}:{net.forward(urlsplit(running.endpoint).port or 80)}"
        result = World(net, running, [Trainer(machine, folder, far) for machine in net.machines])
        for trainer in result.trainers:
            trainer.start()
            stack.callback(trainer.stop)
        tails = lambda: "\n".join(trainer.log.read_text()[-1500:] for trainer in result.trainers)  # noqa: E731
        there = lambda: result.query("SELECT count(*) FROM engine_trainingmachine") == [(count,)]  # noqa: E731
        wait_for(there, "every trainer", tails)
        yield result


# `up` with more words than Stack gives it.
SERVE = f"""
import runpy, sys
words, sys.argv = sys.argv[1:], [{str(ROOT / "manage.py")!r}]
sys.argv += [*words[2:], *words[:2]]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
