"""What a channel means: which objects, which files, and the words when they cannot be had."""

import json
from types import SimpleNamespace

import pytest

from algorithms.contract import UserError
from engine.data_source import S3Object
from engine.jobs import transfers
from engine.jobs.transfers import Transfers
from engine.workloads import channels
from engine.workloads.channels import objects_of
from tests.unit.engine.training.conftest import BUCKET


@pytest.fixture
def put(bucket, request):
    """Puts objects under a prefix of the test's own, which it gives back."""
    prefix = request.node.name.replace("[", "-").replace("]", "")

    def put_all(*keys: str, body: bytes = b"1,2\n") -> str:
        for key in keys:
            bucket.put_object(Bucket=BUCKET, Key=f"{prefix}/{key}", Body=body)
        return f"s3://{BUCKET}/{prefix}"

    return put_all


def channel(uri: str, kind: str = "S3Prefix", **changes) -> dict:
    source = {"S3DataType": kind, "S3Uri": uri, "S3DataDistributionType": "ShardedByS3Key"}
    return {"ChannelName": "train", "DataSource": {"S3DataSource": source}} | changes


def paths(uri: str, kind: str = "S3Prefix") -> list[str]:
    return sorted(item.path for item in objects_of(channel(uri, kind), {}, "us-east-1"))


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("in/train/", ["a.csv", "deep/b.csv"]),
        ("in/train", ["a.csv", "deep/b.csv", "train2.csv"]),
        ("in/train/a.csv", ["a.csv"]),
        ("in/tr", ["train/a.csv", "train/deep/b.csv", "train2.csv"]),
        ("in", ["train/a.csv", "train/deep/b.csv", "train2.csv"]),
    ],
)
def test_a_prefix_means_every_key_that_begins_with_it(put, prefix, expected):
    base = put("in/train/a.csv", "in/train/deep/b.csv", "in/train2.csv", "in/train/", "other.csv")
    assert paths(f"{base}/{prefix}") == expected


def test_a_manifest_names_its_files_below_a_prefix(put, bucket):
    base = put("a.csv", "deep/b.csv", "c.csv")
    put("m.json", body=json.dumps([{"prefix": base + "/"}, "a.csv", "deep/b.csv"]).encode())
    assert paths(f"{base}/m.json", "ManifestFile") == ["a.csv", "deep/b.csv"]


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[]", b'["a"]', b'[{"prefix": "b/"}, "a"]', b'[{"prefix": "s3://b/"}, 1]', b"\xff"]
)
def test_a_manifest_that_is_none_is_refused_with_an_example(put, text):
    base = put("m.json", body=text)
    with pytest.raises(UserError, match="Data download failed:The manifest file .* cannot be read. It must be JSON"):
        paths(f"{base}/m.json", "ManifestFile")


def test_a_manifest_naming_what_is_not_there_says_which_object(put):
    base = put("x")
    put("m.json", body=json.dumps([{"prefix": base + "/"}, "gone.csv"]).encode())
    with pytest.raises(UserError, match=r"Data download failed:Unable to download object s3://.*/gone.csv \(NoSuchKey"):
        paths(f"{base}/m.json", "ManifestFile")


@pytest.mark.parametrize("uri", [f"s3://{BUCKET}/nothing/here", "s3://no-such-bucket-anywhere/x"])
def test_nothing_under_a_prefix_is_said_in_awss_words(bucket, uri):
    with pytest.raises(UserError) as e:
        objects_of(channel(uri), {"RoleArn": "arn:r"}, "us-east-1")
    assert str(e.value).startswith(f'No S3 objects found under S3 URL "{uri}" given in input data source.')


def test_a_web_address_of_s3_means_the_same_objects(put):
    put("in/a.csv")
    folder = put("in/a.csv").removeprefix(f"s3://{BUCKET}/")
    assert paths(f"https://{BUCKET}.s3.us-east-1.amazonaws.com/{folder}/in/") == ["a.csv"]


