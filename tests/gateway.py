"""Starts a gateway in front of an object store, for tests that need S3 and no more of the engine."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.database import migrated_database
from tests.mortal import Mortal
from tests.ports import free_ports
from tests.stack import ROOT
from tests.waiting import answers


def start_gateway(store_url: str, encodes_keys: bool = True) -> tuple[str, Mortal]:
    """A gateway of this process's settings before the store at `store_url`: its URL, its process.

    Its database is its own, for the settings of buckets: callers sign with the engine's own key, which is in none. The
    caller ends the process. Without `encodes_keys` it is before a store that is not the embedded one.
    """
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    database = Path(tempfile.mkdtemp(prefix="gateway-"), "gateway.sqlite3")
    atexit.register(shutil.rmtree, database.parent, ignore_errors=True)
    environment = os.environ | {
        "SAGEWRIGHT_STORE_URL": store_url,
        "SAGEWRIGHT_STORE_ENCODES_KEYS": "1" if encodes_keys else "",
        "SAGEWRIGHT_GATEWAY_URL": url,
        "SAGEWRIGHT_DATABASE_URL": f"sqlite:///{database}",
    }
    migrated_database(database)
    command = (sys.executable, "-m", "engine.gateway", "--port", str(port))
    process = Mortal(*command, cwd=ROOT, env=environment)
    answers(f"{url}/healthz")
    return url, process
