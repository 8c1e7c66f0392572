"""The hyperparameter rows of the Create model form, generated from the algorithm's declaration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from algorithms.parameters import Hyperparameter
from jobs.hyperparameters import is_default
from jobs.link import HYPERPARAMETER as PREFIX

LIBSVM = (".libsvm", ".svm")  # files whose rows may name groups and bounds
HUGE = 2**31 - 1  # bounds beyond this say no more than "a whole number"


@dataclass(frozen=True)
class Row:
    """One setting as the form shows it. `value` is the text in the control, "" for left alone."""

    spec: Hyperparameter
    value: str
    errors: tuple[str, ...] = ()
    off: str = ""  # why it does not matter as the others stand, in words
    hidden: tuple[str, ...] = ()  # options that the table cannot train
    tune: Any = None  # the range of a tuning job's form, where it can be tuned

    @property
    def id(self) -> str:
        """The id and name of its control."""
        return PREFIX + self.spec.name

    @property
    def default(self) -> str:
        """What leaving it out means, as text; "" where that is no fixed value."""
        free = self.spec.default is None or self.spec.name == "objective"
        return "" if free else f"{self.spec.default}"

    @property
    def is_changed(self) -> bool:
        """It says something else than leaving it out would; what must be given has nothing to differ from."""
        return bool(self.value) and self.can_reset and not is_default(self.spec, self.value)

    @property
    def can_reset(self) -> bool:
        """There is something to go back to: a default, or nothing where nothing need be said."""
        return bool(self.default) or not self.spec.required

    @property
    def needs(self) -> tuple[str, str]:
        """(the other setting's control, its values joined by |) for the page to follow; ("", "")."""
        other, *values = self.spec.needs or ("",)
        return (PREFIX + other, "|".join(map(str, values))) if other else ("", "")

    @property
    def off_words(self) -> str:
        """With which values of which other setting this one matters."""
        return _only_with(self.spec.needs[0], list(self.spec.needs[1:])) if self.spec.needs else ""

    @property
    def is_numeric(self) -> bool:
        """True if it takes a number."""
        return self.spec.kind in ("integer", "continuous")

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(value, label) for a select; empty for a text field. What has no fixed default may be left to the console."""
        if self.spec.kind != "categorical":
            return []
        options = [(str(option), str(option)) for option in self.spec.options if str(option) not in self.hidden]
        if self.spec.name == "objective":
            return [("", _("By the target")), *options]
        return options if self.default else [("", _("Not set")), *options]

    @property
    def display_value(self) -> str:
        """The text in the control: what was typed, or else the default, so that everything is visible and editable."""
        return self.value or self.default

    @property
    def is_off_list(self) -> bool:
        """A value that the select does not offer; it is shown all the same, so that nothing typed is lost."""
        return bool(self.value) and self.value not in dict(self.choices)

    @property
    def range(self) -> str:
        """What is accepted, short enough to stand under the control."""
        if self.choices or self.spec.kind == "text":
            return ""
        if self.spec.kind == "list":
            return _("such as %(some)s") % {"some": ", ".join(self.spec.options[:2])}
        low, high = getattr(self.spec, "low", None), getattr(self.spec, "high", None)
        if low is not None and high is not None and low <= -HUGE and high >= HUGE:
            return _("any whole number")
        return self.spec.describe_range()


def posted(data: Mapping[str, str]) -> dict[str, str]:
    """{name: text} of the controls in `data`, a POST or a query."""
    return {name.removeprefix(PREFIX): data[name] for name in data if name.startswith(PREFIX)}


def rows(algorithm, values: Mapping[str, str], errors: Mapping[str, list[str]], uri: str = "") -> dict[str, list[Row]]:
    """{"basic": rows, "advanced": rows, "unknown": rows}: what the algorithm declares, and what was given beyond it.

    Options that the rows of `uri` say too little for are not offered; a value that was given is shown all the same.
    """
    groups: dict[str, list[Row]] = {"basic": [], "advanced": [], "unknown": []}
    own = set()
    for spec in algorithm.hyperparameters:
        own.add(spec.name)
        if not spec.internal:
            value = values.get(spec.name, "")
            off = _off(algorithm, spec, values)
            hidden = () if uri.endswith(LIBSVM) else _untrainable(algorithm, spec)
            groups[spec.group].append(Row(spec, value, tuple(errors.get(PREFIX + spec.name, ())), off, hidden))
    for name, value in values.items():
        if name not in own and value:
            spec = Hyperparameter(
                name=name, help=_("The algorithm has no such hyperparameter. Clear it to leave it out.")
            )
            groups["unknown"].append(Row(spec, value, tuple(errors.get(PREFIX + name, ()))))
    return groups


def _untrainable(algorithm, spec: Hyperparameter) -> tuple[str, ...]:
    """The options of `spec` for which rows of a label and features say too little."""
    return tuple(
        str(option)
        for option in spec.options
        if any(problem.name == spec.name for rule in algorithm.row_rules for problem in rule({spec.name: option}))
    )


def _off(algorithm, spec: Hyperparameter, values: Mapping[str, str]) -> str:
    """Why `spec` does not matter while another setting stands as it does; "" when it does matter."""
    if not spec.needs:
        return ""
    other, *needed = spec.needs
    try:
        row = Row(algorithm.hyperparameter(other), values.get(other, ""))
    except KeyError:
        return ""
    return "" if row.display_value in map(str, needed) else _only_with(other, needed)


def _only_with(other: str, values: list[str]) -> str:
    return _("Only matters with %(other)s %(values)s") % {"other": other, "values": ", ".join(map(str, values))}
