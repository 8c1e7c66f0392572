"""Hyperparameter types of Amazon's first-party algorithms: numbers with `auto`, and booleans.

`auto` is a value: parse() returns the word, and the trainer decides.
"""

from __future__ import annotations

from typing import Any

from algorithms.parameters import Categorical, Continuous, Hyperparameter, Integer, Text

AUTO = "auto"


class AutoInteger(Integer):
    """A whole number, or `auto`."""

    kind = "text"  # a form must accept the word

    def describe_range(self) -> str:
        """Describe the accepted values in words."""
        return f"auto, or a whole number: {super().describe_range()}"

    def _read(self, text: Any) -> Any:
        return AUTO if _is_auto(text) else super()._read(text)

    def _check(self, value: Any) -> None:
        if value != AUTO:
            super()._check(value)


class AutoContinuous(Continuous):
    """A number, `auto`, or another word of `words` (`balanced`)."""

    kind = "text"
    words: tuple[str, ...] = ()

    def describe_range(self) -> str:
        """Describe the accepted values in words."""
        return f"{', '.join((AUTO, *self.words))} or a number: {super().describe_range()}"

    def _read(self, text: Any) -> Any:
        word = str(text).strip().lower()
        return word if word in (AUTO, *self.words) else super()._read(text)

    def _check(self, value: Any) -> None:
        if not isinstance(value, str):
            super()._check(value)


class Boolean(Categorical):
    """true or false, in any case (the SageMaker SDK sends Python's `True`); `auto` too if it is among the options."""

    def _read(self, text: Any) -> Any:
        return str(text).strip().lower()


def boolean(name: str, help: str, default: str = "true", auto: bool = False, **fields: Any) -> Boolean:
    """Return a hyperparameter that is true or false; with `auto`, the algorithm may decide."""
    options = ("auto", "true", "false") if auto else ("true", "false")
    return Boolean(name=name, help=help, default=default, options=options, **fields)


# SageMaker itself adds these to a job, for example the objective of a tuning job. Accepted, without effect here.
INTERNAL: tuple[Hyperparameter, ...] = tuple(
    Text(name=name, help="Set by SageMaker itself, never by a person.", internal=True)
    for name in (
        "_tuning_objective_metric", "_kvstore", "_num_kv_servers", "_num_gpus", "_log_level", "_enable_profiler",
        "_disable_wait_to_read", "_ftp_port",
    )
)  # fmt: skip


def _is_auto(text: Any) -> bool:
    return str(text).strip().lower() == AUTO
