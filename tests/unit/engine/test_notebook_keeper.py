"""What the keeper of notebook instances does about their rows."""

import asyncio
from types import SimpleNamespace

import pytest

from engine.models import NotebookInstance
from engine.notebooks import keeper as module
from engine.notebooks.keeper import Keeper

Status = NotebookInstance.Status


@pytest.mark.parametrize(("is_ending", "finished"), [(False, [(1, Status.STOPPED, "")]), (True, [])])
def test_a_row_in_service_without_an_instance_is_repaired_unless_the_keeper_itself_ends(
    monkeypatch, is_ending, finished
):
    calls = []

    async def at_once(work, *arguments):
        return work(*arguments)

    row = SimpleNamespace(pk=1, status=Status.IN_SERVICE, at_once=False)
    monkeypatch.setattr(module, "in_database", at_once)
    monkeypatch.setattr(module.rows, "unsettled", lambda: [row])
    monkeypatch.setattr(module.rows, "finish", lambda *arguments: calls.append(arguments))

    async def look():
        keeper = Keeper()
        if is_ending:
            keeper._ending.set()
        await keeper._look()
        await asyncio.gather(*keeper._tasks.values())

    asyncio.run(look())
    assert calls == finished
