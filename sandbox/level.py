"""Which level of sandbox this machine has: found out by doing it, once in each process."""

import functools
import os
import socket
import subprocess
import tempfile
from pathlib import Path

from sandbox import landlock, launch, linux, probe
from sandbox.interpreter import own_program
from sandbox.spec import Level, SandboxError, Spec

SANDBOX = "SAGEWRIGHT_SANDBOX"  # read here, for this package is used without Django's settings
OWN_CODE = "SAGEWRIGHT_OWN_CODE"
SENTENCES = {
    Level.WALLED: "Your code runs in its own walled folder: it sees no other job, no password and no network.",
    Level.LOCKED: "Your code can read the system and its own folder only, and has no network. It can see the names of "
    "other processes, and its folder is not at /opt/ml.",
    Level.LIMITED: "Nothing walls code in here. Run only code you trust.",
}
_SIGNALS = "On this kernel it can also end processes of the same user."
_ORDER = [Level.WALLED, Level.LOCKED, Level.LIMITED]


@functools.cache
def available() -> Level:
    """Return the best level that this machine has and SAGEWRIGHT_SANDBOX allows; the first call tries it.

    Raises SandboxError if SAGEWRIGHT_SANDBOX has no such value, or demands a level that this machine has not.
    """
    wanted = os.environ.get(SANDBOX, "") or "auto"
    if wanted in ("off", Level.LIMITED):
        return Level.LIMITED
    if wanted not in ("auto", *_ORDER):
        values = ", ".join(("auto", *_ORDER, "off"))
        raise SandboxError(f"{SANDBOX} is {wanted!r}. Set it to one of: {values}.")
    demanded = [Level(wanted)] if wanted != "auto" else _ORDER[:-1]
    for level in demanded:
        if not why_not(level):
            return level
    if wanted != "auto":
        raise SandboxError(f"{SANDBOX} is {wanted!r}, and this machine has no such sandbox: {why_not(demanded[0])}")
    return Level.LIMITED


@functools.cache
def why_not(level: Level) -> str:
    """Return why this machine cannot have a level, "" if it can. The first call tries the whole of it."""
    if level is Level.LIMITED:
        return ""
    if not linux.IS_LINUX:
        return "Only Linux on x86-64 and AArch64 has what this needs."
    with (
        tempfile.TemporaryDirectory(prefix="sagewright-probe-") as name,
        socket.create_server(("127.0.0.1", 0)) as port,
    ):
        folder, outside = Path(name, "folder"), Path(name, "outside")
        folder.mkdir()
        outside.write_text("of another job")
        spec = Spec(folder)
        arguments = (str(outside), str(port.getsockname()[1]), spec.inside(folder, level))
        try:
            with launch.launch(own_program(spec, level, probe.__name__, *arguments), level) as probing:
                code = probing.wait(launch.START_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as e:
            return str(e)
    return probe.REASONS.get(code, f"its process ended with {code}") if code else ""


def sentence(level: Level) -> str:
    """Return in plain words what a level means for whoever runs code in it."""
    can_signal = level is Level.LOCKED and landlock.version() < landlock.SCOPES_SIGNALS
    return f"{SENTENCES[level]} {_SIGNALS}" if can_signal else SENTENCES[level]


def own_code_allowed() -> bool:
    """Return whether people's own code may run here: where it is walled or locked in, or by SAGEWRIGHT_OWN_CODE.

    That is `auto` by default; `on` allows it at any level, `off` at none.
    """
    setting = os.environ.get(OWN_CODE, "") or "auto"
    if setting not in ("auto", "on", "off"):
        raise SandboxError(f"{OWN_CODE} is {setting!r}. Set it to one of: auto, on, off.")
    return setting == "on" or (setting == "auto" and available() is not Level.LIMITED)
