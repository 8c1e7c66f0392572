"""Runs the lifecycle scripts of an instance, inside the sandbox: OnCreate once, OnStart at every start.

On AWS they run as root of the instance. Here they run as its user, who cannot change the system.
"""

import base64

from engine.models import NotebookInstance, NotebookInstanceLifecycleConfig
from engine.models.notebook import HOOKS
from engine.notebooks.log import GROUP, InstanceLog
from engine.notebooks.process import Running, start
from engine.notebooks.session import SCRIPTS, Session

SECONDS = 300.0  # AWS's limit
ON_CREATE, ON_START = HOOKS


def script_of(config: NotebookInstanceLifecycleConfig, hook: str) -> bytes:
    """The script of `hook`, with Unix line ends; b"" when it has none."""
    content = b"".join(base64.b64decode(entry.get("Content", "")) for entry in config.request.get(hook, ()))
    return content.replace(b"\r\n", b"\n")


def scripts(pk: int) -> list[tuple[str, bytes]]:
    """(hook, script) to run at this start. Uses the database."""
    row = NotebookInstance.objects.filter(pk=pk).first()
    name = row.request.get("LifecycleConfigName") if row else ""
    config = row and NotebookInstanceLifecycleConfig.objects.filter(region=row.region, name=name).first()
    if not row or not config:
        return []
    hooks = (ON_START,) if row.created_script_ran else HOOKS
    return [(hook, script) for hook in hooks if (script := script_of(config, hook))]


async def start_script(session: Session, hook: str, script: bytes, log: InstanceLog) -> Running:
    """Start the script of `hook`; what it prints goes to `log`."""
    name = f"LifecycleConfig{hook}.sh"
    (session.scripts / name).write_bytes(script)
    (session.scripts / name).chmod(0o755)
    inside = f"{SCRIPTS}/{name}"
    return await start(session.spec((inside,) if script.startswith(b"#!") else ("/bin/bash", inside)), log.feed)


def too_long(instance: NotebookInstance) -> str:
    """The FailureReason of a script that ran for longer than SECONDS, in AWS's words."""
    return (
        f"{_which(instance)} took longer than 5 minutes. Please check your CloudWatch logs for more details if your "
        "Notebook Instance has Internet access."
    )


def failed(instance: NotebookInstance, code: int, last: list[str]) -> str:
    """The FailureReason of a script that ended with `code`."""
    detail = f" Its last line: {last[-1][:300]}" if last else ""
    return f"{_which(instance)} failed with exit code {code}.{detail} Its log is in the group {GROUP}."


def _which(instance: NotebookInstance) -> str:
    config = NotebookInstanceLifecycleConfig.arn_of(instance.region, instance.request.get("LifecycleConfigName", ""))
    return f"Notebook Instance Lifecycle Config '{config}' for Notebook Instance '{instance.arn}'"
