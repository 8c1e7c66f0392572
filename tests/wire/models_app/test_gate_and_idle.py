"""The gate holds a model back, and an endpoint goes when nobody calls it: against the real engine."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from models_app.catalog import actions as model_actions
from models_app.create import submit
from models_app.endpoints import actions as endpoint_actions
from models_app.endpoints import callers, capture, captured, idle, metrics, traffic, traffic_summary
from models_app.models import Endpoint, Model

pytestmark = pytest.mark.stack
ROW = b",".join(b"1" for _ in range(30))


def test_a_model_below_its_gate_is_not_deployed_by_itself(worker, alice, draft):
    model = submit.create(alice, draft(deploy_metric="auc", deploy_threshold=0.999999))

    def done() -> bool:
        model.job.refresh_from_db()
        return model.job.status == "Completed"

    worker.until(done)
    row = Model.objects.get()
    assert row.endpoint is None and row.status_word == "Ready"
    assert row.status_note.startswith("Not deployed: validation AUC 0.9")
    assert row.status_note.endswith("is below 0.999999")
    endpoint = model_actions.deploy(row)  # anyway
    row.refresh_from_db()
    assert row.endpoint == endpoint and row.status_note == ""
    endpoint_actions.delete(endpoint)
    worker.until(lambda: not Endpoint.objects.filter(pk=endpoint.pk).exists())


def test_an_endpoint_without_requests_is_deleted_and_one_with_requests_is_not(worker, trained):
    Model.objects.update(idle_hours=1)
    endpoint = model_actions.deploy(Model.objects.get())

    def in_service() -> bool:
        endpoint.refresh_from_db()
        return endpoint.status == "InService"

    worker.until(in_service)
    assert idle.due() == []
    Endpoint.objects.update(status_since=now() - timedelta(hours=2))
    assert idle.due() == [endpoint.pk]

    assert endpoint_actions.invoke(endpoint, ROW).status == 200
    # CloudWatch is told every two seconds; until then a request is not seen, on AWS for about a minute.
    worker.until(lambda: idle._invocations(endpoint, timedelta(hours=1)) == 1)
    assert not idle.stop_if_idle(Endpoint.objects.get(pk=endpoint.pk))
    endpoint.refresh_from_db()
    assert endpoint.status == "InService"

    with pytest.MonkeyPatch.context() as later:  # an hour and a bit from now that request is too long ago
        later.setattr(metrics, "now", lambda: now() + timedelta(hours=1, minutes=5))
        assert idle.stop_if_idle(Endpoint.objects.get(pk=endpoint.pk))
    worker.until(lambda: not Endpoint.objects.filter(pk=endpoint.pk).exists())
    messages = [event.text for event in trained.job.events.all()]
    assert f"No request for 1 hour: endpoint {endpoint.name} is deleted, as asked for" in messages


def test_an_endpoint_is_watched_requests_callers_captured_rows_and_the_summary_of_the_list(worker, trained):
    endpoint = model_actions.deploy(Model.objects.get())

    def in_service() -> bool:
        endpoint.refresh_from_db()
        return endpoint.status == "InService"

    worker.until(in_service)
    capture.change(endpoint, True, 100, "InputAndOutput")
    assert endpoint.status == "Updating"
    worker.until(lambda: in_service() and bool(capture.capture_of(endpoint)))
    for _ in range(3):
        assert endpoint_actions.invoke(endpoint, ROW).status == 200
    hour = traffic.span_of("1h")
    worker.until(lambda: traffic._query_traffic(endpoint, hour).requests == 3)
    (variant,) = traffic._query_traffic(endpoint, hour).variants
    p50, p99 = (variant.latencies[name][-1][1] for name in ("p50", "p99"))
    assert 0 < p50 <= p99
    (caller,) = callers._query_callers(endpoint, hour)
    assert (caller.requests, caller.errors, caller.share) == (3, 0, 100.0) and now() - caller.last < timedelta(hours=1)
    traffic_summary.refresh([endpoint.pk])
    endpoint.refresh_from_db()
    assert (endpoint.requests, endpoint.errors) == (3, 0) and endpoint.latency_p95 > 0 and endpoint.last_request
    held = capture.capture_of(endpoint)
    worker.until(lambda: len(list(captured.captured_requests(endpoint, held))) == 3)
    sent = next(captured.captured_requests(endpoint, held))
    (row,) = captured.rows_of(sent, endpoint.model.schema)
    assert set(row.values()) == {"1"} and set(endpoint.model.schema["summaries"]) == set(row) and float(sent.answer)
    endpoint_actions.delete(endpoint)
    worker.until(lambda: not Endpoint.objects.filter(pk=endpoint.pk).exists())
