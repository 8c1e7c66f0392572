"""A search over a job: its defaults by the algorithms' declarations, its checks, its request and its programs."""

import json
from dataclasses import replace

import pytest
from botocore.session import get_session
from botocore.validate import validate_parameters

import algorithms
from jobs import JobSpec
from jobs.plan import plan_launch
from jobs.snippets.tuning import tuning_programs
from jobs.tuning.checks import search_problems
from jobs.tuning.plan import TuningPlan, estimate_tuning
from jobs.tuning.search import Range, Search, can_tune, default_search, metrics, strategies
from tables import Recipe
from tests.unit.jobs.conftest import ACCOUNT

HELD_OUT = Recipe(has_header=False, refit=False)
TUNABLE = [name for name, algorithm in algorithms.ALGORITHMS.items() if can_tune(algorithm)]


def spec_for(name: str = "xgboost", **changes) -> JobSpec:
    balanced = dict(algorithms.get(name).presets["Balanced"])
    spec = JobSpec(name="tune", algorithm=name, data_uri="s3://team/t.csv", recipe=HELD_OUT, hyperparameters=balanced)
    return spec.but(**ACCOUNT, **changes)


def search_for(name: str = "xgboost", **changes) -> Search:
    return replace(default_search(algorithms.get(name)), **changes)


@pytest.mark.parametrize("name", TUNABLE)
def test_the_defaults_of_every_algorithm_make_a_request_that_sagemaker_takes(name):
    algorithm = algorithms.get(name)
    assert {task for task in algorithm.objectives} == ({*algorithm.predicts} if algorithm.supervised else {""})
    assert all(metric.tunable for metric in metrics(algorithm))
    shape = get_session().get_service_model("sagemaker").operation_model("CreateHyperParameterTuningJob").input_shape
    for strategy in strategies(algorithm):
        search = search_for(name, strategy=strategy, max_jobs=6, max_runtime=600)
        spec, task = spec_for(name), next(iter(algorithm.objectives))
        assert search_problems(spec, search, task) == []
        request = TuningPlan(plan_launch(spec, None), search, task).request()
        validate_parameters(request, shape)
        assert not {*request["TrainingJobDefinition"]["StaticHyperParameters"]} & {*search.ranges}
        assert Search.from_json(json.loads(json.dumps(search.as_json()))) == search


def test_a_grid_has_lists_and_no_number_of_jobs_and_hyperband_its_rounds():
    two = {"eta": Range(values=("0.1", "0.3")), "max_depth": Range(values=("3", "6", "9"))}
    grid = Search(two, strategy="Grid")
    config = TuningPlan(plan_launch(spec_for(), None), grid, "binary").request()["HyperParameterTuningJobConfig"]
    assert grid.jobs == 6 and "MaxNumberOfTrainingJobs" not in config["ResourceLimits"]
    assert [one["Values"] for one in config["ParameterRanges"]["CategoricalParameterRanges"]] == [
        ["0.1", "0.3"], ["3", "6", "9"],
    ]  # fmt: skip
    hyperband = search_for(strategy="Hyperband", early_stopping=True)
    config = TuningPlan(plan_launch(spec_for(), None), hyperband, "binary").request()["HyperParameterTuningJobConfig"]
    assert config["StrategyConfig"]["HyperbandStrategyConfig"] == {"MinResource": 1, "MaxResource": 500}
    assert config["TrainingJobEarlyStoppingType"] == "Off"


