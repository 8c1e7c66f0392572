"""Uploads that survive a lost connection: parts go straight to S3, and S3's own list of parts is what is known.

Nothing of a file is kept here: a part is passed on while it comes in, and what is missing is asked of S3.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.timezone import now
from django.utils.translation import gettext as _

from models_app import aws
from models_app.aws import s3
from models_app.data import files, parts
from models_app.data.parts import Progress
from models_app.models import Upload
from models_app.problems import Problem

FORMS = "uploads/"  # where the folders of the Create model forms are
LONGEST_NAME = 255  # characters of a file's name
ABANDONED_AFTER = timedelta(days=7)


class UploadExpired(Problem):
    """S3 has no such upload any more: it was cancelled, or is complete."""


class PartIncomplete(Problem):
    """A part did not arrive whole; it is to be sent again."""


@dataclass(frozen=True)
class File:
    """A file as a browser knows it: its size in bytes, its time of change in milliseconds."""

    name: str
    size: int
    modified: int

    def __str__(self) -> str:
        return f"{self.name}|{self.size}|{self.modified}"


def begin(user, bucket: str, prefix: str, file: File, anywhere: bool = False) -> Progress:
    """The upload of this very `file` to go on with, or a new one. Raises Problem where it could not be kept.

    The Create model form makes up a folder, uploads/<form>/; `anywhere` finds what an earlier form began in its own.
    """
    key = files.checked_key(prefix, file.name)
    if len(file.name) > LONGEST_NAME:
        raise Problem(_("The file's name is longer than 255 characters. Rename it first."), field="files")
    if not 0 <= file.size <= parts.MAX_BYTES:
        raise Problem(_("S3 keeps objects of up to 5 TiB. Split %(name)s first.") % {"name": file.name}, field="files")
    earlier = Upload.objects.filter(owner=user, bucket=bucket, file=str(file))
    if not key.startswith(FORMS):  # what lies in a folder of one's own may have been replaced since
        earlier = earlier.filter(key=key, done=False)
    for upload in earlier.filter(key__startswith=FORMS) if anywhere else earlier.filter(key=key):
        with suppress(UploadExpired):
            return _existing(upload)
        upload.delete()
    return Progress(_start(user, bucket, key, str(file), file.size), {})


def _existing(upload: Upload) -> Progress:
    if not upload.done:
        return Progress(upload, parts_of(upload))
    if not _object_exists(upload):
        raise UploadExpired(str(upload))
    whole = {number: parts.bytes_of_part(upload, number) for number in range(1, parts.part_count(upload) + 1)}
    return Progress(upload, whole)


def _start(user, bucket: str, key: str, file: str, size: int) -> Upload:
    if bucket == settings.DEFAULT_BUCKET:
        s3.ensure_bucket(bucket)
    try:
        with aws.plain_errors():
            created = aws.client("s3").create_multipart_upload(Bucket=bucket, Key=key)
    except aws.NotFound:
        raise aws.NotFound(
            _("There is no bucket called %(bucket)s. Create it first.") % {"bucket": bucket}, "NoSuchBucket"
        ) from None
    return Upload.objects.create(
        owner=user,
        bucket=bucket,
        key=key,
        upload_id=created["UploadId"],
        file=file,
        size=size,
        part_size=parts.part_size(size),
    )


def parts_of(upload: Upload) -> dict[int, int]:
    """{number: bytes} of the parts that S3 has. Raises UploadExpired."""
    return {part["PartNumber"]: part["Size"] for part in _parts(upload)}


def _parts(upload: Upload) -> Iterator[dict]:
    pages = aws.client("s3").get_paginator("list_parts")
    with _upload_errors(upload):
        for page in pages.paginate(Bucket=upload.bucket, Key=upload.key, UploadId=upload.upload_id):
            yield from page.get("Parts", ())


@contextmanager
def _upload_errors(upload: Upload) -> Iterator[None]:
    try:
        with aws.plain_errors():
            yield
    except aws.Refused as e:
        if e.code == "NoSuchUpload" or isinstance(e, aws.NotFound):
            raise UploadExpired(
                _("S3 no longer has the beginning of %(key)s. Upload the file again.") % {"key": upload.key}
            ) from e
        raise


def send(upload: Upload, number: int, read1: Callable[[int], bytes], length: int) -> None:
    """Pass part `number` of `length` bytes on as `read1` brings them. Raises PartIncomplete, UploadExpired, Problem."""
    expected = parts.bytes_of_part(upload, number)
    if length != expected:
        raise PartIncomplete(
            _("Part %(number)s has %(length)s bytes instead of %(expected)s.")
            % {"number": number, "length": length, "expected": expected}
        )
    part_body = parts.PartBody(read1, length)
    with _upload_errors(upload):
        answer = aws.client("s3", streamed=True).upload_part(
            Bucket=upload.bucket,
            Key=upload.key,
            UploadId=upload.upload_id,
            PartNumber=number,
            Body=part_body,
            ContentLength=length,
        )
    if part_body.remaining or not part_body.matches(answer):
        raise PartIncomplete(_("Part %(number)s did not arrive whole.") % {"number": number})


def finish(upload: Upload) -> str:
    """Complete the upload and return the object's address. Repeatable.

    Raises PartIncomplete while parts are missing, UploadExpired, Problem.
    """
    if upload.done:
        return str(upload)
    if not upload.size:
        _finish_empty(upload)
    else:
        _complete(upload)
    Upload.objects.filter(pk=upload.pk).update(done=True)
    return str(upload)


def _finish_empty(upload: Upload) -> None:
    """S3 makes no object of no parts, so an empty file is written whole."""
    with suppress(UploadExpired):
        abort(upload)
    with aws.plain_errors():
        aws.client("s3").put_object(Bucket=upload.bucket, Key=upload.key, Body=b"")


def _complete(upload: Upload) -> None:
    try:
        uploaded_parts = list(_parts(upload))
        missing = Progress(upload, {part["PartNumber"]: part["Size"] for part in uploaded_parts}).missing
        if missing:
            raise PartIncomplete(f"Part {missing[0]} is missing.")
        parts = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in uploaded_parts]
        with _upload_errors(upload):
            aws.client("s3").complete_multipart_upload(
                Bucket=upload.bucket, Key=upload.key, UploadId=upload.upload_id, MultipartUpload={"Parts": parts}
            )
    except UploadExpired:
        if not _object_exists(upload):  # else an earlier try got through before its answer was heard
            raise


def _object_exists(upload: Upload) -> bool:
    try:
        with aws.plain_errors():
            head = aws.client("s3").head_object(Bucket=upload.bucket, Key=upload.key)
    except aws.NotFound:
        return False
    return head["ContentLength"] == upload.size and head["LastModified"] >= upload.created.replace(microsecond=0)


def cancel(upload: Upload) -> None:
    """Give `upload` up; its parts cost nothing from then on. Repeatable."""
    if not upload.done:
        with suppress(UploadExpired):
            abort(upload)
    upload.delete()


def abort(upload: Upload) -> None:
    """Let S3 forget the parts. Raises UploadExpired."""
    with _upload_errors(upload):
        aws.client("s3").abort_multipart_upload(Bucket=upload.bucket, Key=upload.key, UploadId=upload.upload_id)


def unfinished(user, bucket: str = "", prefix: str = "") -> list[Progress]:
    """What `user` has begun and not finished, the latest first; below `bucket`/`prefix` when these are given.

    Costs a call each. Those S3 has forgotten are forgotten here too.
    """
    rows = Upload.objects.filter(owner=user, done=False)
    if bucket:
        rows = rows.filter(bucket=bucket, key__startswith=prefix)
    uploads = []
    for upload in rows[:20]:
        try:
            uploads.append(Progress(upload, parts_of(upload)))
        except UploadExpired:
            upload.delete()
    return uploads


def sweep() -> None:
    """Give up what nobody has sent a part of for a week; forget the rows of what is complete."""
    old = now() - ABANDONED_AFTER
    Upload.objects.filter(done=True, created__lt=old).delete()
    for upload in Upload.objects.filter(done=False, created__lt=old):
        with suppress(UploadExpired):
            if any(part["LastModified"] > old for part in _parts(upload)):
                continue
        cancel(upload)
