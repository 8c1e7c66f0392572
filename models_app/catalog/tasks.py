"""Background steps of a model."""

from celery import shared_task

from models_app.catalog import actions
from models_app.models import Model
from models_app.work.tasks import with_row_once


@shared_task
def remove_model(model_id: int) -> None:
    """Take the next steps of deleting a model, unless another worker does so now."""
    with_row_once(Model, model_id, actions.remove)
