"""How one option of a job is declared: its words, and how a form, a row, a link and a request spell it."""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, dataclass, replace
from typing import Any, get_args, get_type_hints

Choices = tuple[tuple[Any, str], ...]


@dataclass(frozen=True)
class Option:
    """The annotation of a field of `jobs.spec.JobSpec`; a control, a column and a link's parameter have its name.

    `name`, `type` and `default` are the field's own, filled in by `options_of`.
    """

    label: str = ""  # a message id
    form: bool = False  # the Create model form has a control for it, and a link carries it
    row: bool = False  # a model's row has a column for it
    request: str = ""  # its place in a CreateTrainingJob request, for example ResourceConfig.InstanceCount
    absent: Any = None  # what AWS assumes when a request leaves it out; None: `default`
    choices: Choices = ()  # (value, message id of its label)
    least: float | None = None  # the smallest number
    unit: str = ""  # seconds | hours | dollars
    link: str = ""  # its parameter in a link, where that is not its name
    name: str = ""
    type: Any = str
    default: Any = None

    @property
    def parameter(self) -> str:
        """The parameter of a link that carries it."""
        return self.link or self.name


def options_of(cls: Any) -> tuple[Option, ...]:
    """The options that the dataclass `cls` declares, in the order of its fields."""
    hints = get_type_hints(cls, include_extras=True)
    return tuple(_option(f, *get_args(hints[f.name])) for f in dataclasses.fields(cls))


def _option(f: dataclasses.Field, kind: Any, declared: Option) -> Option:
    default = f.default if f.default_factory is MISSING else f.default_factory()
    return replace(declared, name=f.name, type=kind, default=default)
