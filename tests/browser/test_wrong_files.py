"""The commonest wrong files, each from an upload to a model that is right, with nothing but the buttons offered."""

import gzip
import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from tests.browser import wrong_files as wrong
from tests.browser.conftest import press_create, wait_for_status
from tests.browser.deployed import answers_of, check_page_answers, schema_of

pytestmark = [pytest.mark.browser, pytest.mark.stack]
SENT = 60  # rows a model is asked about


@dataclass(frozen=True)
class Case:
    """A file and what is expected of the page, the schema and the model.

    `cells` are the rows as the file has them, `labels` the truth. `choose` is the target when the suggested one is
    not meant; where none is suggested it is `unsure`. `says` are words of the checks before `presses`, the buttons,
    which mend what is `blocking`. `learned` are kinds of columns.
    """

    file: str
    body: bytes
    cells: list[wrong.Row]
    target: str
    says: tuple[str, ...]
    presses: tuple[str, ...] = ()
    choose: bool = False
    unsure: bool = False
    learned: dict[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ("benign", "malignant")
    blocking: int = 1  # of the presses, the first so many decide an error
    rows: int = 569
    right: float = 0.93  # the least share of right answers


def _changed(rows: list[wrong.Row], change) -> list[wrong.Row]:
    return [{name: change(name, cell) for name, cell in row.items()} for row in rows]


def _by_number(rows: list[wrong.Row]) -> list[wrong.Row]:
    return [{f"#{index}": cell for index, cell in enumerate(row.values(), 1)} for row in rows]


def _cases() -> dict[str, Case]:
    cancer, iris, penguins, weather = wrong.cancer(), wrong.iris(), wrong.penguins(), wrong.weather()
    unclear = [{"kind": row["diagnosis"]} | {n: c for n, c in row.items() if n != "diagnosis"} for row in cancer]
    unclear = [dict([*row.items()][1:4]) | row for row in unclear]
    zero_one = wrong.numbered(cancer, "diagnosis")
    label_first = wrong.first(zero_one, "diagnosis")
    dollars, commas = _changed(cancer, wrong.with_dollars), _changed(iris, wrong.with_decimal_commas)
    moved, spelled = "Column {} is put first", wrong.as_people_write(cancer)
    flowers = {"classes": ("setosa", "versicolor", "virginica"), "rows": 150, "right": 0.9}
    numbered = "Labels are numbered from 0: benign is 0, malignant is 1."
    return {
        "header": Case(
            "header.csv", wrong.text(label_first), label_first, "diagnosis",
            ("The first row holds the column names.",), classes=("0", "1"), learned={"mean_area": "number"},
        ),
        "label last": Case(
            "label-last.csv", wrong.text(zero_one, header=False), _by_number(zero_one), "#11",
            ("No row holds column names, so columns are called #1, #2 and so on.", moved.format("#11")),
            classes=("0", "1"), learned={"#1": "number", "#10": "number"},
        ),
        "text label": Case(
            "text-label.csv", wrong.text(iris), iris, "species",
            ("Labels are numbered from 0: setosa is 0, versicolor is 1, virginica is 2.", moved.format("species")),
            learned={"petal_width": "number"}, **flowers,
        ),
        "empty label": Case(
            "empty-label.csv", wrong.text(penguins), penguins, "sex",
            ("11 rows have no label They are left out.", "Text becomes numbers: species, island."), choose=True,
            learned={"species": "category", "bill_length_mm": "number"}, classes=("female", "male"), rows=333,
            right=0.85,
        ),
        "$3": Case(
            "dollars.csv", wrong.text(dollars), dollars, "diagnosis",
            ("Column mean_area holds 569 amounts with a currency sign", numbered), ("Read mean_area as currency",),
            learned={"mean_area": "number"},
        ),
        "as people write": Case(
            "as-people-write.csv", wrong.text(spelled), spelled, "diagnosis",
            ("Column mean_texture has 143 cells of another kind", "'see report' (143)",
             "numbers with a mark for thousands or millions",
             "114 cells of column mean_radius mean that there is no value",
             "dates of column visit can be read in two ways"),
            ("Count them as missing", "Read mean_area as scale", "The day comes first in visit"),
            learned={"mean_radius": "number", "mean_texture": "number", "mean_area": "number", "visit": "datetime"},
            blocking=2, right=0.9,
        ),
        "dates": Case(
            "dates.csv", wrong.text(weather), weather, "weather",
            ("Dates become day, year, month and weekday: date.",), learned={"date": "datetime", "wind": "number"},
            classes=("drizzle", "fog", "rain", "snow", "sun"), rows=1461, right=0.8,
        ),
        "decimal comma": Case(
            "decimal-comma.csv", wrong.text(commas, delimiter=";"), commas, "species",
            ("Read with a decimal comma: sepal_length, sepal_width, petal_length, petal_width.",
             "Cells are separated by semicolons."),
            learned={"petal_width": "number"}, **flowers,
        ),
        "ragged rows": Case(
            "ragged.csv", wrong.ragged(cancer), cancer, "diagnosis",
            ("5 rows have another number of cells", "8 cells instead of 11"), ("Leave out 5 rows",), rows=564,
            learned={"mean_area": "number"},
        ),
        "wrong delimiter": Case(
            "pipes.csv", wrong.text(cancer, delimiter="|"), cancer, "diagnosis", ("Cells are separated by pipes.",),
            learned={"mean_area": "number"},
        ),
        "gz": Case(
            "packed.csv.gz", gzip.compress(wrong.text(iris)), iris, "species",
            ("It is unpacked (gzip) while it is read.",), learned={"petal_width": "number"}, **flowers,
        ),
        "names of rows": Case(
            "row-names.csv", wrong.text(cancer, header=False, above=[*cancer[0]], names="p{}"),
            [{"#1": f"p{index % 40}"} | row for index, row in enumerate(cancer)], "diagnosis",
            ("11 names, 12 cells",), ("The first cells have no name",), learned={"mean_area": "number"},
        ),
        "two spellings": Case(
            "spellings.csv", wrong.text(wrong.with_capitals(iris, "species")), iris, "species",
            ("3 labels are written in several ways",), ("Read them as one each",), blocking=0,
            learned={"petal_width": "number"}, **flowers,
        ),
        "no clear target": Case(
            "unclear.csv", wrong.text(unclear), unclear, "kind", ("Say which column to predict",), ("Predict kind",),
            unsure=True, learned={"mean_area": "number"},
        ),
    }  # fmt: skip


CASES = _cases()
# Three presses on one file show the way; the unit tests read files like the others, the corpus takes their fixes, and
# test_create.py names the target that nobody has named.
SHORT = ("as people write",)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name, marks=[pytest.mark.long] * (name not in SHORT)) for name, case in CASES.items()],
)
def test_the_file_becomes_a_model_that_is_right(open_page, stack, case):
    page, name = open_page("/models/create/"), f"from-{case.file.partition('.')[0]}"
    page.get_by_label("Model name").fill(name)
    page.locator("#files").set_input_files({"name": case.file, "mimeType": "text/csv", "buffer": case.body})
    expect(page.locator("#data_uri")).to_have_value(re.compile(rf"/{re.escape(case.file)}$"))
    if case.choose:
        expect(page.locator("#target")).to_have_value("species")
        page.locator("#target").select_option(case.target)
    expect(page.locator("#target")).to_have_value("" if case.unsure else case.target)
    for words in case.says:
        expect(page.locator("#preflight")).to_contain_text(words)
    for done, press in enumerate(case.presses):
        if done < case.blocking:
            expect(page.locator("#preflight")).to_contain_text(f"{case.blocking - done} blocking")
        page.locator("#preflight").get_by_role("button", name=press, exact=True).click()
    expect(page.locator("#target")).to_have_value(case.target)
    expect(page.locator("#preflight")).to_contain_text("Ready to train")
    page.locator("#preset-fast").click()
    expect(page.locator("#preset-fast")).to_have_attribute("aria-pressed", "true")
    press_create(page)
    page.wait_for_url(f"**/models/{name}/")
    wait_for_status(page, "Deployed")

    _the_schema_is_right(stack, name, case)
    calls = [row for row in case.cells if row[case.target]][:SENT]
    answers = answers_of(stack, name, [_without_target(row, case) for row in calls])
    right = sum(reply["label"] == row[case.target] for reply, row in zip(answers, calls, strict=True))
    assert right / len(calls) >= case.right
    for position in (0, len(calls) // 2):
        answer = answers[position]
        out = check_page_answers(page, _without_target(calls[position], case), answer)
        expect(out).to_contain_text(f"Probability of {case.target} = {answer['label']}")


def _the_schema_is_right(stack, name: str, case: Case) -> None:
    schema = schema_of(stack, name)
    assert [column["name"] for column in schema["columns"]] == list(case.cells[0])
    assert (schema["target"], tuple(schema["classes"]), schema["rows"]) == (case.target, case.classes, case.rows)
    kinds = {column["name"]: column["kind"] for column in schema["columns"]}
    assert kinds | case.learned == kinds


def _without_target(row: wrong.Row, case: Case) -> wrong.Row:
    return {column: cell for column, cell in row.items() if column != case.target}
