"""The source archive of a job with people's own code: put together from its row, written to the job's folder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from common.s3_uri import parse_s3_uri
from jobs.code.bundle import archive, source_files
from jobs.code.spec import CodeSpec
from jobs.code.unpack import MAX_ARCHIVE
from models_app.aws import s3, s3_store
from tables import Inspection


def other_files(code: CodeSpec) -> dict[str, bytes]:
    """{name: content} of the archive that was uploaded beside the code; {} when none was. Raises Problem."""
    if not code.archive:
        return {}
    bucket, key = parse_s3_uri(code.archive)
    return s3_store.unpack_code(s3_store.STORE.fetch(bucket, key, 0, MAX_ARCHIVE + 1))


def channel_options(code: CodeSpec, table: Inspection, target: str) -> dict[str, dict[str, Any]]:
    """{channel: how a class's table is read} of the channels that `code` names."""
    options = {"target": target, "header": table.has_header}
    return {channel.name: options for channel in code.check.channels}


def write_source(code: CodeSpec, options: Mapping[str, Mapping[str, Any]], uri: str) -> None:
    """Write sourcedir.tar.gz of `code` to the S3 address `uri`. Repeatable. Raises Problem."""
    write_archive(source_files(code, code.check, other_files(code), options), uri)


def write_archive(files: Mapping[str, bytes], uri: str) -> None:
    """Write an archive of `files` to the S3 address `uri`; its bucket is made where it is not there."""
    bucket, key = parse_s3_uri(uri)
    s3.ensure_bucket(bucket)
    s3.upload(bucket, key, io.BytesIO(archive(files)), "application/gzip")
