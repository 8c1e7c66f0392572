"""What the data plane is made of, without the wire: archives, the disk cache, the memory cache, the check."""

import contextlib
import gzip
import io
import os
import resource
import subprocess
import sys
import tarfile
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from algorithms.model_proof import ANSWER_STEPS
from common.model_archive import BadArtifact, unpack
from engine.serving import artifact, health_check
from tests.stack import ROOT
from tests.wire.gateway import models


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for member, content in members:
            member.size = member.size or len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def link(name, target, kind=tarfile.SYMTYPE):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


def device(name):
    member = tarfile.TarInfo(name)
    member.type = tarfile.CHRTYPE
    return member, b""


@pytest.mark.parametrize(
    "members",
    [
        [(tarfile.TarInfo("../outside"), b"x")],
        [(tarfile.TarInfo("a/../../outside"), b"x")],
        [(tarfile.TarInfo("/absolute"), b"x")],
        [link("l", "../../outside")],
        [link("l", "/etc/passwd")],
        [link("l", "../outside", tarfile.LNKTYPE)],
        [link("d", ".."), (tarfile.TarInfo("d/outside"), b"x")],
        [device("null")],
    ],
)
def test_an_archive_cannot_leave_its_folder(tmp_path, members):
    (tmp_path / "a.tar.gz").write_bytes(packed(*members))
    (tmp_path / "in").mkdir()
    with pytest.raises(BadArtifact):
        unpack(tmp_path / "a.tar.gz", tmp_path / "in")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tar.gz", "in"]


BROKEN = {"empty": b"", "text": b"plain", "cut short": packed((tarfile.TarInfo("f"), b"x" * 9999))[:-40]}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_archive_says_so(tmp_path, content):
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(BadArtifact, match="not a complete tar.gz file"):
        unpack(tmp_path / "a.tar.gz", tmp_path)


def aged(seconds: str):
    member = tarfile.TarInfo("old")
    member.pax_headers = {"mtime": seconds}
    return member, b"x"


@pytest.mark.parametrize(
    "member", [link("h", "later", tarfile.LNKTYPE), link("h", "h", tarfile.LNKTYPE), aged("1e308"), aged("nan")],
    ids=["link to nothing", "link to itself", "a time beyond time", "no time"],
)  # fmt: skip
def test_a_member_that_cannot_be_made_says_so(tmp_path, member):
    (tmp_path / "a.tar.gz").write_bytes(packed(member))
    with pytest.raises(BadArtifact, match="The model archive cannot be unpacked"):
        unpack(tmp_path / "a.tar.gz", tmp_path)


def test_an_archive_has_its_limits(tmp_path):
    file = tmp_path / "a.tar.gz"
    file.write_bytes(packed(*[(tarfile.TarInfo(str(n)), b"x" * 1000) for n in range(5)]))
    assert unpack(file, tmp_path) == 5000
    with pytest.raises(BadArtifact, match="more than 4 members"):
        unpack(file, tmp_path, members=4)
    with pytest.raises(BadArtifact, match="more than 3000 bytes"):
        unpack(file, tmp_path, size=3000)


