"""A prediction that fails says why and what to do, whoever refused it."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from sagewright.sdk.codecs import PlainCodec
from sagewright.sdk.errors import PredictionFailed
from sagewright.sdk.predictor import Predictor


def client_error(status: int, message: str, **more) -> ClientError:
    response = {"Error": {"Code": "x", "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(response, "InvokeEndpoint")


@pytest.mark.parametrize(("error", "says", "status"), [
    (client_error(424, "Received", OriginalMessage="Seven is odd", OriginalStatusCode=415), "Seven is odd", 415),
    (client_error(413, "Too long."), "does not answer: Too long. Send fewer rows at a time.", 413),
    (client_error(429, "Rate exceeded."), "Rate exceeded. Wait a little between requests", 429),
    (client_error(400, "Endpoint churn of account 1 not found."), "not found.", 400),
    (ReadTimeoutError(endpoint_url="http://here"), "gave no answer: Read timeout on endpoint URL", 0),
], ids=["model", "large", "throttled", "missing", "slow"])  # fmt: skip
def test_a_prediction_that_fails_says_why_and_what_to_do(error, says, status):
    def invoke(**_request):
        raise error

    session = SimpleNamespace(client=lambda _service: SimpleNamespace(invoke_endpoint=invoke))
    with pytest.raises(PredictionFailed) as caught:
        Predictor("churn", session, PlainCodec())._invoke(b"1", "text/csv", "text/csv")
    assert says in str(caught.value) and "churn" in str(caught.value)
    assert caught.value.status == status
