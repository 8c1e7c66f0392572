"""aws-chunked uploads, built by hand: what AWS SDKs send over HTTPS, and what older ones send signed."""

import base64
import hmac
import os
import zlib
from hashlib import sha256

import pytest

from engine.auth.sigv4 import EMPTY_SHA256, derive
from tests.wire.gateway.conftest import REGION
from tests.wire.gateway.raw import send, sign

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def crc32(body: bytes) -> str:
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


class Upload:
    """An aws-chunked upload in pieces of `size` bytes, with whatever went wrong on purpose."""

    def __init__(self, world, path, body, kind, trailer="", size=64 * 1024):
        self.world, self.path, self.body, self.kind, self.trailer, self.size = world, path, body, kind, trailer, size
        self.headers = {
            "x-amz-content-sha256": kind,
            "x-amz-decoded-content-length": str(len(body)),
            "content-encoding": "aws-chunked",
        }
        if trailer:
            self.headers["x-amz-trailer"] = trailer.partition(":")[0]
        with_kind = _with_kind(kind)
        with with_kind:
            self.headers = sign(world, "PUT", path, b"", self.headers)
        self.previous = self.headers["authorization"].rpartition("Signature=")[2]

    def _signature(self, algorithm, hashes):
        secret = self.world.keys["editor"][1]
        stamp = self.headers["x-amz-date"]
        scope = f"{stamp[:8]}/{REGION}/s3/aws4_request"
        text = f"{algorithm}\n{stamp}\n{scope}\n{self.previous}\n{hashes}"
        self.previous = hmac.digest(derive(secret, stamp[:8], REGION, "s3"), text.encode(), "sha256").hex()
        return self.previous

    def frames(self, spoil=lambda n, frame: frame):
        pieces = [self.body[i : i + self.size] for i in range(0, len(self.body), self.size)] + [b""]
        for n, piece in enumerate(pieces):
            head = b"%x" % len(piece)
            if self.kind != UNSIGNED:
                hashes = f"{EMPTY_SHA256}\n{sha256(piece).hexdigest()}"
                head += b";chunk-signature=" + self._signature("AWS4-HMAC-SHA256-PAYLOAD", hashes).encode()
            yield spoil(n, head + b"\r\n" + piece + (b"\r\n" if piece else b""))
        if self.trailer:
            yield self.trailer.encode() + b"\r\n"
            if self.kind != UNSIGNED:
                signature = self._signature(
                    "AWS4-HMAC-SHA256-TRAILER", sha256(f"{self.trailer}\n".encode()).hexdigest()
                )
                yield b"x-amz-trailer-signature:" + signature.encode() + b"\r\n"
        yield b"\r\n"

    def send(self, spoil=lambda n, frame: frame, chunked=False):
        frames = list(self.frames(spoil))
        if chunked:
            headers = {n: v for n, v in self.headers.items() if n != "content-length"}
            return send(self.world, "PUT", self.path, headers | {"Transfer-Encoding": "chunked"}, chunks=frames)
        return send(self.world, "PUT", self.path, self.headers | {"content-length": str(sum(map(len, frames)))},
                    b"".join(frames))  # fmt: skip


def _with_kind(kind):
    from unittest import mock

    return mock.patch("botocore.auth.S3SigV4Auth.payload", lambda self, request: kind)


@pytest.mark.parametrize("size", [0, 1, 300_000, 3_000_000])
@pytest.mark.parametrize("kind", [SIGNED, f"{SIGNED}-TRAILER", UNSIGNED])
@pytest.mark.parametrize("chunked", [True, False])
def test_the_content_arrives_without_its_wrapping(world, s3, bucket, kind, size, chunked):
    body = os.urandom(size)
    trailer = f"x-amz-checksum-crc32:{crc32(body)}" if kind.endswith("TRAILER") else ""
    answer = Upload(world, f"/{bucket}/chunked", body, kind, trailer).send(chunked=chunked)
    assert answer.status == 200, answer.text
    got = s3.get_object(Bucket=bucket, Key="chunked", ChecksumMode="ENABLED")
    assert got["Body"].read() == body
    assert "ContentEncoding" not in got
    if trailer:
        assert got["ChecksumCRC32"] == crc32(body)


@pytest.mark.parametrize("at", [0, 1, 4])
def test_a_chunk_changed_on_the_way_is_refused_and_nothing_is_stored(world, s3, bucket, at):
    def spoil(n, frame):
        return frame[:-3] + b"!\r\n" if n == at else frame

    answer = Upload(world, f"/{bucket}/spoiled", b"x" * 300_000, SIGNED).send(spoil)
    assert (answer.status, "<Code>SignatureDoesNotMatch</Code>" in answer.text) == (403, True)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="spoiled")


def test_chunks_in_another_order_are_refused(world, s3, bucket):
    upload = Upload(world, f"/{bucket}/swapped", os.urandom(128 * 1024), SIGNED)
    frames = list(upload.frames())
    frames[0], frames[1] = frames[1], frames[0]
    headers = upload.headers | {"content-length": str(sum(map(len, frames)))}
    assert send(world, "PUT", upload.path, headers, b"".join(frames)).status == 403
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="swapped")


@pytest.mark.parametrize("kind", [f"{SIGNED}-TRAILER", UNSIGNED])
def test_a_wrong_checksum_in_the_trailer_is_refused(world, s3, bucket, kind):
    answer = Upload(world, f"/{bucket}/sum", b"x" * 100_000, kind, "x-amz-checksum-crc32:AAAAAA==").send()
    assert answer.status == 400
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="sum")


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (b"zz\r\nabc\r\n0\r\n\r\n", "IncompleteBody"),
        (b"-3\r\nabc\r\n0\r\n\r\n", "IncompleteBody"),
        (b"3\r\nabcdef\r\n0\r\n\r\n", "IncompleteBody"),
        (b"4\r\nabcd\r\n0\r\n\r\n", "IncompleteBody"),  # announced: 3
        (b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n", "MalformedTrailerError"),  # not announced
        (b"f" * 40_000, "IncompleteBody"),
        (b"ffffffffffff\r\nabc\r\n0\r\n\r\n", "IncompleteBody"),
    ],
)
def test_a_malformed_wrapping_is_refused(world, s3, bucket, frames, code):
    upload = Upload(world, f"/{bucket}/malformed", b"abc", UNSIGNED)
    answer = send(world, "PUT", upload.path, upload.headers | {"content-length": str(len(frames))}, frames)
    assert (answer.status, f"<Code>{code}</Code>" in answer.text) == (400, True), answer.text
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="malformed")


@pytest.mark.parametrize("length", ["9" * 30, "9" * 5000, str(5 * 1024**3 + 1)])
def test_a_size_beyond_the_largest_object_is_refused(world, bucket, length):
    path = f"/{bucket}/huge"
    with _with_kind(UNSIGNED):
        headers = sign(
            world, "PUT", path, b"", {"x-amz-decoded-content-length": length, "x-amz-content-sha256": UNSIGNED}
        )
    body = b"3\r\nabc\r\n0\r\n\r\n"
    answer = send(world, "PUT", path, headers | {"content-length": str(len(body))}, body)
    assert (answer.status, "<Code>EntityTooLarge</Code>" in answer.text) == (400, True), answer.text
