"""Finds out which objects a job's channels mean, and which file each becomes."""

import json
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from botocore.exceptions import ClientError

from algorithms.contract import UserError
from engine import store

MANIFEST_LIMIT = 16 * 2**20  # bytes; AWS allows a manifest this much
MISSING = (
    'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists in the '
    "selected region ({region}), that objects exist under that S3 prefix, and that the role "
    '"{role}" has "s3:ListBucket" permissions on bucket "{bucket}".'
)


class Object(NamedTuple):
    """One object to download, and its file, relative to the channel's folder."""

    bucket: str
    key: str
    size: int
    etag: str
    path: str


def objects_of(channel: dict, request: dict, region: str) -> list[Object]:
    """What a channel of a CreateTrainingJob request holds. Raises UserError with AWS's words.

    With one host, ShardedByS3Key gives it every object, as FullyReplicated does.
    """
    name = channel["ChannelName"]
    source = channel.get("DataSource", {}).get("S3DataSource")
    if source is None:
        raise UserError(f"Channel {name} is not in S3. Only S3DataSource is offered here; copy the data into a bucket.")
    mode = channel.get("InputMode") or request.get("AlgorithmSpecification", {}).get("TrainingInputMode", "File")
    if mode == "Pipe":
        raise UserError(f"Channel {name} asks for Pipe input mode, which is not offered here. Use File mode.")
    kind, uri = source["S3DataType"], source["S3Uri"]
    if kind == "S3Prefix":
        found = _under(uri)
    elif kind == "ManifestFile":
        found = _manifest(uri)
    else:
        raise UserError(
            f"Channel {name} has S3DataType {kind}, which is not offered here. Use S3Prefix or ManifestFile."
        )
    if not found:
        bucket, role = store.split(uri)[0], request.get("RoleArn", "")
        raise UserError(MISSING.format(uri=uri, region=region, role=role, bucket=bucket))
    _check_paths(found)
    return found


def _under(uri: str) -> list[Object]:
    """The objects whose keys begin with the prefix, wherever it ends: `in/train` means `in/train2.csv` as well."""
    bucket, prefix = store.split(uri)
    found = []
    try:
        for page in store.client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", ()):
                if not item["Key"].endswith("/"):  # a folder's marker, not data
                    found.append(
                        Object(bucket, item["Key"], item["Size"], item["ETag"], _relative(item["Key"], prefix))
                    )
    except ClientError as e:
        if e.response["Error"]["Code"] in ("NoSuchBucket", "404", "AccessDenied"):
            return []
        raise
    return found


def _relative(key: str, prefix: str) -> str:
    """The part of the key below the prefix; where the prefix ends inside a name, that name stays whole."""
    rest = key[len(prefix) :]
    if prefix.endswith("/") or not prefix:
        return rest
    return rest[1:] if rest.startswith("/") else key[prefix.rfind("/") + 1 :]


def _manifest(uri: str) -> list[Object]:
    """The objects a manifest names: [{"prefix": "s3://bucket/folder/"}, "a.csv", "b/c.csv"]."""
    bucket, key = store.split(uri)
    prefix, *names = _manifest_entries(uri, _read(bucket, key))
    bucket, folder = store.split(prefix["prefix"])
    return [_object(bucket, folder + name, name) for name in names]


def _manifest_entries(uri: str, text: bytes) -> list:
    try:
        entries = json.loads(text)
        ok = isinstance(entries, list) and str(entries[0]["prefix"]).startswith("s3://")
        ok = ok and all(isinstance(entry, str) for entry in entries[1:])
    except (ValueError, LookupError, TypeError):
        ok = False
    if not ok:
        raise UserError(
            f'Data download failed:Manifest {uri} is not valid. It must read [{{"prefix": "s3://bucket/folder/"}}, '
            '"file", "folder/file", ...], in JSON.'
        )
    return entries


def _read(bucket: str, key: str) -> bytes:
    try:
        body = store.client().get_object(Bucket=bucket, Key=key)["Body"]
        text = body.read(MANIFEST_LIMIT + 1)
    except ClientError as e:
        raise cannot_download(bucket, key, e) from e
    if len(text) > MANIFEST_LIMIT:
        raise UserError(f"Data download failed:Manifest s3://{bucket}/{key} is larger than {MANIFEST_LIMIT >> 20} MiB.")
    return text


def _object(bucket: str, key: str, path: str) -> Object:
    try:
        head = store.client().head_object(Bucket=bucket, Key=key)
    except ClientError as e:
        raise cannot_download(bucket, key, e) from e
    return Object(bucket, key, head["ContentLength"], head["ETag"], path)


def cannot_download(bucket: str, key: str, error: ClientError) -> Exception:
    """The UserError for an object the store refuses; any other answer of the store is no fault of the caller's."""
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    named = {"404": "NoSuchKey", "403": "AccessDenied"}.get(code, code)
    if named not in ("NoSuchKey", "NoSuchBucket", "AccessDenied"):
        return error
    return UserError(f"Data download failed:Unable to download object s3://{bucket}/{key} ({named}: {message})")


def _check_paths(objects: list[Object]) -> None:
    """Refuse keys that are no file names, and a file that would have to be a folder too."""
    paths = {item.path for item in objects}
    for item in objects:
        parts = item.path.split("/")
        bad = next((p for p in parts if p in ("", ".", "..") or "\0" in p or len(p.encode()) > 255), None)
        if bad is not None:
            what = {"": "//", ".": "/./", "..": "/../"}.get(bad, bad[:40])
            raise UserError(
                f"Data download failed:Failed to download data. S3 key: s3://{item.bucket}/{item.key} "
                f"has an illegal char sub-sequence '{what}' in it"
            )
        clash = next((str(p) for p in PurePosixPath(item.path).parents if str(p) in paths), None)
        if clash or len(paths) != len(objects):
            clash = clash or next(i.path for i in objects if [o.path for o in objects].count(i.path) > 1)
            raise UserError(
                f"Data download failed:Two S3 objects would become the same path {clash!r} in the channel, one of them "
                f"s3://{item.bucket}/{item.key}. Rename one, or use a prefix that means only one of them."
            )


def total(objects: list[Object]) -> int:
    """How many bytes these are together."""
    return sum(item.size for item in objects)


def file_of(folder: Path, item: Object) -> Path:
    """The file an object becomes, in the channel's folder."""
    return folder / item.path
