"""Gives the objects of the running embedded store encoded names.

Names change and nothing else: contents, metadata and versions stay. Repeatable, also after it was killed.
"""

import asyncio
import tempfile
from pathlib import Path
from urllib.parse import quote

import aiohttp

from console.store_upgrade import entries, plan, policies
from console.store_upgrade.entries import Entry
from console.store_upgrade.plan import BUCKETS, Plan
from console.supervisor.store import ENCODED, MARKED, Store
from engine.s3 import backend, upstream
from engine.s3.key_names import encode
from engine.s3.operations import COPY_SOURCE

BATCH = 1000  # lines for a shell
SHELL_SECONDS = 300  # for a batch
UNQUOTABLE = ";\n\r"  # the shell ends a command there, also between quotes


class UpgradeError(Exception):
    """The store did not do what it was asked."""


def upgrade(store: Store) -> list[str]:
    """Rename all objects of `store`; the paths of those that cannot be. Raises UpgradeError."""
    if store.names == ENCODED:
        return []
    _remove_settings(store)
    if store.names != MARKED:
        left = _move(store, plan.put_aside(_saved(store)).moves)
        _check_moved(plan.put_aside(_saved(store)), left)
        store.mark(MARKED)
    work = plan.rename(_saved(store))
    for upload in work.uploads:
        _shell(store, [f"fs.rm -r {_quoted(upload)}"])
    asyncio.run(_put_markers(work.markers))
    left = _move(store, work.moves) + work.too_long
    _shell(store, [f"fs.rm {_quoted(folder)}" for folder in work.folders if not _is_unquotable(folder)])
    _check_moved(plan.rename(_saved(store)), left)
    store.mark(ENCODED)
    return left


def _remove_settings(store: Store) -> None:
    """Remove from buckets what the gateway now keeps itself.

    Those are policies, which may lock us out, and encryption, with which the store answers 500 to uploads.
    """
    with tempfile.TemporaryDirectory(dir=store.folder) as folder:
        saved, changed = _save(store, Path(folder)), Path(folder) / "changed"
        changed.write_bytes(b"".join(policies.without_policies(saved.read_bytes())))
        if changed.stat().st_size:
            store.shell(f"fs.meta.load -v=false {changed}\n", SHELL_SECONDS)
        buckets = [entry.path.removeprefix(BUCKETS) for entry in entries.read(saved) if entry.path.startswith(BUCKETS)]
    asyncio.run(_remove_encryption([bucket for bucket in buckets if "/" not in bucket and not bucket.startswith(".")]))


async def _remove_encryption(buckets: list[str]) -> None:
    async with _session() as session:
        for bucket in buckets:
            await _request(session, "DELETE", f"/{bucket}", "encryption=", {})


def _check_moved(remaining: Plan, left: list[str]) -> None:
    if paths := [old for old, _ in remaining.moves if old not in left]:
        raise UpgradeError(f"{len(paths)} objects were not moved, {paths[0]} for one")


def _saved(store: Store) -> list[Entry]:
    with tempfile.TemporaryDirectory(dir=store.folder) as folder:
        return entries.read(_save(store, Path(folder)))


def _save(store: Store, folder: Path) -> Path:
    """The file of all entries, which is made in `folder`."""
    file = folder / "meta"
    output = store.shell(f"fs.meta.save -o={file} {BUCKETS.rstrip('/')}\n", SHELL_SECONDS)
    if not file.exists():
        raise UpgradeError(f"the store does not list its objects: {output.strip()[-500:]}")
    return file


def _move(store: Store, moves: list[tuple[str, str]]) -> list[str]:
    """Move each; the paths of those that neither the shell can name nor S3 rename, as in a bucket with versions."""
    _shell(store, [f"fs.mv {_quoted(old)} {_quoted(new)}" for old, new in moves if not _is_unquotable(old)])
    return asyncio.run(_rename([move for move in moves if _is_unquotable(move[0])]))


def _shell(store: Store, lines: list[str]) -> None:
    for start in range(0, len(lines), BATCH):
        store.shell("\n".join([*lines[start : start + BATCH], ""]), SHELL_SECONDS)


def _is_unquotable(path: str) -> bool:
    return any(character in path for character in UNQUOTABLE)


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


async def _rename(moves: list[tuple[str, str]]) -> list[str]:
    left = []
    async with _session() as session:
        for old, new in moves:
            bucket, _, key = old.removeprefix(BUCKETS).partition("/")
            source = {"x-amz-rename-source": quote(key)}
            target = new.removeprefix(f"{BUCKETS}{bucket}/")
            if await _request(session, "PUT", f"/{bucket}/{quote(target)}", "renameObject=", source) != 200:
                left.append(old)
    return left


async def _put_markers(markers: list[tuple[Entry, str, str]]) -> None:
    """Write the objects that are folders: keys that end in a slash, without a body, and keys that others begin with."""
    async with _session() as session:
        for entry, bucket, path in markers:
            if entry.has_body:
                key, headers = path, {COPY_SOURCE: f"/{bucket}/{quote(path)}"}
            else:
                key, headers = f"{path}/", {"content-type": entry.mime}
            target = f"/{bucket}/{quote(encode(key))}"
            status = await _request(session, "PUT", target, "", headers | {"content-length": "0"})
            if status != 200:
                raise UpgradeError(f"{key} of {bucket} was not written: {status}")


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=backend.connector())


async def _request(session: aiohttp.ClientSession, method: str, path: str, query: str, headers: dict[str, str]) -> int:
    url, signed = upstream.signed(method, path, query, headers)
    async with session.request(method, url, headers=signed, data=b"") as response:
        await response.read()
        return response.status
