"""Whoever has no key of ours, another user or a page in a browser, changes and reads nothing in the embedded store."""

import contextlib
import http.client
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.config import Config

from console.supervisor import store
from console.supervisor.addresses import STORE_PORTS
from engine.store import ACCESS_KEY_ID, secret_key
from tests.boto import make_client
from tests.gateway import start_gateway
from tests.mortal import Mortal
from tests.stack import ROOT
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
# Runs a command where the kernel permits no network namespaces, as in a container with Docker's default profile.
NO_NAMESPACES = (
    *("unshare", "--user", "--map-root-user", "sh", "-c"),
    *('echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"', "sh"),
)


@dataclass
class Running:
    """A store with one object in it, that a gateway is in front of."""

    store: store.Store
    process: Mortal
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

    def shell(self, folder: Path, script: str) -> str:
        """What `weed shell` prints that somebody runs in `folder`, where no certificate is."""
        command = [str(store.binary()), "shell", *self.store.shell_flags()]
        home = {"HOME": str(folder)}
        try:
            done = subprocess.run(
                command, cwd=folder, input=script, capture_output=True, text=True, timeout=5, env=home
            )
        except subprocess.TimeoutExpired as e:  # it tries to connect again and again
            return f"{e.stdout!r}{e.stderr!r}"
        return done.stdout + done.stderr

    @property
    def has_own_network(self) -> bool:
        pid = (self.store.folder / "pid").read_text()
        return Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()


def can_isolate() -> bool:
    """Whether the kernel gives this user a network namespace."""
    child = subprocess.run(["unshare", "--net", "true"] if os.getuid() == 0 else ["unshare", "-r", "--net", "true"])
    return child.returncode == 0


@pytest.fixture(scope="module", params=["own network", "no namespaces"])
def running(request, tmp_path_factory) -> Iterator[Running]:
    """Also where the store cannot have a network of its own: then it listens on loopback ports."""
    prefix = NO_NAMESPACES if request.param == "no namespaces" else ()
    if prefix and subprocess.run([*prefix, "true"], capture_output=True).returncode:
        pytest.skip("this system permits no user namespaces, so the other half of these tests is about this one")
    folder = tmp_path_factory.mktemp("closed") / 'a "quoted" folder'  # its name stands in security.toml
    with contextlib.ExitStack() as ending:
        started = start_store(folder, prefix=prefix)
        ending.callback(started.process.end)
        gateway_url, gateway = start_gateway(started.url)
        ending.callback(gateway.end)
        s3 = make_client(
            "s3",
            endpoint_url=gateway_url,
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=secret_key(),
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}),
        )
        ending.callback(s3.close)
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key=KEY, Body=BODY)
        yield Running(started.store, started.process, s3)


def test_it_has_a_network_of_its_own_or_says_so(running, request):
    own = can_isolate() and "no namespaces" not in request.node.name
    assert running.has_own_network == own
    log = (running.store.data.data / "store.log").read_text()
    assert log.count("Warning: the store has no network of its own") == (0 if own else 1)
    statuses = {running.ask(running.store.port + number, "GET /")[0] for number in STORE_PORTS}
    assert (statuses == {0}) == own, statuses  # no port of it is there, or the tests below ask what answers


def test_no_port_does_anything_for_a_request_without_a_key(running):
    for number in STORE_PORTS:
        for request in REQUESTS:
            status, body = running.ask(running.store.port + number, request)
            assert not 200 <= status < 400, (number, request, status, body)
            assert BODY not in body
    assert running.is_intact()


def test_no_port_tells_who_has_no_key_anything_of_the_store(running):
    """Version, size of the disk, path of the data. S3 tells its health, in an answer without a word."""
    for number in STORE_PORTS:
        for page in ("/", "/ui/index.html", "/cluster/status", "/status", "/stats/disk", "/stats/counter"):
            status, body = running.ask(running.store.port + number, f"GET {page}")
            assert not (200 <= status < 400 and body), (number, page, status, body)


def test_no_port_speaks_tls_with_who_has_no_certificate(running):
    context = ssl._create_unverified_context()
    for number in STORE_PORTS:
        address = "127.0.0.1", running.store.port + number
        connection = http.client.HTTPSConnection(*address, timeout=5, context=context)
        with contextlib.closing(connection), pytest.raises((OSError, http.client.HTTPException)):
            connection.request("GET", "/status")
            connection.getresponse()


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


def test_without_privileges_a_process_leaves_the_network_too(tmp_path):
    """As root the store needs no user namespace; everybody else does."""
    if not can_isolate():
        pytest.skip("this system permits no network namespaces")
    code = """
from console.supervisor import namespace
namespace.isolate()
print(open("/proc/self/net/dev").read().count(":"), open("/proc/self/uid_map").read().split())
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
"""
    prefix = NOBODY if os.getuid() == 0 else ()
    done = subprocess.run([*prefix, sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    user = "65534" if prefix else str(os.getuid())
    assert done.stdout.split(" ", 1) == ["1", f"{[user, user, '1']}\n"]
