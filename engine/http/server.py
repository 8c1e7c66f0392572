"""Starts an ASGI app of the engine, with Django's settings and rows at hand."""

import argparse
import os
import sys
from pathlib import Path

from common.http.protocol import Protocol
from common.http.server import serve, serve_inherited

# After which a thread that reads or writes a large body gives the interpreter to the event loop, once it asks: Python's
# 5 ms would be added to each answer of one row beside it, whose whole takes a tenth of a millisecond.
SWITCH_SECONDS = 0.0005


def main(app: str, description: str, port: int, warm_up: str = "", short_way: str = "") -> None:
    """Serve `app` ("module:name") until SIGINT or SIGTERM; open requests get a few seconds to end.

    `warm_up` is the function ("module.name") that a spare calls while it waits. `short_way` is the protocol
    ("module.name") that answers some requests by itself, unless SAGEWRIGHT_SHORT_WAY is 0.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--descriptor", type=int, help="an inherited socket that listens, in the place of a port")
    parser.add_argument("--alive", type=Path, help="with --descriptor: a file to touch every second")
    arguments = parser.parse_args()
    # A prediction of a few rows is over before a second thread has woken up, and the loop has requests for every core.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    sys.setswitchinterval(SWITCH_SECONDS)
    import django

    django.setup()
    from django.conf import settings
    from django.utils.module_loading import import_string

    protocol = import_string(short_way) if short_way and settings.SHORT_WAY else Protocol
    if arguments.descriptor is None:
        serve(app, arguments.host, arguments.port, protocol=protocol)
    else:
        warm = import_string(warm_up)
        serve_inherited(app, arguments.descriptor, warm_up=warm, protocol=protocol, alive=arguments.alive)
