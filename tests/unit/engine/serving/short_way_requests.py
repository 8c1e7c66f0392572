"""Requests to a server with the short way, and the answers as bytes."""

import asyncio

from tests.fuzz.connections import invocation
from tests.fuzz.invocations import Server, prepared, without_moments

GOOD, PATH = b"0.5,1,-2", "/endpoints/plain/invocations"


def exchange(kind, *bodies: bytes, before=lambda: None, **parts) -> list[bytes]:
    """The answers to requests that come at once, each over a connection of its own."""

    async def run() -> list[bytes]:
        with prepared():
            server = Server(kind)
            clients = [server.connect() for _ in bodies]
            for warm in (True, False):
                if not warm:
                    before()
                for client, body in zip(clients, bodies, strict=True):
                    client.transport.received.clear()
                    client.data_received(invocation("plain", body, **parts))
                await server.settle()
            await server.end()
            return [bytes(client.transport.received) for client in clients]

    return asyncio.run(run())


def received(kind, data: bytes, is_paused: bool = False) -> bytes:
    """What a client gets that sends `data`, and takes nothing at first if its connection is paused."""

    async def run() -> bytes:
        with prepared():
            server = Server(kind)
            client = server.connect()
            client.data_received(data[:200])
            if is_paused:
                client.pause_writing()
            client.data_received(data[200:])
            await server.settle()
            if is_paused:
                assert not client.transport.received
                client.resume_writing()
                await server.settle()
            await server.end()
            return without_moments(bytes(client.transport.received))

    return asyncio.run(run())
