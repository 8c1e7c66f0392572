"""Kinds of hyperparameter that Amazon's first-party algorithms have and others have not: `auto`, and truths.

`auto` is a value of its own: parse() keeps the word, and the trainer decides.
"""

from __future__ import annotations

from typing import Any

from algorithms.parameters import Categorical, Continuous, Hyperparameter, Integer, Text

AUTO = "auto"


class AutoInteger(Integer):
    """A whole number, or `auto`."""

    kind = "text"  # a form must let the word through

    def describe_range(self) -> str:
        return f"auto, or a whole number: {super().describe_range()}"

    def _read(self, text: Any) -> Any:
        return AUTO if _is_auto(text) else super()._read(text)

    def _check(self, value: Any) -> None:
        if value != AUTO:
            super()._check(value)


class AutoContinuous(Continuous):
    """A number, or `auto`; `words` are further words it may be (`balanced`)."""

    kind = "text"
    words: tuple[str, ...] = ()

    def describe_range(self) -> str:
        return f"{', '.join((AUTO, *self.words))} or a number: {super().describe_range()}"

    def _read(self, text: Any) -> Any:
        word = str(text).strip().lower()
        return word if word in (AUTO, *self.words) else super()._read(text)

    def _check(self, value: Any) -> None:
        if not isinstance(value, str):
            super()._check(value)


class Truth(Categorical):
    """true or false, in any case (the SageMaker SDK sends Python's `True`); `auto` too if it is among the options."""

    def _read(self, text: Any) -> Any:
        return str(text).strip().lower()


def truth(name: str, help: str, default: str = "true", auto: bool = False, **more: Any) -> Truth:
    """A setting that is true or false, or left to the algorithm."""
    options = ("auto", "true", "false") if auto else ("true", "false")
    return Truth(name=name, help=help, default=default, options=options, **more)


# What SageMaker itself adds to a job, such as a tuning job's objective. Accepted, and without effect here.
INTERNAL: tuple[Hyperparameter, ...] = tuple(
    Text(name=name, help="Set by SageMaker itself, never by a person.", internal=True)
    for name in (
        "_tuning_objective_metric", "_kvstore", "_num_kv_servers", "_num_gpus", "_log_level", "_enable_profiler",
        "_disable_wait_to_read", "_ftp_port",
    )
)  # fmt: skip


def _is_auto(text: Any) -> bool:
    return str(text).strip().lower() == AUTO
