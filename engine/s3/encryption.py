"""Server-side encryption as S3 reports it: accepted and reported, so that clients which ask for it work.

Nothing is encrypted: the store has no key management, and answers 500 when asked for one. What a request says is
stored with the object as user metadata that callers do not see. Encryption with a caller's own key (SSE-C) is the
store's own and passes.
"""

from typing import NamedTuple

from django.conf import settings

from engine.auth.errors import RequestError
from engine.http.request import Headers

HEADER = "x-amz-server-side-encryption"
KEY_ID, CONTEXT = f"{HEADER}-aws-kms-key-id", f"{HEADER}-context"
BUCKET_KEY = f"{HEADER}-bucket-key-enabled"
CUSTOMER_PREFIX = f"{HEADER}-customer-"
CUSTOMER = f"{CUSTOMER_PREFIX}algorithm"
METADATA = "x-amz-meta-sagewright-encryption"
KMS = ("aws:kms", "aws:kms:dsse")
STORING = ("PutObject", "CreateMultipartUpload", "CopyObject")
READING = ("GetObject", "HeadObject")


class Encryption(NamedTuple):
    """What an object is reported as encrypted with; S3's default where no request says anything."""

    algorithm: str = "AES256"
    key_id: str = ""
    bucket_key: bool = False

    def headers(self) -> Headers:
        """Return the headers that report it."""
        head = [(HEADER.encode(), self.algorithm.encode())]
        if self.key_id:
            head.append((KEY_ID.encode(), self.key_id.encode("utf-8", "replace")))
        if self.bucket_key:
            head.append((BUCKET_KEY.encode(), b"true"))
        return head

    def metadata(self) -> dict[str, str]:
        """Return the header with which the store keeps it, none for the default."""
        if self == Encryption():
            return {}
        return {METADATA: f"{self.algorithm} {str(self.bucket_key).lower()} {self.key_id}"}


def of_metadata(value: str) -> Encryption:
    """Return what `Encryption.metadata` wrote; the default for ""."""
    algorithm, _, rest = value.partition(" ")
    bucket_key, _, key_id = rest.partition(" ")
    return Encryption(algorithm, key_id, bucket_key == "true") if algorithm else Encryption()


def requested(headers: dict[str, str], region: str, default: Encryption) -> Encryption:
    """Return what the request asks for, else `default`. Raises RequestError for what S3 does not have."""
    algorithm, key_id = headers.get(HEADER), headers.get(KEY_ID, "")
    if algorithm is None and not key_id:
        return default
    bucket_key = headers.get(BUCKET_KEY, "").lower() == "true"
    return checked(algorithm or "", key_id, bucket_key, region)


def checked(algorithm: str, key_id: str, bucket_key: bool, region: str) -> Encryption:
    """Return the encryption with the ARN of its key. Raises RequestError for what S3 does not have."""
    if algorithm not in ("AES256", *KMS):
        text = "The encryption method specified is not supported"
        raise RequestError(text, "InvalidArgument", 400, ArgumentName=HEADER, ArgumentValue=algorithm)
    if algorithm == "AES256":
        if key_id:
            text = "A KMS key id needs the encryption method aws:kms or aws:kms:dsse."
            raise RequestError(text, "InvalidArgument", 400, ArgumentName=KEY_ID, ArgumentValue=key_id)
        return Encryption()
    return Encryption(algorithm, key_arn(key_id, region), bucket_key and algorithm == "aws:kms")


def key_arn(key_id: str, region: str) -> str:
    """Return the ARN of a KMS key given by ARN, id or alias; of AWS's own key for S3 when "" is given."""
    if key_id.startswith("arn:"):
        return key_id
    key_id = key_id or "alias/aws/s3"
    kind = "" if key_id.startswith("alias/") else "key/"
    return f"arn:aws:kms:{region}:{settings.ENGINE_ACCOUNT}:{kind}{key_id}"


def remove(headers: dict[str, str]) -> dict[str, str]:
    """Return `headers` without what asks the store to encrypt, and without metadata that looks like ours."""
    return {
        name: value for name, value in headers.items() if name not in (HEADER, KEY_ID, CONTEXT, BUCKET_KEY, METADATA)
    }


def of_response(head: Headers) -> tuple[Headers, Encryption | None]:
    """Return the store's headers without our metadata, and the encryption; None for a caller's own key."""
    ours, metadata = METADATA.encode(), ""
    for name, value in head:
        if name == CUSTOMER.encode():
            return head, None
        if name == ours:
            metadata = value.decode("utf-8", "replace")
    return [(name, value) for name, value in head if name not in (ours, HEADER.encode())], of_metadata(metadata)
