"""How a column is read in the end: what the recipe says goes before what was found."""

from dataclasses import dataclass, field

from tables.inspection import Inspection
from tables.recipe import Recipe


@dataclass(frozen=True)
class ColumnTypes:
    """Kinds that a person set, and how the cells of number columns are written, by column."""

    types: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)


def resolve_types(inspection: Inspection, recipe: Recipe) -> ColumnTypes:
    """The reading of `found`: a decimal comma that was seen all over a column holds unless a person says otherwise."""
    numbers = {column.name: column.numbers for column in inspection.columns if column.numbers}
    numbers |= {name: style for name, style in recipe.numbers.items() if style}
    types = {name: kind for name, kind in recipe.types.items() if kind}
    for name in numbers:
        types.setdefault(name, "number")
    return ColumnTypes(types, {name: style for name, style in numbers.items() if types[name] == "number"})
