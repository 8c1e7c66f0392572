"""Where the microseconds of a prediction go on its short way, without sockets: `python -m bench.short_way`.

One row of 30 features, 100 trees. Each step runs alone, in this process, on signed requests over 64 connections that
are none; the figure is processor time, the least of many runs, which other processes of the machine change least.
"""

import asyncio
import os
import time
import timeit
from collections.abc import Callable

CONNECTIONS, REPEATS, REQUESTS = 64, 60, 128


def main() -> None:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "console.settings", "OMP_NUM_THREADS": "1"}  # as in the gateway
    import django

    django.setup()
    from tests.fuzz.invocations import prepared

    with prepared():
        asyncio.run(_measure())


async def _measure() -> None:
    import httptools

    from algorithms.xgboost.fast_predict import DirectPredict
    from algorithms.xgboost.predict import Predictor
    from engine.auth import known_claims
    from engine.serving import app, routes
    from engine.serving.answering import Answering
    from engine.serving.in_process import InProcessModel
    from engine.serving.schema_document import SchemaDocument
    from engine.serving.short import batch, prediction
    from engine.serving.short.protocol import ShortWay
    from tests.fuzz.connections import REGION, invocation
    from tests.fuzz.invocations import Server
    from tests.wire.gateway.models import booster, csv, table

    Predictor.prepare()
    predictor = Predictor([booster(100)])
    library = DirectPredict(booster(100))
    route = routes.find_cached(REGION, "plain")
    model = InProcessModel(Answering(predictor, "text/csv"), 0, SchemaDocument({}))
    app.models._cached[route.choose()] = model
    server = Server(ShortWay)
    clients = [server.connect() for _ in range(CONNECTIONS)]
    data = [invocation("plain", csv(row[None, :])) for row in table()[0][:CONNECTIONS]]

    def receive(count: int = CONNECTIONS) -> None:
        for client, request in zip(clients[:count], data, strict=False):
            client.data_received(request)

    def receive_alone() -> None:
        turn._last, clients[0].transport.unsent = clients[0], 0  # as if the turn of the last answer were over
        receive(1)
        assert clients[0]._waiting is None

    def forget() -> None:
        for client in clients:
            client._waiting.put_back(client._waiting)
            client._waiting = None

    receive()
    turn = batch._batches[REGION, "plain"]
    waiting = turn._waiting[:]
    rows = prediction._plain_rows(waiting, predictor)
    first, predictions = waiting[0], predictor.predict(rows)
    answers = [(each, b"0.9982865452766418\n", "text/csv") for each in waiting]
    keys = turn._keys
    turn._answer()
    assert all(b"HTTP/1.1 200" in client.transport.received for client in clients)

    for what, step, requests in (
        ("all of it", lambda: (receive(), turn._answer()), CONNECTIONS),
        ("all of it for eight requests at once", lambda: (receive(8), turn._answer()), 8),
        ("all of it for one after another", receive_alone, 1),
        ("read the head, decide, check the signature, let wait", lambda: (receive(), forget()), CONNECTIONS),
        ("  of it the parser with bare callbacks", lambda: httptools.HttpRequestParser(Bare()).feed_data(data[0]), 1),
        ("  of it the signature", lambda: known_claims.verify(first.url, first.headers, first.body), 1),
        ("parse and predict all bodies", lambda: prediction._predict_numbers(waiting, predictor), CONNECTIONS),
        ("  a single one instead", lambda: prediction._predict_numbers(waiting[:1], predictor), 1),
        ("parse all bodies as an array", lambda: prediction._plain_rows(waiting, predictor), CONNECTIONS),
        ("  a single one instead", lambda: prediction._plain_rows(waiting[:1], predictor), 1),
        ("predict all rows by the walker", lambda: predictor.predict(rows), CONNECTIONS),
        ("  a single row instead", lambda: predictor.predict(rows[:1]), 1),
        ("predict all rows by the library", lambda: library(rows), CONNECTIONS),
        ("  a single row instead", lambda: library(rows[:1]), 1),
        ("write the text of an answer", lambda: predictor.write(predictions[:1], "text/csv"), 1),
        ("send and count all answers", lambda: turn._send(answers, keys), CONNECTIONS),
    ):
        print(f"{_least(step, requests):6.2f} us a request  {what}")
    await server.end()


class Bare:
    """Callbacks that do nothing."""

    def on_header(self, name: bytes, value: bytes) -> None: ...


def _least(step: Callable[[], object], requests: int) -> float:
    """Microseconds of a request, of which `step` does so many."""
    runs = REQUESTS // requests
    return min(timeit.repeat(step, timer=time.process_time, number=runs, repeat=REPEATS)) / runs / requests * 1e6


if __name__ == "__main__":
    main()
