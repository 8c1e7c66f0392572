"""Answers the invocations of a model that came in one turn of the event loop: parsed, predicted and counted at once.

At 64 connections that is a third less than single answers cost: the library's call takes 24 us for one row and 45 for
64, and parsing, counting, request ids and the head of a response are shared too.
"""

import asyncio
import logging
import os
import time
import weakref
from collections import defaultdict

import numpy as np
from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.server import ServerState

from algorithms.formats import request_bodies
from algorithms.spec import InvocationError, Predictor
from common.permissions import Action, may
from engine.auth import known_claims
from engine.auth.keys import CachedKey
from engine.http.caller import record_use
from engine.http.request import format_id
from engine.serving import routes, telemetry
from engine.serving.answering import Answering
from engine.serving.app import models
from engine.serving.in_process import InProcessModel
from engine.serving.model_schema import accepts_labels
from engine.serving.reasons import REASONS
from engine.serving.routes import Route
from engine.serving.short.invocation import Invocation
from tables.unseen import UnseenCategories

log = logging.getLogger(__name__)
CSV = b"text/csv"
MAX_TYPES, MAX_ACCEPT = 64, 256  # Accept headers that are remembered of a model, and bytes of one
_batches: dict[tuple[str, str], "Batch"] = {}  # by Region and endpoint


def wait_for_answer(invocation: Invocation) -> bool:
    """Have a complete request answered at the end of this turn; False if it must take the ordinary way.

    Keys, routes and models are those that the ordinary way has in memory, as long as it has them.
    """
    verified = known_claims.verify(invocation.url, invocation.headers, invocation.body)
    if verified is None or not may(verified[0].role, Action.INVOKE):
        return False
    key, region = verified
    route = routes.find_cached(region, invocation.name)
    if route is None:
        return False
    batch = _batches.get((region, invocation.name))
    if batch is None or batch.route is not route:
        batch = _batch_of(route)
    return batch is not None and batch.add(invocation, key)


def _batch_of(route: Route) -> "Batch | None":
    """A new batch for a route; None if its requests have to take the ordinary way.

    With several variants each request is one throw of the dice, so one way has to throw for all.
    """
    if not route.is_serving or route.capture or len(route.variants) > 1:
        return None
    model = models.get(route.choose())
    if not isinstance(model, InProcessModel):
        return None
    if len(_batches) >= routes.MAX_ROUTES:
        _batches.clear()
    batch = _batches[route.region, route.name] = Batch(route, model)
    return batch


