"""Starts and removes evaluations of a model on tables that a person names."""

from common.messages import _
from common.s3_uri import normalize_s3_uri, parse_s3_uri
from evaluation.files import PREDICTIONS
from models_app.aws import s3_store
from models_app.catalog import evaluating
from models_app.data import left_in_s3
from models_app.models import Evaluation, TrainingJob
from models_app.problems import Problem

MAX_TABLES = 10  # of one job
MAX_URI = 1200  # characters


def start_on(job: TrainingJob, text: str) -> Evaluation:
    """Evaluate the model that `job` made on the table at the S3 address `text`, again if that was done. Repeatable.

    Raises Problem for an address with no table, and for a model that has as many evaluations as it may.
    """
    if not evaluating.can_evaluate_on_table(job):
        raise Problem(_("This model cannot be evaluated on a table: its rows cannot be encoded by name."))
    try:
        uri = normalize_s3_uri(text.strip())
        parse_s3_uri(uri)
    except ValueError as e:
        raise Problem(_("%(uri)s is not an S3 address. Write it as s3://bucket/key.", uri=text.strip()[:80])) from e
    if len(uri) > MAX_URI:
        raise Problem(_("The address is longer than %(limit)s characters.", limit=MAX_URI))
    s3_store.locate(uri)
    others = Evaluation.objects.filter(job=job).exclude(on__in=("", uri))
    if others.count() >= MAX_TABLES:
        words = _(
            "The model has %(n)s evaluations on tables, as many as it may. Remove one of them first.", n=MAX_TABLES
        )
        raise Problem(words)
    return evaluating.begin(job, uri)


def remove(evaluation: Evaluation) -> None:
    """Forget an evaluation on a table that a person named, and delete what it left in S3. Raises Problem.

    One that is running is refused: what its worker still writes would be nobody's.
    """
    deleted, _rows = Evaluation.objects.filter(pk=evaluation.pk).exclude(status__in=Evaluation.OPEN).delete()
    if not deleted:
        raise Problem(_("The model is still being evaluated on it. Remove the evaluation when that is done."))
    if evaluation.predictions_uri:
        left_in_s3.delete([evaluation.predictions_uri.removesuffix(PREDICTIONS)])
