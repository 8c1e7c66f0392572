"""Who sent a request to S3: Signature Version 4, and Version 2 where S3 still has it."""

from engine.auth import Caller, sigv2
from engine.auth.errors import RequestError
from engine.http.caller import caller_of, find_key, record_use
from engine.s3.call import Call, pairs_of
from engine.s3.operations import Level


async def verified(call: Call) -> Caller:
    """Return the caller of `call`. Raises AwsError for a signature that is missing, wrong or of another service."""
    request = call.request
    if "authorization" not in request.headers and sigv2.is_presigned(request.query):
        query = sigv2.decoded(pairs_of(request.query))
        sigv2.check(request.method, call.level == Level.OBJECT, query)
        key = await find_key(query[sigv2.KEY_ID], "s3")
        caller = sigv2.verify(request.method, call.path, query, call.headers, key)
        record_use(caller)
        return caller
    caller = await caller_of(request)
    if caller.service != "s3":  # whoever was handed a request signed for STS, say, must not get at objects with it
        text = f"The authorization header is malformed; incorrect service {caller.service!r}. This is 's3'."
        raise RequestError(text, "AuthorizationHeaderMalformed", 400)
    return caller
