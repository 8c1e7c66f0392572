"""Channels and hyperparameters of a class, by the signature of its `train`."""

from __future__ import annotations

import inspect
import json
import re
import typing
from dataclasses import dataclass
from typing import Any, Callable

KINDS = {"pandas": "pandas", "polars": "polars", "numpy": "numpy"}  # a module of an annotation, a kind of channel
TABLE = "table"  # the kind of a channel without an annotation: sagewright.Table
LONGEST = 2500  # characters of a hyperparameter, as CreateTrainingJob takes them
_CHANNEL = re.compile(r"[A-Za-z0-9_]{1,64}")
_MISSING = inspect.Parameter.empty
_NAMES = {
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    str: "a text",
    list: "a list",
    dict: "a dict",
}


@dataclass(frozen=True)
class Channel:
    """One positional argument of `train`. `kind` is table, pandas, polars or numpy."""

    name: str
    kind: str
    required: bool


@dataclass(frozen=True)
class Hyperparameter:
    """One keyword-only argument of `train`. `type` is its annotation; inspect.Parameter.empty without one."""

    name: str
    type: Any
    default: Any

    @property
    def required(self) -> bool:
        """True if it has no default."""
        return self.default is _MISSING

    def parse(self, value: Any) -> Any:
        """`value` as JSON gives it back, checked against the annotation. Raises ValueError in words."""
        value = plain(value)
        if not _matches(value, self.type):
            raise ValueError(f"{self.name}={value!r} is not {describe(self.type)}.")
        if self.type is float and isinstance(value, int):
            value = float(value)
        try:
            text = json.dumps(value)
        except (TypeError, ValueError):
            raise ValueError(
                f"{self.name} is a {type(value).__name__}, which no job can be sent. Give numbers, texts, True or "
                "False, None, lists or dicts; data belongs into a channel."
            ) from None
        if len(text) > LONGEST:
            raise ValueError(
                f"{self.name} has {len(text)} characters as JSON, and a job takes {LONGEST}. Put it into a channel, or "
                "into a file that the class has in include."
            )
        return json.loads(text)


def channels_of(train: Callable[..., Any]) -> tuple[Channel, ...]:
    """The channels of a method `train(self, ...)`. Raises TypeError for a signature that has none."""
    hints = _hints(train)
    parameters = list(inspect.signature(train).parameters.values())[1:]
    channels = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            raise TypeError(f"train(*{parameter.name}) has channels without names. Name each: train(self, data).")
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            kind = kind_of(hints.get(parameter.name, _MISSING))
            if not _CHANNEL.fullmatch(parameter.name):
                raise TypeError(
                    f"SageMaker takes no channel called {parameter.name}. Name it by up to 64 letters a-z, digits, _."
                )
            channels.append(Channel(parameter.name, kind, parameter.default is _MISSING))
    if not channels:
        raise TypeError("train has no channel. Give it one positional argument for each: train(self, data).")
    return tuple(channels)


def hyperparameters_of(train: Callable[..., Any]) -> dict[str, Hyperparameter]:
    """The hyperparameters of a method `train(self, ...)`. Raises TypeError for `**anything`."""
    hints = _hints(train)
    hyperparameters = {}
    for parameter in inspect.signature(train).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            raise TypeError(f"train(**{parameter.name}) has hyperparameters without names. Name each after a *.")
        if parameter.kind is parameter.KEYWORD_ONLY:
            hint = hints.get(parameter.name, _MISSING)
            hyperparameters[parameter.name] = Hyperparameter(parameter.name, hint, parameter.default)
    return hyperparameters


