"""The gateway without its signature check, to show what the check costs: `python -m bench.unsigned PORT`."""

import math
import os
import sys

from common.http.server import serve


def main(port: int) -> None:
    """Serve on loopback; every request is one of an editor in the engine's Region. Exists in the benchmark only."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    import django

    django.setup()
    from django.conf import settings

    from engine.auth import Caller, known_claims
    from engine.auth.keys import CachedKey
    from engine.models import AccessKey
    from engine.serving import app
    from engine.serving.short.protocol import ShortWay

    anybody = CachedKey(AccessKey(role=AccessKey.Role.EDITOR), "", math.inf)

    async def caller_of(request, body_hash) -> Caller:
        return Caller(anybody.key, settings.REGION, "sagemaker", anybody.role)

    app.caller_of = caller_of
    known_claims.verify = lambda path, headers, body: (anybody, settings.REGION)
    serve("engine.gateway.app:app", "127.0.0.1", port, protocol=ShortWay)


if __name__ == "__main__":
    main(int(sys.argv[1]))
