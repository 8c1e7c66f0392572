"""A plan says what preparing and launching do, and what only the whole table tells is left open."""

from dataclasses import replace

import pytest

import algorithms
from jobs import JobSpec
from jobs.plan import plan_launch, plan_prepared
from tables import Recipe, locate, prepare, scan
from tests.unit.jobs.conftest import ACCOUNT, NUMBERS

NONE_HELD = {"validation": "none", "has_header": False}
LABELS_1_2 = "".join(f"{1 + i % 2},{i % 7},{(i * 3) % 11}\n" for i in range(100))
UNSCALED = "".join(f"{i % 13},{1000 * (i % 7)}\n" for i in range(100))


def spec(uri: str, algorithm: str = "xgboost", parameters: dict | None = None, **recipe) -> JobSpec:
    return JobSpec(
        "churn-1", algorithm, data_uri=uri, recipe=Recipe(**recipe), hyperparameters=parameters or {}, **ACCOUNT
    )


def launched(folder, job: JobSpec):
    """The plan after the table was really prepared, as a launch makes it."""
    algorithm = algorithms.get(job.algorithm)
    target = f"{job.output_uri}/{job.name}"
    ready = prepare(
        locate(folder, job.data_uri), job.recipe, algorithm, target, hyperparameters=job.hyperparameters,
        shards=job.shards,
    )  # fmt: skip
    content_types = dict.fromkeys(ready.channels, ready.content_type)
    settled = algorithm.settle(job.hyperparameters, ready.facts)
    return plan_prepared(job, ready.channels, content_types, settled)


CITIES = "y,city\n" + "".join(f"{'yes' if i * 7 % 3 else 'no'},city {i % 25}\n" for i in range(500))
CASES = {
    "a table that fits": (NUMBERS, {}, {**NONE_HELD}, True),
    "held-out rows": (NUMBERS, {}, {"has_header": False}, False),
    "a header": ("y,a,b\n" + NUMBERS, {}, {"validation": "none"}, False),
    "labels 1 and 2": (LABELS_1_2, {}, {**NONE_HELD}, False),
    "labels 0 and 2": (NUMBERS.replace("1,", "2,"), {}, {**NONE_HELD}, False),
    "k-means on columns of two sizes": (UNSCALED, {"algorithm": "kmeans"}, {**NONE_HELD}, False),
    "a missing cell": (NUMBERS.replace("0,0,0", "0,,0"), {}, {**NONE_HELD}, True),
    "a missing cell for k-NN": (NUMBERS.replace("0,0,0", "0,,0"), {"algorithm": "knn"}, {**NONE_HELD}, False),
    "a column left out": (NUMBERS, {}, {**NONE_HELD, "excluded": ["#2"]}, False),
    "another target": (NUMBERS, {}, {**NONE_HELD, "target": "#2"}, False),
    "a blank line": (NUMBERS + "\n\n" + NUMBERS, {}, {**NONE_HELD}, False),
    "blanks around cells": (NUMBERS.replace(",", ", "), {}, {**NONE_HELD}, False),
    "semicolons": (NUMBERS.replace(",", ";"), {}, {**NONE_HELD}, False),
    "raw": ("y,a,b\n" + NUMBERS, {}, {"prepare": False, "target": "y"}, True),
    "a weight": (NUMBERS, {}, {**NONE_HELD, "weight": "#2"}, False),
    "a weight in a raw file": (NUMBERS, {}, {"prepare": False, "target": "#1", "weight": "#2"}, True),
    "a monotone column": (NUMBERS, {}, {**NONE_HELD, "monotone": {"#3": "up"}}, True),
    "libsvm": ("1 1:0.5 2:3\n0 1:0.25\n" * 30, {}, {}, True),
    "repeated rows dropped": (NUMBERS + NUMBERS, {}, {**NONE_HELD, "duplicates": "drop"}, False),
    "no repeated row": (NUMBERS, {}, {**NONE_HELD, "duplicates": "drop"}, True),
    "a share of nothing": (NUMBERS, {}, {"has_header": False, "validation_share": 0.0}, True),
    "test rows": (NUMBERS, {}, {**NONE_HELD, "test_share": 0.2}, False),
    "test rows beside validation": ("y,a\n" + "a,1\nb,2\nc,3\n" * 20, {}, {"test_share": 0.1}, False),
    "test rows for clusters": (NUMBERS, {"algorithm": "kmeans"}, {**NONE_HELD, "test_share": 0.2}, False),
    "test rows of a raw table": ("y,a,b\n" + NUMBERS, {}, {"prepare": False, "target": "y", "test_share": 0.2}, True),
    "words": ("y,city\n" + "yes,Seoul\nno,Busan\n" * 30, {}, {}, False),
    "three classes": ("y,a\n" + "a,1\nb,2\nc,3\n" * 20, {}, {}, False),
    "k-NN on words": ("y,city\n" + "yes,Seoul\nno,Busan\n" * 30, {"algorithm": "knn"}, {}, False),
    "PCA": (UNSCALED, {"algorithm": "pca"}, {**NONE_HELD}, False),
    "linear learner": (NUMBERS, {"algorithm": "linear-learner"}, {"has_header": False}, False),
    "linear learner on many words": (CITIES, {"algorithm": "linear-learner"}, {"validation_share": 0.02}, False),
    "factorization machines": (NUMBERS, {"algorithm": "factorization-machines"}, {"has_header": False}, False),
    "random cut forest": (NUMBERS, {"algorithm": "randomcutforest"}, {**NONE_HELD}, False),
    "LightGBM": ("y,city,n\n" + "yes,Seoul,1\nno,Busan,2\n" * 30, {"algorithm": "lightgbm"}, {}, False),
    "a number to predict": ("y,a\n" + "".join(f"{i * 1.5},{i % 7}\n" for i in range(99)), {}, {}, False),
}