class Batch:
    """The requests of the current turn for one model, which the cache of models may drop at any time."""

    def __init__(self, route: Route, model: InProcessModel):
        self.route, self.variant, self._model = route, route.choose(), weakref.ref(model)
        self._waiting: list[Invocation] = []
        self._keys: dict[str, CachedKey] = {}
        self._types: dict[bytes | None, str] = {}
        self._heads: dict[str, bytes] = {}
        self._date: object = None  # uvicorn's default headers, which it replaces each second

    def add(self, invocation: Invocation, key: CachedKey) -> bool:
        """Take a request into the batch; False if the ordinary way has to answer it, or to find a thread for it."""
        if (model := self._model()) is None:
            return False
        headers, predictor = invocation.headers, model.answering.predictor
        accept, body = headers.get(b"accept"), invocation.body.removesuffix(b"\n")
        response_type = self._types.get(accept) or self._response_type(accept, predictor)
        if response_type is None or len(invocation.body) > predictor.inline_limit:
            return False
        height, width = body.count(b"\n") + 1, predictor.n_features
        is_plain = headers.get(b"content-type") == CSV and body.count(b",") == height * (width - 1)
        if is_plain and request_bodies.is_plain(body):
            invocation.height, invocation.rows = height, None
            numbers = height * width
        elif _read(invocation, model.answering):
            numbers = invocation.rows.size  # type: ignore[union-attr]
        else:
            return False
        if not model.is_inline(invocation.height, numbers):
            return False
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._answer)
        self._waiting.append(invocation)
        model.batch.rows += invocation.height
        invocation.put_back, invocation.response_type = self._remove, response_type
        invocation.key, invocation.ready = key.key.access_key_id, time.monotonic()
        self._keys[invocation.key] = key
        return True

    def _remove(self, invocation: Invocation) -> None:
        self._waiting.remove(invocation)
        if model := self._model():
            model.batch.rows -= invocation.height

    def _answer(self) -> None:
        """Answer what waits; what cannot be answered takes the ordinary way, for whatever reason."""
        waiting, keys, self._waiting, self._keys = self._waiting, self._keys, [], {}
        answers: list[tuple[Invocation, bytes]] = []
        try:
            if model := self._model():
                model.batch.rows -= sum([invocation.height for invocation in waiting])
                if waiting and models.get(self.variant) is model:
                    answers = _predict(waiting, model.answering)
        except InvocationError:
            pass
        except Exception:
            log.exception("invocations of %s take the ordinary way", self.route.name)
        if answers:
            self._send(answers, keys)
        if len(answers) < len(waiting):
            answered = {id(invocation) for invocation, _ in answers}
            for invocation in waiting:
                if id(invocation) not in answered:
                    invocation.connection.take_ordinary_way(invocation)

    def _send(self, answers: list[tuple[Invocation, bytes]], keys: dict[str, CachedKey]) -> None:
        """Write and count the answers."""
        now, count = time.monotonic(), len(answers)
        server = answers[0][0].connection.server_state
        if self._date is not server.default_headers:
            self._heads, self._date = {}, server.default_headers
        server.total_requests += count
        ids = os.urandom(16 * count).hex()  # one call of the system for all
        counted: defaultdict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
        for number, (invocation, body) in enumerate(answers):
            head = self._heads.get(invocation.response_type) or self._head(invocation.response_type, server)
            identifier = format_id(ids[32 * number : 32 * number + 32]).encode()
            response = b"%b%b\r\ncontent-length: %d\r\n\r\n%b" % (head, identifier, len(body), body)
            invocation.connection.answer(response, now)
            model_seconds, overhead_seconds = counted[invocation.key]
            model_seconds.append(now - invocation.ready)
            overhead_seconds.append(invocation.ready - invocation.began)
        for access_key_id, seconds in counted.items():
            telemetry.record_answers(self.route, self.variant.name, access_key_id, *seconds)
            record_use(keys[access_key_id].key)

    def _head(self, response_type: str, server: ServerState) -> bytes:
        """The head of a response up to the request id."""
        fields = [
            *server.default_headers,
            (b"content-type", response_type.encode("latin-1")),
            (b"x-amzn-invoked-production-variant", self.variant.name.encode()),
        ]
        lines = b"".join([b"%b: %b\r\n" % field for field in fields])
        head = self._heads[response_type] = STATUS_LINE[200] + lines + b"x-amzn-requestid: "
        return head

    def _response_type(self, accept: bytes | None, predictor: Predictor) -> str | None:
        text = None if accept is None else accept.decode("latin-1")
        if text is not None and (accepts_labels(text) or REASONS in text or len(text) > MAX_ACCEPT):
            return None
        try:
            response_type = predictor.response_type(text)
        except InvocationError:
            return None
        if len(self._types) < MAX_TYPES:  # clients choose them
            self._types[accept] = response_type
        return response_type


def _predict(waiting: list[Invocation], answering: Answering) -> list[tuple[Invocation, bytes]]:
    """The bodies of the answers to those that can be read. Raises InvocationError."""
    plain = [invocation for invocation in waiting if invocation.rows is None]
    together = _plain_rows(plain, answering.predictor) if plain else None
    if plain and together is None:  # one of them is not so plain
        plain = [invocation for invocation in plain if not _read(invocation, answering)]
    read = [invocation for invocation in waiting if invocation.rows is not None]
    parts = [invocation.rows for invocation in read if invocation.rows is not None]
    if together is not None:
        read, parts = [*plain, *read], [together, *parts]
    if not parts:
        return []
    predictor, start, answers = answering.predictor, 0, []
    predictions = predictor.predict(parts[0] if len(parts) == 1 else np.concatenate(parts))
    for invocation in read:
        end = start + invocation.height
        answers.append((invocation, predictor.write(predictions[start:end], invocation.response_type)))
        start = end
    return answers


def _plain_rows(plain: list[Invocation], predictor: Predictor) -> np.ndarray | None:
    """The rows of several bodies, read as one text: 1.5 us a row instead of 5. None if one is no such text."""
    text = b"\n".join([invocation.body.removesuffix(b"\n") for invocation in plain])
    try:
        with np.errstate(over="ignore"):  # too large for float32: infinity, and refused by the check
            rows = predictor.check(request_bodies.plain_rows(text))
    except (ValueError, OverflowError, TypeError, InvocationError):
        return None
    height = sum([invocation.height for invocation in plain])
    return rows if rows.shape == (height, predictor.n_features) else None


def _read(invocation: Invocation, answering: Answering) -> bool:
    """Read one body as the ordinary way does. False if that has something to say about it."""
    unseen, kind = UnseenCategories(), invocation.headers.get(b"content-type")
    text = None if kind is None else kind.decode("latin-1")
    try:
        rows, _ = answering.read(invocation.body, text, None, unseen)
    except Exception:  # a refusal, or a fault of ours: both are answered there
        return False
    if unseen:
        return False
    invocation.rows, invocation.height = rows, len(rows)
    return True
