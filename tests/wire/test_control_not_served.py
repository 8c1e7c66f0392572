"""What this engine does not offer, what AWS does not have, and what is logged of it."""

import json
import urllib.error
import urllib.request

from django.utils.timezone import now

from engine.services import dispatch
from tests.wire.conftest import KEY, SECRET
from tests.wire.refusals import refused
from tests.wire.signed import json_call, send


def test_an_operation_we_do_not_offer_is_501_and_is_not_sent_again(engine):
    observed = []
    sm = engine.client("sagemaker")
    sm.meta.events.register("before-send", lambda request, **_: observed.append(request), unique_id="count")
    with refused("NotServed", "This engine does not offer Search of sagemaker.", status=501):
        sm.search(Resource="TrainingJob")
    sm.meta.events.unregister("before-send", unique_id="count")
    assert len(observed) == 1


def test_services_we_do_not_offer(engine):
    with refused("NotServed", status=501) as caught:
        engine.client("ecr").describe_repositories()
    assert "does not offer the service ecr" in caught.message
    with refused("NotServed", status=501):
        engine.client("iam").list_users()
    with refused("NotServed", status=501) as caught:
        engine.client("sagemaker-metrics").batch_put_metrics(
            TrialComponentName="a", MetricData=[{"MetricName": "m", "Timestamp": now(), "Value": 1.0}]
        )
    assert "PUT /BatchPutMetrics" in caught.message


def test_an_operation_aws_does_not_have(engine):
    status, answer, _ = json_call(engine, "MakeCoffee", {})
    assert (status, answer["__type"]) == (400, "UnknownOperationException")
    status, _, body = send(engine, b"{}", X_Amz_Target="Logs_20140328.DescribeLogGroups")
    assert json.loads(body)["__type"] == "UnknownOperationException", "signed for sagemaker, meant for logs"


def test_a_body_that_is_too_long(engine):
    status, answer, _ = json_call(engine, "CreateModel", b" " * (6 * 1024 * 1024 + 1))
    assert (status, answer["__type"]) == (413, "RequestEntityTooLargeException")


def test_health(engine):
    with urllib.request.urlopen(engine.url + "/healthz") as answer:
        assert (answer.status, answer.read()) == (200, b"ok\n")


def test_an_answer_that_breaks_its_shape_is_a_logged_500(engine, monkeypatch, caplog):
    monkeypatch.setattr("engine.services.models.Models.describe_model", lambda *_: {"ModelName": "m", "ModelArn": 3})
    sm = engine.client("sagemaker", attempts=1)
    with refused("InternalFailure", status=500) as caught:
        sm.describe_model(ModelName="m")
    assert "under request" in caught.message
    assert "DescribeModel answered what its shape does not allow" in caplog.text
    assert SECRET not in caplog.text


def test_one_line_a_call_is_logged_but_none_for_looking(engine, caplog):
    caplog.set_level("INFO")
    engine.client("sagemaker").list_training_jobs()
    with refused("ValidationException"):
        engine.client("sagemaker").describe_model(ModelName="none")
    lines = [r.getMessage() for r in caplog.records if r.name == dispatch.__name__]
    assert len(lines) == 1
    assert lines[0].startswith(f"sagemaker DescribeModel {KEY} 400 ValidationException ")
