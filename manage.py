#!/usr/bin/env python
"""Django's command line; `manage.py up` starts every process of Sagewright."""

import os
import sys


def main() -> None:
    """Run a command of the supervisor, or one of Django's."""
    from console.supervisor.command import COMMANDS

    if len(sys.argv) > 1 and sys.argv[1] in COMMANDS:  # before Django: `up` makes the secrets that its settings need
        sys.exit(COMMANDS[sys.argv[1]](sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
