"""Unpacks the data folder of an earlier version as if it had been left a moment ago."""

import json
import re
import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ARCHIVE = Path(__file__).with_name("data.tar.xz")
DATABASE = "sagewright.sqlite3"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?")


def unpack(folder: Path) -> dict[str, Any]:
    """Unpack the archive into `folder`; what make.py wrote down of it.

    Every time in the database becomes as much later as the archive is old: drafts, uploads and running jobs that are
    older than their limits would be given up, which is not what this is about.
    """
    with tarfile.open(ARCHIVE) as tar:
        tar.extractall(folder, filter="data")
    facts = json.loads((folder / "facts.json").read_text())
    with closing(sqlite3.connect(folder / DATABASE)) as database, database:
        _shift(database, datetime.now(UTC) - datetime.fromisoformat(facts["at"]))
    return facts


def query(folder: Path, sql: str) -> list[tuple]:
    """The rows of `sql`, read beside whoever writes."""
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True, timeout=20)) as database:
        return database.execute(sql).fetchall()


def _shift(database: sqlite3.Connection, age: timedelta) -> None:
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
        for rowid, *values in database.execute(f'SELECT rowid, * FROM "{table}"').fetchall():  # noqa: S608
            for column, value in zip(columns, values, strict=True):
                if isinstance(value, str) and _MOMENT.search(value):
                    later = _MOMENT.sub(lambda match: _later(match, age), value)
                    database.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (later, rowid))  # noqa: S608


def _later(match: re.Match[str], age: timedelta) -> str:
    moment = datetime.fromisoformat(match[0]) + age
    return moment.isoformat(match[0][10], "microseconds" if match[1] else "seconds")
