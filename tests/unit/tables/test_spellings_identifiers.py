"""Digits that name something: zeros in front, labels of many digits, codes that only look like numbers."""

import pytest

from tables import Recipe, RowEncoder, locate, parse_scalar, prepare, scan
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS
from tests.unit.tables.spelled import CASES, Spelled, table


@pytest.fixture
def spelled(folder, keep):
    return lambda text, **recipe: Spelled(folder, keep(text), Recipe(target="y", validation="none", **recipe))


ZIPS = [f"{code:05}" for code in range(1001, 99999, 991)]


@pytest.mark.parametrize(
    "cells",
    [ZIPS * 3, [f"{i % 56 + 1:02}" for i in range(200)], [f"{i % 17:03}" for i in range(90)],
     [f"{i * 7919:08}" for i in range(1, 200)], [f"010{i:08}" for i in range(100)],
     [f"{i % 24:02}{i % 60:02}" for i in range(200)]],
    ids=["US zip codes", "US states", "countries", "accounts", "Korean telephones", "times"],
)  # fmt: skip
def test_zeros_in_front_make_names_until_a_person_says_otherwise(spelled, cells):
    one = spelled(table(cells))
    assert one.column.kind in ("category", "text")
    (finding,) = [finding for finding in one.findings if finding.id == "columns.numbers"]
    count, first = sum(cell[0] == "0" and len(cell) > 1 for cell in cells), next(c for c in cells if c[0] == "0")
    assert finding.level == "warn" and finding.value == first and f"{count} numbers" in finding.title
    pressed = one.press("as number")
    assert pressed.column.kind == "number" and not [f for f in pressed.findings if f.id == "columns.numbers"]
    assert pressed.prepared()[:, 0].tolist() == [float(cell) for cell in cells]


def test_the_names_are_not_merged(spelled):
    column = spelled(table(["01", "1", "001", "2"] * 20)).column
    assert column.values == {"01": 20, "1": 20, "001": 20, "2": 20}
    codes = spelled(table(["401.9", "401.90", "V45", "250.0"] * 20)).column
    assert codes.values == {"401.9": 20, "401.90": 20, "V45": 20, "250.0": 20}
    assert spelled(table(["1", "1.0", "2", "2.5"] * 20)).column.values == {"1": 40, "2": 20, "2.5": 20}


def test_every_name_of_a_column_of_codes_and_numbers_is_known_to_the_model(spelled):
    features = spelled(table(["401.9", "401.90", "V45", "250.0"] * 20)).prepared()
    assert features.shape == (80, 4) and (features.sum(axis=1) == 1).all()


def test_one_zero_in_front_among_many_numbers_is_named_and_stays_a_number(spelled):
    one = spelled(table(["0123" if i == 7 else str(i) for i in range(1000)]))
    assert one.column.kind == "number" and one.column.zero_padded == 1
    (finding,) = [finding for finding in one.findings if finding.id == "columns.numbers"]
    assert (finding.level, finding.row, finding.value) == ("warn", 8, "0123")
    assert one.press("Keep v").column.kind in ("category", "text")


def test_decimals_and_plain_zeros_have_no_zero_in_front(spelled):
    for cells in ([f"0.{i:03}" for i in range(100)], [str(i % 3) for i in range(90)], ["0", "0.0", "10"] * 30):
        assert spelled(table(cells)).column.zero_padded == 0


def test_labels_of_thirteen_digits_are_as_many_as_there_are(folder, keep):
    uri = keep((CASES / "G03-labels-13-digits" / "t.csv").read_text())
    recipe = Recipe(target="code", validation="none")
    assert scan(locate(folder, uri), recipe).column("code").distinct == 3
    ready = prepare(locate(folder, uri), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/made")
    assert ready.schema["classes"] == ["8801234567890", "8801234567891", "8801234567892"]
    written = (folder.root / BUCKET / "made" / "train").glob("*.csv")
    labels = [line.split(",")[0] for path in written for line in path.read_text().splitlines()]
    assert {label: labels.count(label) for label in "012"} == dict.fromkeys("012", 100)
    assert RowEncoder(ready.schema).encode([{"a": "0.5"}]).tolist() == [[0.5]]


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [("1", "1.0", True), ("1", "01", True), ("1000", "1e3", True), ("-0", "0", True),
     ("8801234567890", "8801234567891", False),
     ("880123456789012345", "880123456789012346", False), ("0.1", "0.10", True), ("0.3", "0.30000000000000004", True),
     ("12345678901234567890", "12345678901234567891", False), ("2.5", "2.51", False), ("+7", "7", True)],
)  # fmt: skip
def test_two_numbers_are_one_label_where_they_are_one_number(one, two, same):
    assert (parse_scalar.number_label(one) == parse_scalar.number_label(two)) is same
