"""Both ways of a prediction answer the same, and the short one forgets what the ordinary one forgets.

`python -m tests.fuzz --kind invocations` goes on with the first for as long as it is told.
"""

import asyncio
import gc
import runpy
import weakref
from collections import Counter
from random import Random
from unittest import mock

import pytest

from algorithms.spec import InvocationError
from algorithms.xgboost import tree_walker
from common.http.protocol import SLICE, Protocol
from engine.auth import keys, known_claims
from engine.serving import app, routes
from engine.serving.short.protocol import ShortWay
from tests.fuzz.connections import REGION, invocation
from tests.fuzz.invocations import WIDTH, Server, check, predictor, prepared, without_moments
from tests.unit.engine.serving.short_way_requests import GOOD, exchange, received


def test_both_ways_answer_the_same_bytes_and_count_the_same():
    ways = Counter(check(Random(seed)) for seed in range(100))
    assert ways["short"] > 20


@pytest.mark.parametrize(("is_on", "protocol"), [(True, ShortWay), (False, Protocol)])
@pytest.mark.parametrize("module", ["engine.gateway.__main__", "engine.serving.__main__"])
def test_both_servers_have_the_short_way_unless_it_is_switched_off(module, is_on, protocol, monkeypatch, settings):
    settings.SHORT_WAY = is_on
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr("sys.argv", ["server", "--port", "1"])
    with mock.patch("engine.http.server.serve") as serve, mock.patch("django.setup"):
        runpy.run_module(module, run_name="__main__")
    assert serve.call_args.kwargs["protocol"] is protocol


def test_requests_of_one_turn_are_predicted_at_once_and_one_that_is_not_so_plain_spoils_none():
    bodies = [GOOD, b"1,2,3\n4,5,6", b".5,1,-2", b"1,2", b"[[0.5, 1, -2]]"]
    with mock.patch.object(predictor(WIDTH), "predict", wraps=predictor(WIDTH).predict) as predict:
        answers = exchange(ShortWay, *bodies[:2])
        assert [len(call.args[0]) for call in predict.call_args_list] == [3, 3]
        more = exchange(ShortWay, *bodies)
    alone = exchange(ShortWay, GOOD)[0].partition(b"\r\n\r\n")[2]
    assert answers[0].endswith(alone) and more[0].endswith(alone) and more[2].endswith(alone)
    assert [answer.split(b" ", 2)[1] for answer in more] == [b"200", b"200", b"200", b"424", b"424"]


@pytest.mark.skipif(not tree_walker.build(), reason="there is no C compiler")
def test_single_rows_of_one_turn_are_predicted_without_numpy_unless_it_has_to_judge_them():
    plain = predictor(WIDTH)
    with mock.patch.object(plain, "predict_numbers", wraps=plain.predict_numbers) as predict:
        assert all(answer.startswith(b"HTTP/1.1 200") for answer in exchange(ShortWay, GOOD, b"1,2,3\n", b"4,5e2,-6"))
        assert predict.call_args.args == ([0.5, 1, -2, 1, 2, 3, 4, 500.0, -6],)
        for strange in (b"1e39,1,1", b"1e400,1,1", b".5,1,1", b"1,,1", b"1" * 60 + b",1,1"):
            short, ordinary = (without_moments(exchange(kind, GOOD, strange)[1]) for kind in (ShortWay, Protocol))
            assert short == ordinary, strange


def test_a_request_after_one_that_was_alone_is_answered_without_waiting_for_the_end_of_the_turn():
    async def run() -> None:
        with prepared():
            server, request = Server(ShortWay), invocation("plain", GOOD)
            one, other, third = (server.connect() for _ in range(3))

            def answers(client) -> int:
                return client.transport.received.count(b"HTTP/1.1 200")

            one.data_received(request)
            assert answers(one) == 0, "the first is not known to be alone"
            await server.settle()
            one.data_received(request)
            assert answers(one) == 2
            other.data_received(request)
            third.data_received(request)
            assert answers(other) == answers(third) == 0, "they come in the same turn"
            await server.settle()
            assert answers(other) == answers(third) == 1
            one.data_received(request)
            assert answers(one) == 2, "the last turn had two"
            await server.settle()
            # A loop that hands answers over at once does not tell when its turn is over.
            with mock.patch.object(type(other.transport), "get_write_buffer_size", lambda transport: 0):
                for client in (one, other):
                    client.data_received(request)
                    await server.settle()
                third.data_received(request)
                assert answers(third) == 1
            await server.settle()
            await server.end()

    asyncio.run(run())


