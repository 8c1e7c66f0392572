"""Model artifacts on this machine's disk: fetched from the store once, unpacked, kept by ETag, the oldest dropped."""

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import ClientError
from django.conf import settings

from engine import store
from engine.serving.archive import BYTES, BadArtifact, unpack

__all__ = ["BadArtifact", "fetch"]

DISK = 8 * 1024**3  # bytes of unpacked models kept
IN_USE = 600  # seconds after its last fetch in which a model is not dropped: someone may be reading it


def fetch(model_data_url: str) -> Path:
    """The folder with the unpacked artifact at `model_data_url`, which must not be changed.

    Safe to call from many threads and processes: one of them downloads, the others wait. Raises BadArtifact when the
    artifact is missing or no model archive, and botocore's errors when the store does not answer.
    """
    bucket, key = store.split(model_data_url)
    if not model_data_url.startswith("s3://") or not key:
        raise BadArtifact(f"{model_data_url} is no address of a model artifact; it must be s3://bucket/key.")
    try:
        head = store.client().head_object(Bucket=bucket, Key=key)
    except ClientError as e:
        if e.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403, 404):
            raise BadArtifact(f"Could not find model data at {model_data_url}.") from e
        raise
    if head["ContentLength"] > BYTES:
        raise BadArtifact(f"The model archive {model_data_url} is larger than {BYTES} bytes.")
    root = settings.JOBS_FOLDER.parent / "models"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = hashlib.sha256(f"{model_data_url} {head['ETag']} {head.get('VersionId', '')}".encode()).hexdigest()[:32]
    folder = root / name
    if not folder.is_dir():
        with _alone(root / f"{name}.lock"):
            if not folder.is_dir():
                _download(bucket, key, head["ETag"], folder)
                drop_oldest(root, keep=folder)
    os.utime(folder)
    return folder


def drop_oldest(root: Path, keep: Path, disk: int = DISK) -> None:
    """Remove the least recently fetched models until at most `disk` bytes are left, but never one in use."""
    folders = [f for f in root.iterdir() if f.is_dir() and len(f.name) == 32]
    sizes = {f: sum(file.stat().st_size for file in f.rglob("*") if file.is_file()) for f in folders}
    total = sum(sizes.values())
    for folder in sorted(folders, key=lambda f: f.stat().st_mtime):
        if total <= disk or time.time() - folder.stat().st_mtime < IN_USE:
            return
        if folder != keep:
            trash = folder.with_suffix(f".dropped-{os.getpid()}")
            folder.rename(trash)  # at once gone for new readers; only then taken apart
            shutil.rmtree(trash, ignore_errors=True)
            total -= sizes[folder]


def _download(bucket: str, key: str, etag: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=folder.parent) as scratch:
        archive, unpacked = Path(scratch, "archive"), Path(scratch, "unpacked")
        unpacked.mkdir()
        try:
            # IfMatch: what is kept under this ETag is what had this ETag, even if the object is replaced meanwhile.
            body = store.client().get_object(Bucket=bucket, Key=key, IfMatch=etag)["Body"]
        except ClientError as e:
            raise BadArtifact(f"The model data at s3://{bucket}/{key} changed while it was being read.") from e
        with archive.open("wb") as file:
            shutil.copyfileobj(body, file, 1024 * 1024)
        unpack(archive, unpacked)
        unpacked.rename(folder)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold `lock` among all threads and processes of this machine; a process that dies lets go."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
