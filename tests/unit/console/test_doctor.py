"""`manage.py doctor`: the level, what it means, and why not better."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from sandbox import level
from sandbox.spec import Bind, Level


@pytest.fixture(autouse=True)
def fresh():
    """Forget what this process knows of its machine, before and after."""
    level.available.cache_clear()
    yield
    level.available.cache_clear()


def doctor(*arguments: str) -> tuple[int, str]:
    text, code = StringIO(), 0
    try:
        call_command("doctor", *arguments, stdout=text, stderr=text)
    except SystemExit as e:
        code = int(e.code or 0)
    return code, text.getvalue()


@pytest.fixture
def machine(monkeypatch):
    """A machine that has these levels."""

    def has(*levels: Level) -> None:
        monkeypatch.setattr(
            level, "why_not", lambda one: "" if one in (*levels, Level.LIMITED) else "unshare: Operation not permitted"
        )

    return has


def test_the_best_level_is_said_with_its_meaning(machine):
    machine(Level.WALLED, Level.LOCKED)
    code, text = doctor()
    assert code == 0
    assert "Sandbox: walled (SAGEWRIGHT_SANDBOX=auto). Your code runs in its own walled folder" in text
    assert "People's own code runs" in text


def test_a_lower_level_says_why_it_is_not_a_higher_one(machine):
    machine(Level.LOCKED)
    code, text = doctor()
    assert code == 0
    assert "Sandbox: locked" in text
    assert "Not possible here: walled. unshare: Operation not permitted" in text


def test_what_an_older_kernel_leaves_open_is_said(machine, monkeypatch):
    machine(Level.LOCKED)
    monkeypatch.setattr(level.landlock, "version", lambda: 5)
    assert "On this kernel it can also end processes of the same user." in doctor()[1]


def test_without_walls_own_code_is_off_until_it_is_allowed(machine, monkeypatch):
    machine()
    code, text = doctor()
    assert code == 2
    assert "People's own code does not run. SAGEWRIGHT_OWN_CODE=on allows it" in text
    monkeypatch.setenv("SAGEWRIGHT_OWN_CODE", "on")
    code, text = doctor("--json")
    assert code == 0
    assert json.loads(text)["own_code_allowed"] is True


@pytest.mark.parametrize(
    ("setting", "level_name"), [("locked", "locked"), ("limited", "limited"), ("off", "limited"), ("", "walled")]
)
def test_the_setting_lowers_the_level(machine, monkeypatch, setting, level_name):
    machine(Level.WALLED, Level.LOCKED)
    monkeypatch.setenv("SAGEWRIGHT_SANDBOX", setting)
    assert f"Sandbox: {level_name}" in doctor()[1]


def test_code_that_only_root_can_read_is_named_with_the_command_that_opens_it(machine, monkeypatch, tmp_path):
    machine(Level.WALLED, Level.LOCKED)
    assert "chmod" not in doctor()[1]
    (tmp_path / "site/package").mkdir(parents=True)
    (tmp_path / "site/package").chmod(0o700)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("sandbox.hints.own_binds", lambda: (Bind(tmp_path / "site", "/site"),))
    code, text = doctor()
    assert code == 0
    assert f"chmod -R go+rX {tmp_path / 'site'}" in text


def test_a_level_that_is_demanded_and_missing_is_an_error(machine, monkeypatch):
    machine(Level.LOCKED)
    monkeypatch.setenv("SAGEWRIGHT_SANDBOX", "walled")
    code, text = doctor()
    assert code == 2
    assert "SAGEWRIGHT_SANDBOX is 'walled', and this machine has no such sandbox: unshare" in text


def test_a_setting_that_is_none_names_those_that_are(monkeypatch):
    monkeypatch.setenv("SAGEWRIGHT_SANDBOX", "tight")
    code, text = doctor()
    assert code == 2
    assert "auto, walled, locked, limited, off" in text