def check(known: dict[str, Hyperparameter], values: dict[str, Any], complete: bool = False) -> dict[str, Any]:
    """`values`, each checked; with `complete` also that none is missing. Raises ValueError with every problem."""
    problems, checked = [], {}
    for name, value in values.items():
        if name not in known:
            there = (
                f"There are: {', '.join(known)}." if known else "The class has none: keyword-only arguments of train."
            )
            problems.append(f"There is no hyperparameter {name}. {there}")
            continue
        try:
            checked[name] = known[name].parse(value)
        except ValueError as e:
            problems.append(str(e))
    if complete:
        problems += [
            f"The hyperparameter {h.name} is missing: it has no default. Give {h.name}=... to the class."
            for h in known.values()
            if h.required and h.name not in values
        ]
    if problems:
        raise ValueError(" ".join(problems))
    return checked


def check_init(model: Any) -> None:
    """Raise TypeError unless a job can make the class of `model` anew, which it calls with its hyperparameters alone.

    What an __init__ of one's own takes besides them would be lost on the way.
    """
    cls = type(model)
    known = hyperparameters_of(cls.train)
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    lost = [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and p.name not in known]
    if lost:
        raise TypeError(
            f"{cls.__name__}.__init__ takes {', '.join(lost)}, and a job makes the class from the keyword-only "
            f"arguments of train alone. Move it there: def train(self, data, *, {lost[0]}=...)."
        )
    if "hyperparameters" not in vars(model):
        raise TypeError(
            f"{cls.__name__}.__init__ does not call super().__init__(**hyperparameters). Leave __init__ out, and set "
            "up in train."
        )


def rows_kind(predict: Callable[..., Any]) -> str:
    """The kind of rows that a method `predict(self, rows)` takes. Raises TypeError if it takes none."""
    parameters = list(inspect.signature(predict).parameters.values())[1:]
    if not parameters:
        raise TypeError("predict takes no rows. Write it as predict(self, rows).")
    return kind_of(_hints(predict).get(parameters[0].name, _MISSING))


def kind_of(annotation: Any) -> str:
    """The kind of channel that an annotation asks for, by the package of its class."""
    if isinstance(annotation, str):
        package = annotation.partition(".")[0]
        return KINDS.get({"pd": "pandas", "pl": "polars", "np": "numpy"}.get(package, package), TABLE)
    for option in typing.get_args(annotation):
        if kind_of(option) != TABLE:
            return kind_of(option)
    return KINDS.get(str(getattr(annotation, "__module__", "")).partition(".")[0], TABLE)


def plain(value: Any) -> Any:
    """A number of NumPy as Python's; everything else as it is."""
    return value.item() if hasattr(value, "dtype") and getattr(value, "ndim", None) == 0 else value


def describe(annotation: Any) -> str:
    """An annotation in words."""
    if annotation in _NAMES:
        return _NAMES[annotation]
    options = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Literal:
        return "one of " + ", ".join(map(repr, options))
    if annotation is type(None):
        return "None"
    if _is_union(annotation):
        return " or ".join(describe(option) for option in options)
    return str(getattr(annotation, "__name__", annotation))


def _matches(value: Any, annotation: Any) -> bool:
    origin, options = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in (_MISSING, Any) or isinstance(annotation, str):
        return True
    if origin is typing.Literal:
        return any(value == option and type(value) is type(option) for option in options)
    if _is_union(annotation):
        return any(_matches(value, option) for option in options)
    if annotation is type(None):
        return value is None
    if annotation is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    concrete = origin or annotation
    if concrete in (tuple, list):
        return isinstance(value, (list, tuple))
    try:
        return isinstance(value, concrete) if isinstance(concrete, type) else True
    except TypeError:  # a TypedDict, a protocol
        return not hasattr(concrete, "__total__") or isinstance(value, dict)


def _is_union(annotation: Any) -> bool:
    origin = typing.get_origin(annotation)
    return origin is typing.Union or getattr(origin, "__name__", "") == "UnionType"


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of `function`; as texts where they cannot be resolved."""
    try:
        return typing.get_type_hints(function)
    except Exception:  # a name that is not there, or `X | Y` in an older Python
        return dict(getattr(function, "__annotations__", {}))
