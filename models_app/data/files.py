"""Files on their way between a browser and a bucket: safe keys, several at once, folders expanded."""

from django.conf import settings
from django.utils.translation import gettext as _

from models_app.aws import s3
from models_app.problems import Problem

LONGEST_KEY = 1024  # bytes, S3's own limit
MAX_DELETED = 10_000  # objects by one press of a button


def store(bucket: str, prefix: str, files) -> list[str]:
    """Stream uploaded `files` to `bucket` under `prefix`; the default bucket is made on first use. The keys made.

    Every key is checked before the first byte is sent. Raises Problem.
    """
    if not files:
        raise Problem(_("Choose a file to upload."), field="files")
    keys = [checked_key(prefix, file.name) for file in files]
    if bucket == settings.DEFAULT_BUCKET:
        s3.ensure_bucket(bucket)
    for key, file in zip(keys, files, strict=True):
        s3.upload(bucket, key, file, file.content_type or "")
    return keys


def checked_key(prefix: str, name: str) -> str:
    """prefix/name as an object key; raises Problem where S3 or SageMaker would stumble over it."""
    key = f"{prefix.rstrip('/')}/{name}" if prefix.rstrip("/") else name
    if any(part in ("", ".", "..") for part in key.split("/")):
        raise Problem(
            _("Key %(key)s can't be used: between two slashes there must be a name, and not . or .. either.")
            % {"key": key},
            field="prefix",
        )
    if len(key.encode()) > LONGEST_KEY:
        raise Problem(
            _("Key %(key)s is longer than 1,024 bytes. Enter a shorter prefix or file name.") % {"key": key[:60]},
            field="prefix",
        )
    return key


def keys_under(bucket: str, selected: list[str]) -> list[str]:
    """The keys meant by `chosen`: each key itself, and for a folder ("a/b/") every key under it. Raises Problem."""
    keys = [key for key in selected if not key.endswith("/")]
    for folder in (key for key in selected if key.endswith("/")):
        token = ""
        while True:
            listing = s3.objects(bucket, folder, token, delimiter="")
            keys += [entry.key for entry in listing.objects]
            token = listing.next_token
            if len(keys) > MAX_DELETED:
                raise Problem(
                    _("This is more than 10,000 objects. Delete smaller folders one by one, or use the AWS CLI.")
                )
            if not token:
                break
    return keys
