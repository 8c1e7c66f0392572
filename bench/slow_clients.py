"""What slow clients do to everybody else: hundreds of half-sent heads and bodies and of answers that nobody reads.

    python -m bench.slow_clients [--clients 500] [--seconds 8]

Starts a stack of its own. For each server and kind of slow client it prints how many ordinary requests were answered in
the meantime, how long they took, and the server's memory; at first without slow clients, with pages a second.
"""

import argparse
import contextlib
import socket
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from botocore.config import Config

from tests.stack import ROOT, Stack

AT_ONCE = 4  # ordinary clients
TIMEOUT = 10.0  # seconds after which an ordinary request counts as lost
HALF_HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
HALF_BODY = b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200000\r\n\r\nx="


def main() -> None:
    parser = argparse.ArgumentParser(description="Ordinary requests among slow clients.")
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    large = max((ROOT / "static").rglob("*.js"), key=lambda path: path.stat().st_size).relative_to(ROOT)
    with Stack() as stack:
        once = Config(connect_timeout=TIMEOUT, read_timeout=TIMEOUT, retries={"total_max_attempts": 1})
        sagemaker, s3 = stack.client("sagemaker", config=once), stack.client("s3", config=once)
        calls: dict[str, Callable[[], object]] = {
            "web": lambda: urllib.request.urlopen(f"{stack.web}/login/", timeout=TIMEOUT).read(),
            "engine": lambda: sagemaker.list_training_jobs(),
            "gateway": lambda: s3.list_buckets(),
            "live": lambda: urllib.request.urlopen(f"{stack.live}/healthz", timeout=TIMEOUT).read(),
        }
        kinds = {
            "none": b"",
            "half a head": HALF_HEAD,
            "half a body": HALF_BODY,
            "answers unread": f"GET /{large} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode(),
        }
        print(f"{options.clients} slow clients, {AT_ONCE} ordinary ones for {options.seconds:g} s each")
        print("server   slow clients    answers/s  lost   p50 ms   p95 ms   max ms     MB")
        for name, call in calls.items():
            call()
            for kind, beginning in kinds.items():
                with _slow(stack.address(name), options.clients if beginning else 0, beginning):
                    taken, lost = _measure(call, options.seconds)
                    memory = memory_of(stack.pid(name))
                per_second = len(taken) / options.seconds
                p50, p95, longest = _figures(taken)
                print(
                    f"{name:8} {kind:15} {per_second:9.0f} {lost:5} {p50:8.1f} {p95:8.1f} {longest:8.1f} {memory:6.0f}"
                )


@contextlib.contextmanager
def _slow(address: str, clients: int, beginning: bytes) -> Iterator[None]:
    """Hold `clients` connections to `address` open, each having sent `beginning` and reading nothing."""
    parts = urlsplit(address)
    with contextlib.ExitStack() as stack:
        for _ in range(clients):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(TIMEOUT)
            with contextlib.suppress(OSError):  # a server that takes no more connections is measured, too
                client.connect((parts.hostname, parts.port))
                client.sendall(beginning)
        yield


def _measure(call: Callable[[], object], seconds: float) -> tuple[list[float], int]:
    """Seconds of each request that AT_ONCE ordinary clients had answered, and how many were lost."""
    taken: list[float] = []
    lost: list[Exception] = []
    until = time.monotonic() + seconds

    def client() -> None:
        while (began := time.monotonic()) < until:
            try:
                call()
                taken.append(time.monotonic() - began)
            except Exception as e:  # whatever it is, this client had no answer
                lost.append(e)

    threads = [threading.Thread(target=client) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken, len(lost)


def _figures(taken: list[float]) -> tuple[float, float, float]:
    """Median, 95th percentile and maximum in milliseconds; NaN when nothing was answered."""
    if not taken:
        return (float("nan"),) * 3
    ordered = sorted(taken)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000, ordered[-1] * 1000


def memory_of(pid: int) -> float:
    """MB of a process and its children, of shared pages the share of each process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    own = int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(memory_of(int(child)) for child in children)


if __name__ == "__main__":
    main()
