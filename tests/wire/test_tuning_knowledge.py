"""Tuning jobs that stop training jobs early, and that begin from what others have found out, through the wire."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from django.utils.timezone import now

from engine.jobs import runner
from engine.jobs.metrics import Metrics, Pattern
from engine.models import HyperParameterTuningJob, MetricDatum, TrainingJob
from engine.tuning.step import step
from engine.workloads import training
from tests.wire.test_tuning import hyperband, number, request, scripted, tune, warm_start  # noqa: F401

RANGES = {"ContinuousParameterRanges": [number("place", "-5", "5")]}
SCORE = {"HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"}, "ParameterRanges": RANGES}
NAME = {"HyperParameterTuningJobName": "tuning"}


def report(child: TrainingJob, values: list[float], status: str = "Completed") -> None:
    """Write what a training job has printed of its epochs, as its worker does, and how it stands."""
    patterns = [Pattern("score", "score=([-0-9.]+)")]
    metrics = Metrics("us-east-1", "/aws/sagemaker/TrainingJobs", f"{child.name}/algo-1", patterns, "score")
    for epoch, value in enumerate(values):
        metrics.read(f"score={value}", 1e9 + epoch / 100)  # faster than the sets of other metrics
    metrics.close()
    MetricDatum.objects.bulk_create(metrics.closed)
    ended = None if status == "InProgress" else now()
    fields = {"started": now() - timedelta(seconds=5), "final_metrics": metrics.final(), "ended": ended}
    TrainingJob.objects.filter(pk=child.pk).update(status=status, **fields)


def test_a_job_below_the_median_of_earlier_ones_is_stopped(sm, scripted):  # noqa: F811
    config = SCORE | {"TrainingJobEarlyStoppingType": "Auto"}
    sm.create_hyper_parameter_tuning_job(**request(jobs=5, parallel=5, config=config, definition=scripted))
    pk = HyperParameterTuningJob.objects.get().pk
    step(pk)
    *earlier, worse, better = TrainingJob.objects.order_by("pk")
    for child, second in zip(earlier, (0.5, 0.6, 0.7), strict=True):
        report(child, [0.2, second, 0.9])
    report(worse, [0.1, 0.39], "InProgress")  # averages up to two epochs: 0.35, 0.4, 0.45
    report(better, [0.1, 0.41], "InProgress")
    step(pk)
    worse.refresh_from_db()
    better.refresh_from_db()
    assert (worse.status, better.status) == ("Stopping", "InProgress")
    TrainingJob.objects.filter(pk__in=[worse.pk, better.pk]).update(status="Stopped", ended=now())
    job = sm.describe_hyper_parameter_tuning_job(**NAME)
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 5, "Pending": 0, "Failed": 0}
    assert job["BestTrainingJob"]["TrainingJobStatus"] == "Completed"
    assert job["TuningJobCompletionDetails"]["NumberOfTrainingJobsObjectiveNotImproving"] == 4


def test_hyperband_lets_the_best_third_pass_a_rung(sm, scripted):  # noqa: F811
    definition = request(jobs=6, parallel=6, strategy="Hyperband", config=SCORE | hyperband(2, 10), definition=scripted)
    sm.create_hyper_parameter_tuning_job(**definition)
    pk = HyperParameterTuningJob.objects.get().pk
    step(pk)
    children = list(TrainingJob.objects.order_by("pk"))
    for child, value in zip(children, (0.9, 0.8, 0.3, 0.2), strict=False):
        report(child, [0.1, value], "InProgress")
    report(children[4], [0.1], "InProgress")  # below MinResource
    report(children[5], [0.5] * 11, "InProgress")  # beyond MaxResource
    step(pk)
    statuses = list(TrainingJob.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["InProgress", "Stopping", "Stopping", "Stopping", "InProgress", "Stopping"]


def test_a_worker_asks_for_the_next_step_while_a_job_reports(sm, tune, scripted, monkeypatch):  # noqa: F811
    steps: list[int] = []
    monkeypatch.setattr(runner, "SAVE", 0.0)
    monkeypatch.setattr(training.tasks, "send", steps.append)
    config = SCORE | {"TrainingJobEarlyStoppingType": "Auto"}
    job = tune(**request(jobs=1, parallel=1, config=config, definition=scripted))
    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    assert steps and set(steps) == {HyperParameterTuningJob.objects.get().pk}


def test_a_warm_start_begins_where_its_parent_ended(sm, scripted, monkeypatch):  # noqa: F811
    sm.create_hyper_parameter_tuning_job(**request("parent", jobs=6, parallel=6, config=SCORE, definition=scripted))
    parent = HyperParameterTuningJob.objects.get()
    step(parent.pk)
    for child, position in zip(TrainingJob.objects.order_by("pk"), (-4.0, -2.0, -1.0, 0.2, 0.5, 3.0), strict=True):
        values = child.request | {"HyperParameters": child.request["HyperParameters"] | {"place": str(position)}}
        TrainingJob.objects.filter(pk=child.pk).update(tuned={"place": str(position)}, request=values)
        report(child, [round(1 - (position - 0.3) ** 2, 6)])
    warm = warm_start("parent", kind="IdenticalDataAndAlgorithm")
    definition = request(jobs=1, parallel=1, strategy="Bayesian", config=SCORE | {"RandomSeed": 1}, definition=scripted)
    with pytest.raises(ClientError, match="The parent tuning job parent is in status InProgress"):
        sm.create_hyper_parameter_tuning_job(**definition, **warm)
    step(parent.pk)
    sm.create_hyper_parameter_tuning_job(**definition, **warm)
    pk = HyperParameterTuningJob.objects.get(name="tuning").pk
    arguments: list = []
    monkeypatch.setattr("engine.tuning.step.suggest", lambda _, tried, *__: arguments.extend(tried) or [{"place": 0.5}])
    step(pk)
    assert [round(10 * point["place"] - 5, 6) for point, _ in arguments] == [-4.0, -2.0, -1.0, 0.2, 0.5, 3.0]
    assert [value for _, value in arguments][3:5] == [0.99, 0.96]
    child = TrainingJob.objects.get(tuning=pk)
    assert child.tuned == {"place": "0.0"}
    report(child, [0.5])
    step(pk)
    job = sm.describe_hyper_parameter_tuning_job(**NAME)
    assert (job["HyperParameterTuningJobStatus"], job["WarmStartConfig"]) == ("Completed", warm["WarmStartConfig"])
    assert job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == 0.5
    overall = job["OverallBestTrainingJob"]
    assert overall["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == pytest.approx(0.99)
    assert (overall["TuningJobName"], overall["TunedHyperParameters"]) == ("parent", {"place": "0.2"})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"config": {"ParameterRanges": {"ContinuousParameterRanges": [number("alpha", "0", "1")]}}}, "not the same"),
        ({"config": {"HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:error"}}},
         "must be the same for a warm start"),
        ({"kind": "IdenticalDataAndAlgorithm"}, "InputDataConfig differs. Use TransferLearning"),
        ({"strategy": "Grid", "jobs": None, "config": {"ParameterRanges": {"CategoricalParameterRanges": [
            {"Name": "booster", "Values": ["dart"]}]}}}, "Grid learns nothing from parents"),
    ],
    ids=["names", "objective", "data", "strategy"],
)  # fmt: skip
def test_a_parent_that_does_not_fit_is_refused(sm, object_store, changes, words):
    sm.create_hyper_parameter_tuning_job(**request("parent"))
    HyperParameterTuningJob.objects.update(status="Completed")
    kind = changes.pop("kind", "TransferLearning")
    data = request()["TrainingJobDefinition"]["InputDataConfig"]
    data[0]["CompressionType"] = "None"
    with pytest.raises(ClientError) as caught:
        changed = {"definition": {"InputDataConfig": data}} | changes
        sm.create_hyper_parameter_tuning_job(**request(**changed, **warm_start("parent", kind=kind)))
    assert words in str(caught.value) and caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_value_that_comes_later_does_not_take_the_end_of_a_tuning_job_back(sm, scripted):  # noqa: F811
    criteria = {
        "TuningJobCompletionCriteria": {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
    }
    definition = request(jobs=20, parallel=5, config=SCORE | criteria, definition=scripted)
    sm.create_hyper_parameter_tuning_job(**definition)
    pk = HyperParameterTuningJob.objects.get().pk
    step(pk)
    *ended, running = TrainingJob.objects.order_by("pk")
    for child in ended:
        report(child, [0.0])  # of several zeros none is an improvement
    report(running, [0.9], "InProgress")
    step(pk)
    running.refresh_from_db()
    assert (running.status, TrainingJob.objects.count()) == ("Stopping", 5)
    TrainingJob.objects.filter(pk=running.pk).update(status="Stopped", ended=now())  # and it was the best of all
    step(pk)
    job = sm.describe_hyper_parameter_tuning_job(**NAME)
    assert (job["HyperParameterTuningJobStatus"], TrainingJob.objects.count()) == ("Completed", 5)


def test_random_tries_every_value_once_where_there_are_no_more(sm, scripted):  # noqa: F811
    definition = request(
        jobs=40, parallel=10, config=SCORE | {
            "ParameterRanges": {"IntegerParameterRanges": [number("place", "1", "40")]}, "RandomSeed": 11,
        }, definition=scripted,
    )  # fmt: skip
    sm.create_hyper_parameter_tuning_job(**definition)
    pk = HyperParameterTuningJob.objects.get().pk
    for _ in range(4):
        step(pk)
        TrainingJob.objects.update(status="Completed", ended=now())
    assert {child.tuned["place"] for child in TrainingJob.objects.all()} == {str(n) for n in range(1, 41)}


def test_no_bayesian_suggestion_repeats_what_another_job_has_tried_or_tries(sm, scripted, monkeypatch):  # noqa: F811
    definition = request(
        jobs=9, parallel=3, strategy="Bayesian", config=SCORE | {
            "ParameterRanges": {"IntegerParameterRanges": [number("place", "1", "9")]}, "RandomSeed": 11,
        }, definition=scripted,
    )  # fmt: skip
    sm.create_hyper_parameter_tuning_job(**definition)
    pk, counts = HyperParameterTuningJob.objects.get().pk, []

    def suggested(ranges, tried, seed, count=1):
        counts.append(count)
        return [{"place": 0.5}, {"place": 0.51}, {"place": 0.75}][:count]

    monkeypatch.setattr("engine.tuning.step.suggest", suggested)
    for _ in range(3):
        step(pk)
        for child in TrainingJob.objects.filter(status="InProgress"):
            report(child, [float(child.tuned["place"])])
    places = [child.tuned["place"] for child in TrainingJob.objects.order_by("pk")]
    assert sorted(places) == [str(n) for n in range(1, 10)]
    assert {"5", "7"} & {*places[3:]} and max(counts) > 1


def test_a_grid_is_whole_after_a_training_job_of_it_was_deleted(sm, scripted):  # noqa: F811
    grid = {"ParameterRanges": {"CategoricalParameterRanges": [{"Name": "place", "Values": list("1234")}]}}
    definition = request(jobs=None, parallel=2, strategy="Grid", config=SCORE | grid, definition=scripted)
    sm.create_hyper_parameter_tuning_job(**definition)
    pk = HyperParameterTuningJob.objects.get().pk
    step(pk)
    TrainingJob.objects.update(status="Completed", ended=now())
    sm.delete_training_job(TrainingJobName=TrainingJob.objects.earliest("pk").name)
    for _ in range(2):
        step(pk)
        TrainingJob.objects.update(status="Completed", ended=now())
    assert sorted(child.tuned["place"] for child in TrainingJob.objects.all()) == list("1234")
