"""Catches what a client's call is refused with."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(code: str, text: str = "", status: int = 400) -> Iterator[SimpleNamespace]:
    """The call inside must be refused with `code`, this HTTP status, and exactly `text` when it is given."""
    caught = SimpleNamespace(error=None, message="")
    with pytest.raises(ClientError) as raised:
        yield caught
    caught.error = raised.value
    caught.message = raised.value.response["Error"]["Message"]
    assert (raised.value.response["Error"]["Code"], caught.message) == (code, text or caught.message)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
