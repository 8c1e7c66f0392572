"""The parts of an upload: how many, of how many bytes, and the body of one while it is passed on."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from models_app.models import Upload
from models_app.problems import Problem

MIB = 1024 * 1024
BLOCK = 512 * 1024  # bytes passed on at once, at most
PART = 8 * MIB  # bytes; S3 takes 5 MiB to 5 GiB
MAX_PARTS = 10_000  # S3's own limits
MAX_BYTES = 5 * 1024**4


def part_size(size: int) -> int:
    """Bytes a part, so that `size` fits into S3's 10,000 parts; whole MiB."""
    return max(PART, -(-size // (MAX_PARTS * MIB)) * MIB)


def part_count(upload: Upload) -> int:
    """How many parts the file is sent in."""
    return -(-upload.size // upload.part_size)


def bytes_of_part(upload: Upload, number: int) -> int:
    """How long part `number` is, counted from 1. Raises Problem when there is none."""
    if not 1 <= number <= part_count(upload):
        raise Problem(_("There is no part %(number)d of this file.") % {"number": number})
    return min(upload.part_size, upload.size - (number - 1) * upload.part_size)


@dataclass(frozen=True)
class Progress:
    """An upload and the parts S3 has of it: {number: bytes}."""

    upload: Upload
    parts: dict[int, int]

    @property
    def done(self) -> int:
        """Bytes."""
        return sum(self.parts.values())

    @property
    def missing(self) -> list[int]:
        """The numbers of the parts still to be sent."""
        numbers = range(1, part_count(self.upload) + 1)
        return [number for number in numbers if self.parts.get(number) != bytes_of_part(self.upload, number)]

    @property
    def percent(self) -> int:
        """The share of bytes that has arrived, 0 to 100."""
        return 100 * self.done // max(self.upload.size, 1)


class PartBody:
    """A body on its way: read once, counted and hashed as it goes.

    `read1` returns what has come, as that of io.BufferedIOBase: to wait for more would stop a slow client's part on the
    way to S3, which gives up what makes no progress.
    """

    def __init__(self, read1: Callable[[int], bytes], length: int):
        self.read1, self.remaining, self.digest = read1, length, hashlib.md5(usedforsecurity=False)

    def read(self, limit: int = -1) -> bytes:
        """Return what has come, up to BLOCK bytes whatever `limit` says, b"" at the end. Raises ConnectionError.

        botocore asks for 16 KiB at a time and sends what it gets; each block costs every process on the way a turn.
        """
        if not self.remaining:
            return b""
        block = self.read1(min(self.remaining, BLOCK))
        if not block:
            raise ConnectionError("the browser's connection was lost")
        self.remaining -= len(block)
        self.digest.update(block)
        return block

    def matches(self, answer: dict) -> bool:
        """Did S3 keep what was read? A part's ETag is its MD5, unless it is encrypted with a key of KMS."""
        if answer.get("ServerSideEncryption", "AES256") != "AES256" or "SSECustomerAlgorithm" in answer:
            return True
        return answer["ETag"].strip('"') == self.digest.hexdigest()
