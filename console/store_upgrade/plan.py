"""What is to be renamed in a store: a pure function of its entries, so that a start that was killed is gone on with.

Some keys look as if they were encoded already: `wow!` is the name of the key `wow`. These are put aside first, into a
folder of their own in the bucket, and the store is marked when all are. From then on what looks encoded is so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from console.store_upgrade.entries import Entry
from engine.s3.key_names import LAST, KeyTooLong, decode, encode

BUCKETS, UPLOADS, VERSIONS = "/buckets/", ".uploads", ".versions"
ASIDE = LAST  # no key of an earlier version and no encoded name begins with a folder of this name


@dataclass
class Plan:
    """Paths to move, as (old, new); folders that are objects, as (entry, bucket, path); what is to be removed.

    `too_long` are the paths of keys that have no name.
    """

    moves: list[tuple[str, str]] = field(default_factory=list)
    markers: list[tuple[Entry, str, str]] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    too_long: list[str] = field(default_factory=list)


def put_aside(entries: list[Entry]) -> Plan:
    """Return the moves of what looks encoded and is not."""
    plan = Plan()
    for bucket, objects in _by_bucket(entries).items():
        folders = {entry.path for entry in objects if entry.is_directory}
        for path, key, end in _objects(bucket, objects):
            if _is_encoded(key):
                _move(plan, objects, folders, path, f"{bucket}/{ASIDE}/{encode(key)}{end}")
    return plan


def rename(entries: list[Entry]) -> Plan:
    """Return what is left to do once all that `put_aside` moves has been moved."""
    plan = Plan()
    for bucket, objects in _by_bucket(entries).items():
        folders = {entry.path for entry in objects if entry.is_directory}
        for path, key, end in _objects(bucket, objects):
            try:
                if key.startswith(f"{ASIDE}/"):
                    _move(plan, objects, folders, path, f"{bucket}/{key.removeprefix(f'{ASIDE}/')}{end}")
                elif not _is_encoded(key):
                    _move(plan, objects, folders, path, f"{bucket}/{encode(key)}{end}")
            except KeyTooLong:
                plan.too_long.append(path)
        for entry in reversed(objects):  # what is in a folder goes before the folder
            inside = entry.path.removeprefix(f"{bucket}/")
            if inside.startswith(f"{UPLOADS}/") and inside.count("/") == 1:
                plan.uploads.append(entry.path)
            elif entry.is_directory and _is_old_folder(inside):
                plan.folders.append(entry.path)
                if (entry.mime or entry.has_body) and not entry.path.endswith(VERSIONS):
                    plan.markers.append((entry, bucket.removeprefix(BUCKETS), inside))
    return plan


def _by_bucket(entries: list[Entry]) -> dict[str, list[Entry]]:
    buckets: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.path.split("/")):
        name, _, inside = entry.path.removeprefix(BUCKETS).partition("/")
        if entry.path.startswith(BUCKETS) and not name.startswith("."):
            objects = buckets.setdefault(f"{BUCKETS}{name}", [])
            if inside:
                objects.append(entry)
    return buckets


def _objects(bucket: str, entries: list[Entry]) -> Iterator[tuple[str, str, str]]:
    """The files of objects and the folders of versions, as (path, key or name, end of the name)."""
    histories = _histories(entries)
    for entry in entries:
        key = entry.path.removeprefix(f"{bucket}/")
        if key.partition("/")[0] == UPLOADS or entry.path.rpartition("/")[0] in histories:
            continue
        if entry.path in histories:
            base = key.removesuffix(VERSIONS)  # `dir/.versions` has the versions of the key `dir/`
            yield entry.path, base, VERSIONS
        elif not entry.is_directory:
            yield entry.path, key, ""


def _histories(entries: list[Entry]) -> set[str]:
    """The folders of versions: keys of earlier versions may contain `.versions`, too."""
    parents = {entry.path.rpartition("/")[0] for entry in entries if entry.path.rpartition("/")[2].startswith("v_")}
    return {entry.path for entry in entries if entry.is_directory and entry.path.endswith(VERSIONS)} & parents


def _is_old_folder(inside: str) -> bool:
    if inside.partition("/")[0] == UPLOADS or inside == ASIDE:
        return inside == ASIDE
    return not all(part.endswith(LAST) for part in inside.split("/")) and not inside.endswith(f"!{VERSIONS}")


def _is_encoded(name: str) -> bool:
    try:
        return encode(decode(name)) == name
    except ValueError:
        return False


def _move(plan: Plan, objects: list[Entry], folders: set[str], old: str, new: str) -> None:
    """Move `old`; where a start was killed while it moved a folder, what is left in it."""
    if new in folders:
        plan.moves += [(e.path, new + e.path.removeprefix(old)) for e in objects if e.path.startswith(f"{old}/")]
    else:
        plan.moves.append((old, new))
