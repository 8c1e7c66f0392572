"""A notebook instance in the whole stack, from its creation to its deletion: what runs inside, and who reaches it."""

import base64
import http.cookiejar
import json
import os
import secrets
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests import localhost_names
from tests.notebook_cycles import ROLE, inside, status, until
from tests.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.long]
START = 900.0  # seconds: the first on a machine installs JupyterLab and the kernels
SCRIPT = """#!/bin/bash
set -e
cd ~/SageMaker/examples
for notebook in *.ipynb; do jupyter execute "$notebook"; echo "RAN $notebook"; done
aws sts get-caller-identity --query Account --output text
python - <<'PYTHON'
import os, socket, subprocess, boto3
for address in "https://s3.amazonaws.com", "https://s3.us-east-1.amazonaws.com":
    s3 = boto3.client("s3", endpoint_url=address)
    bucket = boto3.client("sts", endpoint_url="https://sts.amazonaws.com").get_caller_identity()["Account"] + "-inside"
    if bucket not in str(s3.list_buckets()["Buckets"]):
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"by AWS's address")
    link = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a/b"})
    assert ".amazonaws.com/" in link
    for fetch in ["curl", "-sS"], ["wget", "-qO-"]:
        assert subprocess.check_output([*fetch, link]) == b"by AWS's address", (fetch, link)
assert boto3.client("sagemaker", endpoint_url="https://api.sagemaker.us-east-1.amazonaws.com").list_models()
refused = subprocess.run(["curl", "-sS", "http://pypi.org/simple/"], capture_output=True, text=True).stdout
assert refused.startswith("pypi.org is outside of this notebook"), refused
for port in PORTS:
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)), f"port {port} answers"
assert not any(name.startswith("SAGEWRIGHT") for name in os.environ)
assert not os.path.exists("DATA")
assert len([p for p in os.listdir("/proc") if p.isdigit()]) < 12
print("WALLED IN")
PYTHON
python - --version <<'PYTHON'
import sys
try:
    import start_jupyterlab
except SystemExit:
    assert "jupyter_events" in sys.modules and "lark" not in sys.modules  # whose grammars take longer than all else
print("LIGHT")
PYTHON
echo kept > ~/SageMaker/kept; echo gone > ~/gone
"""


@pytest.fixture(autouse=True)
def names_below_localhost(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", localhost_names.getaddrinfo)


def read(url: str, opener=None, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with (opener or urllib.request.build_opener()).open(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


@pytest.fixture
def name(stack: Stack):
    """The name of an instance that is stopped and deleted at the end."""
    name, sm = f"life-{secrets.token_hex(3)}", stack.client("sagemaker")
    yield name
    if status(sm, name) in ("Pending", "InService", "Stopping"):
        sm.stop_notebook_instance(NotebookInstanceName=name)
        until(sm, name, "Stopped", "Failed")
    sm.delete_notebook_instance(NotebookInstanceName=name)
    until(sm, name, "")


def create(stack: Stack, name: str, script: str = "", **more) -> None:
    sm = stack.client("sagemaker")
    if script:
        hooks = [{"Content": base64.b64encode(script.encode()).decode()}]
        sm.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name, OnStart=hooks)
        more["LifecycleConfigName"] = name
    sm.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE, **more)


def test_the_examples_run_inside_and_nothing_else_can_be_reached(stack, name):
    sm, logs = stack.client("sagemaker"), stack.client("logs")
    gateway = stack.address("gateway").rpartition(":")[2]
    ports = [int(stack.address(p).rpartition(":")[2]) for p in ("web", "live", "engine", "notebooks")]
    assert int(gateway) not in ports
    create(stack, name, SCRIPT.replace("PORTS", str(ports)).replace("DATA", str(stack.data)))
    until(sm, name, "InService", "Failed", within=START)
    group, stream = "/aws/sagemaker/NotebookInstances", f"{name}/LifecycleConfigOnStart"
    messages = [e["message"] for e in logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]]
    assert status(sm, name) == "InService", messages[-5:]
    examples = Path("engine/notebooks/examples").glob("*.ipynb")
    assert {f"RAN {example.name}" for example in examples} <= set(messages)
    assert {"123456789012", "WALLED IN", "LIGHT"} <= set(messages)

    # Only a link opens it, once; a cookie of it opens nothing else.
    url = sm.create_presigned_notebook_instance_url(NotebookInstanceName=name)["AuthorizedUrl"]
    base = url.partition("?")[0]
    assert read(f"{base}lab")[0] == 403
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    code, page = read(url, browser)
    assert code == 200 and "JupyterLab" in page
    assert '"buildCheck": false' in page  # which would take a processor at each opening, for what nobody can do here
    assert read(url)[0] == 403
    assert sorted((c.name, c.path) for c in jar if c.name.startswith("sage")) == [
        ("sagewright-notebook", f"/notebook/us-east-1/{name}/"),
        ("sagewright-notebooks-of", "/notebook/"),  # whose notebooks the browser has: it opens none by itself
    ]
    assert (
        read(f"{base}api/status", browser, Origin="http://evil.example")[0] == 200
    )  # reads are the browser's to refuse
    request = urllib.request.Request(f"{base}api/kernels", b"{}", {"Origin": "http://evil.example"}, method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        browser.open(request)
    assert refused.value.code == 403
    assert read(f"{base}lab", browser, Host="evil.example")[0] == 403

    # Files of the volume outlive a stop, and nothing else does.
    sm.stop_notebook_instance(NotebookInstanceName=name)
    until(sm, name, "Stopped")
    assert inside(stack) == []
    assert read(f"{base}lab", browser)[0] == 503
    keys = stack.client("iam").list_access_keys()["AccessKeyMetadata"]
    assert len(keys) == 1
    check = base64.b64encode(b"test -e ~/SageMaker/kept && test ! -e ~/gone\n").decode()
    sm.update_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName=name, OnStart=[{"Content": check}])
    sm.start_notebook_instance(NotebookInstanceName=name)
    assert until(sm, name, "InService", "Failed") == "InService"


def test_a_script_that_fails_fails_the_start_with_its_last_line(stack, name):
    sm = stack.client("sagemaker")
    create(stack, name, "echo it is missing; exit 3\n")
    assert until(sm, name, "InService", "Failed", within=START) == "Failed"
    reason = sm.describe_notebook_instance(NotebookInstanceName=name)["FailureReason"]
    assert "failed with exit code 3. Its last line: it is missing" in reason


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "told to end"])
def test_a_keeper_that_ends_brings_its_instances_back(stack, name, by):
    sm = stack.client("sagemaker")
    create(stack, name)
    assert until(sm, name, "InService", "Failed", within=START) == "InService"
    before = set(inside(stack))
    os.kill(stack.pid("notebooks"), by)
    until(sm, name, "Pending")
    assert until(sm, name, "InService", "Failed") == "InService"
    assert not before & set(inside(stack))
    url = sm.create_presigned_notebook_instance_url(NotebookInstanceName=name)["AuthorizedUrl"]
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    assert read(url, browser)[0] == 200
    assert "kernels" in json.loads(read(f"{url.partition('?')[0]}api/status", browser)[1])
