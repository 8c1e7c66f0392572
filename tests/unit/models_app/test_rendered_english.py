"""Rows of earlier versions hold English text: the migration finds the message that it was rendered from."""

import pytest
from django.utils import translation

from common.messages import Message, ngettext, to_json
from models_app.migrations._rendered_english import message_of, messages_in

pytestmark = pytest.mark.usefixtures("english")


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Waiting for the object store", "Waiting for the object store"),
        ("Model churn created", {"msgid": "Model %(name)s created", "params": {"name": "churn"}}),
        ("anything else", "anything else"),
        ("", ""),
    ],
)
def test_a_text_is_stored_as_its_message(text, stored):
    assert to_json(message_of(text)) == stored


def test_a_value_may_be_a_message_itself():
    message = message_of("Column b holds 1 amounts with a currency sign")
    assert isinstance(message, Message)
    assert to_json(message)["params"]["what"] == {"msgid": "amounts with a currency sign"}


def test_a_message_that_counts_keeps_its_number():
    one, many = "Column %(column)s has %(n)s cell of another kind", "Column %(column)s has %(n)s cells of another kind"
    rendered = ngettext(one, many, 1200, column="b")
    assert to_json(message_of(str(rendered))) == to_json(rendered)


def test_only_texts_for_a_person_become_messages():
    """A column may be called as some message is, and a fix must do what it did."""
    fix = {"label": "Model churn created", "changes": {"recipe.types": {"title": "Name"}}}
    stored = {"fixes": ["Model churn created"], "findings": [{"column": "Name", "level": "err", "fixes": [fix]}]}
    message = {"msgid": "Model %(name)s created", "params": {"name": "churn"}}
    with translation.override("ko"):
        document = to_json(messages_in(stored))
    assert document == {
        "fixes": [message],
        "findings": [{"column": "Name", "level": "err", "fixes": [fix | {"label": message}]}],
    }
