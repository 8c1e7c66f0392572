"""Each of the nine algorithms from the Create page to an answer in the test form, on a real table."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import wrong_files as real
from tests.browser.conftest import press_create, wait_for_status
from tests.browser.deployed import answers_of

pytestmark = [pytest.mark.browser, pytest.mark.stack]
Rows = list[real.Row]
Answers = list[dict]


@dataclass(frozen=True)
class Case:
    """A table for an algorithm; `target` is "" where nothing is predicted. `is_good` asserts what its answers say."""

    rows: Rows
    target: str
    is_good: Callable[[Rows, Answers], None]
    shows: Callable[[Locator, dict], None]


def labels_are_right(target: str, share: float) -> Callable[[Rows, Answers], None]:
    def check(rows: Rows, answers: Answers) -> None:
        right = sum(row[target] == answer["label"] for row, answer in zip(rows, answers, strict=True))
        assert right / len(rows) >= share

    return check


def numbers_are_near(target: str, share: float) -> Callable[[Rows, Answers], None]:
    """`share` of the variance is explained."""

    def check(rows: Rows, answers: Answers) -> None:
        truth = [float(row[target]) for row in rows]
        mean = sum(truth) / len(truth)
        error = sum((is_ - answer["value"]) ** 2 for is_, answer in zip(truth, answers, strict=True))
        assert 1 - error / sum((is_ - mean) ** 2 for is_ in truth) >= share

    return check


def clusters_are_kinds(rows: Rows, answers: Answers) -> None:
    """Most rows of a cluster are of one species, which the algorithm was never told."""
    kinds: dict[int, Counter] = {}
    for flower, answer in zip(FLOWERS, answers, strict=True):
        kinds.setdefault(answer["cluster"], Counter())[flower["species"]] += 1
    assert len(kinds) >= 3
    assert sum(max(counted.values()) for counted in kinds.values()) / len(rows) >= 0.8


def few_numbers_tell_the_rows_apart(rows: Rows, answers: Answers) -> None:
    positions = [tuple(answer["projection"]) for answer in answers]
    assert len({len(position) for position in positions}) == 1 and len(positions[0]) < len(rows[0])
    assert len(set(positions)) > 0.9 * len(rows)


def the_odd_rows_score_high(rows: Rows, answers: Answers) -> None:
    """The last row is ten times as large as a tumour gets."""
    *usual, odd = [answer["score"] for answer in answers]
    assert odd > sorted(usual)[int(0.95 * len(usual))]


def shows_a_probability(out: Locator, answer: dict) -> None:
    expect(out.locator(".pred__n")).to_have_text(answer["label"])
    expect(out.locator(".pred")).to_contain_text(f"{100 * answer['probability']:.1f}%")
    expect(out.locator(".pred")).to_contain_text(f"= {answer['label']}")
    expect(out.locator(".fi li")).to_have_count(len(answer["probabilities"]))


def shows_a_number(out: Locator, answer: dict) -> None:
    expect(out.locator(".pred__n")).to_have_text(f"{answer['value']:g}")
    expect(out.locator(".pred")).to_contain_text("Predicted ")


def shows_a_cluster(out: Locator, answer: dict) -> None:
    expect(out.locator(".pred__n")).to_have_text(f"Cluster {answer['cluster']}")
    expect(out.locator(".pred")).to_contain_text(f"Distance to the center of the cluster: {answer['distance']:.4g}")


def shows_a_projection(out: Locator, answer: dict) -> None:
    count = len(answer["projection"])
    expect(out.locator(".pred__n")).to_have_text(f"{count} components")
    expect(out.locator(".fi li")).to_have_count(count)
    expect(out.locator(".fi li").first).to_contain_text(f"{answer['projection'][-1]:.4g}")


def shows_a_score(out: Locator, answer: dict) -> None:
    expect(out.locator(".pred__n")).to_have_text(f"{answer['score']:.4g}")
    expect(out.locator(".pred")).to_contain_text("99th percentile of the training scores")


def without(rows: Rows, *names: str) -> Rows:
    return [{name: cell for name, cell in row.items() if name not in names} for row in rows]


FLOWERS, TUMOURS = real.iris(), real.cancer()
PENGUINS = [row for row in real.penguins() if all(row.values())]
RATINGS = real.ratings()
MEASURED = without(TUMOURS, "diagnosis")
ODD = {name: f"{10 * max(float(row[name]) for row in MEASURED):g}" for name in MEASURED[0]}
CASES = {
    "xgboost": Case(TUMOURS, "diagnosis", labels_are_right("diagnosis", 0.95), shows_a_probability),
    "lightgbm": Case(PENGUINS, "species", labels_are_right("species", 0.95), shows_a_probability),
    "catboost": Case(PENGUINS, "species", labels_are_right("species", 0.95), shows_a_probability),
    "linear-learner": Case(TUMOURS, "diagnosis", labels_are_right("diagnosis", 0.9), shows_a_probability),
    "factorization-machines": Case(RATINGS, "rating", numbers_are_near("rating", 0.4), shows_a_number),
    "knn": Case(PENGUINS, "body_mass_g", numbers_are_near("body_mass_g", 0.7), shows_a_number),
    "kmeans": Case(without(FLOWERS, "species"), "", clusters_are_kinds, shows_a_cluster),
    "pca": Case(MEASURED, "", few_numbers_tell_the_rows_apart, shows_a_projection),
    "randomcutforest": Case([*MEASURED, ODD], "", the_odd_rows_score_high, shows_a_score),
}


# One shows the way: it predicts no column, and what its answer says is measured in training. The answers of the others
# are those of tests/unit/models_app/test_answers.py; tests/wire/models_app/test_every_algorithm.py names the tests that
# train, deploy and ask each of them.
LONG = [name for name in CASES if name != "randomcutforest"]


@pytest.mark.parametrize("algorithm", [pytest.param(name, marks=[pytest.mark.long] * (name in LONG)) for name in CASES])
def test_it_trains_is_deployed_and_answers(open_page, shelf, stack, algorithm):
    case, name = CASES[algorithm], f"by-{algorithm}"
    uri = shelf.put(f"algorithms/{algorithm}.csv", real.text(case.rows))
    page = open_page(f"/models/create/?data={uri}&name={name}")
    _choose(page, algorithm, case.target)
    press_create(page)
    page.wait_for_url(f"**/models/{name}/")
    wait_for_status(page, "Deployed")

    answers = answers_of(stack, name, without(case.rows, case.target))
    case.is_good(case.rows, answers)
    page.get_by_role("button", name="Send request").click()  # the first row of the table
    out = page.locator("#test-out")
    expect(out).to_contain_text("200 OK")
    case.shows(out, answers[0])


def _choose(page: Page, algorithm: str, target: str) -> None:
    page.locator(f"[name=algorithm][value={algorithm}]").check()
    expect(page.locator("[name=of-algorithm]")).to_have_value(algorithm)
    if target:
        page.locator("#target").select_option(target)
    else:
        expect(page.locator("#target")).to_have_count(0)
    page.locator("#preset-fast").click()
    expect(page.locator("#preset-fast")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#preflight")).to_contain_text("Ready to train")
