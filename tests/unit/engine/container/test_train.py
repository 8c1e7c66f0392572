"""A script's run from its configuration to its end, without a sandbox: the scripts are ours."""

import json
import os
import signal
import subprocess
import sys

import pytest
from script_toolkit import train

from tests.stack import ROOT

TOOLKIT = ROOT / "engine" / "container"


@pytest.fixture
def run(tmp_path):
    def run(program: str, source: str = "", **hyperparameters):
        for folder in ("input/config", "output/data", "model", "code", "tmp"):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        if source:
            (tmp_path / "code" / program).write_text(source)
        values = {"sagemaker_program": json.dumps(program), **hyperparameters}
        for name, content in (("hyperparameters", values), ("inputdataconfig", {}), ("resourceconfig", {})):
            (tmp_path / "input" / "config" / f"{name}.json").write_text(json.dumps(content))
        command = [sys.executable, "-m", "script_toolkit.train"]
        variables = {"SAGEMAKER_BASE_DIR": str(tmp_path), "PYTHONPATH": str(TOOLKIT), "PATH": os.environ["PATH"]}
        return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)

    return run


def failure(folder) -> str:
    return (folder / "output" / "failure").read_text()


def test_a_script_runs_in_the_folder_of_its_code_with_its_arguments(run, tmp_path):
    source = "import os, sys; print(os.getcwd(), sys.argv, sys.path[0])"
    done = run("train.py", source, **{"n-trees": "3"})
    code = str(tmp_path / "code")
    assert done.returncode == 0 and f"{code} ['train.py', '--n-trees', '3'] {code}" in done.stdout
    assert "Reporting training SUCCESS" in done.stdout and (tmp_path / "output" / "success").exists()


def test_a_failing_script_is_described_as_aws_does_with_its_last_error(run, tmp_path):
    done = run("train.py", "print('before')\nraise KeyError('amount')", a="1")
    assert done.returncode == 1 and "Reporting training FAILURE" in done.stdout
    command = f"{sys.executable} -- train.py -a 1"
    assert failure(tmp_path) == (
        f'ExecuteUserScriptError:\nExitCode 1\nErrorMessage "KeyError: \'amount\'"\nCommand "{command}"'
    )


def test_the_exit_code_is_told_and_the_containers_is_1(run, tmp_path):
    assert run("train.py", "import sys; print('no rows'); sys.exit(7)").returncode == 1
    assert failure(tmp_path).startswith('ExecuteUserScriptError:\nExitCode 7\nErrorMessage "no rows"')


def test_a_killed_script_is_told_as_out_of_memory(run, tmp_path):
    run("train.py", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert 'ExtraInfo "OutOfMemory: Process killed by SIGKILL (signal 9)"' in failure(tmp_path)


def test_what_the_script_itself_wrote_as_its_failure_stays(run, tmp_path):
    run("train.py", f"open({str(tmp_path / 'output' / 'failure')!r}, 'w').write('mine'); raise SystemExit(1)")
    assert failure(tmp_path) == "mine"


def test_a_shell_script_gets_the_arguments_as_they_are(run):
    done = run("train.sh", 'echo "<$2>"', note='"two words; $(id)"')
    assert done.returncode == 0 and "<two words; $(id)>" in done.stdout


@pytest.mark.parametrize("program", ["../train.py", "/etc/passwd", "missing.py", "-c.py", ""])
def test_an_entry_point_that_is_no_file_of_the_source_is_refused(run, tmp_path, program):
    assert run(program).returncode == 1
    assert "no file inside your source directory" in failure(tmp_path)


def test_what_a_script_leaves_running_does_not_hold_up_its_end(run):
    source = "import subprocess; subprocess.Popen(['sleep', '50']); print('left')"
    assert "left" in run("train.py", source).stdout


def test_the_last_error_is_that_of_the_last_traceback():
    first = b"Traceback (most recent call last):\n  File x\nKeyError: 1\n"
    second = b"Traceback (most recent call last):\n  File y\nml.Error: two\nshutting down\n"
    assert train.last_error(first + b"retry\n" + second) == "ml.Error: two"
    assert train.last_error(b"") == ""


def test_a_stop_that_comes_before_the_script_ends_it_as_one_that_comes_later(tmp_path):
    train._stopped.set()
    try:
        code, _error = train.execute([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, {})
    finally:
        train._stopped.clear()
    assert code == -signal.SIGTERM
