"""Columns that hold messages for a person: kept as message id and parameters, read in the reader's language."""

import json
from typing import Any

from django.db import models

from common import messages


class MessageField(models.TextField):
    """One message, or plain text that is nobody's message, such as AWS's own words.

    A message with parameters is kept as JSON. One without is kept as its id, which is also how plain text is kept:
    text that is no message id is shown as it is.
    """

    def get_prep_value(self, value: Any) -> Any:
        """The text of the column: the message's id alone, or JSON with its parameters."""
        data = messages.to_json(value)
        if isinstance(data, dict):
            return json.dumps(data, sort_keys=True) if len(data) > 1 else data["msgid"]
        return super().get_prep_value(data)

    def from_db_value(self, value: str | None, expression, connection) -> str | None:
        """The message of a column."""
        return parse_message(value)


def parse_message(value: str | None) -> str | None:
    """What a MessageField holds, from its column, in the language that is active now."""
    if not value:
        return value
    if value.startswith("{"):
        try:
            message = messages.from_json(json.loads(value))
        except (ValueError, RecursionError):
            return value
        return message if isinstance(message, messages.Message) else value
    return messages._(value)


class MessagesField(models.JSONField):
    """JSON with messages anywhere in it."""

    def get_prep_value(self, value: Any) -> Any:
        """JSON in which messages are objects with id and parameters."""
        return super().get_prep_value(messages.to_json(value))

    def from_db_value(self, value: Any, expression, connection) -> Any:
        """The value of a column, with its messages."""
        return messages.from_json(super().from_db_value(value, expression, connection))
