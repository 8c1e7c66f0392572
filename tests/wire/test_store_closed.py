"""Whoever has no key of ours, another user or a page in a browser, changes and reads nothing in the embedded store."""

import http.client
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from console.supervisor import store
from console.supervisor.addresses import STORE_PORTS
from console.supervisor.folder import Folder
from tests.store import start_store

BUCKET, KEY, BODY = "precious", "data.csv", b"1,2,3\n"
# What SeaweedFS's master, volume, filer and S3 servers would do for anybody who asks by HTTP.
REQUESTS = (
    *("GET /col/delete?collection=precious", "POST /col/delete?collection=precious", "POST /submit", "GET /vol/vacuum"),
    *("GET /vol/grow?count=1", "GET /dir/assign", "GET /dir/status", "GET /dir/lookup?volumeId=1"),
    *("GET /buckets/precious/data.csv", "PUT /buckets/precious/planted", "DELETE /buckets/precious?recursive=true"),
    *(
        "GET /precious/data.csv",
        "GET /precious",
        "PUT /precious/planted",
        "DELETE /precious/data.csv",
        "GET /1,01637037d6",
    ),
)
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@dataclass
class Running:
    """A store with one object in it."""

    store: store.Store
    s3: object

    def is_intact(self) -> bool:
        """The bucket holds its object and nothing else."""
        keys = [item["Key"] for item in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
        return keys == [KEY] and self.s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == BODY

    def ask(self, port: int, request: str) -> tuple[int, bytes]:
        """Status and body of what `port` answers; (0, b"") when it takes no connection or speaks no HTTP."""
        method, path = request.split(" ", 1)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request(method, path, body=b"planted" if method in ("PUT", "POST") else None)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def shell(self, folder: Path, script: str, prefix: tuple[str, ...] = ()) -> str:
        """What `weed shell` prints that somebody runs in `folder`, where no certificate is."""
        ports = {name: self.store.port + number for name, number in zip(store.PORT_FLAGS, STORE_PORTS, strict=True)}
        at = [f"-{n}=127.0.0.1:{ports[f'{n}.port']}.{ports[f'{n}.port.grpc']}" for n in ("master", "filer")]
        command = [*prefix, str(store.binary()), "shell", *at]
        try:
            done = subprocess.run(
                command, cwd=folder, input=script, capture_output=True, text=True, timeout=5, env={"HOME": str(folder)}
            )
        except subprocess.TimeoutExpired as e:  # it tries to connect again and again
            return f"{e.stdout!r}{e.stderr!r}"
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("closed")
    url, process = start_store(folder)
    at = urlsplit(url)
    s3 = boto3.client(
        "s3",
        endpoint_url=f"http://{at.hostname}:{at.port}",
        aws_access_key_id=at.username,
        aws_secret_access_key=at.password,
        region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}),
    )
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=BODY)
    try:
        yield Running(store.Store(Folder(folder), at.port), s3)
    finally:
        s3.close()
        process.end()


def test_no_port_does_anything_for_a_request_without_a_key(running):
    for number in STORE_PORTS:
        for request in REQUESTS:
            status, body = running.ask(running.store.port + number, request)
            assert not 200 <= status < 400, (number, request, status, body)
            assert BODY not in body
    assert running.is_intact()


def test_the_stores_shell_is_refused_without_its_certificate(running, tmp_path):
    attack = f"s3.bucket.list\nfs.ls /buckets/{BUCKET}\nlock\ns3.bucket.delete -name={BUCKET}\nunlock\n"
    printed = running.shell(tmp_path, attack)
    assert KEY not in printed, printed
    assert f"  {BUCKET}\t" not in printed, printed
    assert running.is_intact()


def test_the_owner_administers_it_by_the_shell(running):
    assert BUCKET in running.store.shell("s3.bucket.list\n")
    assert KEY in running.store.shell(f"fs.ls /buckets/{BUCKET}\n")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can try as another user")
def test_another_user_reaches_neither_its_files_nor_its_sockets(running):
    folder = running.store.folder
    for path in (*folder.iterdir(), *running.store.data.run.iterdir()):
        done = subprocess.run([*NOBODY, "cat", str(path)], capture_output=True)
        assert done.returncode and not done.stdout, path
    sockets = [
        p for number in STORE_PORTS for p in Path("/tmp").glob(f"seaweedfs-*-{running.store.port + number}.sock")
    ]
    code = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    assert sockets
    for path in sockets:
        done = subprocess.run(
            [*NOBODY, "/usr/bin/env", "python3", "-c", code, str(path)], capture_output=True, text=True
        )
        assert "PermissionError" in done.stderr, (path, done.stderr)
