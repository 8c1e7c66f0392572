"""A process inherits the socket of its port, and its spare goes on in its place."""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.process_group import _PR_SET_CHILD_SUBREAPER, adopt_orphans, children
from console.supervisor import addresses, process_group
from tests.stack import ROOT
from tests.unit.console.supervisor.child_stories import collecting, make_child, until
from tests.waiting import LIMIT, wait_for


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
        collect(child := make_child(tmp_path, code))
        with addresses.listen(0) as child.listener:
            task = asyncio.create_task(child.keep_running([], lambda: None))
            for restarts in range(2):
                await until(lambda n=restarts: child.restarts == n)
                reader, writer = await asyncio.open_connection(*child.listener.getsockname())
                assert await reader.read() == b"hello"
                writer.close()
                child.kill()
            await child.stop()
            task.cancel()

    asyncio.run(collecting(story))


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
        collect(child := make_child(tmp_path, code))
        pids = []
        with addresses.listen(0) as child.listener:
            task = asyncio.create_task(child.keep_running([], lambda: None))
            for restarts, seconds in enumerate((0.7, 0.7, 0, 0)):
                await until(lambda n=restarts: child.restarts >= n and child.ready.is_set())
                reader, writer = await asyncio.open_connection(*child.listener.getsockname())
                pids.append(int(await reader.read()))
                writer.close()
                assert child.pid == pids[-1]
                await asyncio.sleep(seconds)
                child.kill()
            await child.stop()
            task.cancel()
        assert len(set(pids)) == 4
        await until(lambda: child.command not in map(process_group.command_of, children(os.getpid())))

    asyncio.run(collecting(story))
    assert (tmp_path / "starts").read_text() == "start\n" * 2
    assert capsys.readouterr().out.count("its spare goes on") >= 2


def wake_ups(pid: int) -> int:
    """How often the main thread of a process has waited and gone on."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("voluntary_ctxt_switches")).split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="there are spares on Linux only")
def test_a_server_that_is_told_to_end_leaves_no_spare_and_one_that_is_killed_leaves_its_connections(adopting, tmp_path):
    code = """
        import os, sys
        from pathlib import Path
        from common.http import spare
        from common.http.server import serve_inherited

        spare.WARM_UP_AFTER = 0.0

        async def app(scope, receive, send):
            if scope["type"] == "http" and scope["path"] == "/model":
                spare.want_warm()
            while scope["type"] == "lifespan":
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
            body = str(os.getpid()).encode()
            start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
            await send(start)
            await send({"type": "http.response.body", "body": body})

        def warm_up():
            Path(sys.argv[1], "warm").touch()

        app.is_stuck = Path(sys.argv[1], "stuck").exists
        serve_inherited(app, int(sys.argv[2]), grace=1, warm_up=warm_up, alive=Path(sys.argv[1], "alive"))
    """
    with addresses.listen(0) as listener:
        command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path), str(listener.fileno())]

        def answer(path: str = "") -> int:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/{path}"
            with urllib.request.urlopen(address, timeout=LIMIT) as response:
                return int(response.read())

        def touched() -> int:
            return (tmp_path / "alive").stat().st_mtime_ns

        def running() -> list[int]:
            return [pid for pid in children(os.getpid()) if process_group.command_of(pid) == command]

        with subprocess.Popen(command, cwd=ROOT, pass_fds=[listener.fileno()]) as process:
            assert answer() == process.pid, "the connection waited for the start"
            woken = wake_ups(process.pid)
            time.sleep(1)
            assert wake_ups(process.pid) - woken < 8, "uvicorn's own loop wakes ten times a second"
            assert not (tmp_path / "warm").exists(), "nobody has wanted it"
            answer("model")
            wait_for((tmp_path / "warm").exists, "the spare to warm up")
            process.kill()
        spare = answer()
        assert running() == [spare] and spare != process.pid
        last = touched()
        wait_for(lambda: touched() != last, "it to say that it lives")
        (tmp_path / "stuck").touch()
        time.sleep(1)  # in which it may say so once more
        last = touched()
        time.sleep(2)
        assert touched() == last
        os.kill(spare, signal.SIGTERM)
        wait_for(lambda: not running(), "both to end")
