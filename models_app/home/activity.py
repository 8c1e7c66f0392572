"""What happened lately, to everything together: of the many events of one deployment or training, those that matter."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from models_app.models import Endpoint, Event, TrainingJob
from models_app.models.message_field import parse_message
from models_app.training.page import TONES, Moment

MAX_SHOWN = 8
LOOKED_AT = 60  # events, of which those are shown that no later one stands for
STEPS_WITHIN = timedelta(hours=1)  # of a later event of the same thing, which stands for the steps before it
# What ends something: shown always, and in place of what is said of it in the same moment.
OUTCOMES = {
    *TrainingJob.FINAL,
    Endpoint.Status.IN_SERVICE,
    Endpoint.Status.ROLLING_BACK,
    Endpoint.Status.OUT_OF_SERVICE,
}
SAME_MOMENT = timedelta(seconds=10)
# Each kind of thing with its address; jobs and endpoints of one model are one thing.
KINDS = {"job": "job", "endpoint": "endpoint", "transform": "transform", "tuning": "tuning_job"}


class _Step(NamedTuple):
    text: str  # as the column has it: most are left out, and a message takes time to read
    became: str
    at: datetime
    thing: Hashable
    kind: str
    name: str


def latest() -> list[Moment]:
    """The newest MAX_SHOWN events that matter, newest first."""
    steps = _that_matter(_steps())[:MAX_SHOWN]
    return [
        Moment(
            TONES.get(step.became, "info"),
            parse_message(step.text) or _(step.became),
            step.name,
            step.at,
            reverse(KINDS[step.kind], args=[step.name]),
        )
        for step in steps
    ]


def _that_matter(steps: Iterable[_Step]) -> list[_Step]:
    """`steps`, newest first, without those that another one stands for."""
    result: dict[int, _Step] = {}
    earliest: dict[Hashable, int] = {}  # of each thing, the number of the last step of the result
    for number, step in enumerate(steps):
        last = earliest.get(step.thing)
        later = None if last is None else result[last]
        if step.became in OUTCOMES:
            if last is not None and later and later.became not in OUTCOMES and later.at - step.at <= SAME_MOMENT:
                del result[last]
        elif later and later.at - step.at <= STEPS_WITHIN:
            continue
        earliest[step.thing] = number
        result[number] = step
    return list(result.values())


def _steps() -> Iterator[_Step]:
    names = [f"{kind}__name" for kind in KINDS]
    fields = ("raw", "became", "at", "job__model_id", "endpoint__model_id", "transform__model_id", *names)
    events = Event.objects.annotate(raw=Cast("text", TextField())).order_by("-pk")
    for text, became, at, *models, job, endpoint, transform, tuning in events.values_list(*fields)[:LOOKED_AT]:
        named = zip(KINDS, (job, endpoint, transform, tuning), strict=True)
        kind, name = next(((kind, name) for kind, name in named if name), ("", ""))
        if name:
            yield _Step(text, became, at, next(filter(None, models), (kind, name)), kind, name)