BEHIND = {
    "garbage": b"\x00garbage\r\n\r\n",
    "half a head": b"POST /endpoints/plain/invocations HTT",
    "a request that is answered at once": b"GET /healthz HTTP/1.1\r\n\r\n",
    "a request that ends the connection": b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
    "an end of line": b"\r\n",
}


@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
def test_what_comes_in_one_read_behind_a_request_that_is_alone_counts_as_on_the_ordinary_way(behind):
    async def run(kind) -> tuple[bytes, bool]:
        with prepared():
            server, request = Server(kind), invocation("plain", GOOD)
            client = server.connect()
            for data in (request, request, request + behind, request):
                if not client.transport.is_closing():
                    client.data_received(data)
                await server.settle()
            is_closing = client.transport.is_closing()
            await server.end()
            return without_moments(bytes(client.transport.received)), is_closing

    assert asyncio.run(run(ShortWay)) == asyncio.run(run(Protocol))


def test_a_connection_does_not_idle_while_a_request_comes_whose_head_began_before_the_last_answer():
    async def run() -> bool:
        with prepared():
            server, slow = Server(ShortWay), invocation("isolated", GOOD)
            client = server.connect()
            client.data_received(invocation("plain", GOOD) + slow[:20])
            await server.settle()
            assert client.transport.received.startswith(b"HTTP/1.1 200")
            client.data_received(slow[20:])
            is_stuck = client._is_stuck(asyncio.get_running_loop().time() + 90)
            await server.settle()
            assert client.transport.received.count(b"HTTP/1.1 200") == 2
            await server.end()
            return is_stuck

    assert not asyncio.run(run())


@pytest.mark.parametrize("kind", [ShortWay, Protocol])
def test_a_row_that_the_model_refuses_spoils_no_other_request_of_its_turn(kind):
    plain = predictor(WIDTH)
    wrapped = plain.predict

    def predict(rows):
        if rows.max() > 99:
            raise InvocationError(400, f"row {rows.max(axis=1).argmax() + 1} is too large")
        return wrapped(rows)

    with mock.patch.object(plain, "predict", predict), mock.patch.object(plain, "_walker", None):
        good, bad, other = exchange(kind, GOOD, b"999,1,2", b"1,2,3")
    assert good.startswith(b"HTTP/1.1 200") and other.startswith(b"HTTP/1.1 200")
    assert bad.startswith(b"HTTP/1.1 424") and b"row 1 is" in bad


@pytest.mark.parametrize("kind", [ShortWay, Protocol])
def test_a_pipeline_is_parsed_and_read_no_faster_than_it_is_answered(kind):
    async def run() -> int:
        server, request = Server(kind), b"GET /healthz HTTP/1.1\r\n\r\n"
        client = server.connect()
        client.data_received(request * 1000)
        assert len(client.pipeline) < SLICE / len(request)
        with mock.patch.object(client.transport, "resume_reading") as resume:
            client.flow.resume_reading()  # as uvicorn does for each request that begins
            assert not resume.called
            await server.settle()
            assert resume.called
        await server.end()
        return client.transport.received.count(b"HTTP/1.1 200")

    assert asyncio.run(run()) == 1000


@pytest.mark.parametrize("kind", [ShortWay, Protocol])
def test_half_a_head_behind_unanswered_requests_is_not_late_before_it_is_read_on(kind):
    async def run() -> list[bool]:
        with prepared():
            server = Server(kind)
            client = server.connect()
            client.data_received(2 * invocation("isolated", GOOD) + b"GET /healthz HT")
            late = [client._is_stuck(asyncio.get_running_loop().time() + 25)]
            await server.settle()
            late.append(client._is_stuck(asyncio.get_running_loop().time() + 55))
            await server.end()
            return late

    assert asyncio.run(run()) == [False, True]


