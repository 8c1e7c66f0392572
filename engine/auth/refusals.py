"""Refusals in AWS's own words, which differ between S3, the query services (STS, IAM) and everything else."""

from datetime import datetime, timedelta

from engine.wire.errors import AwsError

WINDOW = timedelta(minutes=5)
ISO = "%Y%m%dT%H%M%SZ"
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your {key} and signing method."
)


class Refusal(AwsError):
    """403 unless said otherwise; `details` become further elements of S3's XML answer."""

    code, status = "AccessDenied", 403

    def __init__(self, message: str, code: str = "", status: int = 0, **details: str):
        super().__init__(message, code, status)
        self.details = details


class Words:
    """How one kind of service refuses. `kind` is "s3", "query", or "json", of which those with a target answer 400."""

    def __init__(self, service: str, path: str, headers: dict[str, str]):
        self.kind = service_kind(service, path, headers)
        self.status = 400 if "x-amz-target" in headers else 403

    def missing(self) -> Refusal:
        if self.kind == "s3":
            return Refusal("Access Denied")
        text = "Request is missing Authentication Token. Sign it with an access key of this engine."
        return Refusal(text, "MissingAuthenticationToken", self.status)

    def unsupported(self) -> Refusal:
        text = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        return Refusal(text, "InvalidRequest" if self.kind == "s3" else "IncompleteSignature", 400)

    def malformed(self, why: str, presigned: bool = False) -> Refusal:
        if self.kind != "s3":
            return Refusal(why, "IncompleteSignature", 400)
        if presigned:
            return Refusal(why, "AuthorizationQueryParametersError", 400)
        return Refusal(f"The authorization header is malformed; {why}", "AuthorizationHeaderMalformed", 400)

    def unknown_key(self, access_key_id: str) -> Refusal:
        if self.kind == "s3":
            text = "The AWS Access Key Id you provided does not exist in our records."
            return Refusal(text, "InvalidAccessKeyId", AWSAccessKeyId=access_key_id)
        code = "InvalidClientTokenId" if self.kind == "query" else "UnrecognizedClientException"
        return Refusal("The security token included in the request is invalid.", code, self.status)

    def mismatch(self, access_key_id: str, string_to_sign: str, signature: str, canonical: str) -> Refusal:
        if self.kind == "s3":
            return Refusal(
                MISMATCH.format(key="key"),
                "SignatureDoesNotMatch",
                AWSAccessKeyId=access_key_id,
                StringToSign=string_to_sign,
                SignatureProvided=signature,
                CanonicalRequest=canonical,
            )
        text = MISMATCH.format(key="AWS Secret Access Key") + " Consult the service documentation for details."
        return self._bad_signature(text)

    def skewed(self, signed: datetime, now: datetime) -> Refusal:
        """Signed more than five minutes ago, or ahead."""
        if self.kind == "s3":
            return Refusal(
                "The difference between the request time and the current time is too large.",
                "RequestTimeTooSkewed",
                RequestTime=signed.strftime(ISO),
                ServerTime=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                MaxAllowedSkewMilliseconds=str(int(WINDOW.total_seconds() * 1000)),
            )
        at, here = signed.strftime(ISO), now.strftime(ISO)
        if signed < now:
            bound = (now - WINDOW).strftime(ISO)
            return self._bad_signature(f"Signature expired: {at} is now earlier than {bound} ({here} - 5 min.)")
        bound = (now + WINDOW).strftime(ISO)
        return self._bad_signature(f"Signature not yet current: {at} is still later than {bound} ({here} + 5 min.)")

    def expired(self, signed: datetime, seconds: int, now: datetime) -> Refusal:
        """A presigned URL past its time."""
        over = signed + timedelta(seconds=seconds)
        if self.kind == "s3":
            refusal = Refusal("Request has expired", Expires=over.strftime("%Y-%m-%dT%H:%M:%SZ"))
            refusal.details |= {"X-Amz-Expires": str(seconds), "ServerTime": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
            return refusal
        text = f"Signature expired: {over.strftime(ISO)} is now earlier than {now.strftime(ISO)}"
        return self._bad_signature(text)

    def unsigned_headers(self, names: list[str]) -> Refusal:
        text = "There were headers present in the request which were not signed"
        return Refusal(text, "AccessDenied", HeadersNotSigned=", ".join(names))

    def _bad_signature(self, text: str) -> Refusal:
        if self.kind == "query":
            return Refusal(text, "SignatureDoesNotMatch", 403)
        return Refusal(text, "InvalidSignatureException", self.status)


def service_kind(service: str, path: str, headers: dict[str, str]) -> str:
    """ "s3", "query" or "json": how the service a request is meant for answers errors, even when nothing was signed."""
    if service == "s3":
        return "s3"
    if service in ("sts", "iam"):
        return "query"
    if service or "x-amz-target" in headers or path.startswith(("/endpoints/", "/service/")):
        return "json"
    return "query" if headers.get("content-type", "").startswith("application/x-www-form-urlencoded") else "s3"
