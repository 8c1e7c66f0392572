"""What the console's settings make of the address that people open."""

import json
import os
import subprocess
import sys

import pytest

from tests.stack import ROOT

NAMES = ("SECURE_HSTS_SECONDS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
READ = f"import json; from console import settings; print(json.dumps([getattr(settings, n) for n in {NAMES!r}]))"


@pytest.mark.parametrize(
    ("address", "expected"),
    [("https://models.example", [365 * 86400, True, True]), ("http://models.example", [0, False, False])],
    ids=["https", "http"],
)
def test_behind_tls_browsers_are_told_to_come_back_by_tls_alone(address, expected):
    environment = os.environ | {"SAGEWRIGHT_WEB_URL": address}
    command = [sys.executable, "-c", READ]
    output = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(output.stdout) == expected
