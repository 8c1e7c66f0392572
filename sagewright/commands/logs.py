"""Prints the log of a training job, or of an endpoint: `sagewright logs NAME`, `-f` to follow it.

Exit codes: 0 done, 2 there is no such job or endpoint, or the job that was followed failed, 3 no answer comes, 64 the
command line is wrong.
"""

from __future__ import annotations

import argparse
import json

from sagewright.commands.arguments import Parser
from sagewright.commands.outcome import DONE, REFUSED, outcome


def main(arguments: list[str]) -> int:
    """Print the lines; with --follow as they come, until the job has ended or Ctrl-C."""
    options = parser().parse_args(arguments)

    def act() -> int:
        from sagewright.sdk.logs import ENDPOINT, LogReader, follow
        from sagewright.sdk.predictor import Predictor
        from sagewright.sdk.training_job import TrainingJob

        if options.endpoint:
            predictor = Predictor(options.name)
            predictor.describe()
            reader = LogReader(predictor.session, ENDPOINT + predictor.name)
            lines = follow(reader, lambda: False) if options.follow else iter(reader.new_lines())
        else:
            job = TrainingJob.attach(options.name)
            lines = job.logs(follow_until_end=options.follow)
        for line in lines:
            print(json.dumps({"message": line}) if options.json else line, flush=True)
        return REFUSED if options.follow and not options.endpoint and job.status == "Failed" else DONE

    return outcome(act)


def parser() -> Parser:
    """The options of the command."""
    parser = Parser(prog="sagewright logs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="the name of a training job")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the job has ended")
    parser.add_argument("--endpoint", action="store_true", help="NAME is an endpoint's")
    parser.add_argument("--json", action="store_true", help="each line as JSON")
    return parser
