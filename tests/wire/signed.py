"""Signed requests of any kind, for what no client of AWS's would send."""

import json
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.wire.conftest import KEY, REGION, SECRET

ARN = "arn:aws:sagemaker:us-east-1:123456789012:"
LONG_KEY = "k" * 257


def send(engine, body: bytes, service="sagemaker", path="/", method="POST", **headers):
    """A signed request of any kind: status, headers and body of the answer."""
    request = AWSRequest(
        method, engine.url + path, data=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    SigV4Auth(Credentials(KEY, SECRET), service, REGION).add_auth(request)
    ask = urllib.request.Request(request.url, body if method != "GET" else None, dict(request.headers), method=method)
    try:
        with urllib.request.urlopen(ask, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.headers, e.read()


def json_call(engine, operation: str, body: bytes | dict):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    target = {"X_Amz_Target": f"SageMaker.{operation}", "Content_Type": "application/x-amz-json-1.1"}
    status, headers, answer = send(engine, body, **target)
    return status, json.loads(answer), headers
