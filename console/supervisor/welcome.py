"""What a person reads once every process answers."""

from console.supervisor.stack import Stack
from sagewright.application import command_line


def welcome(stack: Stack, first_user: str, seconds: float) -> list[str]:
    """The lines to print. `first_user` is what `manage.py prepare` said of the user it made, '' on later starts."""
    lines = ["", f"Sagewright is ready after {seconds:.1f} s"]
    if "web" in stack.processes:
        lines[-1] += f": {stack.common['SAGEWRIGHT_WEB_URL']}"
    if stack.on_aws:
        lines += [
            "",
            "  This console works on Amazon SageMaker (SAGEWRIGHT_BACKEND=aws): what it starts is billed by AWS.",
        ]
    elif "gateway" in stack.processes and first_user:
        lines += ["", f"  For AWS clients (shown this once; `{command_line('exports')}` prints it again):"]
        lines += [f"    {line}" for line in stack.exports()]
    elif "gateway" in stack.processes:
        lines += ["", f'  For AWS clients: eval "$({command_line("exports")})"']
    lines += ["  Ctrl-C stops everything.", ""]
    if first_user:  # last, where it stays in sight
        lines += [*(f"  {line}" for line in first_user.splitlines()), ""]
    return lines
