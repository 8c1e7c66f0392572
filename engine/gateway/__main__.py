"""`python -m engine.gateway --host 127.0.0.1 --port 8002`: runs the gateway until SIGINT or SIGTERM."""

from engine.http.server import main

main(
    "engine.gateway.app:app",
    "The one AWS address: S3, predictions, and the way to the control plane.",
    8002,
    warm_up="engine.serving.model_cache.warm_up",
    short_way="engine.serving.short.protocol.ShortWay",
)
