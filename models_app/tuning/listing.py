"""The list of tuning jobs: what they are filtered and sorted by, and their columns."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.models import TuningJob
from models_app.text import formats
from models_app.training.list_parts import (
    algorithm_column,
    first_properties,
    job_list,
    moment_columns,
    moment_properties,
    name_column,
    owner_column,
    status_column,
    words_in,
)
from models_app.web import svg
from models_app.web.lists import properties
from models_app.web.lists.kind import DASH, Column
from models_app.web.lists.properties import Type
from models_app.web.markup import format_html

Status = TuningJob.Status


def rows():
    """All tuning jobs, with what a row shows."""
    return TuningJob.objects.select_related("owner").defer("described")


def goal_words(row: TuningJob) -> str:
    """The metric that is looked at, and whether the highest or the lowest is best."""
    if not row.objective:
        return ""
    words = _("%(metric)s, lowest") if row.goal == "min" else _("%(metric)s, highest")
    return words % {"metric": formats.metric_name(row.objective)}


def _best(row: TuningJob) -> SafeString:
    return DASH if row.best is None else format_html("<b>{}</b>", formats.metric(row.best, row.objective))


def _curve(row: TuningJob) -> SafeString:
    values = [value for _number, value in row.best_so_far]
    return svg.spark(values) if values else DASH


def _tries(row: TuningJob) -> SafeString:
    words = _("%(done)s of %(limit)s") if row.limit else "%(done)s"
    counts = words % {"done": f"{row.tries:,}", "limit": f"{row.limit or 0:,}"}
    return format_html(
        '<span class="prog">{}<span class="small nowrap">{}</span></span>', svg.bar(row.tries_pct), counts
    )


PROPERTIES = (
    *first_properties(Status),
    properties.field("strategy", gettext_lazy("Strategy"), Type.TEXT),
    properties.field("objective", gettext_lazy("Goal"), Type.TEXT),
    properties.field("best", gettext_lazy("Best so far"), Type.NUMBER, nullable=True),
    properties.field("tries", gettext_lazy("Tries"), Type.NUMBER),
    *moment_properties(),
)
COLUMNS = (
    name_column("tuning_job"),
    status_column(),
    algorithm_column(),
    Column("goal", gettext_lazy("Goal"), lambda row: goal_words(row) or DASH, goal_words, sort="objective"),
    Column("best", gettext_lazy("Best so far"), _best, lambda row: row.best, sort="best"),
    Column("curve", gettext_lazy("Best by try"), _curve, lambda row: "", "hide-m"),
    Column("tries", gettext_lazy("Tries"), _tries, lambda row: row.tries, sort="tries"),
    Column("strategy", gettext_lazy("Strategy"), lambda row: row.strategy, lambda row: row.strategy, sort="strategy"),
    owner_column(),
    *moment_columns(),
)
TUNINGS = job_list(
    TuningJob,
    key="tuning",
    title=gettext_lazy("Tuning"),
    room="tuning",
    rows=rows,
    properties=PROPERTIES,
    columns=COLUMNS,
    default_columns=("name", "status", "algorithm", "goal", "best", "curve", "tries", "created"),
    words=words_in(Status, "name", "objective", "strategy"),
)
