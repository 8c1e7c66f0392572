"""Puts into words why a job's process failed, as SageMaker does: whose fault, what happened, with which exit code."""

import signal

KINDS = ("ClientError", "AlgorithmError", "InternalServerError")
LONGEST = 1024  # characters of a FailureReason
KILLED = (
    "The training process was killed, most often because memory ran out. Please use an instance type with more memory, "
    "or reduce the size of training data processed on an instance."
)


def failure_reason(exit_code: int, words: str) -> str:
    """The FailureReason for an exit code (-N after signal N) and what the algorithm wrote to output/failure."""
    kind, _, text = words.partition(":")
    if kind not in KINDS:
        kind, text = "AlgorithmError", words or _words_for(exit_code)
    return reason(kind, text.strip(), f", exit code: {128 - exit_code if exit_code < 0 else exit_code}")


def reason(kind: str, text: str, ending: str = "") -> str:
    """`kind: text`, cut in the text where it is longer than AWS allows."""
    room = LONGEST - len(f"{kind}: {ending}")
    return f"{kind}: {text if len(text) <= room else text[: room - 3] + '...'}{ending}"


def _words_for(exit_code: int) -> str:
    if exit_code == -signal.SIGKILL:
        return KILLED
    if exit_code < 0:
        return f"The training process crashed ({signal.Signals(-exit_code).name})"
    return "The training process ended without saying why; its log may"
