"""Starts the object store the engine's tests keep their data in: one real SeaweedFS, on free loopback ports."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.mortal import Mortal

PORTS = (
    "s3.port",
    "s3.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "admin.port",
    "admin.port.grpc",
)
JWT = "\n".join(
    f'[{section}]\nkey = "{{key}}"\n'
    for section in ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
)


def free_ports(count: int) -> list[int]:
    """`count` different loopback ports nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def start_store(folder: Path, within: float = 60) -> tuple[str, Mortal]:
    """A store that keeps its data in `folder`: its URL as settings.STORE_URL spells it, and its process.

    The caller ends it. Raises RuntimeError with the store's own words when it does not answer.
    """
    binary = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if not binary:
        raise RuntimeError("There is no `weed` next to this Python. Install requirements-dev.lock.")
    folder = Path(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    access, secret = secrets.token_hex(10), secrets.token_hex(20)
    identity = {
        "name": "engine",
        "credentials": [{"accessKey": access, "secretKey": secret}],
        "actions": ["Admin", "Read", "List", "Tagging", "Write"],
    }
    _private(folder / "s3.json", json.dumps({"identities": [identity]}))
    _private(folder / "security.toml", JWT.format(key=secrets.token_hex(16)))
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    command = [
        *(binary, "-logtostderr=true", "-v=0", "mini", f"-dir={folder / 'vol'}"),
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-admin.ui=false", "-webdav=false"),
        *("-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false", f"-s3.config={folder / 's3.json'}"),
        *("-s3.allowDeleteBucketNotEmpty=false", "-s3.autoCreateBucket=false"),
        *("-s3.concurrentUploadLimitMB=64", "-filer.concurrentUploadLimitMB=64"),
        *(f"-{name}={port}" for name, port in ports.items()),
    ]
    (folder / "vol").mkdir(exist_ok=True)
    log = folder / "store.log"
    with log.open("wb") as out:
        process = Mortal(
            *command,
            cwd=folder,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | {"GOMEMLIMIT": "384MiB", "GOGC": "50"},
        )
    deadline = time.monotonic() + within
    while not _answers(ports["s3.port"]):
        if process.has_ended or time.monotonic() > deadline:
            process.end()
            raise RuntimeError(f"The object store did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.1)
    return f"http://{access}:{secret}@127.0.0.1:{ports['s3.port']}", process


def _private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)


def _answers(port: int) -> bool:
    """Whether S3 answers; 403 is an answer, for we did not sign. 503 means that the filer behind it is not ready."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
    except urllib.error.HTTPError as e:
        e.close()
        return e.code < 500
    except OSError:
        return False
    return True
