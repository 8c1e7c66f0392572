"""Reads a form of a browser (multipart/form-data, RFC 7578): its fields, then its file as it arrives."""

import re
from collections.abc import AsyncIterator

from engine.auth.errors import RequestError

BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))', re.IGNORECASE)
DISPOSITION = re.compile(r'\b(name|filename)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
MAX_FIELDS = 64 * 1024  # bytes of all fields before the file; S3 allows 20 KB


class Form:
    """The form with `content_type` and the body in `blocks`. Call `fields` first, then `file`."""

    def __init__(self, content_type: str, blocks: AsyncIterator[bytes]):
        match = BOUNDARY.search(content_type)
        if not match:
            raise malformed()
        self._blocks = blocks
        self._delimiter = b"\r\n--" + (match[1] or match[2]).encode("latin-1")
        self._buffer = b"\r\n"  # the first delimiter needs no line before it

    async def fields(self) -> dict[str, str]:
        """Return the fields before the file, names in lower case; "file" is the name that the file has."""
        fields: dict[str, str] = {}
        await self._until(self._delimiter)
        while await self._is_part():
            head = (await self._until(b"\r\n\r\n")).decode("utf-8", "replace")
            names = {name.lower(): value for name, value in DISPOSITION.findall(head)}
            name = names.get("name", "").lower()
            if name == "file":
                return fields | {"file": names.get("filename", "")}
            fields[name] = (await self._until(self._delimiter)).decode("utf-8", "replace")
        raise RequestError("POST requires exactly one file upload per request.", "InvalidArgument", 400,
                           ArgumentName="file", ArgumentValue="0")  # fmt: skip

    async def file(self) -> AsyncIterator[bytes]:
        """The file's content."""
        while (end := self._buffer.find(self._delimiter)) < 0:
            keep = len(self._delimiter) - 1
            if len(self._buffer) > keep:
                piece, self._buffer = self._buffer[:-keep], self._buffer[-keep:]
                yield piece
            await self._read()
        if piece := self._buffer[:end]:
            yield piece
        async for _ in self._blocks:  # a submit button, say
            pass

    async def _is_part(self) -> bool:
        """Whether the delimiter before is not the last one."""
        while len(self._buffer) < 2:
            await self._read()
        return not self._buffer.startswith(b"--")

    async def _until(self, mark: bytes) -> bytes:
        while (end := self._buffer.find(mark)) < 0:
            if len(self._buffer) > MAX_FIELDS:
                text = "Your POST request fields preceding the upload file were too large."
                raise RequestError(text, "MaxPostPreDataLengthExceeded", 400)
            await self._read()
        content, self._buffer = self._buffer[:end], self._buffer[end + len(mark) :]
        return content

    async def _read(self) -> None:
        block = await anext(self._blocks, None)
        if block is None:
            raise malformed()
        self._buffer += block


def malformed() -> RequestError:
    """Return the error for a body that is no form."""
    text = "The body of your POST request is not well-formed multipart/form-data."
    return RequestError(text, "MalformedPOSTRequest", 400)
