"""Reads docker-compose.yml, and what Docker itself makes of it where it is installed."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import yaml

from tests.stack import ROOT

FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::-(?P<text>(?:[^{}]|\{\w+\})*))?\}")


def read(environment: dict[str, str]) -> dict:
    """The file with anchors merged and ${VARIABLES} taken from `environment`, or as they are by default."""
    return _filled(yaml.safe_load(FILE.read_text()), environment)


def with_docker(environment: dict[str, str]) -> dict | None:
    """What `docker compose config` makes of the file; None where there is no Docker with compose."""
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        return None
    command = ["docker", "compose", "-f", str(FILE), "config", "--format", "json"]
    done = subprocess.run(
        command, env={"PATH": str(Path(shutil.which("docker") or "").parent)} | environment, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def _filled(node, environment: dict[str, str]):
    if isinstance(node, list):
        return [_filled(item, environment) for item in node]
    if isinstance(node, dict):
        return {key: _filled(value, environment) for key, value in node.items() if not str(key).startswith("x-")}
    if not isinstance(node, str):
        return node

    def fill(match: re.Match) -> str:
        return "$" if match[0] == "$$" else environment.get(match["name"]) or match["text"]

    return VARIABLE.sub(fill, node)
