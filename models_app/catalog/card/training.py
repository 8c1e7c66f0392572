"""The card's sections on a model's data, checks and training job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.dateformat import format as format_date
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import algorithms
from common import amounts
from jobs.portable.bundle import library_versions, seeds_of
from models_app.catalog.figures.explanation import KINDS
from models_app.models import Model, TrainingJob
from models_app.training.page import preflight_of

MAX_COLUMNS = 40
MAX_VALUES = 8  # categories of a column
Fact = tuple[str, str]  # its title and its text


@dataclass(frozen=True)
class UsedColumn:
    """A feature: its kind in a word, and the values that the table had of it."""

    name: str
    kind: str
    values: str


@dataclass(frozen=True)
class Checks:
    """The number of checks that passed before training, and the findings that the person ignored."""

    passed: str
    ignored: list[Fact]


def data_of(model: Model, document: dict[str, Any]) -> list[Fact]:
    """The source of the rows, their number, and the labels of the test rows."""
    schema, facts = model.schema, [(_("Data"), model.data_uri)]
    if model.data_etag:
        facts.append(("ETag", model.data_etag))
    parts = [
        (_("%(rows)s for training"), schema.get("train_rows")),
        (_("%(rows)s for validation"), schema.get("validation_rows")),
        (_("%(rows)s for the test"), schema.get("test_rows")),
    ]
    if rows := [words % {"rows": f"{count:,}"} for words, count in parts if count]:
        facts.append((_("Rows"), ", ".join(rows)))
    if dropped := model.lineage.get("dropped"):
        words = ngettext("%(rows)s row left out", "%(rows)s rows left out", dropped)
        facts.append((_("Rows left out"), words % {"rows": f"{dropped:,}"}))
    if schema.get("target"):
        facts.append((_("Target"), schema["target"]))
    if share := _share(document):
        facts.append((_("Among the test rows"), share))
    return facts


def _share(document: dict[str, Any]) -> str:
    """The test rows' shares of the classes or range of the target; "" without an evaluation."""
    if document.get("kind") == "binary":
        counts = {document["positive"]: document["positives"]}
    elif document.get("kind") == "multiclass":
        matrix = document["matrix"]
        counts = dict(zip(matrix["classes"], matrix["actual"], strict=False))
    elif document.get("kind") == "regression":
        low, high = (f"{value:,.6g}" for value in document["range"])
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    else:
        return ""
    return ", ".join(f"{100 * count / document['rows']:.1f}% {label}" for label, count in counts.items())


def columns_of(model: Model) -> list[UsedColumn]:
    """The columns that the model uses, in the table's order."""
    summaries = model.schema.get("summaries", {})
    used = (column for column in model.schema.get("columns", ()) if column["role"] == "feature")
    return [_used(column, summaries.get(column["name"], {})) for column in used]


def _used(column: dict[str, Any], summary: dict[str, Any]) -> UsedColumn:
    kind = _(KINDS[column["kind"]]) if column["kind"] in KINDS else column["kind"]
    return UsedColumn(column["name"], kind, _values(column, summary))


def _values(column: dict[str, Any], summary: dict[str, Any]) -> str:
    if "min" in summary:
        bounds = {"low": f"{summary['min']:,.6g}", "high": f"{summary['max']:,.6g}"}
        return _("%(low)s to %(high)s") % bounds
    known = column.get("values") or column.get("known") or []
    if not known:
        return "-"
    more = _(" and %(n)s more") % {"n": f"{len(known) - MAX_VALUES:,}"} if len(known) > MAX_VALUES else ""
    return ", ".join(map(str, known[:MAX_VALUES])) + more


def left_out_of(model: Model) -> list[Fact]:
    """The columns that are no features, each with the reason."""
    recipe, reasons = model.full_recipe, model.lineage.get("left_out", {})
    facts = []
    for column in model.schema.get("columns", ()):
        name = column["name"]
        if column["role"] == "weight":
            facts.append((name, _("It says how much each row counts.")))
        elif column["role"] == "excluded":
            if name in recipe.excluded:
                reason = _("A person left it out.")
            elif name == recipe.weight:
                reason = _("It says how much each row counts.")
            else:
                reason = reasons.get(name) or _("The algorithm can learn nothing from it.")
            facts.append((name, reason))
    return facts


def checks_of(job: TrainingJob) -> Checks | None:
    """The checks before training; None where nothing was checked, as for jobs of other clients."""
    report = preflight_of(job)
    if report is None:
        return None
    counts = report.counts()
    passed = ngettext("%(n)s check passed", "%(n)s checks passed", counts["ok"]) % {"n": counts["ok"]}
    ignored = [(finding.title, finding.text) for finding in report.findings if finding.level in ("err", "warn")]
    return Checks(passed, ignored)


def making_of(model: Model, job: TrainingJob) -> list[Fact]:
    """Algorithm, settings, versions, seeds, time, cost and artifact."""
    algorithm = algorithms.ALGORITHMS.get(model.algorithm)
    facts = [(_("Algorithm"), algorithm.title if algorithm else model.algorithm)]
    if job.hyperparameters:
        settled = ", ".join(f"{name} {value}" for name, value in sorted(job.hyperparameters.items()))
        facts.append((_("Hyperparameters"), settled))
    image = job.described.get("AlgorithmSpecification", {}).get("TrainingImage", "")
    if image:
        facts.append((_("Image"), image))
    if algorithm:
        seeds = seeds_of(algorithm, job.hyperparameters, model.full_recipe.seed)
        facts.append((_("Seeds"), ", ".join(f"{name} {seed}" for name, seed in seeds.items())))
        versions = {name: version for name, version in library_versions(algorithm).items() if version}
        here = ", ".join(f"{name} {version}" for name, version in {"sagewright": settings.VERSION, **versions}.items())
        facts.append((_("Installed here"), here))
    facts.append((_("Training job"), job.name))
    if job.ended:
        facts.append((_("Trained"), format_date(localtime(job.ended), "Y-m-d H:i e")))
    facts.append((_("Training time"), f"{amounts.duration(job.seconds)}, {job.instance_type or model.instance_type}"))
    if job.cost is not None:
        facts.append((_("Cost"), amounts.money(job.cost)))
    if job.artifact:
        facts.append((_("Artifact"), job.artifact))
    return facts
