"""The commands that run before Django is loaded: `manage.py up`, `exports` and `secrets`."""

import asyncio
import errno
import os
import sys

from console.supervisor.folder import Folder
from console.supervisor.options import NAMES, read
from console.supervisor.output import Output
from console.supervisor.refusal import Refusal
from console.supervisor.secret_files import write_secrets
from console.supervisor.stack import compose
from console.supervisor.supervisor import Supervisor
from sagewright.application import command_line
from sagewright.state import data_folder, running_stack


def up(arguments: list[str]) -> int:
    """Run every process until told to stop. 0 after an ordered stop, 1 when it would not start, 2 for a bad option."""
    options = read(arguments)
    output = Output(NAMES, options.quiet)
    os.umask(0o077)
    try:
        try:
            folder = Folder(data_folder())
            lock = folder.lock(output.say)
            stack = compose(options, folder)
        except OSError as e:
            raise Refusal(_unusable(e)) from e
        asyncio.run(Supervisor(stack, output, lock, options).run())
    except Refusal as e:
        print(f"Sagewright does not start. {e}", file=sys.stderr)
        return 1
    return 0


def _unusable(error: OSError) -> str:
    """Why the data folder cannot be used, and what to do about it."""
    advice = "Give the folder to yourself" if isinstance(error, PermissionError) else "Use a disk that can be written"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        advice = "Make room on its disk"
    return (
        f"{error.filename or data_folder()}: {error.strerror}. {advice}, or choose another folder with SAGEWRIGHT_DATA."
    )


def exports(arguments: list[str]) -> int:
    """Print the lines that point AWS clients of a shell at the running stack; 1 when nothing runs."""
    stack = running_stack()
    if arguments or not stack:
        print(f"Nothing runs on {data_folder()}. Start Sagewright first: {command_line()}", file=sys.stderr)
        return 1
    print("\n".join(stack["exports"]))
    return 0


COMMANDS = {"up": up, "exports": exports, "secrets": write_secrets}
