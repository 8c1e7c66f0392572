"""Runs uv, which makes the environments of scripts, with nothing of ours in its environment."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from engine.frameworks import pip_settings

NO_UV = (
    "This machine has no uv, which makes the Python environments of scripts. Install it (pip install uv), or start "
    "Sagewright by `python3 run`, which fetches it."
)
Cancelled = Callable[[], bool]


class InstallCancelled(Exception):
    """The caller no longer wants the environment."""


class UvFailed(Exception):
    """uv's own words."""


def run_uv(
    *arguments: str, seconds: float = 60.0, cancelled: Cancelled = lambda: False, constrained: bool = True
) -> None:
    """Run uv. Raises UvFailed with what it says, and InstallCancelled.

    `constrained`: pip's constraints on this machine hold. With hashes they would have to have hashes, too.
    """
    program = find_uv()
    if program is None:
        raise UvFailed(NO_UV)
    environment = {
        n: v for n, v in clean_environment().items() if constrained or n not in ("UV_CONSTRAINT", "PIP_CONSTRAINT")
    }
    process = subprocess.Popen(
        [program, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, start_new_session=True, text=True, errors="replace", umask=0o022,
    )  # fmt: skip
    until = time.monotonic() + seconds
    while True:
        try:
            _, errors = process.communicate(timeout=0.2)
            break
        except subprocess.TimeoutExpired:
            if cancelled():
                process.kill()
                process.communicate()
                raise InstallCancelled from None
            if time.monotonic() > until:
                process.kill()
                process.communicate()
                raise UvFailed(f"it takes longer than {seconds:g} s.") from None
    if process.returncode:
        raise UvFailed(_in_short(errors))


def _in_short(errors: str) -> str:
    """The explanation of uv in one line, without its drawing."""
    explanation = [line for line in errors.splitlines() if not line.lower().startswith("warning")]
    lines = [re.sub(r"^[\s×╰─▶│├]+|^\s*(?:error|help|hint):", "", line).strip() for line in explanation]
    return " ".join(line for line in lines if line)[:700] or "uv does not say why."


def find_uv() -> str | None:
    """uv: beside this interpreter, where `python3 run` puts it, or from PATH."""
    near = (Path(sys.executable).with_name("uv"), settings.BASE_DIR / ".tools" / "bin" / "uv")
    return next((str(path) for path in near if path.exists()), shutil.which("uv"))


def clean_environment() -> dict[str, str]:
    """The environment of uv: where the packages come from, and no credentials of ours."""
    names = (
        "PATH",
        "HOME",
        "LANG",
        "TMPDIR",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "XDG_CACHE_HOME",
        "HTTPS_PROXY",
        "NO_PROXY",
    )
    inherited = {name: os.environ[name] for name in names if name in os.environ}
    inherited |= {name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_"))}
    return {"UV_NO_CONFIG": "1", "UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1", **_index(), **inherited}


def _index() -> dict[str, str]:
    """Variables of uv for the index that pip's configuration names: uv does not read it."""
    if any(name.startswith(("UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA", "UV_FIND_LINKS")) for name in os.environ):
        return {}
    return pip_settings.uv_variables(interpreter())


def interpreter() -> str:
    """The plain interpreter that environments are built on, of this process's own version."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    near = Path(sys.base_prefix) / "bin" / version
    return str(near) if near.exists() else sys.executable
