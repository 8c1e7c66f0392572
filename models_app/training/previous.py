"""Finds the job to compare a training job with: the previous attempt, or the job of the cloned model."""

from models_app.models import TrainingJob


def previous_job(job: TrainingJob) -> TrainingJob | None:
    """The latest earlier job of the same model, else the job of the model that it was cloned from; None for neither."""
    model = job.model
    if model is None:
        return None
    earlier = TrainingJob.objects.filter(model=model, pk__lt=job.pk).order_by("-pk").first()
    origin = model.cloned_from
    return earlier or (origin.job if origin else None)
