"""Computes the Evaluation page's document (JSON) for a model without a label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from evaluation.anomalies import anomalies
from evaluation.clusters import clusters
from evaluation.components import components
from evaluation.document import VERSION
from evaluation.encoded_sample import encoded_sample
from evaluation.kinds import ANOMALIES, CLUSTERS
from evaluation.raw_table import RawTable


def unlabelled_document(
    kind: str, table: pl.DataFrame, schema: Mapping[str, Any], rows: int, model: RawTable,
    quantiles: Mapping[str, float],
) -> dict[str, Any]:  # fmt: skip
    """The figures of `table`, which `answers_table` made; `rows` is how many there are to choose from.

    {"version", "kind": one of `kinds.KINDS`, "rows", "test_rows", "target": "", "metrics", "worst", ...} as
    `document.evaluation_document` has them, and what the module of the kind adds.
    """
    if kind == ANOMALIES:
        figures = anomalies(table, schema, quantiles)
    elif kind == CLUSTERS:
        figures = clusters(table, schema, encoded_sample(model, table))
    else:
        figures = components(table, schema, encoded_sample(model, table), model)
    common = {"version": VERSION, "kind": kind, "rows": len(table), "test_rows": rows, "target": "", "slices": None}
    return common | figures
