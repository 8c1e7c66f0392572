"""What the console keeps of a table that goes to people's own code as it is: columns for the test form, counts."""

from __future__ import annotations

from typing import Any

from jobs.code.kinds import ALGORITHM
from tables import Inspection, Source

MAX_VALUES = 50  # of a text column that become a list to choose from


def schema_of(table: Inspection, target: str) -> dict[str, Any]:
    """The schema of `table` with `target`: names and kinds, no encoding. It has no version: nothing encodes by it."""
    columns = [
        {
            "name": column.name,
            "type": column.type,
            "kind": column.kind,
            "role": "target" if column.name == target else "feature",
            **({"values": sorted(column.top)} if _is_listed(table, column) else {}),
        }
        for column in table.columns
    ]
    schema = {
        "algorithm": ALGORITHM,
        "columns": columns,
        "target": target,
        "features": [column["name"] for column in columns if column["role"] == "feature"],
        "has_header": table.has_header,
        "prepared": False,
    }
    return schema | ({"rows": table.rows_seen} if table.complete else {})


def lineage_of(source: Source, table: Inspection) -> dict[str, Any]:
    """Where the data came from."""
    objects = [{"uri": source.name(o), "etag": o.etag, "size": o.size} for o in source.objects]
    return {"objects": objects, "rows": table.rows_seen if table.complete else None, "fixes": [], "prepared": False}


def _is_listed(table: Inspection, column: Any) -> bool:
    return column.kind == "text" and 0 < column.unique == len(column.top) <= MAX_VALUES and table.rows_seen > 0