@pytest.mark.parametrize("algorithm", ["linear-learner", "factorization-machines"])
def test_features_that_only_the_training_rows_tell_are_left_open(algorithm, put, look, folder):
    """Two or three rows of a city: all of them may be held out."""
    few = "y,city\n" + "".join(f"{'yes' if i * 7 % 3 else 'no'},city {i % 25}\n" for i in range(60))
    job = spec(put(few), algorithm)
    plan = plan_launch(job, look(job))
    real, planned = launched(folder, job).training_job(), plan.training_job()
    assert plan.open_hyperparameters == ("feature_dim",)
    assert int(real["HyperParameters"].pop("feature_dim")) <= 25
    assert real["HyperParameters"] == planned["HyperParameters"]
    assert real["InputDataConfig"] == planned["InputDataConfig"]


@pytest.mark.parametrize(("text", "more", "recipe", "in_place"), CASES.values(), ids=CASES)
def test_the_plan_is_what_is_launched(text, more, recipe, in_place, put, look, folder):
    job = spec(put(text), **more, **recipe)
    plan = plan_launch(job, look(job))
    assert plan.in_place is in_place and not plan.problems
    real = launched(folder, job).training_job()
    planned = plan.training_job()
    if text != NUMBERS + NUMBERS:  # how many rows remain is known when they are written
        assert plan.is_exact
    for name in plan.open_hyperparameters:
        del real["HyperParameters"][name]
    assert planned == real


@pytest.mark.parametrize("text", [LABELS_1_2, NUMBERS, "y,a,b\n" + NUMBERS])
def test_of_a_part_only_what_other_rows_cannot_change_is_said(text, put, look):
    job = spec(put(text), **({"validation": "none"} | ({} if "y" in text else NONE_HELD)))
    plan = plan_launch(job, replace(look(job), complete=False))
    assert plan.in_place is (False if "y" in text else None)  # labels may be 0, 1, 2 in the end
    assert plan.hyperparameters == {"num_round": "100"} and not plan.is_exact
    assert plan.open_hyperparameters == ("objective", "eval_metric", "num_class")


