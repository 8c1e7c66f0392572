"""JSON that is nested deeper than Python reads is a wrong text like any other, whoever sends it."""

import base64

import pytest

from models_app.create import recipe_form
from models_app.endpoints import request_form
from models_app.web import keyset
from tables import Recipe

DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda: request_form._plain(DEEP), DEEP),
        (lambda: recipe_form.parse(DEEP), Recipe()),
        (lambda: keyset._read(base64.urlsafe_b64encode(DEEP.encode()).decode()), None),
    ],
    ids=["a value to predict", "a hidden recipe", "a place in a list"],
)
def test_it_is_no_fault_of_ours(read, expected):
    assert read() == expected
