"""What AWS clients are told while the database takes no statements."""

import asyncio
import json

import pytest
from django.db import OperationalError

from engine.gateway.app import app
from engine.services import dispatch
from engine.wire.http import HttpRequest

V4 = "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"


def fail(*_args, **_more):
    raise OperationalError("connection refused")


@pytest.mark.parametrize("target", ["SageMaker.ListModels", ""], ids=["json", "none"])
def test_the_control_plane_answers_service_unavailable(monkeypatch, target):
    monkeypatch.setattr(dispatch, "authenticate", fail)
    answer = dispatch.respond(HttpRequest("POST", "/", "", {"x-amz-target": target} if target else {}, b"{}"))
    assert (answer.status, json.loads(answer.body)["__type"]) == (503, "ServiceUnavailable")
    assert b"database of the engine does not answer" in answer.body and b"refused" not in answer.body


@pytest.mark.parametrize(
    ("path", "service"), [("/endpoints/churn/invocations", "sagemaker"), ("/bucket/key", "s3")], ids=["invoke", "s3"]
)
def test_the_gateway_answers_service_unavailable(monkeypatch, path, service):
    monkeypatch.setattr("engine.auth.keys.find", fail)
    monkeypatch.setattr("engine.auth.keys.find_cached", lambda *_: None)
    monkeypatch.setattr("engine.serving.app.caller_of", fail)
    monkeypatch.setattr("engine.s3.callers.identify", fail)
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(event):
        sent.append(event)

    headers = [(b"host", b"localhost"), (b"authorization", V4.format(service).encode())]
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    app.store = None  # nobody asks it
    asyncio.run(app(scope | {"headers": headers, "client": ("127.0.0.1", 1), "scheme": "http"}, receive, send))
    assert sent[0]["status"] == 503
    assert b"ServiceUnavailable" in b"".join(e.get("body", b"") for e in sent) + str(sent[0]["headers"]).encode()
