"""The `sagewright` command.

sagewright up [--ports N | --free-ports] [--quiet]   start everything; --engine: without the console
sagewright demo              sample tables, one trained and deployed model; on the running Sagewright or a new one
sagewright exports           the `export` lines for AWS clients of the running Sagewright
sagewright doctor            how well this machine can keep people's code apart, and why not better
sagewright manage ...        Django's commands, on the running Sagewright
sagewright preflight ...     checks a training job before it costs anything: s3://bucket/key --target column
sagewright test-connection   which SageMaker is in use, and whether it, its S3 and the credentials answer

sagewright jobs | models | endpoints [--json]        what the account has
sagewright logs [-f] JOB     the log of a training job, or with --endpoint of an endpoint
sagewright deploy JOB        host the model of a training job
sagewright predict ENDPOINT FILE                     predictions for the rows of a table; --row NAME=VALUE ...
sagewright delete ENDPOINT   delete an endpoint with its configuration and its model
sagewright completion SHELL  completion for bash, zsh or fish
"""

import sys
from collections.abc import Sequence
from importlib import import_module

from sagewright import __version__
from sagewright.application import make_importable
from sagewright.commands import COMMANDS
from sagewright.commands.arguments import USAGE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (default: those of this process) name and return its exit code.

    `up`, `demo`, `exports`, `doctor` and `manage` replace this process and do not return.
    """
    verb, *rest = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    if verb in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    if verb == "--version":
        print(f"sagewright {__version__}")
        return 0
    if verb not in COMMANDS:
        print(f"There is no command {verb!r}.\n\n{__doc__}", file=sys.stderr)
        return USAGE
    make_importable()
    module, _, function = COMMANDS[verb].partition(":")
    try:
        return getattr(import_module(module), function)(rest)
    except KeyboardInterrupt:
        return 130
