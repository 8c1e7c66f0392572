"""What the console's settings make of the address that people open."""

import json
import logging
import os
import subprocess
import sys
import tomllib

import pytest
from django.conf import settings

from sagewright import environment
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


def test_only_our_own_packages_print_what_needs_no_action():
    """Whatever a library says when it is loaded, the one-time password stays the last line of the first start."""
    assert settings.LOGGING["loggers"].keys() == {*root_packages(), "__main__"}
    for name in ("faiss.loader", "celery.apps.worker", "celery.beat", "botocore.credentials"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)
    for name in ("console.beat", "engine.serving.model_cache", "models_app.account.sign_in_log", "__main__"):
        assert logging.getLogger(name).isEnabledFor(logging.INFO)


def root_packages() -> list[str]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]


LEVELS = (
    "import json; from console.settings import LOGGING as L; print(json.dumps([L['root'], L['loggers']['engine']]))"
)


@pytest.mark.parametrize(
    ("value", "others", "ours"), [("debug", "WARNING", "DEBUG"), ("ERROR", "ERROR", "ERROR")], ids=["debug", "error"]
)
def test_the_lowest_level_is_that_of_our_own_packages(value, others, ours):
    environment = os.environ | {"SAGEWRIGHT_LOG_LEVEL": value}
    output = subprocess.run([sys.executable, "-c", LEVELS], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert [logger["level"] for logger in json.loads(output.stdout)] == [others, ours]


def test_a_level_that_is_none_is_refused_with_those_that_are():
    environment = os.environ | {"SAGEWRIGHT_LOG_LEVEL": "loud"}
    output = subprocess.run([sys.executable, "-c", LEVELS], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert "SAGEWRIGHT_LOG_LEVEL is 'LOUD'. It is one of DEBUG, INFO, WARNING, ERROR, CRITICAL." in output.stderr


def test_celery_leaves_logging_to_the_settings():
    level = "logging.getLogger('celery').getEffectiveLevel()"
    code = f"import logging; from {{0}} import app; app.log.setup('INFO'); print({level})"
    for module in ("console.celery", "console.beat"):
        command = [sys.executable, "-c", code.format(module)]
        output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert output.stdout.strip() == str(logging.WARNING), module


def test_a_secret_can_be_in_a_file(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("SAGEWRIGHT_SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.delenv("SAGEWRIGHT_SECRET_KEY", raising=False)
    assert environment.raw("SECRET_KEY") == environment.text("SECRET_KEY") == "from a file"
    monkeypatch.setenv("SAGEWRIGHT_SECRET_KEY", "given")
    assert environment.raw("SECRET_KEY") == "given"
    monkeypatch.setenv("SAGEWRIGHT_SECRET_KEY", "")
    monkeypatch.setenv("SAGEWRIGHT_SECRET_KEY_FILE", str(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError, match="missing"):
        environment.raw("SECRET_KEY")


def test_a_worker_that_asks_nothing_of_redis_soon_learns_that_it_was_lost(settings):
    """Its tasks ended while Redis was away, so it waits for none: without this look it would wait for ever."""
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["unacked_restore_interval"] <= 5
    assert getattr(settings, "CELERY_WORKER_ENABLE_REMOTE_CONTROL", True)
