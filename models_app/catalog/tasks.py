"""Background steps of a model."""

from celery import shared_task

from evaluation.process import SECONDS
from models_app.catalog import actions
from models_app.catalog.evaluating import EVALUATION
from models_app.models import Model
from models_app.work.tasks import with_row_once


@shared_task
def remove_model(model_id: int) -> None:
    """Take the next steps of deleting a model, unless another worker does so now."""
    with_row_once(Model, model_id, actions.remove)


@shared_task(time_limit=2 * SECONDS + 600)
def evaluate_model(evaluation_id: int) -> None:
    """Evaluate a model, if the row waits for it."""
    EVALUATION.perform(evaluation_id)
