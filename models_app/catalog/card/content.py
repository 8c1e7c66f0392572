"""Builds a model's card and lists its missing parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from models_app.catalog.card import quality, training
from models_app.catalog.card.training import MAX_COLUMNS, Checks, Fact, UsedColumn
from models_app.catalog.figures.explanation import ImportanceRow
from models_app.catalog.figures.groups import Groups
from models_app.catalog.figures.strip import StripFigure
from models_app.catalog.inputs import is_unlabelled
from models_app.catalog.portable import is_portable
from models_app.endpoints.code_request_form import request_form
from models_app.endpoints.page import engine_address
from models_app.endpoints.snippets import snippets_for
from models_app.models import Evaluation, Model
from tables.predictions import THRESHOLD

PREDICT = 'from predict import load  # of “Download with predict.py”\n\nload(".").predict([{row}])\n'


@dataclass(frozen=True)
class Card:
    """The content of a model's card. `missing` has a sentence for each missing part."""

    name: str
    algorithm: str
    owner: str
    contact: str
    written_by: str
    written_at: datetime | None
    intended_use: str
    limits: str
    headline: list[Fact]
    answer: str
    data: list[Fact]
    columns: list[UsedColumn]
    hidden_columns: int
    left_out: list[Fact]
    changes: list[str]
    checks: Checks | None
    rows: str
    figures: list[StripFigure]
    groups: Groups | None
    verdict: str
    importance: list[ImportanceRow]
    has_reasons: bool
    making: list[Fact]
    calls: list[Fact]
    missing: list[str]


def card_of(model: Model, evaluation: Evaluation | None) -> Card:
    """The card of `model` as it is now, in the reader's language."""
    document = (evaluation.document if evaluation else None) or {}
    written, job = model.card, model.job
    figures, columns = quality.figures_of(document), training.columns_of(model)
    verdict, importance = quality.importance_of(document)
    checks = training.checks_of(job) if job else None
    making = training.making_of(model, job) if job else []
    calls = _calls(model)
    has_reasons = not is_unlabelled(model)  # without a label no column makes the answers better or worse
    missing = [
        (written.get("intended_use"), _("Nobody has written what it is for.")),
        (written.get("limits"), _("Nobody has written where its limits are.")),
        (written.get("contact"), _("It names nobody to ask.")),
        (columns, _("Its columns are not known.")),
        (checks, _("Its data was not checked before training.")),
        (figures, _("It was not measured on test rows.")),
        (importance or not has_reasons, _("Nothing says which columns decide.")),
        (calls, _("It cannot be called.")),
    ]
    return Card(
        name=model.name,
        algorithm=model.algorithm,
        owner=model.owner.get_username(),
        contact=written.get("contact", ""),
        written_by=written.get("by", ""),
        written_at=parse_datetime(written["at"]) if written.get("at") else None,
        intended_use=written.get("intended_use", ""),
        limits=written.get("limits", ""),
        headline=_headline(model, figures),
        answer=quality.answer_of(model, document),
        data=training.data_of(model, document),
        columns=columns[:MAX_COLUMNS],
        hidden_columns=max(0, len(columns) - MAX_COLUMNS),
        left_out=training.left_out_of(model),
        changes=[str(change) for change in model.lineage.get("fixes", ())],
        checks=checks,
        rows=quality.rows_of(document),
        figures=figures,
        groups=quality.groups_of(document),
        verdict=verdict,
        importance=importance,
        has_reasons=has_reasons,
        making=making,
        calls=calls,
        missing=[sentence for present, sentence in missing if not present],
    )


def _headline(model: Model, figures: list[StripFigure]) -> list[Fact]:
    """The leading figure, and the stored threshold if there is one."""
    facts = [(figures[0].value, figures[0].title)] if figures else []
    if THRESHOLD in model.schema:
        facts.append((f"{model.schema[THRESHOLD]:g}", _("threshold")))
    return facts


def _calls(model: Model) -> list[Fact]:
    """Programs that call the model: at its endpoint while that is in service, and by predict.py."""
    calls: list[Fact] = []
    if model.endpoint and model.endpoint.answers:
        ask = request_form(model, None).example()
        snippet = snippets_for(model.endpoint.name, settings.REGION, engine_address(), ask)[0]
        calls.append((_("At its endpoint, by boto3"), snippet.code))
    if is_portable(model):
        calls.append((_("Without an endpoint"), PREDICT.replace("{row}", _example(model))))
    return calls


def _example(model: Model) -> str:
    names: list[Any] = [column["name"] for column in model.schema["columns"] if column["role"] == "feature"]
    return "{" + ", ".join(f"{name!r}: ..." for name in names[:4]) + (", ..." if len(names) > 4 else "") + "}"