def test_the_metric_follows_the_task_and_is_the_one_that_is_logged():
    plan = TuningPlan(plan_launch(spec_for("lightgbm"), None), search_for("lightgbm"), "multiclass")
    request = plan.request()
    objective = request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    assert objective == {"Type": "Minimize", "MetricName": "multi_logloss"}
    assert request["TrainingJobDefinition"]["StaticHyperParameters"]["metric"] == "multi_logloss"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"ranges": {}}, "search", "at least one"),
        ({"ranges": {"eta": Range("0.5", "0.1")}}, "tune-eta", "above its end"),
        ({"ranges": {"eta": Range("x", "1")}}, "tune-eta", "Enter a number: 0 to 1."),
        ({"ranges": {"max_depth": Range("1", "9" * 390)}}, "tune-max_depth", "Enter a number"),
        ({"ranges": {"max_depth": Range("1", "1_0")}}, "tune-max_depth", "Enter a number"),
        ({"ranges": {"eta": Range("０.１", "1")}}, "tune-eta", "Enter a number: 0 to 1."),
        ({"ranges": {"eta": Range("0", "1", "Logarithmic")}}, "tune-eta", "above 0"),
        ({"ranges": {"max_depth": Range("1", "4", "ReverseLogarithmic")}}, "tune-max_depth", "Choose another scale"),
        ({"ranges": {"booster": Range("1", "4")}}, "search", "booster cannot be tuned"),
        ({"ranges": {"max_depth": Range("1", "4")}}, "max_jobs", "4 combinations"),
        ({"ranges": {"max_depth": Range("4", "4")}}, "max_jobs", "1 combination, fewer"),
        ({"ranges": {"eta": Range(values=("0.1", "1e-1"))}, "strategy": "Grid"}, "tune-eta", "twice"),
        ({"ranges": {"eta": Range(values=())}, "strategy": "Grid"}, "tune-eta", "separated by commas"),
        ({"ranges": {"num_round": Range("1", "99")}, "strategy": "Hyperband"}, "tune-num_round", "Turn off Tune"),
        ({"max_jobs": 751}, "max_jobs", "1 to 750"),
        ({"max_parallel": 0}, "max_parallel", "1 to 100"),
        ({"max_runtime": 60}, "total_minutes", "2 minutes"),
        ({"strategy": "Magic"}, "strategy", "does not fit XGBoost"),
        ({"objective": "validation:rmse"}, "objective", "Choose one of: validation:auc"),
    ],
)
def test_what_sagemaker_would_refuse_is_said_at_its_field(change, field, words):
    problems = search_problems(spec_for(), search_for(**change), "binary")
    assert [problem.field for problem in problems] == [field]
    assert words in str(problems[0])


def test_a_search_needs_held_out_rows_a_metric_and_something_to_tune():
    none = replace(HELD_OUT, validation="none")
    assert [p.field for p in search_problems(spec_for(recipe=none), search_for(), None)] == ["validation"]
    assert [p.field for p in search_problems(spec_for("pca"), Search(), None)] == ["algorithm"]
    machines = search_problems(spec_for("factorization-machines"), search_for("factorization-machines"), "multiclass")
    assert [p.field for p in machines] == ["algorithm"]


def test_hyperband_refuses_rounds_of_more_digits_than_python_reads():
    spec = spec_for().but(hyperparameters={"num_round": "9" * 4400})
    assert [p.field for p in search_problems(spec, search_for(strategy="Hyperband"), "binary")] == ["strategy"]


@pytest.mark.parametrize(("low", "high"), [("1", "9" * 9), ("9" * 390, "9" * 390)])
def test_numbers_beyond_every_estimate_have_one(put, look, low, high):
    put()
    spec = spec_for()
    estimate = estimate_tuning(spec, search_for(ranges={"max_depth": Range(low, high)}), look(spec))
    assert estimate.all.time and estimate.all.cost


def test_the_estimate_of_all_tries_is_that_of_one_times_their_number(put, look):
    put()
    spec = spec_for()
    estimate = estimate_tuning(spec, search_for(max_jobs=6, max_parallel=2), look(spec))
    assert estimate.one.seconds and estimate.all.seconds == tuple(3 * seconds for seconds in estimate.one.seconds)
    assert estimate.one.dollars and estimate.all.dollars == tuple(6 * dollars for dollars in estimate.one.dollars)
    assert estimate_tuning(spec, search_for(max_jobs=-1, ranges={"eta": Range("x", "")}), None).all.seconds is None


def test_both_programs_send_the_request(put, look):
    put()
    spec = spec_for()
    plan = TuningPlan(plan_launch(spec, look(spec)), search_for(), "binary")
    by_key = {program.key: program.code for program in tuning_programs(plan)}
    compile(by_key["boto3"], "boto3", "exec")
    assert '"MetricName": "validation:auc"' in by_key["boto3"] and '"MetricName": "validation:auc"' in by_key["cli"]
    assert "create-hyper-parameter-tuning-job" in by_key["cli"]
