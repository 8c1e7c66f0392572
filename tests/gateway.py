"""Starts a gateway in front of an object store, for tests that need S3 and no more of the engine."""

import os
import sys

from tests.mortal import Mortal
from tests.ports import free_ports
from tests.stack import ROOT
from tests.waiting import answers


def start_gateway(store_url: str) -> tuple[str, Mortal]:
    """A gateway of this process's settings before the store at `store_url`: its URL, its process.

    It needs no database as long as its callers sign with the engine's own key. The caller ends the process.
    """
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {"SAGEWRIGHT_STORE_URL": store_url, "SAGEWRIGHT_GATEWAY_URL": url}
    command = (sys.executable, "-m", "engine.gateway", "--port", str(port))
    process = Mortal(*command, cwd=ROOT, env=environment)
    answers(f"{url}/healthz")
    return url, process
