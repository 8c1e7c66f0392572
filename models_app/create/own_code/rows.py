"""The hyperparameters of people's own code on the form: those that it declares, and free ones beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs.code.check import CodeCheck
from jobs.code.parameter import TYPES
from jobs.link import HYPERPARAMETER

NAME, VALUE, TYPE = "hpn-", "hpv-", "hpt-"  # of a free row, before its number
MAX_ROWS = 100


@dataclass(frozen=True)
class CodeRow:
    """One hyperparameter. A declared one has its name and type from the code; a free one has a `number`."""

    name: str
    value: str
    type: str
    number: int = -1
    is_declared: bool = False
    required: bool = False
    default: str = ""
    options: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of its value's control."""
        return f"{HYPERPARAMETER}{self.name}" if self.is_declared or self.number < 0 else f"{VALUE}{self.number}"

    @property
    def display_value(self) -> str:
        """The text in the control: what was typed, else the default."""
        return self.value or self.default

    @property
    def type_title(self) -> str:
        """The type in words, to be translated."""
        return TYPES.get(self.type, self.type)

    @property
    def is_numeric(self) -> bool:
        """True if it takes a number."""
        return self.type in ("int", "float")


def posted_free(data: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """({name: value}, {name: type}) of the free rows in `data`; a row without a name says nothing."""
    values: dict[str, str] = {}
    types: dict[str, str] = {}
    for number in range(MAX_ROWS):
        name = str(data.get(f"{NAME}{number}", "")).strip()
        if name:
            values[name] = str(data.get(f"{VALUE}{number}", ""))
            kind = str(data.get(f"{TYPE}{number}", ""))
            types[name] = kind if kind in TYPES else "str"
    return values, types


def code_rows(
    check: CodeCheck, values: Mapping[str, str], types: Mapping[str, str], errors: Mapping[str, list[str]], extra: bool
) -> list[CodeRow]:
    """The rows: those that the code declares, then the others; `extra` adds an empty one."""
    declared = {parameter.name for parameter in check.parameters}
    rows = [
        CodeRow(
            p.name,
            values.get(p.name, ""),
            p.type,
            is_declared=True,
            required=p.required,
            default=p.default_text,
            options=tuple(map(str, p.options)) or (("true", "false") if p.type == "bool" else ()),
            errors=tuple(errors.get(HYPERPARAMETER + p.name, ())),
        )
        for p in check.parameters
    ]
    free = [name for name in values if name not in declared and (values[name] or name in types)]
    for number, name in enumerate(free[:MAX_ROWS]):
        wrong = tuple(errors.get(HYPERPARAMETER + name, ()))
        rows.append(CodeRow(name, values[name], types.get(name, "str"), number, errors=wrong))
    return [*rows, CodeRow("", "", "float", len(free))] if extra else rows
