"""The `sagewright` command: where its data is, what it says when something is missing."""

import json
import os
import sys
from importlib import metadata
from pathlib import Path

import pytest

from sagewright import application, cli, extras, state
from sagewright.commands import processes
from sagewright.commands.arguments import USAGE


@pytest.fixture
def installed(monkeypatch):
    """As it is outside of a checkout."""
    monkeypatch.delenv("SAGEWRIGHT_DATA")
    monkeypatch.setenv("HOME", "/person")
    for module in (application, state):
        monkeypatch.setattr(module, "IN_CHECKOUT", False)


@pytest.fixture
def became(monkeypatch) -> list[str]:
    """The command line that this process would have become."""
    command: list[str] = []

    def execv(program, arguments):
        command.extend(arguments)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", execv)
    return command


def test_a_checkout_keeps_its_data_in_itself(monkeypatch):
    monkeypatch.delenv("SAGEWRIGHT_DATA")
    assert state.data_folder() == (application.ROOT / ".data").resolve()


@pytest.mark.parametrize(
    ("platform", "xdg", "folder"),
    [
        ("linux", "", "/person/.local/state/sagewright"),
        ("linux", "/var/state", "/var/state/sagewright"),
        ("linux", "relative", "/person/.local/state/sagewright"),
        ("darwin", "/var/state", "/person/Library/Application Support/sagewright"),
    ],
)
def test_installed_the_data_is_in_the_persons_state_folder(installed, monkeypatch, platform, xdg, folder):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("XDG_STATE_HOME", xdg)
    assert state.data_folder() == Path(folder)


def test_sagewright_data_decides_before_all_else(installed, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_DATA", "~/sw")
    assert state.data_folder() == Path("/person/sw")


def test_what_to_type_depends_on_where_it_runs_from(monkeypatch):
    assert application.command_line() == "python3 run"
    assert application.command_line("exports") == "python3 run exports"
    monkeypatch.setattr(application, "IN_CHECKOUT", False)
    assert application.command_line() == "sagewright up"
    assert application.command_line("exports") == "sagewright exports"


def test_a_stack_whose_supervisor_is_gone_does_not_run(tmp_path, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_DATA", str(tmp_path))
    (tmp_path / "run").mkdir()
    file = tmp_path / "run" / "stack.json"
    file.write_text(json.dumps({"pid": os.getpid()}))
    assert state.running_stack() == {"pid": os.getpid()}
    file.write_text(json.dumps({"pid": 2**22 + 1}))
    assert state.running_stack() == {}


def test_a_command_that_there_is_not(capsys):
    assert cli.main(["fly"]) == USAGE
    assert "There is no command 'fly'." in capsys.readouterr().err


def test_the_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"sagewright {cli.__version__}\n"


def test_up_becomes_manage_py(became):
    with pytest.raises(SystemExit):
        cli.main(["up", "--free-ports"])
    assert became == [sys.executable, str(application.ROOT / "manage.py"), "up", "--free-ports"]


def test_a_demo_without_a_running_stack_starts_one(became, tmp_path, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_DATA", str(tmp_path))
    with pytest.raises(SystemExit):
        cli.main(["demo", "--free-ports"])
    assert became[2:] == ["up", "--demo", "--free-ports"]


def test_manage_has_the_settings_of_the_running_stack(became, tmp_path, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_DATA", str(tmp_path))
    monkeypatch.setenv("SAGEWRIGHT_REGION", "us-east-1")
    (tmp_path / "run").mkdir()
    stack = {"pid": os.getpid(), "environment": {"SAGEWRIGHT_REGION": "eu-west-1"}}
    (tmp_path / "run" / "stack.json").write_text(json.dumps(stack))
    with pytest.raises(SystemExit):
        cli.main(["manage", "first_user"])
    assert became[2:] == ["first_user"] and os.environ["SAGEWRIGHT_REGION"] == "eu-west-1"


@pytest.mark.parametrize(
    ("backend", "missing", "extra"),
    [("engine", "django", "all"), ("engine", "aiohttp", "all"), ("aws", "django", "console")],
)
def test_up_without_the_extras_says_what_to_install(became, monkeypatch, capsys, backend, missing, extra):
    monkeypatch.setenv("SAGEWRIGHT_BACKEND", backend)
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(SystemExit) as ended:
        cli.main(["up"])
    assert ended.value.code == processes.NOT_INSTALLED and not became
    output = capsys.readouterr().err
    assert f"pip install 'sagewright[{extra}]'" in output and output.count("\n") == 1


def test_on_aws_the_engine_need_not_be_installed(became, monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_BACKEND", "aws")
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "aiohttp" else object())
    with pytest.raises(SystemExit):
        cli.main(["up"])
    assert became[-1] == "up"


class Installed:
    """What importlib.metadata says of a distribution that came from `origin`."""

    version = "1.2.3"

    def __init__(self, origin: dict | None):
        self.origin = origin

    def read_text(self, name: str) -> str | None:
        return json.dumps(self.origin) if self.origin else None


@pytest.mark.parametrize(
    ("origin", "requirement"),
    [
        (None, "sagewright[all]==1.2.3"),
        ({"url": "file:///src/sw", "dir_info": {}}, "sagewright[all] @ file:///src/sw"),
        (
            {"url": "https://example.org/sw", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "sagewright[all] @ git+https://example.org/sw@abc",
        ),
    ],
)
def test_under_uvx_it_starts_over_with_the_extras(became, monkeypatch, origin, requirement):
    monkeypatch.setenv("UV", "/bin/uv")
    monkeypatch.setattr(sys, "prefix", "/person/.cache/uv/archive-v0/x1y2")
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    monkeypatch.setattr(metadata, "distribution", lambda name: Installed(origin))
    with pytest.raises(SystemExit):
        cli.main(["up", "--quiet"])
    assert became == ["/bin/uv", "tool", "run", "--from", requirement, "sagewright", "up", "--quiet"]
