"""Who sent a request to S3: Signature Version 4, Version 2 where S3 still has it, or nobody that is known."""

import math

from engine.auth import Caller, sigv2
from engine.auth.errors import RequestError
from engine.auth.keys import CachedKey
from engine.http.caller import caller_of, find_key, record_use
from engine.models import AccessKey
from engine.s3.call import Call, pairs_of
from engine.s3.operations import Level

ANONYMOUS = CachedKey(AccessKey(access_key_id="", role=AccessKey.Role.VIEWER), "", math.inf)


async def identify(call: Call) -> None:
    """Set caller and operation of `call`. Raises AwsError for a wrong signature, RequestError for no operation.

    A caller without a key gets one answer, whatever operation it names.
    """
    caller = await _caller_of(call)
    try:
        call.name(caller)
    except RequestError:
        if caller.key is ANONYMOUS.key:
            raise RequestError("Access Denied") from None
        raise


async def _caller_of(call: Call) -> Caller:
    """The verified caller; ANONYMOUS when nothing is signed."""
    request = call.request
    if "authorization" not in request.headers and sigv2.is_presigned(request.query):
        query = sigv2.decoded(pairs_of(request.query))
        sigv2.check(request.method, call.level == Level.OBJECT, query)
        key = await find_key(query[sigv2.KEY_ID], "s3")
        caller = sigv2.verify(request.method, call.path, query, call.headers, key)
        record_use(caller.key)
        return caller
    if "authorization" not in request.headers and "X-Amz-Signature=" not in request.query:
        return sigv2.caller(ANONYMOUS, "", {})
    caller = await caller_of(request)
    if caller.service != "s3":  # whoever was handed a request signed for STS, say, must not get at objects with it
        text = f"The authorization header is malformed; incorrect service {caller.service!r}. This is 's3'."
        raise RequestError(text, "AuthorizationHeaderMalformed", 400)
    return caller
