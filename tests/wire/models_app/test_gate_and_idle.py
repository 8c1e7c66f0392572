"""The gate holds a model back, and an endpoint goes when nobody calls it: against the real engine."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from models_app.catalog import actions as model_actions
from models_app.create import submit
from models_app.endpoints import actions as endpoint_actions
from models_app.endpoints import idle, metrics
from models_app.models import Endpoint, Model

pytestmark = pytest.mark.stack
ROW = b",".join(b"1" for _ in range(30))


def test_a_model_below_its_gate_is_not_deployed_by_itself(worker, alice, draft):
    model = submit.create(alice, draft(deploy_metric="auc", deploy_threshold=0.999999))

    def done() -> bool:
        model.job.refresh_from_db()
        return model.job.status == "Completed"

    worker.until(done)
    made = Model.objects.get()
    assert made.endpoint is None and made.status_word == "Ready"
    assert made.status_note.startswith("Not deployed: validation AUC 0.9")
    assert made.status_note.endswith("is below 0.999999")
    endpoint = model_actions.deploy(made)  # anyway
    made.refresh_from_db()
    assert made.endpoint == endpoint and made.status_note == ""
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
    assert [found.name for found in idle.due()] == [endpoint.name]

    assert endpoint_actions.invoke(endpoint, ROW).status == 200
    # CloudWatch is told every two seconds; until then a request is not seen, on AWS for about a minute.
    worker.until(lambda: idle._invocations(endpoint, timedelta(hours=1)) == 1)
    assert not idle.stop_if_idle(idle.due()[0])
    endpoint.refresh_from_db()
    assert endpoint.status == "InService"

    with pytest.MonkeyPatch.context() as later:  # an hour and a bit from now that request is too long ago
        later.setattr(metrics, "now", lambda: now() + timedelta(hours=1, minutes=5))
        assert idle.stop_if_idle(idle.due()[0])
    worker.until(lambda: not Endpoint.objects.filter(pk=endpoint.pk).exists())
    said = [event.text for event in trained.job.events.all()]
    assert f"No request for 1 hour: endpoint {endpoint.name} is deleted, as asked for" in said
