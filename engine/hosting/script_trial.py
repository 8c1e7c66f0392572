"""Tries a variant's script before it may answer anybody: its model is loaded by its own model_fn, in a sandbox."""

import asyncio

from engine.hosting.trial import NO_PING, refused, write_log
from engine.models import Endpoint
from engine.serving import script
from engine.serving.script_model import ScriptModel
from engine.serving.served_model import ModelLoadError

SECONDS = 240  # to load, unless the configuration says how long a container may take to start


def run(endpoint: Endpoint, variant: dict) -> None:
    """Return when the variant's script has loaded its model. Raises Unfit, and botocore's errors without the store."""
    name, url = variant["VariantName"], variant["ModelDataUrl"]
    lines: list[str] = []
    try:
        parts = script.fetch(url, variant["Image"], variant["Environment"], endpoint.region)
        asyncio.run(_load(parts, lines, variant.get("StartupTimeout", SECONDS)))
    except ModelLoadError as e:
        raise refused(endpoint, name, NO_PING.format(name, e)) from None
    finally:
        for line in lines[-200:]:
            write_log(endpoint, name, line)
    write_log(endpoint, name, f"The model at {url} is loaded by its own script.")


async def _load(parts: script.Script, lines: list[str], seconds: float) -> None:
    model = ScriptModel(parts, lines.append)
    model.start_seconds = seconds
    try:
        await model.start()
    finally:
        model.close()
        await asyncio.get_running_loop().shutdown_default_executor()  # until the process has ended
