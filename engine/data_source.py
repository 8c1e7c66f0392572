"""Lists the objects that an S3DataSource of SageMaker's means, by prefix or by manifest.

CreateTrainingJob asks for the first one only, the job for all: the listing is lazy, so both are this one.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple

from botocore.exceptions import ClientError, ParamValidationError

from algorithms.contract import UserError
from common.s3_uri import S3Uri, is_s3_uri, normalize_s3_uri, split_s3_uri
from engine import store

MAX_MANIFEST = 16 * 2**20  # bytes; SageMaker's limit
MANIFEST_FORM = '[{"prefix": "s3://bucket/folder/"}, "file", "folder/file", ...]'
KINDS = ("S3Prefix", "ManifestFile")


class S3Object(NamedTuple):
    """One object to download. `path` is its file's path below the channel's folder; `size` is in bytes."""

    bucket: str
    key: str
    size: int
    etag: str
    path: str


class InvalidManifest(UserError):
    """The manifest is there and is not what SageMaker documents."""


class DownloadError(UserError):
    """The object store refuses an object: it is missing, or it may not be read."""


def list_objects(source: dict) -> Iterator[S3Object]:
    """Yield the objects of an S3DataSource whose S3DataType is one of KINDS, in the order of their keys or names.

    A prefix that matches nothing, and a bucket that does not exist or may not be listed, yield nothing. Raises
    InvalidManifest, DownloadError for a manifest or an object it names that cannot be had, ValueError for an S3Uri
    that is no S3 address, and botocore's errors when the store does not answer.
    """
    uri = normalize_s3_uri(source["S3Uri"])
    return _by_manifest(uri) if source["S3DataType"] == "ManifestFile" else _by_prefix(split_s3_uri(uri))


def _by_prefix(uri: S3Uri) -> Iterator[S3Object]:
    """The objects whose keys begin with the prefix, wherever it ends: `in/train` means `in/train2.csv` as well."""
    bucket, prefix = uri
    pages = store.client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    try:
        for page in pages:
            for item in page.get("Contents", ()):
                if not item["Key"].endswith("/"):  # the marker of a folder is not data
                    path = _relative(item["Key"], prefix)
                    yield S3Object(bucket, item["Key"], item["Size"], item["ETag"], path)
    except ParamValidationError:  # a name that no bucket can have
        return
    except ClientError as e:
        if e.response["ResponseMetadata"]["HTTPStatusCode"] not in (400, 403, 404):
            raise


def _relative(key: str, prefix: str) -> str:
    """The part of the key below the prefix; where the prefix ends inside a name, that name stays whole."""
    rest = key[len(prefix) :]
    if prefix.endswith("/") or not prefix:
        return rest
    return rest[1:] if rest.startswith("/") else key[prefix.rfind("/") + 1 :]


def _by_manifest(uri: str) -> Iterator[S3Object]:
    prefix, names = _manifest(uri)
    bucket, folder = split_s3_uri(prefix)
    for name in names:
        head = _request("head_object", bucket, folder + name)
        yield S3Object(bucket, folder + name, head["ContentLength"], head["ETag"], name)


def _manifest(uri: str) -> tuple[str, list[str]]:
    """The prefix and the names of the manifest at `uri`."""
    bucket, key = split_s3_uri(uri)
    text = _request("get_object", bucket, key)["Body"].read(MAX_MANIFEST + 1)
    if len(text) > MAX_MANIFEST:
        raise InvalidManifest(f"The manifest file {uri} is larger than {MAX_MANIFEST >> 20} MiB. Split it.")
    try:
        first, *names = json.loads(text)
        prefix = first["prefix"].strip()
        valid = is_s3_uri(prefix) and all(isinstance(name, str) for name in names)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        valid = False
    if not valid:
        raise InvalidManifest(f"The manifest file {uri} cannot be read. It must be JSON such as {MANIFEST_FORM}.")
    return prefix, names


def _request(operation: str, bucket: str, key: str) -> dict:
    try:
        return getattr(store.client(), operation)(Bucket=bucket, Key=key)
    except ParamValidationError as e:
        raise DownloadError(
            f"Data download failed:Unable to download object s3://{bucket}/{key} (InvalidBucketName: {e})"
        ) from e
    except ClientError as e:
        raise download_error(bucket, key, e) from e


def download_error(bucket: str, key: str, error: ClientError) -> Exception:
    """Return a DownloadError for an object the store refuses; `error` itself for a failure that is the store's."""
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    name = {"404": "NoSuchKey", "403": "AccessDenied"}.get(code, code)
    if name not in ("NoSuchKey", "NoSuchBucket", "AccessDenied"):
        return error
    return DownloadError(f"Data download failed:Unable to download object s3://{bucket}/{key} ({name}: {message})")
