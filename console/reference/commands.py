"""Renders docs/reference/commands.md: the `sagewright` command and what it hands on to manage.py."""

import argparse
import inspect
from collections.abc import Iterable
from pathlib import Path

from django.core.management import load_command_class
from django.core.management.base import BaseCommand

from console.reference.markdown import NOTE, code, table
from console.supervisor import options
from sagewright import cli
from sagewright.commands import completion, connection, endpoint, lists, logs, preflight

HEAD = f"""# Commands

{NOTE}
From a checkout, `python3 run COMMAND` installs what is needed and runs the same command.

```text
{{usage}}
```
"""
SDK = {
    "jobs": lists.job_parser(),
    "models": lists.model_parser(),
    "endpoints": lists.endpoint_parser(),
    "logs": logs.parser(),
    "deploy": endpoint.deploy_parser(),
    "predict": endpoint.predict_parser(),
    "delete": endpoint.delete_parser(),
    "completion": completion.parser(),
}
MANAGE = """
## sagewright manage

Django's own commands, and these:
"""


def render() -> str:
    """The page: usage, then a section for each command that has options."""
    parts = [HEAD.format(usage=inspect.cleandoc(cli.__doc__ or "").partition("\n\n")[2])]
    parts.append(_section("sagewright up", options.parser()))
    parts.append(_section("sagewright preflight", preflight.parser()))
    parts.append(_section("sagewright test-connection", connection.parser()))
    parts += [_section(f"sagewright {verb}", parser) for verb, parser in SDK.items()]
    parts.append(MANAGE)
    for file in sorted(Path(__file__).parents[1].glob("management/commands/[a-z]*.py")):
        parts.append(_manage(file.stem))
    return "".join(parts)


def _section(title: str, parser: argparse.ArgumentParser) -> str:
    _first, _, rest = inspect.cleandoc(parser.description or "").partition("\n\n")
    return f"\n## {title}\n\n{rest or _first}\n{_options(parser._actions)}"


def _manage(name: str) -> str:
    command, common = load_command_class("console", name), {a.dest for a in _parser(BaseCommand(), name)._actions}
    own = [action for action in _parser(command, name)._actions if action.dest not in common]
    return f"\n### manage {name}\n\n{command.help}\n{_options(own)}"


def _parser(command: BaseCommand, name: str) -> argparse.ArgumentParser:
    return command.create_parser("manage.py", name)


def _options(actions: Iterable[argparse.Action]) -> str:
    rows = [_row(action) for action in actions if action.dest != "help"]
    return table(("option", "default", "meaning"), rows) if rows else ""


def _row(action: argparse.Action) -> tuple[str, str, str]:
    value = action.metavar or ("" if action.nargs == 0 else action.dest.upper())
    names = [f"{name} {value}".strip() for name in action.option_strings] or [action.dest]
    default = action.default if action.default not in (None, "", False, (), []) else ""
    choices = f" One of: {', '.join(map(str, action.choices))}." if action.choices else ""
    return ", ".join(map(code, names)), code(default), f"{action.help or ''}{choices}".strip()
