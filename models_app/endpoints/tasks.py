"""Background steps of an endpoint. Each may be lost or doubled."""

from celery import shared_task

from models_app.endpoints import actions, drift, evaluation, idle, load_test, traffic_summary
from models_app.models import Endpoint
from models_app.work.tasks import retrying_task, with_row, with_row_once


@retrying_task
def launch_endpoint(endpoint_id: int) -> None:
    """Ask SageMaker for the endpoint's model, configuration and endpoint; again when SageMaker does not answer."""
    with_row(Endpoint, endpoint_id, actions.launch)


@shared_task
def remove_endpoint(endpoint_id: int) -> None:
    """Take the next steps of deleting an endpoint, unless another worker does so now."""
    with_row_once(Endpoint, endpoint_id, actions.remove)


@shared_task
def measure_test_rows(endpoint_id: int) -> None:
    """Measure the model of an endpoint in service on its test rows, unless that is done or another worker does so."""
    with_row_once(Endpoint, endpoint_id, evaluation.measure)


@shared_task
def stop_idle_endpoints() -> None:
    """Delete the endpoints that nobody called for as long as their owners set."""
    for pk in idle.due():
        with_row_once(Endpoint, pk, idle.stop_if_idle)


@shared_task
def refresh_traffic(endpoint_ids: list[int]) -> None:
    """Refresh the traffic figures of these endpoints from CloudWatch, for an open list."""
    traffic_summary.refresh(endpoint_ids)


@shared_task
def refresh_all_traffic() -> None:
    """Refresh the traffic figures of every endpoint in service, so that idle ones are known without an open list."""
    traffic_summary.refresh(
        list(Endpoint.objects.filter(status=Endpoint.Status.IN_SERVICE).values_list("pk", flat=True))
    )


@shared_task
def measure_drift(endpoint_id: int) -> None:
    """Compare the captured requests of an endpoint with what its model was trained on."""
    with_row_once(Endpoint, endpoint_id, drift.measure)


@shared_task
def measure_all_drift() -> None:
    """Queue the drift measurement of every endpoint in service that captures its requests."""
    capturing = Endpoint.objects.filter(
        status=Endpoint.Status.IN_SERVICE, described__DataCaptureConfig__EnableCapture=True
    )
    for endpoint in capturing.iterator(chunk_size=100):
        drift.ask_for_measuring(endpoint)


@shared_task
def run_load_test(endpoint_id: int) -> None:
    """Run the load test of an endpoint that a person started."""
    with_row_once(Endpoint, endpoint_id, load_test.run)
