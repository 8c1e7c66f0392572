"""A real gateway process in front of a real store, with a database of its own that the tests may change."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.config import Config

from tests.boto import make_client
from tests.database import migrated_database
from tests.ports import free_ports
from tests.stack import ROOT
from tests.waiting import LIMIT, answers

WEB = "http://127.0.0.1:8123"
REGION = "eu-west-3"


@dataclass
class World:
    """What runs, and how to reach it."""

    url: str
    engine_port: int
    gateway: subprocess.Popen
    desk: subprocess.Popen
    store_url: str
    keys: dict[str, tuple[str, str]]

    def run(self, code: str, **names):
        """Run `code` where the gateway's rows are; what it puts into `answer`."""
        self.desk.stdin.write(json.dumps({"do": code, "with": names}) + "\n")
        self.desk.stdin.flush()
        return json.loads(self.desk.stdout.readline())

    def client(self, service="s3", role="editor", **more):
        key, secret = self.keys[role]
        config = Config(retries={"total_max_attempts": 1}, read_timeout=LIMIT).merge(more.pop("config", Config()))
        return make_client(
            service,
            endpoint_url=self.url,
            region_name=more.pop("region", REGION),
            aws_access_key_id=more.pop("key", key),
            aws_secret_access_key=more.pop("secret", secret),
            config=config,
            **more,
        )

    def rss(self) -> int:
        """The gateway's resident memory in bytes, now."""
        return self._memory("VmRSS")

    def peak(self) -> int:
        return self._memory("VmHWM")

    def _memory(self, name: str) -> int:
        text = Path(f"/proc/{self.gateway.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(name))


@contextlib.contextmanager
def child(*command, **options):
    """A process that is ended with the block."""
    process = subprocess.Popen(command, cwd=ROOT, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


@contextlib.contextmanager
def running(folder: Path, store_url: str, **settings: str) -> Iterator[World]:
    """A gateway in front of the store at `store_url`, its rows in `folder`, and a key of each role."""
    port, engine_port = free_ports(2)
    env = os.environ | {
        "SAGEWRIGHT_DATA": str(folder),
        "SAGEWRIGHT_STORE_URL": store_url,
        "SAGEWRIGHT_STORE_ENCODES_KEYS": "1",
        "SAGEWRIGHT_GATEWAY_URL": f"http://127.0.0.1:{port}",
        "SAGEWRIGHT_ENGINE_URL": f"http://127.0.0.1:{engine_port}",
        "SAGEWRIGHT_WEB_URL": WEB,
        "SAGEWRIGHT_REGION": REGION,
        **settings,
    }
    migrated_database(folder / "sagewright.sqlite3")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    with child(sys.executable, "-m", "tests.wire.gateway.desk", "migrate", env=env, **pipes) as desk:
        assert desk.stdout.readline() == '"ready"\n'
        with child(sys.executable, "-m", "engine.gateway", "--port", str(port), env=env) as gateway:
            url = f"http://127.0.0.1:{port}"
            answers(f"{url}/healthz")
            world = World(url, engine_port, gateway, desk, store_url, {})
            for role in ("viewer", "editor", "administrator"):
                issued = world.run("k, s = AccessKey.issue(None, role); answer = [k.access_key_id, s]", role=role)
                world.keys[role] = tuple(issued)
            yield world


@pytest.fixture(scope="session")
def world(tmp_path_factory, store_url):
    with running(tmp_path_factory.mktemp("gateway"), store_url) as world:
        yield world


@pytest.fixture(scope="session")
def s3(world):
    client = world.client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def bucket(world):
    client = world.client()
    client.create_bucket(Bucket="things", CreateBucketConfiguration={"LocationConstraint": REGION})
    client.close()
    return "things"
