"""`python -m engine.notebooks --port 8004`: keeps the notebook instances, and serves their origin, until SIGTERM."""

import argparse
import asyncio
import os
import signal
import socket
from pathlib import Path

HOST = "127.0.0.1"
ALIVE_EVERY = 1.0  # seconds


def main() -> None:
    """Read the options, load Django, serve."""
    parser = argparse.ArgumentParser(prog="python -m engine.notebooks", description="Keep the notebook instances.")
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=8004)
    parser.add_argument("--descriptor", type=int, help="an inherited socket that listens, in the place of a port")
    parser.add_argument("--alive", type=Path, help="a file to touch every second")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    import django

    django.setup()
    asyncio.run(_serve(arguments))


async def _serve(arguments: argparse.Namespace) -> None:
    from aiohttp import web

    from common.http.server import raise_open_files, say_alive
    from engine.notebooks.app import Origin
    from engine.notebooks.keeper import Keeper

    raise_open_files()
    loop, ended, keeper = asyncio.get_running_loop(), asyncio.Event(), Keeper()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    runner = web.AppRunner(Origin(keeper.find).application(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    if arguments.descriptor is None:
        site: web.BaseSite = web.TCPSite(runner, arguments.host, arguments.port)
    else:
        site = web.SockSite(runner, socket.socket(fileno=arguments.descriptor))
    await site.start()

    def live() -> None:
        say_alive(arguments.alive)
        loop.call_later(ALIVE_EVERY, live)

    if arguments.alive:
        live()
    keeping = asyncio.ensure_future(keeper.run())
    ending = asyncio.ensure_future(ended.wait())
    await asyncio.wait({keeping, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    await keeper.close()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await runner.cleanup()
    if keeping.done() and not keeping.cancelled():
        keeping.result()  # a bug must be seen; the supervisor starts it again


if __name__ == "__main__":
    main()
