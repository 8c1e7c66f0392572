"""The objects of a store that an earlier version left are found by their keys, also when the upgrade is killed."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import aiohttp
import pytest
from botocore.config import Config
from django.test import override_settings

from console.store_upgrade import entries, plan
from console.store_upgrade import upgrade as store_upgrade
from console.store_upgrade.__main__ import main
from console.supervisor.store import Store
from engine import store as engine_store
from engine.s3 import backend, upstream
from tests.boto import make_client
from tests.gateway import start_gateway
from tests.stack import ROOT
from tests.store import StartedStore, start_store

FILES = [
    "a",
    "b/c",
    "b/d e/f",
    "wow!",
    "b/wow!W!",
    "it's",
    'quo"te',
    "semi;colon",
    "line\nbreak",
    "é/日本",
    "per%20cent",
]
FOLDERS = ["folder/", "b/"]
BESIDE = ["o", "o/p"]  # the store made a folder of the first, which still has its body
VERSIONED = ["v", "v/w x", "wow!"]
MANY = 150


pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A data folder as an earlier version left it: names are keys, and nothing says how it names them."""
    folder = tmp_path_factory.mktemp("earlier")
    started = start_store(folder)
    url, gateway = start_gateway(started.url, encodes_keys=False)
    try:
        fill(client(url))
        with override_settings(STORE_URL=started.url):
            asyncio.run(lock())
    finally:
        gateway.end()
        started.process.end()
    (folder / "store" / "names").unlink()
    return folder


def client(url: str):
    return make_client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=engine_store.ACCESS_KEY_ID,
        aws_secret_access_key=engine_store.secret_key(),
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 2}),
    )


