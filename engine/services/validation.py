"""What Create calls check against the object store and the catalogue before they accept a request."""

import json
import re

from botocore.exceptions import ClientError, ParamValidationError
from django.conf import settings

import algorithms
from algorithms import Algorithm
from engine import store
from engine.wire.errors import ValidationException

# https://bucket.s3.region.amazonaws.com/key, https://s3.region.amazonaws.com/bucket/key and their older spellings.
VIRTUAL_HOST = re.compile(r"https://(?P<bucket>[^/]+)\.s3[.-][^/]*amazonaws\.com(\.cn)?/(?P<key>.*)")
PATH_STYLE = re.compile(r"https://s3[.-][^/]*amazonaws\.com(\.cn)?/(?P<bucket>[^/]+)/?(?P<key>.*)")
LONGEST_MANIFEST = 16 * 1024 * 1024


def s3_uri(url: str) -> str:
    """An S3 location as s3://bucket/key, from any of the spellings AWS takes."""
    if url.startswith("s3://"):
        return url
    if match := VIRTUAL_HOST.fullmatch(url) or PATH_STYLE.fullmatch(url):
        return f"s3://{match['bucket']}/{match['key']}"
    raise ValidationException(f"{url} is not an S3 location. Write it as s3://bucket/key.")


def algorithm_of(image: str | None, where: str) -> Algorithm:
    """The algorithm a container image means; ValidationException naming those we have."""
    if image and (algorithm := algorithms.for_image(image)):
        return algorithm
    served = ", ".join(f"{a.title} ({a.image_uri(settings.REGION)})" for a in algorithms.ALGORITHMS.values())
    raise ValidationException(
        f"{where}: this engine has no algorithm for the image {image or '(none)'}. It has: {served}."
    )


def check_role(role: str) -> None:
    """Any role of our own account will do: there is nothing it could not reach, and clients bring their own names."""
    if role.split(":")[4] != settings.ENGINE_ACCOUNT:
        raise ValidationException(
            f"Could not assume role {role}. Please ensure that the role exists and allows principal "
            f"'sagemaker.amazonaws.com' to assume the role. The account here is {settings.ENGINE_ACCOUNT}."
        )


def exists(uri: str) -> bool:
    """Whether exactly this object is there."""
    bucket, key = store.split(uri)
    if not key:
        return False
    return _found(lambda: bool(store.client().head_object(Bucket=bucket, Key=key)))


def check_channel(source: dict, region: str, role: str) -> None:
    """ValidationException unless there is at least one object to download for this S3DataSource."""
    uri = s3_uri(source["S3Uri"])
    found = _manifest_holds(uri) if source["S3DataType"] == "ManifestFile" else _under(uri)
    if not found:
        bucket = store.split(uri)[0]
        raise ValidationException(
            f'No S3 objects found under S3 URL "{source["S3Uri"]}" given in input data source. Please ensure that the '
            f"bucket exists in the selected region ({region}), that objects exist under that S3 prefix, and that the "
            f'role "{role}" has "s3:ListBucket" permissions on bucket "{bucket}".'
        )


def check_bucket(uri: str, member: str) -> None:
    """ValidationException unless the bucket of `uri` is there."""
    bucket = store.split(s3_uri(uri))[0]
    if not _found(lambda: bool(store.client().head_bucket(Bucket=bucket))):
        raise ValidationException(
            f"{member}: the bucket {bucket!r} of {uri} does not exist. Create it, or choose another."
        )


def _under(uri: str) -> bool:
    """Whether there is an object under the prefix; the placeholder of an empty folder is none."""
    bucket, prefix = store.split(uri)

    def listed() -> bool:
        listing = store.client().list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=20)
        return any(not (o["Key"].endswith("/") and o["Size"] == 0) for o in listing.get("Contents", []))

    return _found(listed)


def _manifest_holds(uri: str) -> bool:
    """Whether a manifest, [{"prefix": "s3://..."}, "key", ...], is there and its first object too."""
    bucket, key = store.split(uri)
    if not key or not exists(uri):
        return False
    body = store.client().get_object(Bucket=bucket, Key=key)["Body"].read(LONGEST_MANIFEST + 1)
    try:
        head, *names = json.loads(body)
        first = head["prefix"].strip() + names[0].strip()
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        shape = '[{"prefix": "s3://bucket/folder/"}, "file", ...]'
        raise ValidationException(f"The manifest file {uri} cannot be read. It must be JSON such as {shape}.") from None
    return exists(first)


def _found(ask) -> bool:
    try:
        return ask()
    except ParamValidationError:  # what is no name of a bucket names none that is there
        return False
    except ClientError as e:
        if e.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404):
            return False
        raise