def test_a_key_that_is_no_path_is_refused(put):
    base = put("x/a.csv", "x/a.csv/b.csv")
    with pytest.raises(UserError, match="would become the same path 'a.csv'"):
        paths(base + "/x/")
    for bad in ("../../etc/passwd", "/a", "a//b", "./a"):
        with pytest.raises(UserError, match="has an illegal char sub-sequence"):
            channels._check_paths([S3Object("b", "k", 1, "", bad)])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DataSource": {"FileSystemDataSource": {}}}, "Only S3DataSource is offered"),
        (channel("s3://b/k", "AugmentedManifestFile"), "Use S3Prefix or ManifestFile"),
    ],
)
def test_what_is_not_offered_is_said(changes, words):
    with pytest.raises(UserError, match=words):
        objects_of(channel("s3://b/k") | changes, {}, "us-east-1")


def test_objects_large_and_small_arrive_whole(put, bucket, tmp_path, monkeypatch):
    monkeypatch.setattr(transfers.CONFIG, "multipart_threshold", 5 * 2**20)
    monkeypatch.setattr(transfers.CONFIG, "io_chunksize", 2**20)
    large = bytes(range(256)) * 4 * 6000
    base = put("in/large", body=large)
    put(*(f"in/many/{n}" for n in range(60)))
    objects = objects_of(channel(base + "/in/"), {}, "us-east-1")
    Transfers().download([(tmp_path / "train", objects)], 0)
    assert (tmp_path / "train/large").read_bytes() == large
    assert len(list((tmp_path / "train/many").iterdir())) == 60


def test_data_that_does_not_fit_is_refused_before_any_of_it_comes(put, tmp_path, monkeypatch):
    results = [S3Object("b", "k", 2**31, "", "k")]
    with pytest.raises(
        UserError, match=r"Data download failed:Insufficient disk space. The channels hold 2.00 GiB"
    ) as e:
        Transfers().download([(tmp_path / "train", results)], 2**30)
    assert "VolumeSizeInGB" in str(e.value) and not (tmp_path / "train").exists()
    with pytest.raises(UserError, match="this machine's disk"):
        Transfers().download([(tmp_path / "train", [S3Object("b", "k", 2**60, "", "k")])], 0)
    monkeypatch.setattr(transfers.shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    with pytest.raises(UserError, match=r"channels hold 2.9 MiB, and this machine's disk has room for 0.0 MiB"):
        Transfers().download([(tmp_path / "train", [S3Object("b", "k", 3_000_000, "", "k")])], 0)


def test_an_object_that_changed_since_it_was_listed_is_not_mixed_with_its_old_self(put, tmp_path, monkeypatch):
    monkeypatch.setattr(transfers.CONFIG, "multipart_threshold", 1000)
    objects = objects_of(channel(put("a", body=b"o" * 2000) + "/"), {}, "us-east-1")
    put("a", body=b"n" * 2000)
    with pytest.raises(UserError, match="changed while it was being downloaded"):
        Transfers().download([(tmp_path / "train", objects)], 0)


def test_an_object_that_vanished_meanwhile_is_named(put, tmp_path):
    results = [S3Object(BUCKET, "vanished", 1, '"0"', "vanished")]
    with pytest.raises(UserError, match=f"Unable to download object s3://{BUCKET}/vanished \\(NoSuchKey"):
        Transfers().download([(tmp_path / "train", results)], 0)


def test_the_same_files_make_the_same_archive_without_links(tmp_path):
    archives = []
    for name in ("one", "two"):
        folder = tmp_path / name
        (folder / "sub").mkdir(parents=True)
        (folder / "sub/b").write_text("b")
        (folder / "a").write_text("a")
        (folder / "link").symlink_to("/etc/passwd")
        assert Transfers().pack(folder, tmp_path / f"{name}.tar.gz") == 2
        archives.append((tmp_path / f"{name}.tar.gz").read_bytes())
    assert archives[0] == archives[1]


def test_a_store_that_is_away_is_tried_again(monkeypatch):
    monkeypatch.setattr(transfers, "PAUSE", 0)
    calls = []

    def flaky():
        calls.append(1)
        if len(calls) < 3:
            raise transfers.StoreConnectionError(error="away")
        return "back"

    assert Transfers()._retry(flaky) == "back"
