"""Labels as people write them: words that mean "no value" elsewhere, long numbers, several spellings of one label."""

from __future__ import annotations

from pathlib import Path

import pytest

import preflight
from jobs.spec import JobSpec
from preflight.fixes import apply_fix
from tables import Folder, Recipe, locate, prepare, scan
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS

CASES = Folder(Path(__file__).parents[2] / "corpus")


def table(labels: list[str], rows: int = 120) -> str:
    return "n,y\n" + "".join(f"{i * 7 % 50}.5,{labels[i % len(labels)]}\n" for i in range(rows))


def prepared(folder, uri: str, **how):
    recipe = Recipe(**{"target": "y", "validation": "none"} | how)
    return prepare(locate(folder, uri), recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/made")


def findings(folder, uri: str, **how):
    return preflight.run(JobSpec(data_uri=uri, recipe=Recipe(**{"target": "y"} | how)), folder).of("target.labels")


LABELS = {
    "None of a survey": (["None", "Insomnia", "None", "Apnea"], ["Apnea", "Insomnia", "None"]),
    "none in small letters": (["none", "mild", "severe"], ["mild", "none", "severe"]),
    "plus and minus": (["+", "-"], ["+", "-"]),
    "minus, plus and plus-minus": (["+", "-", "+/-"], ["+", "+/-", "-"]),
    "NA and one other": (["NA", "EU"], ["EU", "NA"]),
    "null and one other": (["null", "full"], ["full", "null"]),
    "a question mark and one other": (["?", "!"], ["!", "?"]),
    "none and NA alone": (["None", "NA"], ["NA", "None"]),
    "n/a and one other": (["n/a", "paid"], ["n/a", "paid"]),
    "None and blanks around": (["None ", " yes"], ["None", "yes"]),
    "None, true and false": (["None", "true", "false"], ["None", "false", "true"]),
    "Korean words": (["None", "불면증", "무호흡증"], ["None", "무호흡증", "불면증"]),
}


@pytest.mark.parametrize("name", LABELS)
def test_a_word_for_no_value_may_be_a_label(folder, keep, name):
    labels, wanted = LABELS[name]
    uri = keep(table(labels))
    ready = prepared(folder, uri)
    assert (ready.schema["classes"], ready.counts["train"], ready.dropped) == (wanted, 120, 0)
    result = findings(folder, uri)
    assert len(result) == 1 and result[0].fixes[0].changes == {"recipe.label_words": "drop"}


GAPS = {
    "NA of R": ["cat", "dog", "NA"],
    "a question mark of UCI": ["cat", "dog", "?"],
    "nan": ["cat", "dog", "nan"],
    "NULL": ["cat", "dog", "NULL"],
    "#N/A of Excel": ["cat", "dog", "#N/A"],
}


@pytest.mark.parametrize("name", GAPS)
def test_a_gap_is_left_out_and_one_press_makes_it_a_label(folder, keep, name):
    uri = keep(table(GAPS[name]))
    assert prepared(folder, uri).schema["classes"] == ["cat", "dog"]
    result = findings(folder, uri)
    assert repr(GAPS[name][2]) in result[0].title
    job = apply_fix(JobSpec(data_uri=uri, recipe=Recipe(target="y", validation="none")), result[0].fixes[0].changes)
    ready = prepare(locate(folder, uri), job.recipe, ALGORITHMS["trees"], f"s3://{BUCKET}/made")
    assert len(ready.schema["classes"]) == 3 and ready.counts["train"] == 120
    assert not findings(folder, uri, label_words="keep")


def test_a_rare_none_is_a_gap(folder, keep):
    uri = keep(table(["cat", "dog"], 200) + "1,None\n")
    assert prepared(folder, uri).schema["classes"] == ["cat", "dog"]


def test_empty_cells_stay_gaps_beside_a_label_of_none(folder, keep):
    uri = keep(table(["None", "mild", "", "severe"]))
    ready = prepared(folder, uri)
    assert ready.schema["classes"] == ["None", "mild", "severe"] and ready.dropped == 30


def test_words_in_a_number_are_gaps(folder, keep):
    uri = keep(table(["1", "2", "NA"]))
    assert prepared(folder, uri).schema["classes"] == ["1", "2"]


SPELLINGS = {
    "capitals": ["Yes", "no", "yes", "NO"],
    "blanks inside": ["New York", "New  York", "Boston"],
    "underlines": ["not_paid", "not paid", "paid"],
    "all capitals": ["BENIGN", "Benign", "malignant"],
    "Turkish": ["EVET", "evet", "hayır"],
    "German": ["Ja", "JA", "nein"],
    "Russian": ["Да", "да", "нет"],
    "Greek": ["ΝΑΙ", "ναι", "όχι"],
    "French": ["Élevé", "élevé", "bas"],
    "full width": ["Ａ", "ａ", "b"],
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_one_label_in_several_spellings_is_offered_as_one(folder, keep, name):
    uri = keep(table(SPELLINGS[name]))
    result = findings(folder, uri)
    assert len(result) == 1 and result[0].fixes[0].changes == {"recipe.label_case": "merge"}
    ready = prepared(folder, uri, label_case="merge")
    assert len(ready.schema["classes"]) == 2 and ready.counts["train"] == 120
    assert not findings(folder, uri, label_case="merge")


@pytest.mark.parametrize("labels", [["a", "b", "ab"], ["yes", "no"], ["1st", "2nd"], ["A+", "A-", "B"]], ids=str)
def test_different_labels_are_left_alone(folder, keep, labels):
    assert not findings(folder, keep(table(labels)))


NUMBERS = {
    "13 digits": ["8801234567890", "8801234567891", "8801234567892"],
    "15 digits": ["123456789012345", "123456789012346"],
    "13 digits below zero": ["-8801234567890", "-8801234567891"],
    "as decimals": ["8801234567890.0", "8801234567891.0"],
    "small": ["1", "2", "10"],
}


@pytest.mark.parametrize("name", NUMBERS)
def test_labels_of_many_digits_stay_apart(folder, keep, name):
    ready = prepared(folder, keep(table(NUMBERS[name])))
    classes = ready.schema["classes"]
    assert [float(one) for one in classes] == sorted(map(float, NUMBERS[name])) and len(set(classes)) == len(classes)
    body = folder.fetch(BUCKET, next(folder.list_objects(BUCKET, "made/train/")).key, 0, 10**6).decode()
    assert {line.split(",")[0] for line in body.splitlines()} == {str(i) for i in range(len(classes))}


def test_reported_labels_are_read_right():
    def labels(name: str, target: str) -> set[str]:
        return set(scan(locate(CASES, f"s3://cases/{name}/t.csv"), Recipe(target=target)).column(target).values)

    assert labels("G01-label-none", "disorder") == {"None", "Insomnia", "Sleep Apnea"}
    assert labels("G02-label-minus", "A16") == {"+", "-"}
    assert labels("G03-labels-13-digits", "code") == {"8801234567890", "8801234567891", "8801234567892"}
    assert findings(CASES, "s3://cases/G04-label-case/t.csv", target="code")
    merged = scan(locate(CASES, "s3://cases/G04-label-case/t.csv"), Recipe(target="code", label_case="merge"))
    assert len(merged.column("code").values) == 2 and sum(merged.column("code").values.values()) == 300
