"""Compares what a client gets by the two ways of a prediction, the short and the ordinary one.

Both run in this process on one event loop, over connections that are none. Keys, routes and models are in memory, so no
database and no object store is asked.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections import Counter
from contextlib import ExitStack
from functools import cache
from random import Random
from typing import Any
from unittest import mock

import numpy as np
import uvicorn
from uvicorn.server import ServerState

from algorithms import get
from algorithms.library_imports import import_xgboost
from algorithms.xgboost.predict import Predictor
from common.http.protocol import Protocol
from engine.auth import keys
from engine.models import AccessKey
from engine.serving import app, capture, routes, telemetry
from engine.serving.answering import Answering
from engine.serving.capture import CaptureSettings
from engine.serving.in_process import InProcessModel
from engine.serving.routes import Route, Variant
from engine.serving.schema_document import SchemaDocument
from engine.serving.served_model import ServedModel
from engine.serving.short.protocol import ShortWay
from tests.fuzz.connections import REGION, ROLES, SECRET, Step, steps
from tests.unit.engine.serving.test_serving_by_name import SCHEMA

WIDTH = 3
REQUEST_ID = re.compile(rb"(x-amzn-requestid: )[0-9a-f-]{36}")


class Apart(ServedModel):
    """Stands for a model in a process of its own."""

    size = 0

    async def start(self) -> None: ...

    async def answer(self, headers, body, unseen=None):
        await asyncio.sleep(0)
        return b"apart\n", "text/csv"

    def close(self) -> None: ...


class Client:
    """The transport of a connection that is none; `received` is what the client has got."""

    def __init__(self) -> None:
        self.received, self.closed = bytearray(), False
        self.unsent = 0  # bytes of this turn, as uvloop hands them over at its end

    def write(self, data: bytes) -> None:
        if not self.closed:
            self.received += data
            self.unsent += len(data)

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str) -> Any:
        return None

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


@cache
def predictor(width: int = WIDTH) -> Predictor:
    library, draw = import_xgboost(), np.random.default_rng(0)
    Predictor.prepare()
    x = draw.normal(size=(60, width)).astype(np.float32)
    settings = {"objective": "binary:logistic", "max_depth": 2, "nthread": 1}
    return Predictor([library.train(settings, library.DMatrix(x, x[:, 0] > 0), 3)])


def _served(row_seconds: float = 0.0, schema: dict | None = None, width: int = WIDTH) -> InProcessModel:
    answering = Answering(predictor(width), "text/csv", row_seconds)
    if schema:
        answering.use_schema(schema)
    return InProcessModel(answering, 0, SchemaDocument({}))


def prepared() -> ExitStack:
    """Keys, routes and models as after a first request for each."""
    settings = CaptureSettings(1.0, "s3://b/c", True, True, frozenset(["text/csv"]), frozenset())
    models: dict[str, list[ServedModel]] = {
        "one": [_served(width=1)],
        "plain": [_served()], "named": [_served(schema=SCHEMA)], "narrow": [_served(0.009)],  "captured": [_served()],
        "isolated": [Apart()], "two": [_served(), _served()], "failed": [_served()],
    }  # fmt: skip
    routes_now, cached = {}, {}
    for number, (name, served) in enumerate(models.items()):
        names = ["AllTraffic", "Other"][: len(served)]
        variants = {
            each: Variant(number, "c", each, "s3://b/m", get("xgboost").image_uri(REGION), (), REGION, name)
            for each in names
        }
        status = "Failed" if name == "failed" else "InService"
        capturing = settings if name == "captured" else None
        routes_now[REGION, name] = Route(REGION, name, status, variants, (1.0,) * len(served), math.inf, capturing)
        cached |= dict(zip(variants.values(), served, strict=True))
    known = {
        name: keys.CachedKey(AccessKey(access_key_id=name, role=role), SECRET, math.inf) for name, role in ROLES.items()
    }
    stack = ExitStack()
    for target, name, value in (
        (keys, "_cache", known), (keys, "find", lambda *_: None), (routes, "_routes", routes_now),
        (routes, "_read_row", lambda *_: None), (app.models, "_cached", type(app.models._cached)(cached)),
        (Route, "choose", lambda route: next(iter(route.variants.values()))),
    ):  # fmt: skip
        stack.enter_context(mock.patch.object(target, name, value))
    return stack


class Server:
    """uvicorn with one of the two protocols. Use it within `prepared()`, on the running event loop."""

    def __init__(self, kind: type[Protocol]):
        options = {"lifespan": "off", "log_config": None, "access_log": False, "timeout_keep_alive": 75}
        self._config = uvicorn.Config(app.app, http=kind, **options)
        self._config.load()
        self._kind, self._state = kind, ServerState()
        self._state.default_headers = [(b"date", b"today")]
        self._open: list[Protocol] = []

    def connect(self) -> Protocol:
        """A new connection; its transport is a Client."""
        protocol = self._kind(self._config, self._state, {}, asyncio.get_running_loop())
        protocol.connection_made(Client())
        self._open.append(protocol)
        return protocol

    async def settle(self) -> None:
        """Wait until every request that has come in whole is answered, where its client takes answers."""
        for _ in range(6):
            await asyncio.sleep(0)
        while any(map(_is_answering, self._open)):
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        for protocol in self._open:
            protocol.transport.unsent = 0

    async def end(self) -> None:
        """Lose what is left of the connections, and wait for their tasks."""
        for protocol in self._open:
            if protocol.parser is not None:
                protocol.transport.close()
                protocol.connection_lost(None)
        while self._state.tasks:
            await asyncio.sleep(0)


def _is_answering(protocol: Protocol) -> bool:
    """Whether the ordinary way still has an answer to give that its client takes.

    The last request may be half there while one before it, whose answer others wait for, is being answered.
    """
    if protocol.flow.write_paused or protocol.transport.is_closing():
        return False
    cycle = protocol.cycle
    return bool(protocol.pipeline) or bool(cycle and not cycle.more_body and not cycle.response_complete)


async def _run(kind: type[Protocol], what: list[Step]) -> tuple[dict[int, tuple[bytes, bool]], Counter]:
    """What each connection has got and whether it was closed, and what was counted."""
    with prepared():
        server = Server(kind)
        connections = {number: server.connect() for number in {number for number, _, _ in what}}
        for number, happens, data in what:
            protocol = connections[number]
            if happens == "settle":
                await server.settle()
            elif happens == "resume":
                protocol.resume_writing()
            elif not protocol.transport.is_closing():
                _let_happen(protocol, happens, data)
        await server.settle()
        received = {n: (bytes(p.transport.received), p.transport.is_closing()) for n, p in connections.items()}
        await server.end()
        return received, _counted()


def _let_happen(protocol: Protocol, happens: str, data: bytes) -> None:
    if happens == "data" and data:
        protocol.data_received(data)
    elif happens == "pause":
        protocol.pause_writing()
    elif happens == "shutdown":
        protocol.shutdown()
    elif happens == "lost":
        protocol.transport.close()
        protocol.connection_lost(None)


def _counted() -> Counter:
    """What there is to write of invocations since the last call."""
    counted: Counter = Counter()
    for source, invocations in telemetry.drain()[0].items():
        key = (source.endpoint, source.variant, source.access_key_id)
        assert len(invocations.model) == len(invocations.overhead)
        assert min(invocations.overhead) >= 0
        counted[key] += len(invocations.model)
        counted[(*key, "refused")] += invocations.refused + invocations.failed
        counted[(*key, "unseen")] += sum(invocations.unseen)
    counted["captured"] += len(capture.drain()[0])
    return counted


def check(random: Random) -> str:
    """Send the same to both ways. Raises AssertionError where they differ; returns which way was taken."""
    what, short = steps(random), Counter()
    answer = ShortWay.answer

    def count(protocol: ShortWay, response: bytes, now: float) -> None:
        short["answers"] += 1
        answer(protocol, response, now)

    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with mock.patch.object(ShortWay, "answer", count):
            ways = [asyncio.run(_run(kind, what)) for kind in (ShortWay, Protocol)]
    finally:
        logging.disable(disabled)
    (ours, our_count), (theirs, their_count) = ways
    ended = {number for number, happens, _ in what if happens in ("lost", "shutdown")}
    for number in ours:
        one, other = (_comparable(way[number], number in ended) for way in (ours, theirs))
        if number in ended:  # what was on its way then is a matter of moments
            assert one[0].startswith(other[0]) or other[0].startswith(one[0]), (number, one, other)
        else:
            assert one == other, (number, one, other)
    assert ended or our_count == their_count, (our_count, their_count)
    return "short" if short["answers"] else "ordinary"


def without_moments(received: bytes) -> bytes:
    """What a client got, without request ids and the time of the answer."""
    received = REQUEST_ID.sub(rb"\1", received)
    return re.sub(rb"(is now earlier than|is still later than) [^)]*", rb"\1", received)


def _comparable(way: tuple[bytes, bool], is_ended: bool) -> tuple[bytes, bool]:
    received = without_moments(way[0])
    return received.replace(b"connection: close\r\n", b"") if is_ended else received, way[1]
