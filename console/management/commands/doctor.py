"""`manage.py doctor`: says how well this machine can keep people's code apart, and what would make it better."""

import json
import sys

from django.core.management.base import BaseCommand

from sagewright import environment as env
from sandbox import cgroup
from sandbox import level as levels
from sandbox.hints import hints, identity_hints
from sandbox.spec import Level, SandboxError

REFUSED = 2  # the exit code where people's own code does not run


class Command(BaseCommand):
    help = (
        "Say how well this machine can keep people's code apart, and why not better. "
        "Exit codes: 0 their own code runs, 2 it does not."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="the same as JSON")

    def handle(self, *args, **options):
        try:
            report = _report()
        except SandboxError as e:
            self.stderr.write(str(e))
            sys.exit(REFUSED)
        self.stdout.write(json.dumps(report, indent=1) if options["json"] else _text(report))
        if not report["own_code_allowed"]:
            sys.exit(REFUSED)


def _report() -> dict:
    level = levels.available()
    better = {other: why for other in Level if (why := levels.why_not(other))}
    return {
        "sandbox": level,
        "meaning": levels.sentence(level),
        "limits": cgroup.sentence(),
        "setting": env.text("SANDBOX"),
        "not_possible": better,
        "hints": [*(hints() if Level.WALLED in better else ()), *identity_hints()],
        "own_code_allowed": levels.own_code_allowed(),
        "own_code_setting": env.text("OWN_CODE"),
    }


def _text(report: dict) -> str:
    lines = [f"Sandbox: {report['sandbox']} (SAGEWRIGHT_SANDBOX={report['setting']}). {report['meaning']}"]
    lines.append(report["limits"])
    lines += [f"Not possible here: {level}. {why}" for level, why in report["not_possible"].items()]
    lines += report["hints"]
    allowed = "runs" if report["own_code_allowed"] else "does not run. SAGEWRIGHT_OWN_CODE=on allows it"
    lines.append(f"People's own code {allowed} (SAGEWRIGHT_OWN_CODE={report['own_code_setting']}).")
    return "\n".join(lines)
