"""Random connections to endpoints: signed requests, good and spoiled ones, cut into pieces anywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from unittest import mock

from tests.unit.engine.auth.signing import signed

REGION, SECRET = "us-east-1", "secret"
ROLES = {"AKEDITOR": "editor", "AKVIEWER": "viewer"}
ENDPOINTS = (*["plain"] * 8, *["named"] * 3, "one", "narrow", "captured", "isolated", "two", "failed", "nobody")
BODIES = (
    b"0.5,1,-2", b"0.5,1,-2", b"1e-3,2.25,7", b"1,2,3\n", b"1,2,3\n4,5,6\n7,8,9", b"1,2,3\r\n", b"\n1,2,3",
    b"1,2,3\n\n", b"1,2", b"1,2,3,4", b"1,2,3\n4,5", b",,", b"1,,3", b".5,+1,2.", b"nan,1,2", b"1e999,1,2",
    b"1e39,0,0", b"inf,0,0", b"a,b,c", b"age,plan\n40,b", b"age,plan\n40,zzz", b"40,a", b" 1, 2,3 ", b"1;2;3", b"",
    b"age,plan\n40,b\n50,a",
    b"\xff\xfe\x00", b"0 0:1 2:3", b'{"instances": [{"features": [1, 2, 3]}]}', b"[[1,2,3],[4,5,6]]",
    b'{"instances": [{"age": 4, "plan": "q"}]}', b'{"features": [1, null, 3]}', b"{broken", b"1,2,3\n" * 9,
    b"1,2,3\n" * 400, b"0.25,1,2\n" * 2_000, b"0.25,1,\n" * 2_500, b"[[1.5,2,3]" + b",[1,2,3]" * 2_500 + b"]",
    b"16777217,340282350000000000,-0", b"123456789012345678901234567890,1,2", b"0012,1,2",
    b"1,2,3],[4,5,6", b"1.5.5,2,3", b"--1,2,3", b"5", b"\n", b"1\n2",
)  # fmt: skip
TYPES = (
    *["text/csv"] * 6, "text/csv; charset=utf-8", "TEXT/CSV", "text/csv;label_size=1", "application/json",
    "application/jsonlines", "text/libsvm", "application/x-recordio-protobuf", "image/png", "t\xe4xt/csv", None,
)  # fmt: skip
ACCEPTS = (
    *["text/csv"] * 4, None, "*/*", "application/json", "application/jsonlines",
    *["application/json; labels=true"] * 3, "application/json; reasons=2", "application/x-recordio-protobuf",
    "image/png", "text/csv, */*", "\xe9",
)  # fmt: skip
PATHS = (
    "/endpoints/plain/invocations?a=b", "/endpoints/plai%6E/invocations", "//endpoints/plain/invocations", "/healthz",
    "/endpoints/plain/async-invocations", "/endpoints/p.l/invocations",
)  # fmt: skip
MORE = (
    {"X-Amzn-SageMaker-Custom-Attributes": "mine"}, {"X-Amzn-SageMaker-Inference-Id": "one"},
    {"X-Amzn-SageMaker-Target-Variant": "AllTraffic"}, {"X-Amzn-SageMaker-Target-Variant": "none"},
    {"X-Amzn-SageMaker-Session-Id": "s"}, {"X-Amzn-SageMaker-Target-Model": "m.tar.gz"}, {"X-Amz-Target": "Some.Thing"},
    {"Connection": "close"}, {"Connection": "keep-alive"}, {"Expect": "100-continue"}, {"User-Agent": "a  b\tc "},
    {"X-Amz-Security-Token": "t"}, {"Smithy-Protocol": "rpc-v2-cbor"}, {"Upgrade": "h2c"}, {"X-Note": "caf\xe9"},
)  # fmt: skip


def invocation(endpoint: str, body: bytes, at: datetime | None = None, **headers: str) -> bytes:
    """A request for a prediction, as a client sends it `at` that time, which is now."""
    headers = {"Content-Type": "text/csv", "Accept": "text/csv"} | headers
    with mock.patch("botocore.auth.get_current_datetime", lambda: at or datetime.now(UTC)):
        *_, signed_headers = signed(
            SECRET, path=f"/endpoints/{endpoint}/invocations", body=body, headers=headers, id="AKEDITOR"
        )
    lines = "".join(f"{name}: {value}\r\n" for name, value in (signed_headers | {"content-length": len(body)}).items())
    return f"POST /endpoints/{endpoint}/invocations HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


def request(random: Random) -> bytes:
    """One request as it goes over the wire, good or bad."""
    body, headers = random.choice(BODIES[: 5 if random.random() < 0.5 else None]), {}
    usual = random.random() < 0.5
    for name, values in (("Content-Type", TYPES), ("Accept", ACCEPTS)):
        if (value := values[0] if usual else random.choice(values)) is not None:
            headers[name] = value
    if not usual and random.random() < 0.5:
        headers |= random.choice(MORE)
    path = f"/endpoints/{random.choice(ENDPOINTS)}/invocations"
    method = "POST" if usual or random.random() < 0.95 else random.choice(["GET", "PUT"])
    if not usual and random.random() < 0.1:
        path = random.choice(PATHS)
    service = "sagemaker" if usual or random.random() < 0.93 else random.choice(["s3", "sts"])
    key = "AKEDITOR" if usual or random.random() < 0.85 else random.choice(["AKVIEWER", "AKNOBODY"])
    region = REGION if usual or random.random() < 0.95 else "eu-west-3"
    ago = timedelta(seconds=0 if usual or random.random() < 0.9 else random.choice([-400, -200, 200, 400]))
    with mock.patch("botocore.auth.get_current_datetime", lambda: datetime.now(UTC) - ago):
        _, _, _, signed_headers = signed(SECRET, service, method, path, body, headers, region, key)
    version, lines = b"1.1", [*signed_headers.items()]
    if not usual:
        body, version, lines = _spoiled(random, body, lines)
    lines = [(name, value) for name, value in lines if name != "content-length"]
    chunked = any(name == "transfer-encoding" for name, _ in lines)
    if not chunked and (body or random.random() < 0.5):
        lines.append(("content-length", f"{len(body)}"))
    if chunked:
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    text = "".join(f"{name}:{' ' if usual else random.choice(['', ' ', '  '])}{value}\r\n" for name, value in lines)
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method.encode(), path.encode(), version, text.encode("latin-1")) + body


def _spoiled(random: Random, body: bytes, lines: list) -> tuple[bytes, bytes, list]:
    """A signed request after something has happened to it, or nothing."""
    version, what = b"1.1", random.randrange(14)
    index = random.randrange(len(lines))
    name, value = lines[index]
    if what == 0:
        lines[index] = name.upper(), value
    elif what == 1:
        random.shuffle(lines)
    elif what == 2:
        lines.append((name, value))
    elif what == 3:
        del lines[index]
    elif what == 4:
        lines[index] = name, value + random.choice([" ", "  ", "x", "\t"])
    elif what == 5:
        lines[index] = name, value.replace("a", "b").replace("Signature=", "signature=" if value else "")
    elif what == 6:
        body = body[:-1]
    elif what == 7:
        version = b"1.0"
    elif what == 8:
        lines.append(("transfer-encoding", "chunked"))
    elif what == 9:
        lines = [
            (n, v.replace(", ", random.choice([",", ",  ", " , "])) if n == "authorization" else v) for n, v in lines
        ]
    return body, version, lines


Step = tuple[int, str, bytes]  # connection, what happens to it, and the bytes that come


def steps(random: Random) -> list[Step]:
    """What happens to some connections, in order."""
    queues: list[list[Step]] = []
    for number in range(random.choice([1, 1, 2, 3, 5])):
        data = b"".join(request(random) for _ in range(random.choice([1, 1, 1, 2, 3])))
        if random.random() < 0.08:
            data += random.choice([b"\x00garbage\r\n\r\n", b"\r\n", b"POST /endpoints/plain/invocations HTT"])
        if random.random() < 0.1:
            data = data[: random.randrange(len(data))]
        cuts = sorted(random.choices(range(len(data) + 1), k=random.choice([0, 0, 0, 1, 2, 5])))
        queue = []
        for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
            queue.append((number, "data", data[start:end]))
            if random.random() < 0.5:
                queue.append((number, "settle", b""))
        if random.random() < 0.1:
            queue.insert(random.randrange(len(queue) + 1), (number, "pause", b""))
            queue.append((number, "resume", b""))
        if random.random() < 0.15:
            queue.insert(random.randrange(len(queue) + 1), (number, random.choice(["lost", "shutdown"]), b""))
        queues.append(queue)
    mixed = []
    while queues := [queue for queue in queues if queue]:
        mixed.append(random.choice(queues).pop(0))
    return mixed
