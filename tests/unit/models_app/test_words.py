"""Names, failures, prices: what a person reads."""

import pytest

from jobs import instances
from models_app.aws import names
from models_app.catalog.figures import components
from models_app.create import recipe_changes
from models_app.text.failures import explain
from tables.recipe import NUMBERS, Recipe


@pytest.mark.parametrize("name", ["a", "A-1", "x" * 63, "a--b"])
def test_names_that_sagemaker_takes(name):
    assert names.is_valid(name)


@pytest.mark.parametrize("name", ["", "-a", "a-", "a_b", "x" * 64, "a b", "a\n"])
def test_names_that_it_does_not(name):
    assert not names.is_valid(name)


def test_a_suggested_name_is_free_and_fits():
    assert names.suggest("churn", lambda n: n == "churn-b") == "churn-c"
    assert names.is_valid(names.suggest("x" * 63, lambda n: False))
    assert names.is_valid(names.with_suffix("x" * 63)) and names.with_suffix("a") != names.with_suffix("a")


@pytest.mark.parametrize(
    ("raw", "headline"),
    [
        ("label must be in [0, num_class), num_class=3 but found 4 in label.", "Labels go up to 4 but num_class is 3"),
        ("ClientError: Check failed: label must be in [0,1] for logistic regression", "The labels are not 0 and 1"),
        ("AlgorithmError: could not convert string to float: 'x'", "The table has text where a number belongs"),
        ("AlgorithmError: exit code: 137", "The training process ran out of memory"),
        ("AlgorithmError: Exit Code: 139", "The training process crashed (signal 11)"),
        ('No S3 objects found under S3 URL "s3://b/train" given in input', "There is nothing at s3://b/train"),
        ("ClientError: Data download failed: AccessDenied", "SageMaker may not read or write this"),
        (
            "CapacityError: Unable to provision requested ML compute capacity.",
            "AWS has none of these instances free right now",
        ),
        ("The primary container did not pass the ping health check.", "The model did not answer its health check"),
    ],
)
def test_known_failures_have_a_headline_and_a_fix(raw, headline):
    failure = explain(raw)
    assert (failure.headline, failure.raw) == (headline, raw)
    assert failure.fixes and failure.fixes[0].text


def test_an_unknown_failure_is_told_as_it_is_and_without_an_invented_fix():
    assert explain("AlgorithmError: exit code: 3").headline == "Stopped with exit code 3"
    failure = explain("InternalServerError: the moon was full. Nobody knows why.")
    assert failure.headline == "the moon was full."
    assert failure.fixes == []
    assert explain("") is None


def test_prices():
    assert instances.cost("ml.m5.large", 7200) == pytest.approx(0.23)
    assert instances.cost("ml.unheard.of", 7200) is None
    assert instances.cost("ml.unheard.of", 7200, free=True) == 0.0


@pytest.mark.parametrize("way", NUMBERS)
def test_what_the_recipe_says_of_numbers_is_told_and_can_be_undone(way):
    (fix,) = recipe_changes.undo_fixes(Recipe(numbers={"price": way}))
    assert fix.label.startswith("price read ") and "such as" in fix.label
    assert fix.changes == {"recipe.numbers": {"price": None}}


def test_a_projection_of_one_column_is_told_in_the_singular():
    figure = {"name": "kept_variance", "value": 1.0, "low": None, "high": None, "baseline": 1.0}
    document = {"metrics": [figure], "component_count": 1, "features": 1}
    assert components.verdict_of(document)["title"].endswith("of the variance of one column")
