"""`python -m common.http console.wsgi:server --port 8000`: serves an ASGI application until SIGINT or SIGTERM."""

import argparse
from pathlib import Path

from common.http.server import serve, serve_inherited

parser = argparse.ArgumentParser(prog="python -m common.http", description="Serve an ASGI application.")
parser.add_argument("app", help="module:name")
parser.add_argument("--host", default="127.0.0.1")
where = parser.add_mutually_exclusive_group(required=True)
where.add_argument("--port", type=int)
where.add_argument("--descriptor", type=int, help="of an inherited socket that listens")
parser.add_argument("--alive", type=Path, help="with --descriptor: a file to touch every second")
parser.add_argument("--workers", type=int, default=1, help="processes")
parser.add_argument("--grace", type=int, default=3, help="seconds that open requests get to end")

if __name__ == "__main__":
    arguments = parser.parse_args()
    if arguments.descriptor is None:
        serve(arguments.app, arguments.host, arguments.port, arguments.workers, arguments.grace)
    else:
        serve_inherited(arguments.app, arguments.descriptor, arguments.grace, alive=arguments.alive)
