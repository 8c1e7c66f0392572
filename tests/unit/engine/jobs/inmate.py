"""What a member in a sandbox does, step by step. It runs inside."""

import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

LOADED = []  # by which process


def load() -> None:
    LOADED.append(os.getpid())


def loaded(root: Path, value: str) -> None:
    print(*LOADED, flush=True)


def main(root: Path, start: dict) -> int:
    for step in start["steps"]:
        verb, _, value = step.partition("=")
        globals()[verb](root, value)
    return 0


def describe(root: Path, value: str) -> None:
    print(f"root {root} in {Path.cwd()}")
    names = sorted((p.name for p in Path("/proc/self/fd").iterdir()), key=int)
    print("descriptors 0 1 2 and the list's" if names[:3] == ["0", "1", "2"] and len(names) == 4 else names)


def leave(root: Path, value: str) -> None:
    (root / "model/result").write_text(value)


def exit(root: Path, value: str) -> None:
    sys.stdout.flush()
    os._exit(int(value))


def say(root: Path, value: str) -> None:
    print(value, flush=True)


def sleep(root: Path, value: str) -> None:
    until = time.monotonic() + float(value or 60)
    while time.monotonic() < until:
        time.sleep(0.05)


def ignore(root: Path, value: str) -> None:
    signal.signal(signal.SIGTERM, lambda *_: print("ignored", flush=True))


def daemon(root: Path, value: str) -> None:
    """A daemon that is asked to end and does not."""
    if not os.fork():
        os.setsid()
        if not os.fork():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(60)
        os._exit(0)


def fork_memory(root: Path, value: str) -> None:
    """Three processes that are within the limit each."""
    for _ in range(3):
        if not os.fork():
            keep = os.urandom(1) * (int(value) << 20)
            time.sleep(60)
            os._exit(len(keep))


def fill(root: Path, value: str) -> None:
    for number in range(int(value)):
        (root / f"model/{number}").write_bytes(bytes(1 << 20))


def link(root: Path, value: str) -> None:
    for name in ("model", "output"):
        shutil.rmtree(root / name)
        (root / name).symlink_to(value)


def link_failure(root: Path, value: str) -> None:
    (root / "output/failure").symlink_to(value)


def die(root: Path, value: str) -> None:
    os.kill(os.getpid(), int(value))


def bomb(root: Path, value: str) -> None:
    """Fork for two seconds, every child as well, without waiting for any."""
    until = time.monotonic() + 2
    while time.monotonic() < until:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)


def listen(root: Path, value: str) -> None:
    """Say what the first caller says."""
    with socket.create_server((value, 7777)) as server:
        print("listening", flush=True)
        with server.accept()[0] as caller:
            print("heard", caller.recv(100).decode(), flush=True)


def call(root: Path, value: str) -> None:
    try:
        with socket.create_connection((value, 7777), timeout=5) as connection:
            connection.sendall(socket.gethostname().encode())
        print("called", flush=True)
    except OSError as e:
        print(type(e).__name__, flush=True)
