"""The pytest plugin in somebody else's project, installed from the wheel, as docs/testing.md shows it."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from console.supervisor.addresses import OFFSETS, STORE_PORTS
from tests.stack import ROOT
from tests.waiting import wait_for

EXAMPLE, SCRIPT = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "testing.md").read_text(), re.DOTALL)
VARIABLES = """
import os
BEFORE = dict(os.environ)

def test_one_engine_for_the_session_and_no_real_account(sagewright_engine):
    names = {name for name in os.environ if name.startswith(("AWS_", "SAGEMAKER_"))}
    assert names == {*sagewright_engine.environment, "AWS_EC2_METADATA_DISABLED"}
    assert os.environ["AWS_ENDPOINT_URL"] == sagewright_engine.endpoint_url
    with open("engines.txt", "a") as file:
        print(sagewright_engine.endpoint_url, file=file)

test_again = test_one_engine_for_the_session_and_no_real_account
"""
DEPLOYED = """
def test_the_model_is_deployed_and_called(sagewright_engine):
    sagemaker, name = boto3.client("sagemaker"), "churn-1"
    artifact = sagemaker.describe_training_job(TrainingJobName=name)["ModelArtifacts"]["S3ModelArtifacts"]
    role = "arn:aws:iam::123456789012:role/SageMakerRole"
    container = {"Image": IMAGE, "ModelDataUrl": artifact}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer=container)
    variant = {"VariantName": "a", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig={"Delay": 1})
    answer = boto3.client("sagemaker-runtime").invoke_endpoint(EndpointName=name, ContentType="text/csv", Body="20")
    assert float(answer["Body"].read()) > 0.5
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig={"Delay": 1})
"""
AFTER = """
import os

def pytest_sessionfinish():
    with open("after.txt", "a") as file:
        print({name: value for name, value in os.environ.items() if name.startswith(("AWS_", "SAGEMAKER_"))}, file=file)
"""


class Project:
    """A foreign project: a folder with tests, an environment that has the wheel, and a person with a cache."""

    def __init__(self, folder: Path, site: Path):
        self.folder = folder
        foreign = ("AWS_", "SAGEMAKER_", "SAGEWRIGHT_", "PYTEST_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        self.environment = environment | {
            "PYTHONPATH": str(site),
            "TMPDIR": str(folder / "tmp"),
            "XDG_CACHE_HOME": str(site.parent / "cache"),
            "AWS_PROFILE": "production",
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "PYTHONWARNINGS": "error",
        }
        (folder / "tmp").mkdir()
        (folder / "common").mkdir()  # a name that the application has too
        (folder / "common" / "__init__.py").write_text("MINE = True\n")

    def pytest(self, *arguments: str) -> str:
        """What pytest prints; its tests must pass."""
        done = subprocess.run(self._command(*arguments), **self._options(), capture_output=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(self._command(*arguments), **self._options())

    def left(self) -> list[str]:
        """The commands of processes that belong to an engine of this project."""
        mine, results = str(self.folder).encode(), []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mine in (process / "environ").read_bytes() and b"manage.py" in (process / "cmdline").read_bytes():
                    results.append((process / "cmdline").read_text())
            except OSError:
                continue
        return results

    def temporary_files(self) -> list[Path]:
        """All but pytest's own, which are for the person to look at."""
        return [path for path in (self.folder / "tmp").iterdir() if not path.name.startswith("pytest-of-")]

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:django", *arguments]

    def _options(self) -> dict:
        return {"cwd": self.folder, "env": self.environment, "text": True}


@pytest.fixture
def project(site):
    """Not in pytest's own temporary folder, whose long paths people do not have."""
    with tempfile.TemporaryDirectory(prefix="sw-") as folder:
        yield Project(Path(folder), site)


def test_the_example_of_the_document_passes_and_each_process_of_xdist_has_an_engine_of_its_own(project):
    """Its model can be deployed, and the variables are put back. One test, for an engine takes seconds to start."""
    assert len(EXAMPLE.splitlines()) < 30
    (project.folder / "test_churn.py").write_text(f"import common\n\n{EXAMPLE}\n{DEPLOYED}\nassert common.MINE\n")
    for name in ("a", "b"):
        (project.folder / f"test_{name}.py").write_text(VARIABLES)
    (project.folder / "conftest.py").write_text(AFTER)
    assert "6 passed" in project.pytest("-n", "2", "--dist", "loadfile")
    assert len(set((project.folder / "engines.txt").read_text().split())) == 2
    after = (project.folder / "after.txt").read_text().splitlines()
    assert after == ["{'AWS_PROFILE': 'production'}"] * 3  # of pytest and of both processes
    assert project.left() == [] and project.temporary_files() == []


def test_nothing_runs_on_when_pytest_is_killed(project):
    code = "import time\ndef test_it(sagewright_engine):\n    open('up', 'w').close()\n    time.sleep(600)\n"
    (project.folder / "test_a.py").write_text(code)
    session = project.start()
    try:
        wait_for(lambda: (project.folder / "up").exists(), "the engine")
    finally:
        session.send_signal(signal.SIGKILL)
        session.wait()
    wait_for(lambda: not project.left(), "its processes to end")


def test_a_suite_that_does_not_use_it_pays_nothing(project):
    """The plugin is loaded in every pytest of the environment: it may import nothing and change no path."""
    code = "import sys\ndef test_it():\n    assert not [n for n in sys.modules if n.startswith('sagewright.local')]\n"
    (project.folder / "test_a.py").write_text(code + "    assert not [p for p in sys.path if p.endswith('app')]\n")
    project.pytest()
    assert not {"boto3", "django", "numpy"} & set(_imported(project, "sagewright.pytest_plugin"))


def test_the_script_of_the_document_runs(project):
    (project.folder / "script.py").write_text(SCRIPT)
    command = [sys.executable, "script.py"]
    done = subprocess.run(command, cwd=project.folder, env=project.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "'AWS_ENDPOINT_URL': 'http://127.0.0.1:" in done.stdout
    assert project.left() == []
    store = int(re.search(r"127\.0\.0\.1:(\d+)", done.stdout)[1]) - OFFSETS["gateway"] + OFFSETS["store"]
    assert [file for number in STORE_PORTS for file in Path("/tmp").glob(f"seaweedfs-*-{store + number}.sock")] == []


def _imported(project: Project, module: str) -> list[str]:
    code = f"import sys, {module}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], env=project.environment, capture_output=True, text=True)
    return done.stdout.split()
