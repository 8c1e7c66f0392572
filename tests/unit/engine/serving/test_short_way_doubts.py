"""Which requests take the short way, and which the ordinary one."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from unittest import mock

import pytest

from algorithms.xgboost.predict import Predictor
from common.http.protocol import Protocol
from engine.auth import known_claims, sigv4
from engine.serving import routes
from engine.serving.in_process import InProcessModel
from engine.serving.short.protocol import ShortWay
from tests.fuzz.connections import REGION, SECRET, invocation
from tests.fuzz.invocations import Server, prepared
from tests.unit.engine.serving.short_way_requests import GOOD, PATH, exchange, received


def by_hand(accept: str, at: datetime, scoped: datetime, service: str = "sagemaker") -> bytes:
    """A request with a right signature over `accept` with its white space as it is, at a time in the scope of a day.

    The signing key is SageMaker's, whatever service the scope names.
    """
    stamp, scope, names = (
        f"{at:%Y%m%dT%H%M%SZ}",
        f"{scoped:%Y%m%d}/{REGION}/{service}/aws4_request",
        "accept;host;x-amz-date",
    )
    lines = f"accept:{accept}\nhost:h\nx-amz-date:{stamp}\n"
    canonical = f"POST\n{PATH}\n\n{lines}\n{names}\n{sha256(GOOD).hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    signature = sigv4.signature_of(sigv4.derive(SECRET, scope[:8], REGION, "sagemaker"), text)
    claim = f"AWS4-HMAC-SHA256 Credential=AKEDITOR/{scope}, SignedHeaders={names}, Signature={signature}"
    head = f"host: h\r\nx-amz-date: {stamp}\r\naccept: {accept}\r\nauthorization: {claim}\r\ncontent-type: text/csv"
    return f"POST {PATH} HTTP/1.1\r\n{head}\r\ncontent-length: {len(GOOD)}\r\n\r\n".encode() + GOOD


def spaced(accept: str, service: str = "sagemaker") -> bytes:
    return by_hand(accept, datetime.now(UTC), datetime.now(UTC), service)


@pytest.mark.parametrize("kind", [ShortWay, Protocol])
def test_an_answer_is_waited_for_that_half_a_request_follows(kind):
    """The comparison of both ways, which waits for answers, took it for what the client has yet to send."""

    async def run() -> bytes:
        slow = mock.patch.object(routes, "_read_row", lambda *_: time.sleep(0.05))  # in a thread, as of a database
        with prepared(), slow:
            server = Server(kind)
            client = server.connect()
            client.data_received(invocation("nobody", GOOD) + invocation("plain", GOOD)[:-1])
            await server.settle()
            await server.end()
            return bytes(client.transport.received)

    assert b"Endpoint nobody of account" in asyncio.run(run())


DOUBTS = {  # made when they are sent: a signature is good for five minutes
    "a header twice": (
        lambda: invocation("plain", GOOD).replace(b"accept:", b"x-note: a\r\nX-Note: b\r\naccept:", 1),
        b"200",
    ),
    "a signed header twice": (
        lambda: invocation("plain", GOOD).replace(b"accept:", b"accept: text/csv\r\naccept:", 1),
        b"403",
    ),
    "white space": (lambda: invocation("plain", GOOD).replace(b"accept: text/csv", b"accept: text/csv \t", 1), b"200"),
    "white space inside": (lambda: invocation("plain", GOOD).replace(b"text/csv", b"text/csv;  x=y", 1), b"403"),
    "white space that is signed": (lambda: invocation("plain", GOOD, **{"X-Note": "a   b"}), b"200"),
    "white space signed as it is": (lambda: spaced("text/csv,  */*"), b"403"),
    "white space signed at the end": (lambda: spaced("text/csv "), b"403"),
    "a scope of another service": (lambda: spaced("text/csv", "sts"), b"403"),
    "labels": (lambda: invocation("plain", GOOD, Accept="application/json; labels=true"), b"424"),
    "reasons": (lambda: invocation("named", GOOD, Accept="application/json; reasons=1"), b"200"),
    "a category that is not known": (lambda: invocation("named", b"age,plan\n40,zzz"), b"200"),
    "more rows than a turn takes": (lambda: invocation("narrow", b"1,2,3\n" * 9), b"200"),
    "many rows with a missing number": (lambda: invocation("named", b"40,1,0\n" * 3_000 + b"40,,0"), b"200"),
    "many rows with a fault": (lambda: invocation("plain", b"1,2,3\n" * 3_000 + b"1,2,x"), b"424"),
    "many rows with too few numbers": (lambda: invocation("plain", b"1,2\n" * 9_000), b"424"),
    "many rows by name": (lambda: invocation("named", b"age,plan\n" + b"40,a\n" * 4_000), b"200"),
    "many rows of more numbers than a turn takes": (lambda: invocation("plain", b"1,2,3\n" * 9_000), b"200"),
    "nothing at all for a model of one column": (lambda: invocation("one", b"\n"), b"424"),
}


@pytest.mark.parametrize(("make", "status"), DOUBTS.values(), ids=DOUBTS)
def test_what_is_in_doubt_takes_the_ordinary_way(make, status):
    data = make()
    with mock.patch.object(ShortWay, "answer", side_effect=AssertionError):
        answer = received(ShortWay, data)
    assert answer == received(Protocol, data)
    assert answer[9:12] == status


def test_a_client_that_takes_nothing_gets_nothing_more():
    data = invocation("plain", GOOD)
    assert received(ShortWay, data, is_paused=True) == received(Protocol, data, is_paused=True)


GOOD_ONES = {
    "plain numbers": ("plain", GOOD, {}),
    "plain numbers for a model with a schema": ("named", b"40,1,0\n50,0,1", {}),
    "JSON": (
        "plain",
        b'{"instances": [[1, 2, 3]]}',
        {"Content-Type": "application/json", "Accept": "application/json"},
    ),
    "unusual numbers": ("plain", b".5,+1,2.\r\n", {"Accept": "*/*", "X-Note": "one"}),
    "many rows": ("plain", b"0.25,1,-2.125\n" * 2_000, {}),
    "many rows of JSON": (
        "named",
        b'{"instances": [%b]}' % b",".join([b'{"features": [40, 1.25, 0]}'] * 1_500),
        {"Content-Type": "application/json", "Accept": "application/json"},
    ),
    "names and labels": ("named", b"age,plan\n40,b", {"Accept": "application/json; labels=true"}),
}


@pytest.mark.parametrize(("endpoint", "body", "headers"), GOOD_ONES.values(), ids=GOOD_ONES)
def test_good_requests_take_the_short_way(endpoint, body, headers):
    data = invocation(endpoint, body, **headers)
    with mock.patch.object(ShortWay, "take_ordinary_way") as ordinary:
        answer = received(ShortWay, data)
    assert not ordinary.called
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer == received(Protocol, data)


def test_a_schema_that_may_have_been_replaced_is_looked_for_on_the_ordinary_way():
    data = invocation("named", GOOD, Accept="application/json; labels=true")
    stale = mock.patch.object(InProcessModel, "has_stale_schema", True)
    with stale, mock.patch.object(InProcessModel, "_follow_schema") as follow:
        assert received(ShortWay, data).startswith(b"HTTP/1.1 200")
    assert follow.called


@pytest.mark.parametrize(("where", "what"), [(known_claims, "verify"), (Predictor, "predict_numbers")])
def test_a_fault_of_the_short_way_is_no_fault_of_the_request(where, what, caplog):
    data = invocation("plain", GOOD)
    with mock.patch.object(where, what, side_effect=ZeroDivisionError):
        assert received(ShortWay, data) == received(Protocol, data)
    assert "the ordinary way" in caplog.text


def test_a_request_of_yesterdays_claim_is_as_old_as_its_date():
    stamp = datetime(2020, 1, 1)
    [answer] = exchange(ShortWay, GOOD, at=stamp)
    assert b"Signature expired: 20200101T000000Z" in answer
    assert SECRET.encode() not in answer


def test_a_scope_of_yesterday_is_not_good_for_a_time_of_today():
    with prepared():
        today, yesterday = datetime.now(UTC), datetime.now(UTC) - timedelta(days=1)
        for request in (by_hand("text/csv", yesterday, yesterday), by_hand("text/csv", today, yesterday)):
            _, *lines = request.partition(b"\r\n\r\n")[0].split(b"\r\n")
            headers = dict(line.split(b": ", 1) for line in lines)
            assert known_claims.verify(PATH.encode(), headers, GOOD) is None
        assert b"AKEDITOR" in b"".join(known_claims._claims)