def test_a_scan_of_the_whole_table_makes_the_plan_exact(put, look, folder):
    job = spec(put(NUMBERS), **NONE_HELD)
    part = replace(look(job), complete=False)
    whole = scan(locate(folder, job.data_uri), job.recipe)
    assert plan_launch(job, part, whole) == replace(plan_launch(job, look(job)), table=part)
    assert plan_launch(job, part, whole).is_exact


def test_a_table_that_cannot_be_used_is_a_problem_of_the_plan(put, look):
    job = spec(put("y,a\n" + "1,2\n" * 30))
    plan = plan_launch(job, look(job))
    assert [problem.field for problem in plan.problems] == ["target"]


def test_without_a_table_everything_is_open():
    plan = plan_launch(spec(""), None)
    assert plan.in_place is None and "objective" in plan.open_hyperparameters and not plan.is_exact


@pytest.mark.parametrize("algorithm", ["xgboost", "linear-learner", "kmeans"])
def test_a_job_is_told_to_train_once_more_by_a_variable_that_other_containers_ignore(algorithm, put, look, folder):
    uri = put("y,a,b\n" + NUMBERS)
    hyperparameters = {"k": "2"} if algorithm == "kmeans" else {}
    for refit in (True, False):
        job = spec(uri, algorithm, hyperparameters, refit=refit)
        wanted = {"Environment": {"SAGEWRIGHT_REFIT": "true"}} if refit and algorithm != "kmeans" else {}
        for request in (plan_launch(job, look(job)).training_job(), launched(folder, job).training_job()):
            assert {name: value for name, value in request.items() if name == "Environment"} == wanted


@pytest.mark.parametrize(
    ("algorithm", "more", "folds"),
    [("xgboost", {}, True), ("xgboost", {"refit": False}, False), ("xgboost", {"validation": "none"}, False),
     ("linear-learner", {}, False)],
)  # fmt: skip
def test_a_job_is_told_to_fold_its_rows_where_each_is_held_out_by_itself(algorithm, more, folds, put, look):
    job = spec(put("y,a,b\n" + NUMBERS), algorithm, **{"refit": True, "folds": True} | more)
    environment = plan_launch(job, look(job)).training_job().get("Environment", {})
    assert environment.get("SAGEWRIGHT_FOLDS", "") == ("5" if folds else "")


@pytest.mark.parametrize(
    ("job", "recipe", "distributions"),
    [
        ({"instance_count": 3}, {}, ["ShardedByS3Key", "FullyReplicated"]),
        ({"instance_count": 3}, NONE_HELD, ["ShardedByS3Key"]),  # one instance would use the object in place
        ({"instance_count": 3, "data_distribution": "FullyReplicated"}, {}, ["FullyReplicated"] * 2),
        ({"instance_count": 3}, {"prepare": False, "target": "#1"}, ["FullyReplicated"]),
        ({"instance_count": 3, "algorithm": "lightgbm"}, {}, ["FullyReplicated"] * 2),  # it has a list of categories
        ({"instance_count": 1}, {}, ["FullyReplicated"] * 2),
    ],
    ids=["divided", "divided though it fits", "all to all", "raw", "lightgbm", "one"],
)
def test_training_rows_are_divided_among_the_instances_and_validation_rows_go_to_all(
    job, recipe, distributions, put, look, folder
):
    job = spec(put(NUMBERS), **recipe).but(**job)
    planned, sent = plan_launch(job, look(job)).training_job(), launched(folder, job).training_job()
    assert planned["InputDataConfig"] == sent["InputDataConfig"]
    sources = [channel["DataSource"]["S3DataSource"] for channel in sent["InputDataConfig"]]
    assert [source["S3DataDistributionType"] for source in sources] == distributions
