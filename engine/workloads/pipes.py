"""Pipe input mode: the objects of a channel, streamed from S3 into named pipes, one for each epoch."""

import errno
import os
import random
import select
import stat
import struct
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from algorithms.contract import UserError
from algorithms.formats.recordio import MAGIC
from engine import store
from engine.data_source import S3Object, download_error
from engine.jobs.transfers import ATTEMPTS, PAUSE, STORE_AWAY

LOOK = 0.05  # seconds between two looks at whether somebody has opened a pipe for reading
WAIT = 500  # milliseconds for which a full pipe is waited for before the next look at whether the job has ended
PART = 1 << 18  # bytes that are read from S3 at a time
LONGEST = (1 << 29) - 1  # bytes in one frame of RecordIO
Inode = tuple[int, int]  # the number of its device, and its own
WHOLE, FIRST, MIDDLE, LAST = range(4)  # a frame's place in its record, the three highest bits of its length


@dataclass(frozen=True)
class PipedChannel:
    """A channel in Pipe mode. With `seed` the order of its objects is another one in each epoch."""

    name: str
    objects: Sequence[S3Object]
    record_io: bool = False  # each object becomes one record
    gzip: bool = False  # the objects are unpacked on the way
    seed: int | None = None

    @classmethod
    def of(cls, channel: dict, objects: Sequence[S3Object]) -> "PipedChannel":
        """Return the channel of a CreateTrainingJob request with its objects."""
        return cls(
            channel["ChannelName"],
            objects,
            channel.get("RecordWrapperType") == "RecordIO",
            channel.get("CompressionType") == "Gzip",
            channel.get("ShuffleConfig", {}).get("Seed"),
        )

    def epoch(self, number: int) -> list[S3Object]:
        """Return the objects in the order of an epoch, counted from 0."""
        objects = list(self.objects)
        if self.seed is not None:
            random.Random(self.seed + number).shuffle(objects)  # noqa: S311  # nothing is secret here
        return objects


class Pipes:
    """Makes `CHANNEL_0` of each channel in a job's input folder, and each next one before its predecessor is opened.

    So a reader that closes a pipe unread, and opens the next one in the same moment, has that.
    The job may put anything in the place of a pipe: names are resolved within the folder, links are not followed, and
    only what is still the pipe that was made is written to. An object that cannot be had ends the epoch, there is no
    next one, and leaving the block then raises UserError, for the job has read less than it asked for.
    """

    def __init__(self, folder: Path, channels: Sequence[PipedChannel]):
        self._folder, self._channels = folder, channels
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._error: Exception | None = None

    def __enter__(self) -> "Pipes":
        self._top = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        for channel in self._channels:
            first = self._make(f"{channel.name}_0"), self._make(f"{channel.name}_1")
            thread = threading.Thread(
                target=self._feed, args=(channel, first), name=f"pipe {channel.name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        os.close(self._top)
        if self._error and kind is None:
            raise self._error

    def _make(self, name: str) -> Inode:
        """Make a pipe that the folder's owner may read."""
        os.mkfifo(name, 0o600, dir_fd=self._top)
        pipe = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW, dir_fd=self._top)
        try:
            if os.geteuid() == 0:
                owner = os.fstat(self._top)
                os.fchown(pipe, owner.st_uid, owner.st_gid)
            return _identity(pipe)
        finally:
            os.close(pipe)

    def _feed(self, channel: PipedChannel, first: tuple[Inode, Inode]) -> None:
        number, (inode, following) = 0, first
        try:
            while (pipe := self._wait_for_reader(f"{channel.name}_{number}", inode)) is not None:
                try:
                    os.unlink(f"{channel.name}_{number}", dir_fd=self._top)
                    self._write_epoch(pipe, channel, number)
                    number += 1
                    inode, following = following, self._make(f"{channel.name}_{number + 1}")
                finally:
                    os.close(pipe)
        except OSError as e:  # the job has taken its folder away
            self._error = self._error or UserError(f"The pipe of channel {channel.name} cannot be written: {e}.")
        except Exception as e:
            self._error = self._error or e

    def _write_epoch(self, pipe: int, channel: PipedChannel, number: int) -> None:
        try:
            for part in content(channel, number):
                self._write(pipe, part)
        except BrokenPipeError:
            return  # the reader has enough of this epoch
        except BaseException:
            with suppress(OSError):  # nobody writes the next pipe: who opened it would wait until the job's last second
                os.unlink(f"{channel.name}_{number + 1}", dir_fd=self._top)
            raise

    def _wait_for_reader(self, name: str, inode: Inode) -> int | None:
        """Open a pipe once somebody reads it; None when the job has ended, or has put something else in its place."""
        while not self._stop.wait(LOOK):
            try:
                pipe = os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW, dir_fd=self._top)
            except OSError as e:
                if e.errno == errno.ENXIO:
                    continue  # nobody reads it
                return None
            if _identity(pipe) == inode:
                return pipe
            os.close(pipe)
            return None
        return None

    def _write(self, pipe: int, part: bytes) -> None:
        rest = memoryview(part)
        while rest:
            try:
                rest = rest[os.write(pipe, rest) :]
            except BlockingIOError:
                if self._stop.is_set():
                    raise BrokenPipeError from None
                poll = select.poll()
                poll.register(pipe, select.POLLOUT)
                poll.poll(WAIT)


