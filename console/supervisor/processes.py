"""The table of processes: each one's command, what it waits for and how it says that it is ready."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from console.supervisor import probes, store, valkey
from console.supervisor.addresses import listen_host
from console.supervisor.probes import Probe
from console.supervisor.stack import Stack
from sagewright import environment as env
from sagewright.application import ROOT

SILENCE = 5.0 if Path("/proc/self/schedstat").exists() else 30.0  # seconds; where none can tell hung from starved: 30
STORE_SILENCE = 30.0  # it may be busy with its own disk for longer, and nothing else can take its place meanwhile
WHOLE_EVERY = 15  # heartbeats of a server, after which it is asked over HTTP: its loop may turn and accept nobody
STOPPING = (
    ("web", "live", "beat", "events", "worker", "reader", "sender", "trainer", "notebooks"),
    ("gateway", "engine"),
    ("store", "valkey"),
)


@dataclass(frozen=True)
class Process:
    """One process to keep running.

    `needs` are the things that must be ready first; `queue` is the Celery queue it works on, or several with commas;
    `loud`, when given, is the regular expression of the lines worth showing, and `refusal` of a line that says that it
    stores nothing until it has looked at the disk of `storage` again, which may be long after there is room;
    `ready_file` is the file it makes when it is ready; `clean` removes what it leaves behind, each time it has ended.
    Once it is ready it answers `alive`, by default `ready`, and is killed when it has not for `silence` seconds. `port`
    is one at which the supervisor listens for it: it inherits the socket, whose descriptor ends its command. `nice` is
    its niceness: more lets others go first.
    """

    name: str
    command: list[str]
    ready: Probe
    environment: dict[str, str]
    needs: tuple[str, ...] = ("prepared", "valkey")
    folder: Path = ROOT
    queue: str = ""
    ready_file: Path | None = None
    loud: str = ""
    refusal: str = ""
    storage: Path | None = None
    grace: float = 8.0  # seconds between asking it to stop and killing it
    clean: Callable[[], object] = lambda: None
    alive: Probe | None = None
    silence: float = SILENCE
    port: int = 0
    nice: int = 0


def build(stack: Stack) -> list[Process]:
    """The processes this stack wants. What is not started here is taken to be ready elsewhere."""
    processes = [BUILDERS[name](stack) for name in stack.processes]
    if stack.engine_alone:  # what answers calls has the machine to itself first: a test suite waits for it
        processes = [replace(p, needs=(*p.needs, "engine", "gateway")) if p.ready_file else p for p in processes]
    return processes


def _valkey(stack: Stack) -> Process:
    command = valkey.command(stack.folder, stack.socket)
    worth = ".*#(?! WARNING Memory overcommit| Valkey is now ready to exit)"  # advice for machines with another purpose
    return Process("valkey", command, probes.valkey(stack.socket), stack.environment_of("valkey"), needs=(), loud=worth)


def _store(stack: Stack) -> Process:
    embedded = store.Store(stack.folder, stack.at.store)
    key, _, secret = stack.folder.secret("store_key").partition(":")
    return Process(
        "store",
        embedded.command(key, secret),
        probes.http(embedded.socket, "/healthz", _is_ok),
        stack.environment_of("store") | store.ENVIRONMENT,
        needs=(),
        loud=r"[WEF][0-9](?!.*: Checksum verification failed)|\w*Error|Warning",  # which the caller is told
        storage=embedded.objects,
        refusal=r"disk free [\d.]+% < required",
        grace=10,  # after a large upload it may never end by itself; a killed one has lost no acknowledged object
        clean=embedded.remove_sockets,
        silence=STORE_SILENCE,
    )


def _engine(stack: Stack) -> Process:
    return _server(stack, "engine", "engine.wsgi:server", env.text("ENGINE_WORKERS"))


def _gateway(stack: Stack) -> Process:
    process = _inheriting(stack, "gateway", [sys.executable, "-m", "engine.gateway"], _healthy(stack.at.gateway))
    return replace(process, needs=("prepared", "valkey", "names"))


def _notebooks(stack: Stack) -> Process:
    """Its grace is what JupyterLab gets to end by itself, and a little more."""
    process = _inheriting(stack, "notebooks", [sys.executable, "-m", "engine.notebooks"], _healthy(stack.at.notebooks))
    return replace(process, grace=12.0)


def _web(stack: Stack) -> Process:
    return _server(stack, "web", "console.wsgi:server", env.text("WEB_WORKERS"), health="/healthz/")


def _live(stack: Stack) -> Process:
    return _server(stack, "live", "console.live:app")


def _worker(stack: Stack) -> Process:
    return _celery(stack, "worker", *_pool("console", "WORKER"), queue="console")


def _reader(stack: Stack) -> Process:
    process = _celery(stack, "reader", *_pool("tables", "READER"), queue="tables")
    process.environment["SAGEWRIGHT_TASKS"] = "models_app.data models_app.training"  # nothing else reads tables
    return replace(process, nice=5)  # pages and clicks go first


def _sender(stack: Stack) -> Process:
    process = _celery(stack, "sender", *_pool("sending", "SENDER"), queue="sending")
    process.environment["SAGEWRIGHT_TASKS"] = "models_app.endpoints models_app.notifications"
    return replace(process, nice=5)  # nobody waits for it with the page open


def _trainer(stack: Stack) -> Process:
    """In an engine alone it works on the default queue too: that is where endpoints and `reconcile` are."""
    queues, more = ("training,console", 1) if stack.engine_alone else ("training", 0)
    process = _celery(stack, "trainer", *_pool(queues, "TRAINER", more), queue=queues)
    process.environment["SAGEWRIGHT_TASKS"] = "engine"  # the console's would cost it a second and 60 MB
    return process


def _beat(stack: Stack) -> Process:
    return _celery(stack, "beat", "beat", "--pidfile=", app="console.beat")


def _events(stack: Stack) -> Process:
    return _with_ready_file(stack, "events", [sys.executable, "-m", "console.events"])


def _healthy(port: int, path: str = "/healthz") -> Probe:
    return probes.http(port, path, _is_ok)


def _is_ok(status: int) -> bool:
    return status == 200


def _celery(stack: Stack, name: str, *arguments: str, app: str = "console", queue: str = "") -> Process:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", app, *arguments]
    return _with_ready_file(stack, name, command, queue)


def _with_ready_file(stack: Stack, name: str, command: list[str], queue: str = "") -> Process:
    """A process that makes a file when it is ready and touches it while it lives: see `console.liveness`."""
    ready_file = stack.folder.run / f"{name}.ready"
    environment = stack.environment_of(name) | {"SAGEWRIGHT_READY_FILE": str(ready_file)}
    alive = probes.heartbeat(ready_file)
    return Process(name, command, probes.file(ready_file), environment, queue=queue, ready_file=ready_file, alive=alive)


def _pool(queue: str, name: str, more: int = 0) -> list[str]:
    """A prefork worker of `queue`, one task a child, apart from other workers; with `more` children than are set."""
    count = str(int(env.text(f"{name}_CONCURRENCY")) + more)
    return [
        *("worker", "-Q", queue, "-n", f"{queue.partition(',')[0]}@%h", "-P", "prefork", "-c", count, "-O", "fair"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def _server(stack: Stack, name: str, app: str, workers: str = "1", health: str = "/healthz") -> Process:
    """A server of `app`: one that inherits its socket and has a spare, or several with a parent that starts them."""
    port, command = getattr(stack.at, name), [sys.executable, "-m", "common.http", app]
    ready, environment = _healthy(port, health), stack.environment_of(name)
    if workers == "1":
        return _inheriting(stack, name, command, ready)
    command += ["--host", listen_host(), "--port", str(port), "--workers", workers]
    return Process(name, command, ready, environment)


def _inheriting(stack: Stack, name: str, command: list[str], ready: Probe) -> Process:
    """A server that inherits its socket.

    Once it is ready it touches a file from its event loop: to be asked over HTTP every second costs it and the
    supervisor ten times as much, so that is done more rarely.
    """
    alive = stack.folder.run / f"{name}.alive"
    command = [*command, "--alive", str(alive), "--descriptor"]
    port, environment = getattr(stack.at, name), stack.environment_of(name)
    answers = probes.both(probes.heartbeat(alive), ready, WHOLE_EVERY)
    return Process(name, command, ready, environment, alive=answers, port=port)


BUILDERS: dict[str, Callable[[Stack], Process]] = {
    "valkey": _valkey,
    "store": _store,
    "engine": _engine,
    "gateway": _gateway,
    "worker": _worker,
    "reader": _reader,
    "sender": _sender,
    "trainer": _trainer,
    "notebooks": _notebooks,
    "events": _events,
    "beat": _beat,
    "web": _web,
    "live": _live,
}
