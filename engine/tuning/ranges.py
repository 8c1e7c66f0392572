"""The hyperparameters that a tuning job tries: ranges of numbers and lists of values, as points of a cube of side 1."""

import itertools
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Point = dict[str, float | str]  # from 0 to 1 for a number, the value itself for a list of values
WIDE = 100  # a range of so many times its lowest value is tried on a logarithmic scale, if the scale is Auto
LINEAR, LOGARITHMIC, REVERSE = "Linear", "Logarithmic", "ReverseLogarithmic"


class InvalidRange(ValueError):
    """A range that cannot be tried; the message says why."""


@dataclass(frozen=True)
class NumberRange:
    """A range of numbers, its ends included."""

    name: str
    low: float
    high: float
    scale: str
    is_integer: bool

    def value(self, position: float) -> str:
        """The hyperparameter's text at a position from 0 to 1."""
        if self.scale == LOGARITHMIC:
            number = self.low * (self.high / self.low) ** position
        elif self.scale == REVERSE:
            number = 1 - (1 - self.low) * ((1 - self.high) / (1 - self.low)) ** position
        else:
            number = self.low + (self.high - self.low) * position
        number = min(max(number, self.low), self.high)
        return str(round(number)) if self.is_integer else repr(number)

    def position(self, text: str) -> float:
        """The position of a value, from 0 to 1 within the range."""
        number = float(text)
        if self.low == self.high:
            return 0.0 if number == self.low else math.inf
        if self.scale == LOGARITHMIC:
            return math.log(number / self.low) / math.log(self.high / self.low)
        if self.scale == REVERSE:
            return math.log((1 - number) / (1 - self.low)) / math.log((1 - self.high) / (1 - self.low))
        return (number - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Values:
    """A list of different values, which have no order."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Ranges:
    """All that a tuning job varies."""

    numbers: tuple[NumberRange, ...]
    lists: tuple[Values, ...]

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> "Ranges":
        """The ranges of a ParameterRanges structure. Raises InvalidRange."""
        numbers = [_number(one, True) for one in definition.get("IntegerParameterRanges", ())]
        numbers += [_number(one, False) for one in definition.get("ContinuousParameterRanges", ())]
        lists = [
            Values(one["Name"], tuple(dict.fromkeys(one["Values"])))
            for one in definition.get("CategoricalParameterRanges", ())
        ]
        names = [one.name for one in numbers] + [one.name for one in lists]
        if not names:
            raise InvalidRange("There is no hyperparameter to tune: every list of ranges is empty.")
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise InvalidRange(f"The hyperparameter {twice} has more than one range. Give it one.")
        return cls(tuple(numbers), tuple(lists))

    @property
    def names(self) -> list[str]:
        """The hyperparameters that are varied."""
        return [one.name for one in self.numbers] + [one.name for one in self.lists]

    def random(self, seed: str) -> Point:
        """A point at random, the same for the same seed."""
        source = random.Random(seed)  # noqa: S311  # nothing is secret here
        return {
            **{one.name: source.random() for one in self.numbers},
            **{v.name: source.choice(v.values) for v in self.lists},
        }

    def texts(self, point: Mapping[str, float | str]) -> dict[str, str]:
        """The hyperparameters of a point."""
        return {
            **{one.name: one.value(float(point[one.name])) for one in self.numbers},
            **{v.name: str(point[v.name]) for v in self.lists},
        }

    def point(self, texts: Mapping[str, str]) -> Point:
        """The point of hyperparameters that `texts` has given."""
        return {
            **{one.name: one.position(texts[one.name]) for one in self.numbers},
            **{v.name: texts[v.name] for v in self.lists},
        }

    def point_inside(self, texts: Mapping[str, str]) -> Point | None:
        """The point of hyperparameters that other ranges gave, None where it lies outside of these."""
        try:
            point = self.point(texts)
        except (KeyError, ValueError):  # one is missing, is no number, or has no place on the scale
            return None
        inside = all(0.0 <= float(point[one.name]) <= 1.0 for one in self.numbers)
        return point if inside and all(point[v.name] in v.values for v in self.lists) else None

    def combinations(self) -> float:
        """How many different values there are to try; infinite with a range of real numbers."""
        counts = [one.high - one.low + 1 if one.is_integer or one.low == one.high else math.inf for one in self.numbers]
        return math.prod([*counts, *(len(one.values) for one in self.lists)])

    def grid(self) -> Iterator[dict[str, str]]:
        """Every combination of the lists' values. Raises InvalidRange if there is a range of numbers."""
        if self.numbers:
            raise InvalidRange(
                f"The Grid strategy tries every value, and {self.numbers[0].name} is a range of numbers. Give its "
                "values as a CategoricalParameterRange."
            )
        return self.every()

    def every(self) -> Iterator[dict[str, str]]:
        """Every combination there is to try; of a range of real numbers its lowest value alone."""
        numbers = (range(int(n.low), int(n.high) + 1) if n.is_integer else (n.low,) for n in self.numbers)
        values = itertools.product(*(map(str, one) for one in numbers), *(one.values for one in self.lists))
        return (dict(zip(self.names, texts, strict=True)) for texts in values)


def _number(definition: Mapping[str, str], is_integer: bool) -> NumberRange:
    name, scale = definition["Name"], definition.get("ScalingType", "Auto")
    try:
        low, high = float(definition["MinValue"]), float(definition["MaxValue"])
    except ValueError:
        raise InvalidRange(f"The range of {name} has an end that is no number.") from None
    if not (math.isfinite(low) and math.isfinite(high)) or low > high:
        raise InvalidRange(f"The range of {name} must have finite ends and a MinValue that is at most its MaxValue.")
    if is_integer and (low % 1 or high % 1):
        raise InvalidRange(f"The range of {name} has integers, and {low:g} or {high:g} is none.")
    if scale == "Auto":
        scale = LOGARITHMIC if low > 0 and high / low >= WIDE else LINEAR
    if scale == LOGARITHMIC and low <= 0:
        raise InvalidRange(f"The range of {name} begins at {low:g}; a Logarithmic scale needs ends above 0.")
    if scale == REVERSE and not (low >= 0 and high < 1 and not is_integer):
        raise InvalidRange(f"The range of {name} is {low:g} to {high:g}; ReverseLogarithmic needs 0 <= x < 1.")
    return NumberRange(name, low, high, scale, is_integer)