@pytest.mark.parametrize("kind", [ShortWay, Protocol])
def test_a_request_on_its_way_while_the_server_ends_is_answered_as_the_last(kind):
    async def run() -> bytes:
        with prepared():
            server = Server(kind)
            clients = [server.connect() for _ in range(2)]
            for client in clients:
                client.data_received(invocation("plain", GOOD))
            await server.settle()
            for client in clients:
                client.transport.received.clear()
                client.shutdown()
            clients[0].data_received(invocation("plain", GOOD))
            await server.settle()
            await asyncio.sleep(0.02)
            assert all(client.transport.closed for client in clients)
            await server.end()
            return bytes(clients[0].transport.received)

    with mock.patch("common.http.protocol.LINGER", 0.01):
        answer = asyncio.run(run())
    assert answer.startswith(b"HTTP/1.1 200") and b"connection: close" in answer


def revoke():
    keys._cache.clear()


def delete():
    routes.invalidate(REGION, "plain")


def change_the_secret():
    keys._cache["AKEDITOR"] = keys.CachedKey(keys._cache["AKEDITOR"].key, "another", float("inf"))


def make_a_viewer():
    keys._cache["AKEDITOR"] = keys._cache["AKVIEWER"]


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (revoke, b"security token"),
        (delete, b"not found"),
        (change_the_secret, b"does not match"),
        (make_a_viewer, b"role"),
    ],
)
def test_what_changes_while_requests_come_counts_from_the_next_on(before, words):
    [answer] = exchange(ShortWay, GOOD, before=before)
    assert answer.startswith(b"HTTP/1.1 40") and words in answer


def test_a_model_that_is_gone_from_memory_is_not_used_any_more():
    gone = []

    def forget():
        gone.extend(
            weakref.ref(model) for variant, model in app.models._cached.items() if variant.endpoint_name == "plain"
        )
        app.models._cached.clear()

    [answer] = exchange(ShortWay, GOOD, before=forget)
    gc.collect()
    assert not answer.startswith(b"HTTP/1.1 200")
    assert [model() for model in gone] == [None]


def test_every_signature_is_computed():
    with mock.patch.object(known_claims, "signature_of", return_value="0" * 64):
        [answer] = exchange(ShortWay, GOOD)
    with mock.patch.object(ShortWay, "take_ordinary_way", side_effect=AssertionError):
        [other] = exchange(ShortWay, GOOD)
    assert answer[-10:] == other[-10:]


def test_answers_keep_the_order_of_their_requests():
    slow, unreadable = invocation("isolated", GOOD), invocation("plain", b"1.5.5,2,3")
    data = (
        unreadable + invocation("plain", GOOD) + slow + invocation("plain", b"1,2,3") + invocation("plain", b"x") + slow
    )
    answer = received(ShortWay, data)
    assert answer == received(Protocol, data)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"424", b"200", b"200", b"200", b"424", b"200"]


def test_a_client_that_stops_in_its_body_or_idles_for_too_long_is_disconnected():
    async def run() -> list[bool]:
        with prepared():
            server, data = Server(ShortWay), invocation("plain", GOOD)
            half, idle = server.connect(), server.connect()
            half.data_received(data[:-1])
            idle.data_received(data)
            await server.settle()
            assert idle.transport.received.startswith(b"HTTP/1.1 200")
            now = asyncio.get_running_loop().time()
            stuck = [
                half._is_stuck(now + 25),
                half._is_stuck(now + 31),
                idle._is_stuck(now + 31),
                idle._is_stuck(now + 90),
            ]
            await server.end()
            return stuck

    with mock.patch("tests.fuzz.invocations.uvicorn.Config.timeout_keep_alive", 75, create=True):
        assert asyncio.run(run()) == [False, True, False, True]
