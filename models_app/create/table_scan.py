"""Starts the full read of the table of a Create model form."""

from models_app.account.roles import Action, may
from models_app.data import scans
from models_app.models import Scan
from tables import Inspection, Recipe


def table_scan(user, recipe: Recipe, table: Inspection) -> Scan | None:
    """The full read of a table of which only a part was inspected; started for an editor when there is none."""
    if table.complete or table.format == "libsvm":
        return None
    scan = scans.find(table.uri, table.etag, recipe)
    if scan or user is None or not may(user, Action.CREATE):
        return scan
    unfinished = Scan.objects.filter(owner=user, uri=table.uri, status__in=(Scan.Status.QUEUED, Scan.Status.RUNNING))
    for other in unfinished:  # of the same table, with a recipe that is no longer wanted
        scans.cancel(other)
    return scans.start(user, table.uri, table.etag, recipe)
