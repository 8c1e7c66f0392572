"""A thread with a large body gives the interpreter to the event loop of the gateway soon."""

import sys

from engine.http import server


def test_the_gateway_waits_less_than_a_millisecond_for_python_in_a_thread(monkeypatch):
    before, during = sys.getswitchinterval(), []
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(sys, "argv", ["engine.gateway"])
    monkeypatch.setattr(server, "serve", lambda *_, **__: during.append(sys.getswitchinterval()))
    try:
        server.main("engine.gateway.app:app", "The gateway.", 8002)
    finally:
        sys.setswitchinterval(before)
    assert 0 < during[0] < 0.001
