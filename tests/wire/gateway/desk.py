"""A process that keeps the database of the gateway under test: runs the Python it is sent, answers in JSON."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
django.setup()

from django.utils.timezone import now  # noqa: E402

from common.db.nudge import nudge  # noqa: E402  # rows can be imported only now
from engine.models import AccessKey, Endpoint, LogEvent, MetricDatum  # noqa: E402

NAMES = {thing.__name__: thing for thing in (AccessKey, Endpoint, LogEvent, MetricDatum, nudge, now)}


def main() -> None:
    if sys.argv[1:] == ["migrate"]:
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
    print('"ready"', flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        names = {**NAMES, **order["with"]}
        exec(order["do"], names)
        print(json.dumps(names.get("answer"), default=str), flush=True)


main()
