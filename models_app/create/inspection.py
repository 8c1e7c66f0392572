"""The table of a Create model form: inspected, remembered, and read whole in the background."""

import hashlib
import json

from django.core.cache import cache
from django.utils.translation import get_language

from models_app.account.roles import has_role
from models_app.aws import s3_store
from models_app.create import recipe_form
from models_app.data import scans
from models_app.models import Scan
from models_app.models.person import Role
from models_app.problems import Problem
from tables import Inspection, Recipe, Source, inspector

READING_FIELDS = ("has_header", "delimiter", "encoding", "types", "numbers", "bad_cells")  # what changes an inspection
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
            table = inspector.inspect_source(source, recipe_form.valid(fields), supervised)
            # The page sends the suggested target back.
            for target in {
                recipe.target,
                recipe.target or table.target_suggestion,
            }:
                cache.set(_cache_key(source, recipe, target, supervised), table, CACHE_SECONDS)
    except Problem as problem:
        return {"data_problem": problem}
    for column in table.columns:
        if column.name in recipe.excluded and column.role == "feature":
            column.role = "excluded"
    return {"inspection": table}


def table_scan(user, recipe: Recipe, table: Inspection) -> Scan | None:
    """The full read of a table of which only a part was inspected; started for an editor when there is none."""
    if table.complete or table.format == "libsvm":
        return None
    scan = scans.find(table.uri, table.etag, recipe)
    if scan or user is None or not has_role(user, Role.EDITOR):
        return scan
    unfinished = Scan.objects.filter(owner=user, uri=table.uri, status__in=(Scan.Status.QUEUED, Scan.Status.RUNNING))
    for other in unfinished:  # of the same table, with a recipe that is no longer wanted
        scans.cancel(other)
    return scans.start(user, table.uri, table.etag, recipe)


def _cache_key(source: Source, recipe: Recipe, target: str, supervised: bool) -> str:
    fields = {name: getattr(recipe, name) for name in READING_FIELDS}
    parts = json.dumps([source.uri, source.etag, fields, target, supervised, get_language()], sort_keys=True)
    return f"inspection:{hashlib.sha256(parts.encode()).hexdigest()}"
