"""What lies outside a sandbox, and the hostile script inside: `python -m tests.unit.sandbox.world`.

It takes one argument, JSON: {"level", "attempts", "without", "limits"}, and prints {attempt: true or why not}. It is a
program so that it can run as another user. `Path` of a made-up machine: jobs of others, keys, services, a process.
"""

import contextlib
import ctypes
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from sandbox import launch, linux
from sandbox.interpreter import own_binds
from sandbox.spec import MIB, Bind, Level, Limits, Spec

HERE = Path(__file__).resolve().parent
VICTIM = """
import ctypes, time
buffer = ctypes.create_string_buffer(b"secret")
print(ctypes.addressof(buffer), flush=True)
time.sleep(600)
"""
IPC_CREAT, IPC_RMID = 0o1000, 0
MS_SHARED = 1 << 20


def run(request: dict) -> dict[str, object]:
    level, attempts = Level(request["level"]), request["attempts"]
    with contextlib.ExitStack() as stack:
        # Not below /tmp: what a sandbox has as /tmp would hide it, whatever else does.
        base = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=request["base"])))
        targets, datagrams, folder = _targets(base, stack)
        if "mount_where_it_is_seen_outside" in attempts:
            _share_mounts(folder, stack)
        observed = {"datagram": False, "port": False, "mount": False}
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(targets, datagrams, observed, stop, attempts))
        watcher.start()
        stack.callback(watcher.join)
        stack.callback(stop.set)
        if "without" in request:
            launch.PROGRAM = "tests.unit.sandbox.unwalled"
        script = folder / "hostile.py"
        for name in ("hostile.py", "hostile_calls.py", "hostile_paths.py", "hostile_use.py"):
            shutil.copy(HERE / name, folder)
        product = Bind(Path(targets["product"]), targets["product"])
        limits = Limits(**{"tmp": 32 * MIB, **request.get("limits", {})})
        environment = {"PATH": "/usr/bin:/bin", "WITHOUT": " ".join(request.get("without", ()))}
        spec = Spec(folder, environment=environment, binds=(*own_binds(), product), limits=limits)
        code = spec.inside(script, level) if "root" not in request.get("without", ()) else str(script)
        command = (sys.executable, code, json.dumps(targets), *attempts)
        cwd = "/opt/ml" if "root" not in request.get("without", ()) else str(folder)
        spec = Spec(folder, command, environment, cwd, binds=spec.binds, limits=limits)
        with (base / "output").open("w+") as output:
            with launch.launch(spec, level, stdout=output, stderr=output) as sandboxed:
                code = sandboxed.wait(60)
                stop.set()
            output.seek(0)
            text = output.read()
        if code or sandboxed.end_reason:
            results: dict[str, object] = {a: f"ended: {code} {sandboxed.end_reason} {text[-300:]}" for a in attempts}
        else:
            results = json.loads(text.splitlines()[-1])
        if observed["datagram"]:
            results["send_a_datagram"] = True
        if observed["port"]:
            results["listen_on_a_port"] = True
        if observed["mount"]:
            results["mount_where_it_is_seen_outside"] = True
    return results


def _targets(base: Path, stack: contextlib.ExitStack) -> tuple[dict, socket.socket, Path]:
    """The made-up machine below `base`, what is needed to find it, and the hostile job's own folder."""
    base.chmod(0o711)
    for name, content in {
        "jobs/other/input.csv": "secret", "home/.aws/credentials": "secret", "data/secret_key": "secret",
        "product/__init__.py": "", "job/model/keep": "", "job/tmp/keep": "",
    }.items():  # fmt: skip
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    for name in ("jobs", "home", "data"):
        (base / name).chmod(0o700)
    mark = secrets.token_hex(4)
    victim = base / "victim.py"
    victim.write_text(VICTIM)
    process = subprocess.Popen(
        [sys.executable, "-S", str(victim)], stdout=subprocess.PIPE, text=True, env={"VICTIMS_SECRET": "1"}
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    assert process.stdout
    address = int(process.stdout.readline())
    service = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    port6 = 0
    with contextlib.suppress(OSError):  # a machine without IPv6
        service6 = stack.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6))
        port6 = service6.getsockname()[1]
    datagrams = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    datagrams.bind(("127.0.0.1", 0))
    with socket.create_server(("127.0.0.1", 0)) as unused:
        free_port = unused.getsockname()[1]
    for name in (f"\0hostile-{mark}", str(base / "s")):
        listening = stack.enter_context(socket.socket(socket.AF_UNIX))
        listening.bind(name)
        listening.listen()
    files = {"tmp_file": Path(f"/tmp/hostile-{mark}"), "shm_file": Path(f"/dev/shm/hostile-{mark}")}
    for path in files.values():
        path.write_text("secret")
        path.chmod(0o600)
        stack.callback(path.unlink)
    key = secrets.randbelow(2**30) + 1
    libc = ctypes.CDLL(None)
    shared = libc.shmget(key, 4096, IPC_CREAT | 0o600)
    stack.callback(libc.shmctl, shared, IPC_RMID, None)
    setuid = base / "product/id"
    if os.geteuid() == 0:
        shutil.copy("/usr/bin/id", setuid)
        setuid.chmod(0o4755)
    targets = {
        "jobs": str(base / "jobs"), "home": str(base / "home"), "data": str(base / "data"), "pid": process.pid,
        "address": address, "port": service.getsockname()[1], "port6": port6, "datagrams": datagrams.getsockname()[1],
        "free_port": free_port, "abstract": f"hostile-{mark}", "socket": str(base / "s"),
        "product": str(base / "product"), "shm_key": key, "hostname": socket.gethostname(),
        "model": str(base / "job/model"),
        "setuid": str(setuid) if os.geteuid() == 0 else "", **{name: str(path) for name, path in files.items()},
    }  # fmt: skip
    return targets, datagrams, base / "job"


def _share_mounts(folder: Path, stack: contextlib.ExitStack) -> None:
    """Make a folder a mount that tells its copies what is mounted on it, as most of systemd's are. Only root can."""
    if os.geteuid() == 0:
        linux.unshare(linux.CLONE_NEWNS)
        linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
        linux.mount(str(folder), str(folder), None, linux.MS_BIND)
        stack.callback(linux.unmount, str(folder), linux.MNT_DETACH)
        linux.mount(None, str(folder), None, MS_SHARED)


def _watch(targets: dict, datagrams: socket.socket, observed: dict, stop: threading.Event, attempts: list[str]) -> None:
    """See outside what arrives from inside."""
    datagrams.settimeout(0.05)
    while not stop.is_set():
        observed["mount"] |= Path(targets["model"]).is_mount()
        with contextlib.suppress(OSError):
            observed["datagram"] |= datagrams.recv(100) == b"secret"
        if "listen_on_a_port" in attempts:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", targets["free_port"]), 0.2):
                observed["port"] = True
        time.sleep(0.02)


if __name__ == "__main__":
    print(json.dumps(run(json.loads(sys.argv[1]))))
