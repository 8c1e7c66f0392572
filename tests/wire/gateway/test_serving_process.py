"""The data plane as a process of its own, and how both processes end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ports import free_ports
from tests.waiting import LIMIT, answers
from tests.wire.gateway.conftest import child


@pytest.fixture
def environment(world):
    """What the gateway under test was started with."""
    path = Path(f"/proc/{world.gateway.pid}/environ").read_text()
    return dict(pair.split("=", 1) for pair in path.split("\0") if "=" in pair)


@pytest.mark.parametrize("module", ["engine.serving", "engine.gateway"])
def test_it_answers_and_ends_when_it_is_told_to(environment, module):
    (port,) = free_ports(1)
    env = os.environ | environment
    with child(sys.executable, "-m", module, "--port", str(port), env=env, stderr=subprocess.PIPE) as process:
        answers(f"http://127.0.0.1:{port}/healthz")
        process.send_signal(signal.SIGTERM)
        text = process.communicate(timeout=LIMIT)[1].decode()
        assert "Traceback" not in text


def test_the_data_plane_alone_serves_nothing_else(world, environment):
    (port,) = free_ports(1)
    with child(sys.executable, "-m", "engine.serving", "--port", str(port), env=os.environ | environment):
        answers(f"http://127.0.0.1:{port}/healthz")
        alone = type(world)(f"http://127.0.0.1:{port}", 0, world.gateway, world.desk, "", world.keys)
        client = alone.client("sagemaker-runtime")
        with pytest.raises(client.exceptions.ClientError, match="Endpoint nobody of account"):
            client.invoke_endpoint(EndpointName="nobody", Body=b"1")
        client.close()
        store = alone.client("s3")
        with pytest.raises(store.exceptions.ClientError):
            store.list_buckets()
        store.close()
