"""Objects in S3: where they are, what goes up, what comes down."""

from __future__ import annotations

from pathlib import Path

from common.model_archive import BadArtifact, unpack
from sagewright.runtime.files import column_names, is_csv
from sagewright.sdk.errors import NotFound, PreflightFailed, SagewrightError
from sagewright.sdk.session import Session
from sagewright.sdk.sources import S3DataSource

HEAD = 64 * 1024  # bytes of an object that hold the names of its columns
NO_LIMIT = 2**62  # members and bytes of an archive of one's own


def split_uri(uri: str) -> tuple[str, str]:
    """(bucket, key) of an s3:// URI. Raises ValueError for another text."""
    bucket, _slash, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket:
        raise ValueError(f"{uri!r} is no location in S3. Write it as s3://bucket/key.")
    return bucket, key


def upload(session: Session, body: bytes, uri: str) -> str:
    """Put `body` at `uri`, and return `uri`."""
    bucket, key = split_uri(uri)
    session.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return uri


def uploaded(session: Session, source: S3DataSource, prefix: str) -> S3DataSource:
    """`source`, whose files of this machine are put below `prefix`. Raises NotFound if there are none."""
    if not source.is_local:
        _must_exist(session, source.uri)
        return source
    path = Path(source.uri).expanduser()
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    if not files:
        raise NotFound(f"{path} is neither a file nor a folder with files. Give a path, or s3://bucket/prefix/.")
    bucket, key = split_uri(prefix)
    for file in files:
        name = file.name if path.is_file() else file.relative_to(path).as_posix()
        session.client("s3").upload_file(str(file), bucket, f"{key}/{name}")
    from dataclasses import replace

    return replace(source, uri=f"{prefix}/{path.name}" if path.is_file() else f"{prefix}/")


def check_target(session: Session, channel: str, source: S3DataSource) -> None:
    """Raise PreflightFailed unless the target is a column of the first CSV of `source`, as the job will read it."""
    if not source.target:
        return
    bucket, prefix = split_uri(source.uri)
    s3 = session.client("s3")
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ())]
    tables = [key for key in keys if is_csv(key.removeprefix(prefix) or key)]
    if not tables:
        return  # Parquet and JSON Lines, whose names only the job reads
    head = s3.get_object(Bucket=bucket, Key=tables[0], Range=f"bytes=0-{HEAD - 1}")["Body"].read()
    try:
        names = column_names(head, source.options(), compressed=tables[0].endswith(".gz"))
    except ValueError:
        return
    if source.target not in names:
        raise PreflightFailed(
            f"s3://{bucket}/{tables[0]} has no column {source.target!r} to be the target of {channel}. Its columns "
            f"are: {', '.join(names)}. Nothing was started."
        )


def exists(session: Session, uri: str) -> bool:
    """True if there is an object at `uri`."""
    from botocore.exceptions import ClientError

    bucket, key = split_uri(uri)
    try:
        session.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True


def download(session: Session, uri: str, into: Path) -> Path:
    """The object, or all objects below the prefix `uri`, as files in the folder `into`; `into`."""
    bucket, key = split_uri(uri)
    s3 = session.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    folder = key if key.endswith("/") else key.rpartition("/")[0]
    for object_key in (o["Key"] for page in pages for o in page.get("Contents", ()) if not o["Key"].endswith("/")):
        file = (into / object_key.removeprefix(folder).lstrip("/")).resolve()
        if into.resolve() not in file.parents:
            raise SagewrightError(f"{object_key} would be written outside of {into}. Rename the object.")
        file.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, object_key, str(file))
    return into


def extract(archive: Path, into: Path) -> Path:
    """Unpack a model.tar.gz into the folder `into`, which nothing of it may leave."""
    try:
        unpack(archive, into, NO_LIMIT, NO_LIMIT)
    except BadArtifact as e:
        raise SagewrightError(str(e)) from e
    return into


def _must_exist(session: Session, uri: str) -> None:
    from botocore.exceptions import ClientError

    bucket, key = split_uri(uri)
    try:
        if session.client("s3").list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("KeyCount"):
            return
    except ClientError as e:
        message = str(e.response["Error"].get("Message", e)).rstrip(".")
        raise NotFound(f"{uri} cannot be listed: {message}. Nothing was started.") from e
    raise NotFound(f"There is nothing at {uri}. Upload the data, or correct the location. Nothing was started.")
