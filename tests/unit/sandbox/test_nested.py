"""A machine that forbids namespaces, as containers do: the inside of a walled sandbox is one."""

import sys
from dataclasses import replace

import pytest

from sandbox.interpreter import own_program
from sandbox.launch import launch
from sandbox.spec import Level, Spec
from tests.unit.sandbox.conftest import ENVIRONMENT, LEVELS

pytestmark = pytest.mark.skipif(
    {Level.WALLED, Level.LOCKED} - {*LEVELS} != set(), reason="needs a sandbox of each kind"
)


def run(folder, tmp_path, code: str, **environment: str) -> str:
    spec = own_program(Spec(folder, environment=ENVIRONMENT | environment), Level.WALLED, "unused")
    spec = replace(spec, command=(sys.executable, "-c", code))
    with (tmp_path / "output").open("w") as output, launch(spec, Level.WALLED, stdout=output, stderr=output) as running:
        assert running.wait(60) == 0, (tmp_path / "output").read_text()
    return (tmp_path / "output").read_text()


def test_where_namespaces_are_forbidden_code_is_locked_in(folder, tmp_path):
    code = "from sandbox.level import *; print(available(), '-', why_not(Level.WALLED))"
    text = run(folder, tmp_path, code)
    assert "locked - SandboxError: This machine allows no namespaces: unshare: Operation not permitted" in text


def test_a_locked_sandbox_within_it_runs_and_ends(folder, tmp_path):
    code = (
        "from pathlib import Path; from sandbox.process import start; from sandbox.spec import Spec; "
        "Path('inner').mkdir(); s = start(Spec(Path('/opt/ml/inner'), ('/bin/sh', '-c', 'echo x > made; exit 5'))); "
        "print('ended', s.wait(20))"
    )
    assert "ended 5" in run(folder, tmp_path, code)
    assert (folder / "inner/made").read_text() == "x\n"


def test_a_demand_for_walls_is_refused_there(folder, tmp_path):
    code = "from sandbox.level import *\ntry: available()\nexcept SandboxError as e: print('refused:', e)"
    text = run(folder, tmp_path, code, SAGEWRIGHT_SANDBOX="walled")
    assert "refused: SAGEWRIGHT_SANDBOX is 'walled', and this machine has no such sandbox" in text
