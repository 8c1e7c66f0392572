"""Everything that the Explain page shows of a model with test rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from algorithms.contract import InvocationError
from algorithms.predictor import Predictor
from common.problems import Problem
from evaluation.effect_summary import summary
from evaluation.effects import effects_table
from evaluation.explain import Explainer
from evaluation.interactions import interactions
from evaluation.predictions import DATA

FAILURES = (InvocationError, ValueError, KeyError, Problem, pl.exceptions.PolarsError)


def explanation(
    predictor: Predictor, schema: Mapping[str, Any], table: pl.DataFrame, accept: str, worst: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, pl.DataFrame | None]:
    """(document, effects of rows): `Explainer.explain` with "interactions" and "effects", and `effects_table`.

    The document is None where the rows are not kept as the table has them, {"problem"} where explaining fails; without
    effects there is "effects_problem". The rows `worst` of the evaluation are among those with effects.
    """
    if not any(name.startswith(DATA) for name in table.columns):
        return None, None
    try:
        explainer = Explainer(predictor, schema, table, accept)
        document = explainer.explain()
        document["interactions"] = interactions(explainer, [entry["column"] for entry in document["columns"]])
    except FAILURES as e:
        return {"problem": str(e)}, None
    try:
        first = [row["row"] for row in (worst or {}).get("rows", [])]
        effects = effects_table(predictor, explainer, schema, table, first)
        return document | {"effects": summary(effects, schema)}, effects
    except FAILURES as e:
        return document | {"effects_problem": str(e)}, None
