"""How `pytest -n` deals the tests out to processes."""

from pathlib import Path

from tests.dealer import TOGETHER, group_of

TESTS = Path(__file__).parents[2]


def test_every_group_has_tests_and_what_starts_a_stack_is_in_a_group():
    groups: dict[int, list[Path]] = {}
    for file in sorted(TESTS.rglob("test_*.py")):
        groups.setdefault(group_of(file.relative_to(TESTS.parent).as_posix())[0], []).append(file)
    assert [number for number in range(len(TOGETHER)) if number not in groups] == []
    alone = groups[len(TOGETHER)]
    assert alone and not [file for file in alone if "mark.stack" in file.read_text() and file != Path(__file__)]


def test_a_file_that_is_in_no_group_is_one_by_itself():
    assert group_of("tests/unit/a/test_b.py::test_c") == group_of("tests/unit/a/test_b.py::test_d")
    assert group_of("tests/unit/a/test_b.py::test_c") != group_of("tests/unit/a/test_e.py::test_c")
