"""Column names as Sagewright uses them: unique and never empty."""

from collections.abc import Iterable


def unique_names(names: Iterable[str]) -> list[str]:
    """`names` without blanks around them; an empty one becomes its position (#3), a repeated one gets a number."""
    unique: list[str] = []
    taken: set[str] = set()
    for position, name in enumerate(names, 1):
        name = name.strip() or f"#{position}"
        candidate, copy = name, 2
        while candidate in taken:
            candidate, copy = f"{name}_{copy}", copy + 1
        unique.append(candidate)
        taken.add(candidate)
    return unique