def fill(s3) -> None:
    for bucket in ("plain", "versioned", "many"):
        s3.create_bucket(Bucket=bucket)
    for key in (*FILES, *BESIDE):
        s3.put_object(Bucket="plain", Key=key, Body=key.encode(), Metadata={"key": "x"}, ContentType="text/x-odd")
    for key in FOLDERS:
        s3.put_object(Bucket="plain", Key=key, ContentType="text/x-odd")
    s3.put_object_tagging(Bucket="plain", Key="a", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    s3.create_multipart_upload(Bucket="plain", Key="begun")
    for number in range(MANY):
        s3.put_object(Bucket="many", Key=f"{number % 7}/x!/{number}", Body=str(number).encode())
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    for key in VERSIONED:
        for body in (b"1", b"2"):
            s3.put_object(Bucket="versioned", Key=key, Body=body)
    s3.delete_object(Bucket="versioned", Key="v")


async def lock() -> None:
    """Settings that an earlier version passed to the store, which lock everybody out and fail every upload."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::locked/*"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [statement | {"Resource": ["arn:aws:s3:::locked", statement["Resource"]]}],
    }
    default = (
        "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
    )
    encryption = f"<ServerSideEncryptionConfiguration><Rule>{default}</Rule></ServerSideEncryptionConfiguration>"
    requests = [
        ("PUT", "/locked", "", b"", 200),
        ("PUT", "/locked/k", "", b"k", 200),
        ("PUT", "/locked", "encryption=", encryption.encode(), 200),
        ("PUT", "/locked", "policy=", json.dumps(policy).encode(), 204),
        ("GET", "/locked/k", "", b"", 403),
        ("DELETE", "/locked", "policy=", b"", 403),
    ]
    async with aiohttp.ClientSession(connector=backend.connector()) as session:
        for method, path, query, body, status in requests:
            url, headers = upstream.signed(method, path, query, {"content-length": str(len(body))})
            async with session.request(method, url, headers=headers, data=body) as response:
                assert response.status == status, (method, path, query, await response.text())


class Killed(Exception):
    """Stands for the end of the process that upgrades."""


class MortalStore(Store):
    """A store whose administrator ends after so many orders, in the middle of the last."""

    orders = 0

    def shell(self, script: str, seconds: float = 60) -> str:
        type(self).orders -= 1
        if self.orders < 0:
            lines = script.splitlines(keepends=True)
            super().shell("".join(lines[: len(lines) // 2]), seconds)
            raise Killed
        return super().shell(script, seconds)


def upgrade(started: StartedStore, environment: dict[str, str]) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "console.store_upgrade", str(started.store.port)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def upgraded(folder, tmp_path_factory):
    """The folder after an upgrade that was killed several times, with a client of its gateway."""
    copy = tmp_path_factory.mktemp("upgraded")
    shutil.copytree(folder, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock"))
    started = start_store(copy)
    environment = os.environ | {
        "SAGEWRIGHT_DATA": str(copy),
        "SAGEWRIGHT_STORE_URL": started.url,
        "DJANGO_SETTINGS_MODULE": "console.settings",
    }
    gateway = None
    try:
        assert started.store.database_backup.is_dir()
        killed = 0
        with override_settings(STORE_URL=started.url), mock.patch.object(store_upgrade, "BATCH", 15):
            for orders in (1, 2, 3, 4, 5):
                MortalStore.orders = orders
                try:
                    store_upgrade.upgrade(MortalStore(started.store.data, started.store.port))
                except Killed:
                    killed += 1
        assert killed >= 4
        done = upgrade(started, environment)
        assert (done.returncode, done.stdout) == (0, ""), done.stdout
        url, gateway = start_gateway(started.url)
        yield client(url), started, environment
    finally:
        if gateway:
            gateway.end()
        started.process.end()


def test_every_object_is_there_under_its_key(upgraded):
    s3, *_ = upgraded
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="plain")["Contents"]] == sorted(
        [*FILES, *BESIDE, *FOLDERS]
    )
    for key in (*FILES, *BESIDE):
        got = s3.get_object(Bucket="plain", Key=key)
        assert (got["Body"].read().decode(), got["Metadata"], got["ContentType"]) == (key, {"key": "x"}, "text/x-odd")
    for key in FOLDERS:
        assert s3.head_object(Bucket="plain", Key=key)["ContentType"] == "text/x-odd"
    assert s3.get_object_tagging(Bucket="plain", Key="a")["TagSet"] == [{"Key": "k", "Value": "v"}]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="plain")
    many = [item["Key"] for item in s3.list_objects_v2(Bucket="many")["Contents"]]
    assert many == sorted(f"{number % 7}/x!/{number}" for number in range(MANY))


def test_a_bucket_that_its_policy_locked_is_open_again(upgraded):
    s3, *_ = upgraded
    assert s3.get_object(Bucket="locked", Key="k")["Body"].read() == b"k"
    s3.put_object(Bucket="locked", Key="new", Body=b"x")


def test_folders_are_those_of_keys(upgraded):
    s3, *_ = upgraded
    page = s3.list_objects_v2(Bucket="plain", Delimiter="/")
    assert [item["Prefix"] for item in page["CommonPrefixes"]] == ["b/", "folder/", "o/", "é/"]


def test_versions_keep_their_bodies_and_their_order(upgraded):
    s3, *_ = upgraded
    page = s3.list_object_versions(Bucket="versioned")
    versions = [(item["Key"], item["IsLatest"]) for item in page["Versions"]]
    assert sorted(versions) == sorted([("v", False)] * 2 + [(k, b) for k in VERSIONED[1:] for b in (False, True)])
    assert [item["Key"] for item in page["DeleteMarkers"]] == ["v"]
    bodies = sorted(
        s3.get_object(Bucket="versioned", Key=item["Key"], VersionId=item["VersionId"])["Body"].read()
        for item in page["Versions"]
    )
    assert bodies == [b"1"] * 3 + [b"2"] * 3
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="versioned")["Contents"]] == ["v/w x", "wow!"]


def test_nothing_is_left_to_do(upgraded, tmp_path):
    _, started, environment = upgraded
    started.store.shell(f"fs.meta.save -o={tmp_path / 'meta'} /buckets\n")
    work = plan.rename(entries.read(tmp_path / "meta"))
    assert (work.moves, work.uploads, work.markers) == ([], [], [])
    assert started.store.names == "2"
    assert upgrade(started, environment).returncode == 0


def test_a_failure_says_what_to_do(folder, monkeypatch, capsys):
    """No store runs in this folder now."""
    monkeypatch.setenv("SAGEWRIGHT_DATA", str(folder))
    monkeypatch.setattr(store_upgrade, "SHELL_SECONDS", 2)
    assert main(1) == 1
    words = capsys.readouterr().out
    assert "Nothing is lost. Start again" in words
    assert str(folder / "store" / "filerldb2-before-names") in words
