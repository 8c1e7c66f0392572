"""The disk cache of model artifacts: downloaded once, unpacked, keyed by ETag, least recently used removed first."""

import fcntl
import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from common.last_use import mark_used
from common.model_archive import MAX_BYTES, BadArtifact
from common.s3_uri import is_s3_uri, split_s3_uri
from engine import store
from engine.serving import last_known
from engine.serving.archive import unpack_apart

__all__ = ["BadArtifact", "fetch"]

MAX_DISK = 8 * 1024**3  # bytes of unpacked models kept
IN_USE_SECONDS = 600  # seconds after its last fetch in which a model is not dropped: someone may be reading it


def fetch(model_data_url: str, or_last_known: bool = False) -> Path:
    """The folder with the unpacked artifact at `model_data_url`, which must not be changed.

    Safe to call from many threads and processes: one of them downloads, the others wait. While the store does not
    answer it is, if `or_last_known`, the one that this machine fetched last. Raises BadArtifact when the artifact is
    missing or no model archive, and botocore's errors when the store does not answer.
    """
    bucket, key = split_s3_uri(model_data_url)
    if not is_s3_uri(model_data_url) or not key:
        raise BadArtifact(f"{model_data_url} is no address of a model artifact; it must be s3://bucket/key.")
    root = settings.JOBS_FOLDER.parent / "models"
    last = last_known.recall(model_data_url) if or_last_known else None
    try:
        head = store.client(quick=last is not None).head_object(Bucket=bucket, Key=key)
    except (BotoCoreError, ClientError) as e:
        if isinstance(e, ClientError) and e.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403, 404):
            raise BadArtifact(f"Could not find model data at {model_data_url}.") from e
        if last is not None and mark_used(root / last.decode()):
            return root / last.decode()
        raise
    if head["ContentLength"] > MAX_BYTES:
        raise BadArtifact(f"The model archive {model_data_url} is larger than {MAX_BYTES} bytes.")
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = hashlib.sha256(f"{model_data_url} {head['ETag']} {head.get('VersionId', '')}".encode()).hexdigest()[:32]
    folder = root / name
    if not mark_used(folder):
        with _locked(root / f"{name}.lock"):
            if not mark_used(folder):
                _download(bucket, key, head["ETag"], folder)
                drop_oldest(root, keep=folder)
    last_known.remember(model_data_url, name.encode())
    return folder


def drop_oldest(root: Path, keep: Path, disk: int = MAX_DISK) -> None:
    """Remove the least recently fetched models until at most `disk` bytes are left, but never one in use."""
    with _locked(root / "drop.lock"):
        _remove_leftovers(root)
        _drop_oldest(root, keep, disk)


def _drop_oldest(root: Path, keep: Path, disk: int) -> None:
    folders = [f for f in root.iterdir() if f.is_dir() and len(f.name) == 32]
    sizes = {f: sum(file.stat().st_size for file in f.rglob("*") if file.is_file()) for f in folders}
    total = sum(sizes.values())
    for folder in sorted(folders, key=lambda f: f.stat().st_mtime):
        if total <= disk or time.time() - folder.stat().st_mtime < IN_USE_SECONDS:
            return
        if folder != keep:
            trash = folder.with_suffix(".dropped")
            folder.rename(trash)  # at once gone for new readers; only then taken apart
            shutil.rmtree(trash, ignore_errors=True)
            total -= sizes[folder]


def _remove_leftovers(root: Path) -> None:
    """Remove what processes that were killed left half done: whoever is still at it holds the lock."""
    for leftover in root.glob("*.dropped"):
        shutil.rmtree(leftover, ignore_errors=True)
    for leftover in root.glob("*.part"):
        with _locked(leftover.with_suffix(".lock"), wait=False) as free:
            if free:
                shutil.rmtree(leftover, ignore_errors=True)


def _download(bucket: str, key: str, etag: str, folder: Path) -> None:
    scratch = folder.with_suffix(".part")
    archive, unpacked = scratch / "archive", scratch / "unpacked"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        unpacked.mkdir(parents=True)
        try:
            # IfMatch: what is kept under this ETag is what had this ETag, even if the object is replaced meanwhile.
            body = store.client().get_object(Bucket=bucket, Key=key, IfMatch=etag)["Body"]
        except ClientError as e:
            raise BadArtifact(f"The model data at s3://{bucket}/{key} changed while it was being read.") from e
        with archive.open("wb") as file:
            shutil.copyfileobj(body, file, 1024 * 1024)
        unpack_apart(archive, unpacked)
        unpacked.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _locked(lock: Path, wait: bool = True) -> Iterator[bool]:
    """Hold `lock` among all threads and processes of this machine; a process that dies lets go.

    Without `wait`, False says that somebody else holds it.
    """
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
