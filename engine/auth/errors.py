"""Authentication errors in AWS's own texts, which differ between S3, the query services (STS, IAM) and the rest."""

from datetime import datetime, timedelta

from engine.wire.errors import AwsError

WINDOW = timedelta(minutes=5)
ISO = "%Y%m%dT%H%M%SZ"
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your {key} and signing method."
)


class RequestError(AwsError):
    """An error of S3 or of authentication, 403 by default; `details` become elements of S3's XML."""

    code, status = "AccessDenied", 403

    def __init__(self, message: str, code: str = "", status: int = 0, **details: str):
        super().__init__(message, code, status)
        self.details = details


class ErrorTexts:
    """The error texts of one kind of service: "s3", "query", or "json", of which those with a target respond 400."""

    def __init__(self, service: str, path: str, headers: dict[str, str]):
        self.kind = service_kind(service, path, headers)
        self.status = 400 if "x-amz-target" in headers else 403

    def missing(self) -> RequestError:
        """Return the error of a request without a signature: S3's AccessDenied, else MissingAuthenticationToken."""
        if self.kind == "s3":
            return RequestError("Access Denied")
        text = "Request is missing Authentication Token. Sign it with an access key of this engine."
        return RequestError(text, "MissingAuthenticationToken", self.status)

    def unsupported(self) -> RequestError:
        """Return the error of a signature by any other method than Signature Version 4."""
        text = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        return RequestError(text, "InvalidRequest" if self.kind == "s3" else "IncompleteSignature", 400)

    def malformed(self, why: str, presigned: bool = False) -> RequestError:
        """Return the error of a claim that cannot be read, `why` being the rest of the sentence.

        S3 has another code for a presigned query than for the Authorization header.
        """
        if self.kind != "s3":
            return RequestError(why, "IncompleteSignature", 400)
        if presigned:
            return RequestError(why, "AuthorizationQueryParametersError", 400)
        return RequestError(f"The authorization header is malformed; {why}", "AuthorizationHeaderMalformed", 400)

    def unknown_key(self, access_key_id: str) -> RequestError:
        """Return the error of a key that does not exist, is revoked, or whose owner is disabled."""
        if self.kind == "s3":
            text = "The AWS Access Key Id you provided does not exist in our records."
            return RequestError(text, "InvalidAccessKeyId", AWSAccessKeyId=access_key_id)
        code = "InvalidClientTokenId" if self.kind == "query" else "UnrecognizedClientException"
        return RequestError("The security token included in the request is invalid.", code, self.status)

    def mismatch(self, access_key_id: str, string_to_sign: str, signature: str, canonical: str) -> RequestError:
        """Return the error of a wrong signature. S3's names what was to be signed, byte for byte."""
        if self.kind == "s3":
            return RequestError(
                MISMATCH.format(key="key"),
                "SignatureDoesNotMatch",
                AWSAccessKeyId=access_key_id,
                StringToSign=string_to_sign,
                SignatureProvided=signature,
                CanonicalRequest=canonical,
            )
        text = MISMATCH.format(key="AWS Secret Access Key") + " Consult the service documentation for details."
        return self._bad_signature(text)

    def skewed(self, signed: datetime, now: datetime) -> RequestError:
        """Signed more than five minutes ago, or ahead."""
        if self.kind == "s3":
            return RequestError(
                "The difference between the request time and the current time is too large.",
                "RequestTimeTooSkewed",
                RequestTime=signed.strftime(ISO),
                ServerTime=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                MaxAllowedSkewMilliseconds=str(int(WINDOW.total_seconds() * 1000)),
            )
        at, server_time = signed.strftime(ISO), now.strftime(ISO)
        if signed < now:
            bound = (now - WINDOW).strftime(ISO)
            return self._bad_signature(f"Signature expired: {at} is now earlier than {bound} ({server_time} - 5 min.)")
        bound = (now + WINDOW).strftime(ISO)
        return self._bad_signature(
            f"Signature not yet current: {at} is still later than {bound} ({server_time} + 5 min.)"
        )

    def expired(self, signed: datetime, seconds: int, now: datetime) -> RequestError:
        """A presigned URL past its time."""
        over = signed + timedelta(seconds=seconds)
        if self.kind == "s3":
            refusal = RequestError("Request has expired", Expires=over.strftime("%Y-%m-%dT%H:%M:%SZ"))
            refusal.details |= {"X-Amz-Expires": str(seconds), "ServerTime": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
            return refusal
        text = f"Signature expired: {over.strftime(ISO)} is now earlier than {now.strftime(ISO)}"
        return self._bad_signature(text)

    def unsigned_headers(self, names: list[str]) -> RequestError:
        """Return S3's error of x-amz- headers that were sent and not signed; `names` in lower case."""
        text = "There were headers present in the request which were not signed"
        return RequestError(text, "AccessDenied", HeadersNotSigned=", ".join(names))

    def _bad_signature(self, text: str) -> RequestError:
        if self.kind == "query":
            return RequestError(text, "SignatureDoesNotMatch", 403)
        return RequestError(text, "InvalidSignatureException", self.status)


def service_kind(service: str, path: str, headers: dict[str, str]) -> str:
    """Return "s3", "query" or "json": the error format of the service that a request, signed or not, is for."""
    if service == "s3":
        return "s3"
    if service in ("sts", "iam"):
        return "query"
    if service or "x-amz-target" in headers or path.startswith(("/endpoints/", "/service/")):
        return "json"
    return "query" if headers.get("content-type", "").startswith("application/x-www-form-urlencoded") else "s3"
