"""Folders are looked at only after a deletion that may have left one empty."""

import asyncio
from types import SimpleNamespace

import aiohttp
import pytest
from multidict import CIMultiDict

from engine.s3 import empty_folders
from engine.s3.key_names import encode


class AwayStore:
    """Counts the questions that it does not answer."""

    questions = 0

    def get(self, *_, **__):
        self.questions += 1
        raise aiohttp.ClientConnectionError


def questions_after(settings, operation: str, query: dict[str, str], headers: dict[str, str]) -> int:
    settings.STORE_URL = "http://key:secret@127.0.0.1:1"
    store = AwayStore()
    call = SimpleNamespace(
        operation=SimpleNamespace(name=operation), query=query, bucket="b", path=f"/b/{encode('a/b/c')}"
    )
    response = SimpleNamespace(headers=CIMultiDict(headers))
    asyncio.run(empty_folders.remove_after(call, store, response))
    return store.questions


def test_a_store_that_is_away_by_then_does_not_undo_the_deletion(settings):
    assert questions_after(settings, "DeleteObject", {}, {}) == 1


@pytest.mark.parametrize(
    ("operation", "query", "headers"),
    [
        ("PutObject", {}, {}),
        ("DeleteObject", {"versionId": "1"}, {}),
        ("DeleteObject", {}, {"X-Amz-Delete-Marker": "true"}),
        ("DeleteObject", {}, {"X-Amz-Version-Id": "1"}),
    ],
)
def test_versions_and_other_operations_leave_folders_alone(settings, operation, query, headers):
    assert questions_after(settings, operation, query, headers) == 0
