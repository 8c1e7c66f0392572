"""Column names as Sagewright uses them: unique and never empty."""

from collections.abc import Iterable


def unique_names(names: Iterable[str]) -> list[str]:
    """`names` without blanks around them; an empty one becomes its position (#3), a repeated one gets a number."""
    unique: list[str] = []
    taken: set[str] = set()
    copies: dict[str, int] = {}  # by name the next number: a first line of data may be one value, a million times
    for position, name in enumerate(names, 1):
        name = name.strip() or f"#{position}"
        candidate = name
        while candidate in taken:
            copy = copies.get(name, 2)
            candidate, copies[name] = f"{name}_{copy}", copy + 1
        unique.append(candidate)
        taken.add(candidate)
    return unique
