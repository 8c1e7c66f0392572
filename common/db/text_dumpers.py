"""psycopg's dumpers of text and jsonb for values that PostgreSQL refuses."""

from typing import Any

from psycopg.abc import AdaptContext
from psycopg.types.json import Jsonb, JsonbDumper
from psycopg.types.string import StrDumperUnknown

from common.db.text import storable, storable_json


class TextDumper(StrDumperUnknown):
    """Dumps a text; its type is decided by where it stands in the statement, as psycopg's default has it."""

    def dump(self, obj: str) -> Any:
        """Return the text as bytes, with U+FFFD in the place of what PostgreSQL refuses."""
        return super().dump(storable(obj))


class JsonDumper(JsonbDumper):
    """Dumps Django's JSON values."""

    def dump(self, obj: Any) -> Any:
        """Return the JSON as bytes, with U+FFFD in the place of what PostgreSQL refuses; None for SQL's NULL."""
        data = super().dump(obj)
        return None if data is None else storable_json(bytes(data))


def register(context: AdaptContext) -> None:
    """Dump all texts and JSON values of `context`, a connection or a map of adapters, with these classes."""
    context.adapters.register_dumper(str, TextDumper)
    context.adapters.register_dumper(Jsonb, JsonDumper)
