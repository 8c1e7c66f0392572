"""What `python -m common.http` serves starts in a plain environment, as in the containers of docker-compose.yml."""

import os
import subprocess
import sys

import pytest

from tests.stack import ROOT


@pytest.mark.parametrize("application", ["console.wsgi:server", "console.live:app", "engine.wsgi:server"])
def test_an_application_names_its_settings_itself(application):
    """`manage.py up` sets DJANGO_SETTINGS_MODULE for its processes; a command of a container does not."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    code = f"from uvicorn.importer import import_from_string as load; assert callable(load('{application}'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
