"""What code may do where it runs: the truth of this machine's sandbox, or of a SageMaker training job on AWS."""

from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from common import amounts
from jobs import JobSpec
from jobs.instances import BY_NAME, DEFAULT
from models_app.create.sandbox_level import LIMITED, LOCKED, WALLED, is_allowed, level, off_sentence


class Rule(NamedTuple):
    """One line of the card: allowed or not."""

    allowed: bool
    text: str


@dataclass(frozen=True)
class Sandbox:
    """The card. `level` is "" on AWS; `warning` says why code should not run here."""

    level: str
    rules: list[Rule]
    warning: str = ""
    short: str = ""


def sandbox(spec: JobSpec) -> Sandbox:
    """What the code of `spec` may do."""
    instance = BY_NAME.get(spec.instance_type, DEFAULT)
    time = amounts.duration(spec.max_runtime)
    if not level():
        limits = _("%(cores)s cores, %(memory)s GiB, %(time)s, then it is ended")
        words = limits % {"cores": instance.vcpu, "memory": instance.memory, "time": time}
        rules = [
            Rule(True, _("Runs in a container of its own on an instance of its own")),
            Rule(True, words),
            Rule(True, _("Reaches the internet, and what the role of the job may use")),
            Rule(False, _("No keys and no environment of the console")),
            Rule(False, _("Its pickles are only opened in its containers, never in the console")),
        ]
        return Sandbox("", rules, short=_("A container on AWS"))
    rules = _rules(level(), time)
    if level() == LIMITED:
        warning = _("This machine cannot wall code in. Run only code you trust.")
        if not is_allowed():
            warning = off_sentence()
        return Sandbox(LIMITED, rules, warning, _("None on this machine"))
    return Sandbox(level(), rules, short=_("No network"))


def _rules(level: str, time: str) -> list[Rule]:
    disk = {
        WALLED: _("Reads the data, writes the model, nothing else on disk"),
        LOCKED: _("Reads the system and its own folder, writes the model, nothing else on disk"),
        LIMITED: _("Reads and writes what the engine's user may"),
    }[level]
    network = (
        Rule(False, _("No network: no S3, no internet, no other process"))
        if level == WALLED
        else Rule(False, _("No network: no S3, no internet; it can see the names of other processes"))
        if level == LOCKED
        else Rule(True, _("Reaches the network of this machine"))
    )
    return [
        Rule(True, disk),
        Rule(True, _("Shares the cores and the memory of this machine; %(time)s, then it is ended") % {"time": time}),
        network,
        Rule(False, _("No keys, no environment of the console")),
        Rule(False, _("Its pickles are only opened in the sandbox, never in the console"))
        if level in (WALLED, LOCKED)
        else Rule(False, _("Its pickles are never opened in the console")),
    ]
