"""Debian's PostgreSQL and Redis, each on a folder and a port of its own for as long as a `with` lasts."""

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.ports import free_ports
from tests.waiting import LIMIT, wait_for

HOW = "Install it (Debian, Ubuntu: apt install {0}), or let `python3 run test` do so as root."


@contextlib.contextmanager
def postgres() -> Iterator[tuple[int, str]]:
    """A new PostgreSQL with the user and database "sagewright": its port and the user's password."""
    binaries = postgres_binaries()
    (port,), password = free_ports(1), secrets.token_hex(16)
    folder = Path(tempfile.mkdtemp(prefix="sw-pg-"))
    value = folder / "password"
    value.write_text(password)
    as_owner = hand_over(folder)
    try:
        make = [
            f"{binaries}/initdb",
            "-D",
            f"{folder}/data",
            "-U",
            "sagewright",
            f"--pwfile={value}",
            "-A",
            "scram-sha-256",
        ]
        subprocess.run([*as_owner, *make, "-E", "UTF8", "--no-sync"], check=True, capture_output=True, cwd=folder)
        options = (
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={folder}",
            "fsync=off",
            "log_min_messages=fatal",
        )
        run = [f"{binaries}/postgres", "-D", f"{folder}/data", "-p", str(port)]
        server = subprocess.Popen(
            [*as_owner, *run, *(word for option in options for word in ("-c", option))], cwd=folder
        )
        try:
            make_database = [
                f"{binaries}/createdb",
                "-h",
                "127.0.0.1",
                "-p",
                str(port),
                "-U",
                "sagewright",
                "sagewright",
            ]
            environment = {"PGPASSWORD": password, "PATH": os.environ["PATH"]}
            wait_for(
                lambda: subprocess.run(make_database, env=environment, capture_output=True, cwd=folder).returncode == 0,
                "PostgreSQL",
            )
            yield port, password
        finally:
            server.terminate()
            server.wait(LIMIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def redis() -> Iterator[tuple[int, str]]:
    """A new Redis: its port and its password."""
    binary = shutil.which("redis-server")
    assert binary, "There is no redis-server. " + HOW.format("redis-server")
    (port,), password = free_ports(1), secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="sw-redis-") as folder:
        command = [
            binary,
            "--bind",
            "127.0.0.1",
            "--port",
            str(port),
            "--requirepass",
            password,
            "--save",
            "",
            "--dir",
            folder,
        ]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: listens(port), "Redis")
            yield port, password
        finally:
            server.terminate()
            server.wait(LIMIT)


def postgres_binaries() -> Path:
    """The folder of PostgreSQL's programs."""
    results = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(results[-1]) if results else shutil.which("initdb")
    assert initdb, "There is no PostgreSQL. " + HOW.format("postgresql")
    return Path(initdb).resolve().parent


def hand_over(folder: Path) -> list[str]:
    """The words before a command of PostgreSQL's that works on `folder`.

    PostgreSQL refuses to run as root: then the folder is given to the user postgres, who runs it.
    """
    if os.geteuid():
        return []
    owner = pwd.getpwnam("postgres")
    for path in (folder, *folder.iterdir()):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether somebody listens at the port."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
        return True
    return False
