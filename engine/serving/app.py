"""The HTTP side of SageMaker Runtime: recognizes invocations, serializes responses and errors."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from hashlib import sha256
from urllib.parse import unquote

import orjson
from django.conf import settings

from common.limits import INVOCATION_BODY
from engine.auth import permissions
from engine.auth.errors import RequestError
from engine.http.caller import caller_of
from engine.http.errors import send_error
from engine.http.request import ClientDisconnected, Headers, Request, TooLarge, request_id
from engine.serving import background, called, telemetry
from engine.serving.in_process import PLAIN_LIMIT
from engine.serving.invoke import ModelError, NoSuchEndpoint, ValidationError, invoke, load_models
from engine.serving.model_cache import ModelCache
from engine.wire.errors import AwsError, NotServed, unavailable
from tables.unseen import HEADER

__all__ = ["answer", "app", "is_invocation", "is_warm", "running"]

log = logging.getLogger(__name__)
PATH = re.compile(r"/endpoints/([^/]+)/(invocations|async-invocations|invocations-response-stream)")
ERROR_NAMESPACE = b":http://internal.amazon.com/coral/com.amazon.sagemaker/"
ECHOED = ("x-amzn-sagemaker-custom-attributes", "x-amzn-sagemaker-inference-id")
models = ModelCache()
_warm = asyncio.Event()


@asynccontextmanager
async def running() -> AsyncIterator[None]:
    """Run the background tasks while the block runs; the models and their processes end with it."""
    async with background.running(models, _start_scripts):
        warming = asyncio.ensure_future(called.warm_up(partial(load_models, models)))
        warming.add_done_callback(lambda _: _warm.set())
        try:
            yield
        finally:
            warming.cancel()
            models.close()


def is_warm() -> bool:
    """Return whether this process has loaded the models of the endpoints that are called."""
    return _warm.is_set()


async def _start_scripts(region: str, name: str) -> None:
    """Start the processes of an endpoint's scripts before its first request, which would wait for their libraries."""
    try:
        await load_models(models, region, name, scripts_only=True)
    except Exception as e:  # the first request says why
        log.info("the scripts of endpoint %s are not started beforehand: %s", name, e)


def is_invocation(path: str) -> bool:
    """Return True for the path of an invocation: plain, asynchronous or with a response stream."""
    return path.startswith("/endpoints/") and PATH.fullmatch(path) is not None


async def answer(request: Request) -> None:
    """Answer an invocation, whatever happens."""
    try:
        await _invoke(request)
    except ClientDisconnected:
        return
    except ModelError as error:
        await _send_model_error(request, error)
    except ValidationError as error:
        content = {"ErrorCode": "NO_SUCH_ENDPOINT"} if isinstance(error, NoSuchEndpoint) else {}
        await _send_validation_error(request, error.status, error.code, content | {"Message": error.message})
    except AwsError as error:
        await send_error(request, error, "sagemaker")
    except Exception as e:
        fault = unavailable(e)
        if not fault:
            log.exception("%s failed", request.path)
            fault = AwsError("The engine failed. Its log says more.", "InternalFailure", 500)
        await send_error(request, fault, "sagemaker")


async def _invoke(request: Request) -> None:
    began = time.perf_counter()
    _, _, name, kind = request.path.split("/")
    if kind != "invocations":
        raise NotServed("This engine does not serve asynchronous or streaming inference. Use InvokeEndpoint.")
    if request.method != "POST":
        raise AwsError(f"{request.method} is not allowed here. Use POST.", "UnknownOperationException", 405)
    try:
        body = await request.body(INVOCATION_BODY)
    except TooLarge:
        raise ValidationError(
            "1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less "
            f"than or equal to {INVOCATION_BODY}. Send fewer rows in one request."
        ) from None
    # A body of 6 MB takes milliseconds, which no other request has to wait for.
    digest = sha256(body) if len(body) <= PLAIN_LIMIT else await asyncio.to_thread(sha256, body)
    caller = await caller_of(request, digest.hexdigest())
    if caller.service != "sagemaker":
        text = "Credential should be scoped to correct service: 'sagemaker'."
        raise RequestError(text, "InvalidSignatureException")
    endpoint = unquote(name)
    permissions.check_invoke(caller, endpoint)
    response = await invoke(models, caller, endpoint, request.headers, body, began)
    head: Headers = [
        (b"content-type", response.content_type.encode("latin-1")),
        (b"x-amzn-invoked-production-variant", response.variant.encode()),
        (b"x-amzn-requestid", request_id().encode()),
    ]
    if response.unseen.counts and (named := response.unseen.as_header()):
        head.append((HEADER.encode(), named.encode()))
    for echoed in ECHOED:
        if echoed in request.headers:
            head.append((echoed.encode(), request.headers[echoed].encode("latin-1")))
    await request.answer(response.status, head, response.body)


async def _send_model_error(request: Request, error: ModelError) -> None:
    if error.status == 204:  # the container's answer to an empty body; not an error
        await request.start(204, [])
        await request.write(b"", more=False)
        return
    route, account = error.route, settings.ENGINE_ACCOUNT
    group, region = telemetry.group(route.name), route.region
    client = error.status < 500
    console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group}"
    content = {
        "ErrorCode": "CLIENT_ERROR_FROM_MODEL" if client else "INTERNAL_FAILURE_FROM_MODEL",
        "LogStreamArn": f"arn:aws:logs:{region}:{account}:log-group:{group}",
        "Message": f"Received {'client' if client else 'server'} error ({error.status}) from primary with message "
        f'"{error.message}". See {console} in account {account} for more information.',
        "OriginalMessage": error.message,
        "OriginalStatusCode": error.status,
    }
    await _send_validation_error(request, 424, "ModelError", content)


async def _send_validation_error(request: Request, status: int, code: str, content: dict) -> None:
    head = [
        (b"content-type", b"application/json"),
        (b"x-amzn-errortype", code.encode() + ERROR_NAMESPACE),
        (b"x-amzn-requestid", request_id().encode()),
    ]
    await request.answer(status, head, orjson.dumps(content))


async def app(scope, receive, send) -> None:
    """The data plane alone, for `python -m engine.serving`."""
    if scope["type"] == "lifespan":
        await receive()
        async with running():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    request = Request(scope, receive, send)
    if is_invocation(request.path):
        await answer(request)
    elif request.path == "/healthz":
        await request.answer(200, [(b"content-type", b"text/plain")], b"ok")
    else:
        error = AwsError(f"{request.path} is not served here.", "UnknownOperationException", 404)
        await send_error(request, error, "sagemaker")
