"""What S3's operations are called in policies, and what a request asks for in their terms.

Source: "Actions, resources, and condition keys for Amazon S3" in the service authorization reference.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import unquote, unquote_to_bytes

from django.conf import settings

from engine.auth import sigv2
from engine.auth.errors import RequestError
from engine.auth.identity import identity_arn, session_name
from engine.s3.call import Call
from engine.s3.operations import BYPASS, COPY_SOURCE, Level
from engine.s3.policy import ARN, Access
from engine.s3.policy_conditions import S3_HEADERS, SECURE_TRANSPORT

# Operations whose actions have other names.
ACTIONS = {
    "HeadObject": "GetObject", "HeadBucket": "ListBucket", "ListObjects": "ListBucket", "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions", "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts", "CreateMultipartUpload": "PutObject", "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject", "CompleteMultipartUpload": "PutObject", "CopyObject": "PutObject",
    "GetBucketEncryption": "GetEncryptionConfiguration", "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketCors": "GetBucketCORS", "PutBucketCors": "PutBucketCORS", "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock", "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration", "DeleteBucketReplication": "PutReplicationConfiguration",
    "ListBuckets": "ListAllMyBuckets",
}  # fmt: skip
# Those of objects that have a name of their own for one version: GetObjectVersion, say.
VERSIONED = ("GetObject", "DeleteObject", "GetObjectAcl", "PutObjectAcl", "GetObjectTagging", "PutObjectTagging",
             "DeleteObjectTagging", "GetObjectAttributes")  # fmt: skip
# What headers of a request ask for besides.
ALSO = {
    "x-amz-tagging": "PutObjectTagging", "x-amz-acl": "PutObjectAcl", "x-amz-object-lock-mode": "PutObjectRetention",
    "x-amz-object-lock-legal-hold": "PutObjectLegalHold", BYPASS: "BypassGovernanceRetention",
}  # fmt: skip


def action_of(operation: str, versioned: bool = False) -> str:
    """Return the action of an operation, for one version of an object if `versioned`."""
    action = ACTIONS.get(operation, operation)
    return f"s3:{action.replace('Object', 'ObjectVersion', 1) if versioned and action in VERSIONED else action}"


def accesses(call: Call) -> Iterator[tuple[str, Access]]:
    """What `call` asks for: buckets, and what is asked of each. For a list of keys to delete see `deletion`."""
    if call.operation.name == "DeleteObjects":
        return
    principals, context = principals_of(call), context_of(call)
    bucket, _, key = call.path[1:].partition("/")
    resource = ARN + _text(f"{bucket}/{key}" if call.level == Level.OBJECT else bucket)
    actions = [action_of(call.operation.name, "versionId" in call.query)]
    if call.operation.name == "GetObjectAttributes":
        actions.append(action_of("GetObject", "versionId" in call.query))
    if actions[0] == "s3:PutObject" or BYPASS in call.headers:
        actions += [f"s3:{action}" for header, action in ALSO.items() if header in call.headers]
    for action in actions:
        yield call.bucket, Access(principals, action, resource, context)
    if call.operation.is_copy:
        source, _, version = call.headers[COPY_SOURCE].partition("?")
        path = _text(source).removeprefix("/")
        action = action_of("GetObject", version.startswith("versionId="))
        yield path.partition("/")[0], Access(principals, action, ARN + path, context)


def source_bucket(call: Call) -> str:
    """Return the bucket of a copy's source, "" where there is none."""
    source = call.headers[COPY_SOURCE].partition("?")[0] if call.operation.is_copy else ""
    return _text(source).removeprefix("/").partition("/")[0]


def deletion(call: Call, key: str, version: str) -> Access:
    """Return what deleting one key of a list asks for."""
    resource = f"{ARN}{call.bucket}/{key}"
    return Access(principals_of(call), action_of("DeleteObject", bool(version)), resource, context_of(call))


def _text(path: str) -> str:
    try:
        return unquote_to_bytes(path.encode("latin-1")).decode()
    except UnicodeDecodeError:
        raise RequestError("Couldn't parse the specified URI.", "InvalidURI", 400) from None


def principals_of(call: Call) -> frozenset[str]:
    """Return every name that a policy may have for the caller."""
    if call.is_anonymous:
        return frozenset("*")
    account, name = settings.ENGINE_ACCOUNT, session_name(call.caller.key)
    iam = f"arn:aws:iam::{account}"
    return frozenset(
        {"*", account, f"{iam}:root", settings.ROLE_ARN, f"{iam}:user/{name}", identity_arn(call.caller.key)}
    )


def context_of(call: Call) -> dict[str, str]:
    """Return the values of condition keys that the request has."""
    now, headers = datetime.now(UTC), call.headers
    context = {
        SECURE_TRANSPORT: "true",
        "aws:currenttime": now.isoformat(),
        "aws:epochtime": str(int(now.timestamp())),
        "aws:principaltype": "Anonymous" if call.is_anonymous else "AssumedRole",
        "aws:resourceaccount": settings.ENGINE_ACCOUNT,
        "s3:resourceaccount": settings.ENGINE_ACCOUNT,
    }
    if not call.is_anonymous:
        old = sigv2.is_presigned(call.request.query) or "awsaccesskeyid" in call.fields
        header = "authorization" in call.request.headers
        context |= {
            "aws:principalaccount": settings.ENGINE_ACCOUNT,
            "aws:principalarn": settings.ROLE_ARN,
            "aws:username": session_name(call.caller.key),
            "s3:authtype": "POST" if call.fields else "REST-HEADER" if header else "REST-QUERY-STRING",
            "s3:signatureversion": "AWS" if old else "AWS4-HMAC-SHA256",
        }
    optional = {
        "aws:sourceip": call.request.client,
        "aws:referer": call.request.headers.get("referer"),
        "aws:useragent": call.request.headers.get("user-agent"),
        "s3:versionid": call.query.get("versionId"),
        **{f"s3:{name}": call.query.get(name) for name in ("prefix", "delimiter", "max-keys")},
        **{f"s3:{name}": headers.get(name) for name in S3_HEADERS},
        "s3:x-amz-acl": call.fields.get("acl") or headers.get("x-amz-acl"),
    }
    if COPY_SOURCE in headers:
        optional[f"s3:{COPY_SOURCE}"] = unquote(headers[COPY_SOURCE], "latin-1").removeprefix("/")
    return context | {name: _utf8(value) for name, value in optional.items() if value is not None}


def _utf8(value: str) -> str:
    """A value that came as latin-1 text."""
    return value.encode("latin-1", "replace").decode("utf-8", "replace")
