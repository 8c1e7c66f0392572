"""Removes folders of the embedded store that a deletion has left empty, for it lists them as common prefixes.

The store removes them itself, some minutes later. It deletes a folder only when that is empty, so an upload that comes
at the same time is safe. Buckets with versions are left alone: there a folder is deleted like an object, by a marker.
"""

import asyncio
import re
from collections.abc import Iterable
from contextlib import suppress
from html import unescape
from urllib.parse import quote, unquote

import aiohttp

from engine.auth.errors import RequestError
from engine.s3 import upstream
from engine.s3.answering import TIMEOUT
from engine.s3.call import Call
from engine.s3.store_lists import Objects

AT_ONCE = 16  # requests
OF_VERSIONS = ("x-amz-version-id", "x-amz-delete-marker")
_DELETED = re.compile(r"<Deleted><Key>([^<]*)</Key></Deleted>")  # one of versions says which


async def remove_after(call: Call, session: aiohttp.ClientSession, response: aiohttp.ClientResponse) -> None:
    """Remove what `response`, the store's to `call`, says to have left empty."""
    names: list[str] = []
    if call.operation.name == "DeleteObjects":
        names = [unescape(name) for name in _DELETED.findall((await response.read()).decode())]
    elif call.operation.name == "DeleteObject" and "versionId" not in call.query:
        is_plain = not any(name in response.headers for name in OF_VERSIONS)
        names = [unquote(call.path).removeprefix(f"/{call.bucket}/")] if is_plain else []
    with suppress(RequestError, aiohttp.ClientError, TimeoutError):  # what was asked for is done
        await remove(session, call.bucket, names)


async def remove(session: aiohttp.ClientSession, bucket: str, names: Iterable[str]) -> None:
    """Remove what is empty of the folders that `names`, of objects deleted from `bucket`, were in."""
    folders = {folder for name in names for folder in _folders(name)}
    filled: set[str] = set()
    turn = asyncio.Semaphore(AT_ONCE)

    async def visit(folder: str) -> None:
        async with turn:
            if folder not in filled and not await _remove(session, bucket, folder):
                filled.update(_folders(folder))

    for depth in sorted({folder.count("/") for folder in folders}, reverse=True):  # what is in a folder goes first
        await asyncio.gather(*(visit(folder) for folder in folders if folder.count("/") == depth))


def _folders(name: str) -> list[str]:
    return [name[: at + 1] for at, sign in enumerate(name) if sign == "/"]


async def _remove(session: aiohttp.ClientSession, bucket: str, folder: str) -> bool:
    """Return whether the folder was empty, and is gone."""
    page = await Objects(session, bucket, owners=False).page(folder, False, "", "", 1)
    if page.items:
        return False
    url, headers = upstream.signed("DELETE", f"/{bucket}/{quote(folder)}", "", {})
    async with session.delete(url, headers=headers, timeout=TIMEOUT) as response:
        return response.status == 204
