"""Column types and number formats: the recipe's, else the inspected ones."""

from dataclasses import dataclass, field

from tables.inspection import Inspection
from tables.recipe import Recipe


@dataclass(frozen=True)
class ColumnTypes:
    """By column name: kinds that a person set, how numbers are written, and the order that a person set of dates."""

    types: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)


def resolve_types(inspection: Inspection, recipe: Recipe) -> ColumnTypes:
    """Merge `recipe` over `inspection`: an inferred decimal comma holds unless the recipe sets another format."""
    numbers = {column.name: column.numbers for column in inspection.columns if column.numbers}
    numbers |= {name: style for name, style in recipe.numbers.items() if style}
    types = {name: kind for name, kind in recipe.types.items() if kind}
    for name in numbers:
        types.setdefault(name, "number")
    for name in recipe.dates:
        types.setdefault(name, "datetime")
    dates = {name: form for name, form in recipe.dates.items() if types[name] == "datetime"}
    return ColumnTypes(types, {name: style for name, style in numbers.items() if types[name] == "number"}, dates)
