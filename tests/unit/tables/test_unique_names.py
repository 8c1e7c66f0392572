"""Names of columns become unique, however many there are."""

import random

import pytest

from tables.column_names import unique_names


def first_free(names):
    """As unique_names, by a search from the first number for each name."""
    unique = []
    for position, name in enumerate(names, 1):
        base = candidate = name.strip() or f"#{position}"
        copy = 2
        while candidate in unique:
            candidate, copy = f"{base}_{copy}", copy + 1
        unique.append(candidate)
    return unique


@pytest.mark.parametrize("seed", range(50))
def test_a_repeated_name_gets_the_first_number_that_is_free(seed):
    draw = random.Random(seed)
    names = [draw.choice(["a", " a ", "a_2", "a_3", "a_2_2", "", "#3", "b"]) for _ in range(draw.randint(0, 30))]
    assert unique_names(names) == first_free(names)


def test_a_line_of_one_value_takes_no_longer_for_being_long():
    """Three million cells are a body of a prediction. The square of that would be days."""
    names = unique_names(["1"] * 300_000)
    assert names[:2] == ["1", "1_2"] and names[-1] == "1_300000"
