"""What depends on the database runs on PostgreSQL too: locks, claims, statuses, and which texts a row can hold."""

import os
import subprocess
import sys

import pytest

from tests.stack import ROOT
from tests.waiting import LIMIT

pytestmark = [pytest.mark.scale, pytest.mark.long]
# A busy worker costs as many seconds as its work, and what it proves is not the database's.
TESTS = (
    *(f"tests/unit/common/test_{name}.py" for name in ("claim", "queue", "status", "text", "server_paths")),
    *("tests/unit/models_app/test_scans.py", "tests/unit/models_app/test_column_limits.py"),
    "tests/unit/engine/training/test_claims.py",
    *("tests/pages/test_people.py", "tests/pages/test_account.py"),  # an administrator remains, tries are counted
    "tests/pages/test_notifications.py",
    *("tests/unit/engine/serving/test_telemetry.py", "-k", "not busy_worker"),
)


def test_what_depends_on_the_database_passes_on_postgresql(postgres):
    port, password = postgres
    url = f"postgresql://sagewright:{password}@127.0.0.1:{port}/sagewright"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SAGEWRIGHT_"))}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment | {"TEST_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
