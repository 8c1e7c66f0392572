"""Thins the learning curves of finished jobs: what a chart shows stays, the rest goes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.db import transaction

from models_app.models import MetricPoint, TrainingJob
from models_app.web.svg import MAX_POINTS

AGE = timedelta(days=15)  # after which CloudWatch merges minutes too
JOBS = 200  # of one look
Point = tuple[int, int, float]  # key, round, value


def select_points(points: Sequence[Point], limit: int = MAX_POINTS) -> set[int]:
    """Keys of at most `limit` of `points`, which are in order of their rounds.

    They are the first and the last point, and the lowest and the highest of each of equal parts of the others, so that
    every peak and the best value stay.
    """
    if len(points) <= limit:
        return {key for key, _, _ in points}
    parts = (limit - 2) // 2
    inner = points[1:-1]
    selected = {points[0][0], points[-1][0]}
    for part in range(parts):
        some = inner[len(inner) * part // parts : len(inner) * (part + 1) // parts]
        selected |= {min(some, key=itemgetter(2))[0], max(some, key=itemgetter(2))[0]}
    return selected


def thin_jobs(now: datetime) -> bool:
    """Thin the curves of the oldest JOBS finished jobs that are AGE old; False when there is none. Repeatable."""
    waiting = TrainingJob.objects.filter(points_thinned=False, created__lt=now - AGE, status__in=TrainingJob.FINAL)
    jobs = list(waiting.order_by("created").values_list("pk", flat=True)[:JOBS])
    for pk in jobs:
        _thin(pk)
    return bool(jobs)


def _thin(job_pk: int) -> None:
    with transaction.atomic():
        points = MetricPoint.objects.filter(job=job_pk).order_by("name", "round")
        rows = points.values_list("name", "pk", "round", "value")
        for _name, some in groupby(list(rows), key=itemgetter(0)):
            curve = [(key, number, value) for _, key, number, value in some]
            gone = sorted({key for key, _, _ in curve} - select_points(curve))
            for start in range(0, len(gone), 500):
                MetricPoint.objects.filter(pk__in=gone[start : start + 500]).delete()
        TrainingJob.objects.filter(pk=job_pk).update(points_thinned=True)
