"""Inspections of tables, cached while their objects stay the same."""

import hashlib
import json

from django.core.cache import cache
from django.utils.translation import get_language

from models_app.aws import s3_store
from models_app.problems import Problem
from tables import Recipe, Source
from tables.left_out import excluded_columns

# What changes an inspection.
READING_FIELDS = (
    "has_header", "delimiter", "quoting", "align_names", "encoding", "types", "numbers", "dates", "bad_cells",
    "label_words", "label_case",
)  # fmt: skip
CACHE_SECONDS = 900
PLAIN = Recipe()


def inspect_table(uri: str, recipe: Recipe = PLAIN, supervised: bool = True) -> dict:
    """{"inspection"} of the table at `uri`, or {"data_problem"}.

    An inspection is remembered for as long as its objects stay the same: a form asks at every change.
    """
    try:
        source = s3_store.locate(uri)
        table = cache.get(_cache_key(source, recipe, recipe.target, supervised))
        if table is None:
            fields = {name: getattr(recipe, name) for name in (*READING_FIELDS, "target")}
            table = s3_store.inspect_source(source, Recipe(**fields), supervised)
            for target in {recipe.target, recipe.target or table.target_suggestion}:  # a form sends the suggestion back
                cache.set(_cache_key(source, recipe, target, supervised), table, CACHE_SECONDS)
    except Problem as problem:
        return {"data_problem": problem}
    excluded = excluded_columns(recipe, table)
    for column in table.columns:
        if column.role != "target":
            column.role = "excluded" if column.name in excluded else "feature"
    return {"inspection": table}


def _cache_key(source: Source, recipe: Recipe, target: str, supervised: bool) -> str:
    fields = {name: getattr(recipe, name) for name in READING_FIELDS}
    parts = json.dumps([source.uri, source.etag, fields, target, supervised, get_language()], sort_keys=True)
    return f"inspection:{hashlib.sha256(parts.encode()).hexdigest()}"
