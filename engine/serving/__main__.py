"""`python -m engine.serving --host 127.0.0.1 --port 8004`: the data plane alone, as many as there is traffic for."""

from engine.http.server import main

main(
    "engine.serving.app:app",
    "Answers POST /endpoints/{name}/invocations, and nothing else.",
    8004,
    short_way="engine.serving.short.protocol.ShortWay",
)