def content(channel: PipedChannel, number: int) -> Iterator[bytes]:
    """Yield what the pipe of an epoch holds. Raises UserError for an object that cannot be had."""
    for item in channel.epoch(number):
        parts = _unpacked(item) if channel.gzip else _stored(item)
        yield from _framed(item.size, parts) if channel.record_io else parts


def _stored(item: S3Object) -> Iterator[bytes]:
    """Yield the object's bytes; where the store goes away, from where it went."""
    at, remaining = 0, ATTEMPTS
    while at < item.size:
        try:
            wanted = {"Range": f"bytes={at}-"} if at else {}
            answer = store.client().get_object(Bucket=item.bucket, Key=item.key, IfMatch=item.etag, **wanted)
            for part in answer["Body"].iter_chunks(PART):
                at += len(part)
                yield part
        except ClientError as e:
            raise download_error(item.bucket, item.key, e) from e
        except STORE_AWAY:
            remaining -= 1
            if not remaining:
                raise
            time.sleep(PAUSE)


def _unpacked(item: S3Object) -> Iterator[bytes]:
    """Yield the bytes that the object is packed from, at most PART at a time. Raises UserError."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        for packed in _stored(item):
            part = packed
            while part:
                if unzip.eof:  # another member may follow, and zeros may fill up a block
                    part = part.lstrip(b"\0")
                    unzip = zlib.decompressobj(wbits=31) if part else unzip
                    continue
                yield unzip.decompress(part, PART)
                part = unzip.unused_data if unzip.eof else unzip.unconsumed_tail
        yield unzip.flush()
    except zlib.error as e:
        raise _no_gzip(item, str(e)) from e
    if item.size and not unzip.eof:
        raise _no_gzip(item, "its end is missing")


def _no_gzip(item: S3Object, why: str) -> UserError:
    return UserError(
        f"Data download failed:s3://{item.bucket}/{item.key} is no gzip file ({why}), and its channel has the "
        "CompressionType Gzip."
    )


def _framed(size: int, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield an object of `size` bytes as one record of RecordIO, in several frames where one cannot hold it."""
    lengths = [LONGEST] * (size // LONGEST) + ([size % LONGEST] if size % LONGEST or not size else [])
    stream, rest = iter(parts), b""
    for number, length in enumerate(lengths):
        is_last = number == len(lengths) - 1
        part = (LAST if is_last else MIDDLE) if number else (WHOLE if is_last else FIRST)
        yield struct.pack("<II", MAGIC, part << 29 | length)
        left = length
        while left:
            rest = rest or next(stream)
            yield rest[:left]
            left, rest = left - len(rest[:left]), rest[left:]
        yield bytes(-length % 4)


def _identity(descriptor: int) -> Inode:
    """The inode of a pipe; (0, 0) for anything else."""
    status = os.fstat(descriptor)
    return (status.st_dev, status.st_ino) if stat.S_ISFIFO(status.st_mode) else (0, 0)
