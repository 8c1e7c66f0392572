"""Template context of a log's card, by the address of its page."""

from django.utils.functional import SimpleLazyObject

from models_app.models import TrainingJob
from models_app.training.log import log_view

MAX_FIND = 200  # characters


def log_context(request, job: TrainingJob, at_error: bool = False) -> dict:
    """{"log"}: the log at ?line= or at the first match of ?find= from there on; read where a template shows it."""
    find, line = request.GET.get("find", "").strip()[:MAX_FIND], request.GET.get("line", "")
    number = int(line) if line.isdecimal() and len(line) < 10 else 0
    return {"log": SimpleLazyObject(lambda: log_view(job, find=find, line=number, at_error=at_error))}
