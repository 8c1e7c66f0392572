"""A new database is made in one step, and is what the migrations would have made of it."""

import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from console.management.commands.migrate import create_last_state
from tests.database import migrated_database
from tests.stack import ROOT

STEP_BY_STEP = """
import django; django.setup()
from django.core.management import call_command
from console.management.commands import migrate
migrate.create_last_state = lambda connection: False
call_command("migrate", verbosity=0)
"""
PARTS = re.compile(r', (?=["A-Z])')  # of a table, about: those of an expression are the same in both


def test_one_step_leads_where_all_migrations_do(tmp_path):
    """But for the order of columns, and the names of indexes, which keep those of their tables' first days."""
    migrated_database(tmp_path / "short")
    environment = os.environ | {
        "SAGEWRIGHT_DATABASE_URL": f"sqlite:///{tmp_path / 'long'}",
        "DJANGO_SETTINGS_MODULE": "console.settings",
    }
    subprocess.run([sys.executable, "-c", STEP_BY_STEP], cwd=ROOT, env=environment, check=True)
    short, long = (_content(tmp_path / name) for name in ("short", "long"))
    assert short.keys() == long.keys()
    assert {name: (short[name], long[name]) for name in short if short[name] != long[name]} == {}


@pytest.mark.parametrize(("vendor", "tables"), [("sqlite", ["django_migrations"]), ("postgresql", [])])
def test_a_database_with_a_table_or_of_another_kind_goes_the_long_way(vendor, tables):
    introspection = SimpleNamespace(table_names=lambda: tables)
    connection = SimpleNamespace(vendor=vendor, introspection=introspection, prepare_database=lambda: None)
    assert not create_last_state(connection)


def _content(file: Path) -> dict[str, object]:
    """What is in a database: of each table its parts, indexes and rows, each in any order."""
    database, content = sqlite3.connect(file), {}
    for kind, name, table, sql in database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"):
        if kind == "table":
            inside = sql.partition("(")[2].removesuffix(")")
            content[name] = Counter(PARTS.split(inside)), _rows(database, name)
        elif sql:  # others come with their table
            content.setdefault(f"indexes of {table}", Counter())[sql.replace(f'"{name}"', "", 1)] += 1
    del content["sqlite_sequence"]
    database.close()
    return content


def _rows(database: sqlite3.Connection, table: str) -> Counter:
    if table == "django_migrations":
        return Counter(database.execute("SELECT app, name FROM django_migrations"))
    columns = ", ".join(sorted(f'"{row[1]}"' for row in database.execute(f"PRAGMA table_info({table})")))
    return Counter(database.execute(f'SELECT {columns} FROM "{table}"'))
