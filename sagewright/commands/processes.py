"""`sagewright up`, `demo`, `exports`, `doctor` and `manage`: each becomes manage.py, which needs the extras."""

import json
import os
import sys
from importlib import metadata
from pathlib import Path
from typing import NoReturn

from sagewright import environment, extras
from sagewright.application import ROOT
from sagewright.state import running_stack

NOT_INSTALLED = 69  # the exit code when the extras are missing: BSD's sysexits.h, EX_UNAVAILABLE


def up(arguments: list[str]) -> NoReturn:
    """Start Sagewright. Exits with NOT_INSTALLED when the packages of the extras are missing."""
    _require("up", arguments, "console" if environment.raw("BACKEND") == "aws" else "all")
    _become_manage("up", *arguments)


def demo(arguments: list[str]) -> NoReturn:
    """On the running Sagewright, else `up --demo`."""
    if running_stack():
        manage(["demo", *arguments])
    up(["--demo", *arguments])


def exports(arguments: list[str]) -> NoReturn:
    """Print the AWS variables of the running Sagewright, as a shell reads them."""
    _become_manage("exports", *arguments)


def doctor(arguments: list[str]) -> NoReturn:
    """Say how well this machine can keep people's code apart, with the settings of the running Sagewright, if any."""
    manage(["doctor", *arguments])


def manage(arguments: list[str]) -> NoReturn:
    """Django's command line with the settings of the running Sagewright, if one runs on the data folder."""
    _require("manage", arguments, "console")
    os.environ.update(running_stack().get("environment", {}))
    _become_manage(*arguments)


def _become_manage(*arguments: str) -> NoReturn:
    os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"  # a person's shell may name those of their own project
    os.execv(sys.executable, [sys.executable, str(ROOT / "manage.py"), *arguments])  # noqa: S606 (no shell is wanted)


def _require(verb: str, arguments: list[str], extra: str) -> None:
    """Go on if the packages of `extra` are here; else start over with them under uvx, or say how to install them."""
    if extras.is_installed(extra):
        return
    if uv := _throwaway_environment():
        os.execv(uv, [uv, "tool", "run", "--from", _requirement(extra), "sagewright", verb, *arguments])  # noqa: S606
    print(extras.advice(f"`sagewright {verb}`", extra), file=sys.stderr)
    sys.exit(NOT_INSTALLED)


def _throwaway_environment() -> str:
    """The path of the uv that made this environment for one command (uvx), '' if the environment is meant to stay.

    uvx names itself in UV and keeps such environments in the part of its cache that is called archive-v<n>.
    """
    in_cache = any(part.startswith("archive-v") for part in Path(sys.prefix).parts)
    return os.environ.get("UV", "") if in_cache else ""


def _requirement(extra: str) -> str:
    """This distribution with `extra` as PEP 508 spells it: by its origin (PEP 610) if it has one, else by version."""
    distribution = metadata.distribution("sagewright")
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    if "url" not in origin:
        return f"sagewright[{extra}]=={distribution.version}"
    version_control = origin.get("vcs_info")
    before, after = (f"{version_control['vcs']}+", f"@{version_control['commit_id']}") if version_control else ("", "")
    return f"sagewright[{extra}] @ {before}{origin['url']}{after}"
