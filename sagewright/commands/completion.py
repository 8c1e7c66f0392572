"""Completion for a shell: `eval "$(sagewright completion bash)"`, or zsh, or `sagewright completion fish | source`.

It completes commands, options, and the names of jobs and endpoints of the account in use.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from typing import Any

from sagewright.commands import COMMANDS
from sagewright.commands.arguments import Parser

SHELLS = {
    "bash": """\
_sagewright() {
    local IFS=$'\\n'
    COMPREPLY=($(sagewright completion --words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _sagewright sagewright
""",
    "zsh": """\
_sagewright() {
    local -a found
    found=(${(f)"$(sagewright completion --words -- "${words[@]:1:$((CURRENT-1))}" 2>/dev/null)"})
    (( ${#found} )) && compadd -a found || _files
}
compdef _sagewright sagewright
""",
    "fish": """\
complete -c sagewright -f -a '(sagewright completion --words -- (commandline -opc)[2..] (commandline -ct))'
""",
}


def main(arguments: list[str]) -> int:
    """Print the shell's function; with --words what may stand in the place of the last word."""
    if arguments[:1] == ["--words"]:
        words = arguments[2:] if arguments[1:2] == ["--"] else arguments[1:]
        print("\n".join(candidates(words)))
        return 0
    options = parser().parse_args(arguments)
    sys.stdout.write(SHELLS[options.shell])
    return 0


def candidates(words: list[str]) -> list[str]:
    """What the last of `words`, which may be begun, can become."""
    *before, begun = words or [""]
    if not before:
        return _beginning(begun, [*COMMANDS, "--help", "--version"])
    command = _parser_of(before[0])
    if command is None:
        return []
    if begun.startswith("-"):
        return _beginning(begun, [option for action in command._actions for option in action.option_strings])
    return _beginning(begun, _names(before[0]))


def _beginning(begun: str, words: list[str]) -> list[str]:
    return sorted(word for word in words if word.startswith(begun))


def _parser_of(verb: str) -> argparse.ArgumentParser | None:
    from sagewright.commands import connection, endpoint, lists, logs, preflight

    parsers: dict[str, Any] = {
        "preflight": preflight.parser, "test-connection": connection.parser, "logs": logs.parser,
        "jobs": lists.job_parser, "models": lists.model_parser, "endpoints": lists.endpoint_parser,
        "deploy": endpoint.deploy_parser, "predict": endpoint.predict_parser, "delete": endpoint.delete_parser,
        "completion": parser,
    }  # fmt: skip
    return parsers[verb]() if verb in parsers else None


def _names(verb: str) -> list[str]:
    """Names of the account that `verb` takes; none when nobody answers."""
    if verb == "completion":
        return list(SHELLS)
    listed = {"logs": "list_training_jobs", "deploy": "list_training_jobs"}
    operation = listed.get(verb, "list_endpoints" if verb in ("predict", "delete") else "")
    if not operation:
        return []
    member, name = {
        "list_training_jobs": ("TrainingJobSummaries", "TrainingJobName"),
        "list_endpoints": ("Endpoints", "EndpointName"),
    }[operation]
    with suppress(Exception):  # a person who presses Tab wants no traceback
        from sagewright.sdk.session import default_session

        answer = getattr(default_session().client("sagemaker"), operation)(MaxResults=100)
        return [one[name] for one in answer[member]]
    return []


def parser() -> Parser:
    """The options of the command."""
    parser = Parser(
        prog="sagewright completion", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shell", choices=sorted(SHELLS), help="the shell that reads it")
    return parser
