"""The models of a serving process: loaded once, evicted and replaced, and chosen among by weight."""

import asyncio
import time

import pytest

from engine.serving import model_cache
from engine.serving.model_cache import ModelCache
from engine.serving.routes import Route, Variant
from engine.serving.served_model import ModelLoadError, ServedModel


class Loaded(ServedModel):
    """Stands for a model of some bytes, and counts how often it was closed."""

    def __init__(self, size: int):
        self.size, self.closed = size, 0

    async def start(self): ...

    async def answer(self, headers, body):
        return b"", ""

    def close(self):
        self.closed += 1


def variant(n: int, config: str = "c") -> Variant:
    return Variant(n, config, "AllTraffic", f"s3://b/{n}", "image", ())


@pytest.fixture
def loads(monkeypatch):
    observed = []

    def fake(variant, write_line):
        observed.append(variant)
        time.sleep(0.02)
        return Loaded(100)

    monkeypatch.setattr(model_cache, "load", fake)
    return observed


def test_many_waiting_requests_load_a_model_once(loads):
    async def all_at_once():
        held = ModelCache()
        return await asyncio.gather(*(held.load(variant(1)) for _ in range(50)))

    assert len({id(one) for one in asyncio.run(all_at_once())}) == 1
    assert len(loads) == 1


def test_the_least_used_model_is_evicted_by_number_and_by_bytes(loads):
    async def fill(held):
        for n in (1, 2, 3):
            await held.load(variant(n))
            held.get(variant(1))
        return [n for n in (1, 2, 3) if held.get(variant(n))]

    assert asyncio.run(fill(ModelCache(models=2))) == [1, 3]
    assert asyncio.run(fill(ModelCache(size=250))) == [1, 3]


def test_a_new_configuration_takes_the_place_of_the_old(loads):
    async def replace():
        held = ModelCache()
        await held.load(variant(1, "old"))
        await held.load(variant(1, "new"))
        return len(held)

    assert asyncio.run(replace()) == 1


def test_a_failed_load_is_tried_again(monkeypatch):
    async def twice():
        held = ModelCache()
        monkeypatch.setattr(model_cache, "load", lambda v, write_line: (_ for _ in ()).throw(ModelLoadError("not yet")))
        with pytest.raises(ModelLoadError):
            await held.load(variant(1))
        monkeypatch.setattr(model_cache, "load", lambda v, write_line: Loaded(1))
        return await held.load(variant(1))

    assert asyncio.run(twice())


def test_a_process_that_ends_while_it_loads_a_model_writes_no_traceback(loads):
    errors = []

    async def end_in_the_middle():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
        warming = asyncio.ensure_future(ModelCache().load(variant(1)))
        await wait_until(lambda: loads)
        warming.cancel()

    asyncio.run(end_in_the_middle())  # which cancels what is under way
    assert errors == []


async def wait_until(condition) -> None:
    while not condition():
        await asyncio.sleep(0)


def test_a_weight_of_zero_gets_no_traffic_unless_all_are_zero():
    both = {"a": variant(1), "b": variant(2)}
    route = Route("r", "e", "InService", both, (0.0, 2.0), 0)
    assert {route.choose().endpoint for _ in range(50)} == {2}
    assert Route("r", "e", "InService", both, (0.0, 0.0), 0).choose().endpoint == 1
