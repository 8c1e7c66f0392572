"""`manage.py migrate`, which makes a new SQLite database in one step: what all migrations lead to, without the way."""

from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

WHOLE = {"app_label": None, "migration_name": None, "check_unapplied": False, "fake": False, "plan": False}


class Command(migrate.Command):
    """Django's command. It takes the short way where it is asked for all migrations."""

    def handle(self, *args, **options):
        """Migrate; a database without any table gets the last state of all models at once."""
        connection = connections[options["database"]]
        if all(options[name] == value for name, value in WHOLE.items()):
            create_last_state(connection)
        super().handle(*args, **options)


def create_last_state(connection: BaseDatabaseWrapper) -> bool:
    """Create all tables as the last migrations leave them, and record every migration; True if it was done.

    Only for SQLite, where each change of a column copies a table, and for a database without any table: what migrations
    do to rows has nothing to do there. A test compares both ways. Rows that Django adds after migrations are not made.
    """
    connection.prepare_database()
    if connection.vendor != "sqlite" or connection.introspection.table_names():
        return False
    loader = MigrationExecutor(connection).loader
    models = loader.project_state(loader.graph.leaf_nodes()).apps.get_models()
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()  # alone it makes nothing ready: who finds it goes the long way
    with connection.schema_editor() as editor:
        for model in models:
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        rows = [recorder.Migration(app=app, name=name) for app, name in loader.graph.nodes]
        recorder.migration_qs.bulk_create(rows)
    return True
