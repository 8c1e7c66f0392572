"""Composes a job's FailureReason as SageMaker does: whose fault, what happened, which exit code."""

import re
import signal

from common.db.server_paths import hide_paths
from common.memory import GIB
from engine.jobs.workload import MemoryLimit
from sandbox.keeper import SETUP_FAILED

KINDS = ("ClientError", "AlgorithmError", "InternalServerError")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # no text of a database, nor of XML
MAX_LENGTH = 1024  # characters of a FailureReason
KILLED = (
    "The {} process was killed, most often because memory ran out. Please use an instance type with more memory, "
    "or reduce the size of the data processed on an instance."
)


def failure_reason(exit_code: int, message: str, noun: str = "training") -> str:
    """Return the FailureReason for an exit code (-N after signal N) and the text of output/failure.

    `noun` says what the process did.
    """
    kind, _, text = message.partition(":")
    if kind not in KINDS or (kind == "InternalServerError" and exit_code != SETUP_FAILED):  # ours to say, not a job's
        kind, text = "AlgorithmError", message or _describe(exit_code, noun)
    return reason(kind, text.strip(), f", exit code: {128 - exit_code if exit_code < 0 else exit_code}")


def memory_reason(limit: MemoryLimit, noun: str = "training") -> str:
    """Return the FailureReason of a job that was killed for using more memory than `limit`."""
    text = f"The {noun} process used more than {limit.size / GIB:.3g} GiB of memory, {limit.source}"
    return reason("AlgorithmError", text, f", exit code: {128 + signal.SIGKILL}")


def disk_reason(used: int, noun: str = "training") -> str:
    """Return the FailureReason of a job that was killed for filling its volume, with the bytes that its files took."""
    text = (
        f"The {noun} process filled its volume: its files took {used / GIB:.3g} GiB. Please raise "
        "ResourceConfig.VolumeSizeInGB, or write less"
    )
    return reason("AlgorithmError", text, f", exit code: {128 + signal.SIGKILL}")


def processes_reason(count: int, noun: str = "training") -> str:
    """Return the FailureReason of a job that was killed for having `count` processes."""
    text = f"The {noun} process started {count} processes, more than a job may have. Please start fewer at a time"
    return reason("AlgorithmError", text, f", exit code: {128 + signal.SIGKILL}")


def reason(kind: str, text: str, ending: str = "") -> str:
    """`kind: text`, cut in the text where it is longer than AWS allows, without paths of this server."""
    text = hide_paths(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))
    available = MAX_LENGTH - len(f"{kind}: {ending}")
    return f"{kind}: {text if len(text) <= available else text[: available - 3] + '...'}{ending}"


def _describe(exit_code: int, noun: str) -> str:
    if exit_code == -signal.SIGKILL:
        return KILLED.format(noun)
    if exit_code < 0:
        return f"The {noun} process crashed ({_name(-exit_code)})"
    return f"The {noun} process ended without saying why; its log may"


def _name(number: int) -> str:
    """The name of a signal; most of the real-time ones have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
