"""The types of hyperparameters: accepted values, parsing and error messages.

Bounds and options are data, so one declaration serves the form, the check before launch, the tuner and the trainer.
Error messages have the exact words of AWS's containers (sagemaker_algorithm_toolkit; docs/containers.md).

Only subclasses that add fields are dataclasses: each decorator adds a millisecond to the import.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.messages import _


class InvalidValue(ValueError):
    """A value is not accepted. The message is the container's text."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Hyperparameter:
    """One setting of a training job.

    `default` is a value that changes nothing when it is sent. Where leaving out and sending differ, it is None.
    `needs` is (other name, value, value, ...): the setting has an effect only while the other has one of the values.
    `suggested` is the (low, high) that AWS recommends for tuning. A tuning job varies a `tuned` one unless a person
    takes it out, a `tunable` one when a person asks for it.
    """

    name: str
    help: str
    label: str = ""
    required: bool = False
    default: Any = None
    options: tuple = ()
    needs: tuple[str, ...] = ()
    tunable: bool = False
    tuned: bool = False
    suggested: tuple[float, float] | None = None
    group: str = "advanced"
    internal: bool = False  # set by SageMaker itself (tuning), never by a user

    kind = "text"

    @property
    def title(self) -> str:
        """The label, or the name as words, for a form."""
        return self.label or self.name.strip("_").replace("_", " ").capitalize()

    def parse(self, text: Any) -> Any:
        """Parse `text` into a value. Raises InvalidValue with the container's text."""
        try:
            value = self._read(text)
        except (ValueError, TypeError, SyntaxError) as e:
            raise InvalidValue(
                f"Hyperparameter {self.name}: could not parse value (caused by {type(e).__name__})"
            ) from e
        self._check(value)
        return value

    def describe_range(self) -> str:
        """Describe the accepted values in words, translated."""
        return _either(self.options) if self.options else _("any text")

    def _read(self, text: Any) -> Any:
        return str(text)

    def _check(self, value: Any) -> None:
        return None


class Text(Hyperparameter):
    """Free text."""


class Categorical(Hyperparameter):
    """One of a fixed set of words."""

    kind = "categorical"

    def _check(self, value: Any) -> None:
        if value not in self.options:
            raise InvalidValue(f"Hyperparameter {self.name}: {value} is not in {list(self.options)}")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Number(Hyperparameter):
    """A number between two bounds, each of which may be open or absent."""

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    scale: str = "Linear"

    @property
    def interval(self) -> str:
        """The range in interval notation, as the container prints it: `(0, 1]`, `[1, +inf)`."""
        low = "(-inf" if self.low is None else f"{'(' if self.low_open else '['}{self.low}"
        high = "+inf)" if self.high is None else f"{self.high}{')' if self.high_open else ']'}"
        return f"{low}, {high}"

    def contains(self, value: float) -> bool:
        """True if `value` lies within the bounds. NaN does not."""
        # The container accepts NaN, for which no comparison is true, and trains a useless model. Here it is refused.
        if value != value:
            return False
        if self.low is not None and (value < self.low or (self.low_open and value == self.low)):
            return False
        return not (self.high is not None and (value > self.high or (self.high_open and value == self.high)))

    def describe_range(self) -> str:
        """Describe the accepted values in words, translated."""
        low = (
            "" if self.low is None else _("above %(low)s", low=_plain(self.low)) if self.low_open else _plain(self.low)
        )
        high = (
            ""
            if self.high is None
            else _("below %(high)s", high=_plain(self.high))
            if self.high_open
            else _plain(self.high)
        )
        if not low and not high:
            return _("any number")
        if not high:
            return low if self.low_open else _("%(low)s or more", low=low)
        if not low:
            return high if self.high_open else _("%(high)s or less", high=high)
        if self.high_open:
            return (
                _("%(low)s and %(high)s", low=low, high=high)
                if self.low_open
                else _("%(low)s or more, %(high)s", low=low, high=high)
            )
        return (
            _("%(low)s, up to %(high)s", low=low, high=high)
            if self.low_open
            else _("%(low)s to %(high)s", low=low, high=high)
        )

    def _check(self, value: Any) -> None:
        if not self.contains(value):
            raise InvalidValue(f"Hyperparameter {self.name}: {value} is not in {self.interval}")


class Integer(_Number):
    """A whole number; `6.0` is not one, as in the container."""

    kind = "integer"

    def _read(self, text: Any) -> int:
        if isinstance(text, float):
            raise ValueError(text)
        return int(text)


class Continuous(_Number):
    """A number."""

    kind = "continuous"

    def _read(self, text: Any) -> float:
        return float(text)


@dataclass(frozen=True, kw_only=True, eq=False)
class CommaList(Hyperparameter):
    """Words separated by commas. `accepts` may allow words beyond the options, and may raise InvalidValue."""

    accepts: Callable[[str], bool] | None = None
    kind = "list"

    def describe_range(self) -> str:
        """Describe the accepted values in words, translated."""
        return _("one or more of %(some)s, separated by commas", some=", ".join(self.options))

    def _read(self, text: Any) -> list[str]:
        return text.split(",") if isinstance(text, str) else [str(word) for word in text]

    def _check(self, value: Any) -> None:
        for word in value:
            if word not in self.options and not (self.accepts and self.accepts(word)):
                raise InvalidValue(f"Hyperparameter {self.name}: value {value} not in range {list(self.options)}")


class Tuple(Hyperparameter):
    """A tuple of whole numbers, each one of the options: `(1, 0, -1)`."""

    kind = "tuple"

    def describe_range(self) -> str:
        """Describe the accepted values in words, translated."""
        return _("numbers in round brackets, each %(some)s", some=_either(self.options))

    def _read(self, text: Any) -> tuple:
        value = ast.literal_eval(text) if isinstance(text, str) else text
        if not isinstance(value, tuple):
            raise TypeError(value)
        return value

    def _check(self, value: Any) -> None:
        if any(element not in self.options for element in value):
            raise InvalidValue(f"Hyperparameter {self.name}: value {value} not in range {list(self.options)}")


@dataclass(frozen=True, kw_only=True, eq=False)
class NestedList(Hyperparameter):
    """A list of lists of whole numbers: `[[1, 2], [3, 4, 5]]`."""

    low: int = 1
    kind = "nested list"

    def describe_range(self) -> str:
        """Describe the accepted values in words, translated."""
        return _("lists of whole numbers from %(low)s up, in square brackets", low=self.low)

    def _read(self, text: Any) -> list[list[int]]:
        value = ast.literal_eval(text) if isinstance(text, str) else text
        return [[int(element) for element in group] for group in value]

    def _check(self, value: Any) -> None:
        if any(element < self.low for group in value for element in group):
            raise InvalidValue(f"Hyperparameter {self.name}: value {value} not in range [{self.low}, +inf)")


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _either(options: tuple) -> str:
    words = [str(option) for option in options]
    return words[0] if len(words) == 1 else _("%(some)s or %(last)s", some=", ".join(words[:-1]), last=words[-1])
