"""Downloads and uploads a job's files: in parallel, in parts, cancellable."""

import gzip
import shutil
import tarfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from boto3.s3.transfer import TransferConfig, create_transfer_manager
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as StoreConnectionError
from s3transfer.exceptions import CancelledError, RetriesExceededError, S3DownloadFailedError
from s3transfer.subscribers import BaseSubscriber

from algorithms.contract import UserError
from common.s3_uri import split_s3_uri
from engine import store
from engine.data_source import S3Object, download_error
from engine.jobs.leftovers import list_files

CONFIG = TransferConfig(max_concurrency=6, multipart_threshold=16 * 2**20, multipart_chunksize=16 * 2**20)
SPARE = 256 * 2**20  # bytes of disk that are never filled with data
ATTEMPTS, PAUSE = 6, 3  # a store that is being restarted is back within some seconds
STORE_AWAY = (HTTPClientError, StoreConnectionError, RetriesExceededError)
T = TypeVar("T")


class TransferCancelled(Exception):
    """The transfer was cancelled by `Transfers.cancel`."""


class _ListedObject(BaseSubscriber):
    """Spares a HeadObject by the size and ETag from the listing, and refuses an object that has changed since."""

    def __init__(self, item: S3Object):
        self._item = item

    def on_queued(self, future, **_) -> None:
        future.meta.provide_transfer_size(self._item.size)
        future.meta.provide_object_etag(self._item.etag)


class Transfers:
    """Downloads and uploads of one job. Made to run in a thread, while another may `cancel` them."""

    def __init__(self) -> None:
        self._futures: list = []
        self._cancelled = False

    def cancel(self) -> None:
        """Begin no more transfers; those that run are cancelled, and the call that waits raises TransferCancelled."""
        self._cancelled = True
        for future in list(self._futures):
            future.cancel()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    def download(self, channels: list[tuple[Path, list[S3Object]]], volume: int) -> None:
        """Fetch every object into its channel's folder; `volume` is the most bytes allowed, 0 for as many as fit.

        Raises UserError when they do not fit or one cannot be had.
        """
        _check_space(channels, volume)
        for folder, objects in channels:
            folder.mkdir(exist_ok=True)
            for parent in {_file_of(folder, item).parent for item in objects}:
                parent.mkdir(parents=True, exist_ok=True)
        everything = [(folder, item) for folder, objects in channels for item in objects]
        self._retry(lambda: self._fetch(everything))

    def upload(self, file: Path, uri: str) -> None:
        """Put a file into the store: it appears there whole, or not at all."""
        self.upload_all([(file, uri)])

    def upload_all(self, files: Sequence[tuple[Path, str]]) -> None:
        """Put files into the store, several at a time. Each appears there whole, or not at all."""
        pending = [(str(file), split_s3_uri(uri)) for file, uri in files]

        def put() -> None:
            for future in self._transfer(lambda m, f=f, u=u: m.upload(f, u.bucket, u.key) for f, u in pending):
                future.result()

        self._retry(put)

    def pack(self, folder: Path, archive: Path, volume: int = 0) -> int:
        """Write the files of `folder` into a tar.gz with them at its root, the same bytes for the same files; how many.

        Only plain files go in: a link could name anything of this machine. Raises UserError when they are more than
        `volume` bytes, 0 for any: holes take no disk, and hours to read.
        """
        files = list_files(folder)
        if volume and (size := sum(file.size for file in files)) > volume:
            raise UserError(
                f"The job left files of {size / 2**30:.2f} GiB, more than its volume has "
                f"(ResourceConfig.VolumeSizeInGB: {volume >> 30}). "
                "Holes in files count like data here. Please raise it, or write less."
            )
        with (
            archive.open("wb") as raw,
            gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            for file in files:
                if self._cancelled:
                    raise TransferCancelled
                entry = tarfile.TarInfo(file.name)
                entry.size, entry.mode = file.size, 0o755 if file.is_executable else 0o644
                with (folder / file.name).open("rb") as content:
                    tar.addfile(entry, content)
        return len(files)

    def _fetch(self, everything: list[tuple[Path, S3Object]]) -> None:
        futures = self._transfer(
            lambda m, i=item, f=folder: m.download(i.bucket, i.key, str(_file_of(f, i)), subscribers=[_ListedObject(i)])
            for folder, item in everything
        )
        for (_, item), future in zip(everything, futures, strict=True):
            try:
                future.result()
            except ClientError as e:
                raise download_error(item.bucket, item.key, e) from e
            except S3DownloadFailedError as e:
                raise UserError(
                    f"Data download failed:Unable to download object s3://{item.bucket}/{item.key} "
                    "(it was changed while it was being downloaded; start the job again)"
                ) from e

    def _transfer(self, starts: Iterable[Callable]) -> list:
        """The futures of these transfers, all of them done."""
        self._futures = []
        with create_transfer_manager(store.client(), CONFIG) as manager:
            for start in starts:
                self._futures.append(start(manager))
                if self._cancelled:
                    raise TransferCancelled  # leaving the manager by an exception cancels what it has begun
        return self._futures

    def _retry(self, work: Callable[[], T]) -> T:
        """The result of `work`, tried again while the store cannot be reached."""
        for remaining in reversed(range(ATTEMPTS)):
            try:
                return work()
            except CancelledError as e:
                raise TransferCancelled from e
            except STORE_AWAY:
                if not remaining or self._cancelled:
                    raise
                time.sleep(PAUSE)
        raise AssertionError("unreachable")


def _total(objects: list[S3Object]) -> int:
    """Return the sum of the objects' sizes in bytes."""
    return sum(item.size for item in objects)


def _file_of(folder: Path, item: S3Object) -> Path:
    """Return the file of an object below the channel's folder."""
    return folder / item.path


def _check_space(channels: list[tuple[Path, list[S3Object]]], volume: int) -> None:
    needed = sum(_total(objects) for _, objects in channels)
    free = shutil.disk_usage(channels[0][0].parent).free - SPARE if channels else needed
    limits = [(free, "this machine's disk")]
    if volume:
        limits.append((volume, "the job's volume (ResourceConfig.VolumeSizeInGB)"))
    room, limit = min(limits)
    if needed > room:
        raise UserError(
            f"Data download failed:Insufficient disk space. The channels hold {_size(needed)}, "
            f"and {limit} has room for {_size(max(room, 0))}."
        )


def _size(count: int) -> str:
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 / 10 else f"{count / 2**20:.1f} MiB"