def test_folders_in_one_another_are_few(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(packed((tarfile.TarInfo("a/" * 33 + "f"), b"x")))
    with pytest.raises(BadArtifact, match="folders more than 32 deep"):
        unpack(tmp_path / "a.tar.gz", tmp_path)


def test_a_giant_header_is_not_read_into_memory(tmp_path):
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 900 * 1024**2
    with gzip.open(tmp_path / "a.tar.gz", "wb", compresslevel=1) as file:
        file.write(header.tobuf(tarfile.USTAR_FORMAT))
    with pytest.raises(BadArtifact, match="larger than any model file needs"):
        unpack(tmp_path / "a.tar.gz", tmp_path)


class FakeStore:
    """One object whose content may change, and how often it was read. It does not answer while it `is_away`."""

    def __init__(self, body):
        self.body, self.reads, self.is_away = body, 0, False

    def head_object(self, **parameters):
        if self.is_away:
            raise artifact.store.StoreUnavailable(error="away")
        return {"ETag": str(hash(self.body)), "ContentLength": len(self.body)}

    def get_object(self, **parameters):
        self.reads += 1
        time.sleep(0.05)
        return {"Body": io.BytesIO(self.body)}


def command_lines() -> list[str]:
    """Those of every process of this machine, as anybody on it may read them."""
    results = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            results.append(file.read_text(errors="replace"))
    return results


@pytest.fixture
def one_object(monkeypatch, settings, tmp_path):
    fake = FakeStore(models.archive({"xgboost-model": b"1"}))
    monkeypatch.setattr(artifact.store, "client", lambda quick=False: fake)
    settings.JOBS_FOLDER = tmp_path / "jobs"
    return fake


def test_an_artifact_is_fetched_once_by_many_threads(one_object):
    folders = []
    threads = [threading.Thread(target=lambda: folders.append(artifact.fetch("s3://b/k"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one_object.reads == 1
    assert len(folders) == 8
    assert (folders[0] / "xgboost-model").read_bytes() == b"1"


def test_an_artifact_that_changed_is_fetched_anew(one_object):
    before = artifact.fetch("s3://b/k")
    one_object.body = models.archive({"xgboost-model": b"2"})
    after = artifact.fetch("s3://b/k")
    assert (before / "xgboost-model").read_bytes() == b"1"
    assert (after / "xgboost-model").read_bytes() == b"2"


def test_while_the_store_is_away_serving_takes_what_it_fetched_last_and_deploying_waits(one_object):
    with pytest.raises(artifact.store.StoreUnavailable):
        one_object.is_away = True
        artifact.fetch("s3://b/k", or_last_known=True)
    one_object.is_away = False
    artifact.fetch("s3://b/k")
    one_object.body = models.archive({"xgboost-model": b"2"})
    second = artifact.fetch("s3://b/k")
    one_object.is_away = True
    assert artifact.fetch("s3://b/k", or_last_known=True) == second
    with pytest.raises(artifact.store.StoreUnavailable):
        artifact.fetch("s3://b/k")


def test_a_broken_artifact_leaves_nothing_behind(one_object, tmp_path):
    one_object.body = models.archive({"fine": b"1", "../bad": b"2"})
    with pytest.raises(BadArtifact):
        artifact.fetch("s3://b/k")
    assert {p.suffix for p in (tmp_path / "models").iterdir()} == {".lock"}


def test_attributes_of_all_members_cannot_fill_or_hold_the_process_that_serves(one_object):
    """Those of the whole archive are copied for each member: 4 MB took 800 MB and half a minute for a hundred."""
    attributes = b"".join(b"13 k%06d=1\n" % n for n in range(20_000))
    buffer = io.BytesIO()
    with gzip.open(buffer, "wb", compresslevel=1) as file:
        header = tarfile.TarInfo("g")
        header.type, header.size = tarfile.XGLTYPE, len(attributes)
        file.write(header.tobuf(tarfile.USTAR_FORMAT) + attributes.ljust(-(-len(attributes) // 512) * 512, b"\0"))
        for n in range(2_000):
            header = tarfile.TarInfo("x")
            header.type, header.size = tarfile.XHDTYPE, 8
            file.write(header.tobuf(tarfile.USTAR_FORMAT) + b"8 a=bcd\n".ljust(512, b"\0"))
            file.write(tarfile.TarInfo(str(n)).tobuf(tarfile.USTAR_FORMAT))
    one_object.body = buffer.getvalue()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadArtifact, match="takes more than 512 MiB of memory"):
        artifact.fetch("s3://b/k")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_the_least_recently_fetched_models_are_dropped_but_none_in_use(tmp_path):
    for n in range(4):
        folder = tmp_path / (str(n) * 32)
        folder.mkdir()
        (folder / "f").write_bytes(b"x" * 1000)
        age = 10_000 - n * 1000 if n < 3 else 0
        os.utime(folder, (time.time() - age, time.time() - age))
    artifact.drop_oldest(tmp_path, keep=tmp_path / ("3" * 32), disk=2500)
    assert sorted(p.name[0] for p in tmp_path.iterdir() if p.is_dir()) == ["2", "3"]
    artifact.drop_oldest(tmp_path, keep=tmp_path / ("2" * 32), disk=0)
    assert sorted(p.name[0] for p in tmp_path.iterdir() if p.is_dir()) == ["2", "3"]  # 3 was fetched just now


def test_what_a_killed_process_left_is_swept_up_but_not_what_is_under_way(one_object, tmp_path):
    root = tmp_path / "models"
    for name in ("1" * 32, "2" * 32):
        (root / f"{name}.part" / "unpacked").mkdir(parents=True)
    (root / f"{'3' * 32}.dropped" / "half").mkdir(parents=True)
    with artifact._locked(root / f"{'2' * 32}.lock"):
        folder = artifact.fetch("s3://b/k")
    assert sorted(p.name for p in root.iterdir() if p.is_dir()) == sorted([folder.name, f"{'2' * 32}.part"])


def folder(parent: Path, name: str = "model") -> Path:
    (parent / name).mkdir(exist_ok=True)
    return parent / name


def test_the_check_says_that_a_good_model_answers(tmp_path):
    (folder(tmp_path) / "xgboost-model").write_bytes(bytes(models.booster().save_raw("ubj")))
    result = health_check.run(folder(tmp_path), "xgboost", {}, folder(tmp_path, "copy"))
    assert (result.ok, result.features, result.reason, result.isolation) == (True, 30, "", "")
    assert 50 < result.row_steps - ANSWER_STEPS < 100  # 20 trees of up to 5 levels


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x80\x04K\x01.", None])
def test_the_check_says_in_plain_words_why_a_model_is_bad(tmp_path, content):
    if content is not None:
        (folder(tmp_path) / "xgboost-model").write_bytes(content)
    report = health_check.run(folder(tmp_path), "xgboost", {}, folder(tmp_path, "copy"))
    assert not report.ok
    assert len(report.reason) > 20
    assert "Traceback" not in report.reason


def test_the_check_ends_a_model_that_hangs_and_shows_nobody_its_environment(tmp_path):
    os.mkfifo(folder(tmp_path) / "xgboost-model")
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(
            health_check.run,
            tmp_path / "model",
            "xgboost",
            {"TOKEN": "not-for-everybody"},
            folder(tmp_path, "copy"),
            1.5,
        )
        lines = []
        while not future.done():
            lines += [line for line in command_lines() if str(tmp_path) in line]
    assert not future.result().ok
    assert lines and not [line for line in lines if "not-for-everybody" in line]


def test_what_a_spare_of_the_gateway_loads_beforehand_starts_no_thread():
    """It is forked, and so are those after it: threads do not survive that, and what they hold stays locked."""
    code = """
        import os, sys
        os.environ["OMP_NUM_THREADS"] = "1"  # as engine.http.server has it
        import django
        django.setup()
        import engine.gateway.app
        from engine.serving import model_cache
        model_cache.warm_up()
        print(len(os.listdir("/proc/self/task")), {"xgboost", "lightgbm", "catboost", "boto3"} <= set(sys.modules))
    """
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "SAGEWRIGHT_GATEWAY_URL": "http://127.0.0.1:1",
    }
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "True"]
