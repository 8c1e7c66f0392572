"""Forwards a request to the control plane unchanged, so that the control plane can verify the signature."""

import aiohttp
from django.conf import settings
from yarl import URL

from engine.http.request import Request, TooLarge
from engine.wire.errors import AwsError
from engine.wire.http import MAX_BODY

OWN = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "expect", "content-length"}
OWN_OF_ANSWERS = OWN | {"date"}  # that of a request may be signed


async def forward(request: Request, session: aiohttp.ClientSession) -> None:
    """Respond with the response of the control plane at settings.ENGINE_URL. Raises AwsError 413 and 503."""
    try:
        body = await request.body(MAX_BODY)
    except TooLarge:
        text = f"The request is longer than {MAX_BODY} bytes, the most this service takes. Send less at once."
        raise AwsError(text, "RequestEntityTooLargeException", 413) from None
    query = f"?{request.query}" if request.query else ""
    url = URL(f"{settings.ENGINE_URL.rstrip('/')}{request.path}{query}", encoded=True)
    headers = {name: value for name, value in request.headers.items() if name not in OWN}
    try:
        async with session.request(request.method, url, headers=headers, data=body, allow_redirects=False) as response:
            head = [(n.lower(), v) for n, v in response.raw_headers if n.lower().decode() not in OWN_OF_ANSWERS]
            await request.answer(response.status, head, await response.read())
    except aiohttp.ClientError:
        text = "The control plane of the engine does not answer. It may be starting; try again in a few seconds."
        raise AwsError(text, "ServiceUnavailable", 503) from None
