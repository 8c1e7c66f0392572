"""Everything that is neither S3 nor an invocation goes to the control plane as it came."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.exceptions import ClientError

from tests.unit.engine.auth.signing import signed


class Echo(BaseHTTPRequestHandler):
    """A control plane that answers with what it was asked."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        parameters = {"path": self.path, "headers": dict(self.headers.items()), "body": body}
        message = json.dumps({"Models": [{"ModelName": json.dumps(parameters)}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(message)))
        self.send_header("x-amzn-RequestId", "echoed")
        self.end_headers()
        self.wfile.write(message)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def control_plane(world):
    server = ThreadingHTTPServer(("127.0.0.1", world.engine_port), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_request_reaches_the_control_plane_so_that_its_signature_still_holds(world, control_plane):
    client, date = world.client("sagemaker"), "Tue, 01 Dec 2026 00:00:00 GMT"  # a signature may be of this header
    client.meta.events.register("before-send", lambda request, **_: request.headers.update(Date=date))
    answer = client.list_models(NameContains="ü")
    document = json.loads(answer["Models"][0]["ModelName"])
    client.close()
    assert answer["ResponseMetadata"]["RequestId"] == "echoed"
    assert answer["ResponseMetadata"]["HTTPHeaders"]["date"].count("GMT") == 1  # boto3 joins repeated headers
    headers = {name.lower(): value for name, value in document["headers"].items()}
    assert headers["host"] == world.url.removeprefix("http://")
    assert headers["x-amz-target"] == "SageMaker.ListModels" and headers["date"] == date
    key, secret = world.keys["editor"]
    argument = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"host", "x-amz-date", "x-amz-target"} <= set(argument)
    assert headers["authorization"].startswith(f"AWS4-HMAC-SHA256 Credential={key}/")
    assert json.loads(document["body"]) == {"NameContains": "ü"}
    assert signed(secret)  # the signer is at hand; the engine's own tests verify the signature itself


@pytest.mark.parametrize(
    ("service", "call"),
    [("sagemaker", "list_models"), ("sts", "get_caller_identity"), ("logs", "describe_log_groups"),
     ("iam", "list_roles"), ("cloudwatch", "list_metrics")],
)  # fmt: skip
def test_without_a_control_plane_every_client_reads_a_clear_503(world, service, call):
    client = world.client(service)
    with pytest.raises(ClientError) as caught:
        getattr(client, call)()
    client.close()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert caught.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert "control plane of the engine does not answer" in caught.value.response["Error"]["Message"]
