"""Tuning jobs: starting one, the list, one with its tries and charts, stopping, following."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.utils.timezone import now

from jobs.tuning.search import Range, Search
from models_app.models import Model, TrainingJob, TuningJob
from models_app.sync import tunings
from models_app.tuning import actions, charts
from models_app.work import stopping

Status = TuningJob.Status


def trial(number: int, value: float | None, status: str = "Completed", **tuned: str) -> dict:
    why = "ClientError: <bad> label" if status == "Failed" else ""
    return {
        "name": f"tune-{number:03d}", "status": status, "value": value, "tuned": tuned, "seconds": 2.0, "why": why,
    }  # fmt: skip


TRIALS = [
    trial(1, 0.8, max_depth="3", eta="0.1"),
    trial(2, None, "Failed", max_depth="4", eta="0.2"),
    trial(3, 0.9, max_depth="6", eta="0.3"),
    trial(4, 0.85, max_depth="9", eta="0.1"),
    trial(5, None, "InProgress", max_depth="5", eta="0.2"),
]


@pytest.fixture
def tuning(alice) -> TuningJob:
    """Alice's tuning job, in progress."""
    return TuningJob.objects.create(
        name="tune", owner=alice, algorithm="xgboost", strategy="Bayesian", objective="validation:auc", goal="max",
        best=0.9, best_job="tune-003", tries=4, limit=10, trials=TRIALS, started=now(), followed=now(),
    )  # fmt: skip


def test_the_list_sorts_by_the_best_value_and_filters(signed_in, vera, tuning):
    TuningJob.objects.create(name="other", best=0.95, strategy="Random", status=Status.COMPLETED)
    browser = signed_in(vera)
    page = browser.get("/tuning/?sort=-best").text
    assert page.index(">other<") < page.index(">tune<")
    assert "4 of 10" in page and "AUC, highest" in page
    assert ">tune<" not in browser.get("/tuning/?f=best>0.92").text
    assert ">other<" not in browser.get("/tuning/?q=bayesian").text
    text = b"".join(browser.get("/tuning/-/list.csv").streaming_content).decode()
    assert 'tune,Tuning,xgboost,"AUC, highest",0.9' in text
    assert browser.get("/tuning/-/columns/").status_code == 200


def test_the_page_shows_the_best_the_tries_and_what_failed(signed_in, alice, tuning):
    TrainingJob.objects.create(
        name="tune-003", external=True, status="Completed", artifact="s3://b/m.tar.gz", algorithm="xgboost"
    )
    page = signed_in(alice).get("/tuning/tune/").text
    assert "Try 3 of 5 is the best so far: AUC 0.9000." in page
    assert "name=tune-003&amp;name=tune-004&amp;name=tune-001" in page  # compare the best, best first
    assert "/jobs/tune-003/save/" in page and "Deploy best" in page
    assert "&lt;bad&gt; label" in page
    failed = signed_in(alice).get("/tuning/tune/?view=failed").text
    assert "tune-002" in failed and "tune-004" not in failed.partition('id="h-tries"')[2]
    assert [title.title for title in charts.by_setting(tuning)] == ["max_depth", "eta"]


@pytest.mark.parametrize(("goal", "best"), [("max", [0.8, 0.9, 0.9]), ("min", [0.8, 0.8, 0.8])])
def test_the_best_so_far_goes_by_the_goal(tuning, goal, best):
    tuning.goal = goal
    assert [value for _n, value in tuning.best_so_far] == best
    assert tuning.best_names[0] == ("tune-003" if goal == "max" else "tune-001")


def test_a_tuning_job_without_a_value_has_no_chart(signed_in, vera, tuning):
    tuning.trials, tuning.best, tuning.best_job = [], None, ""
    tuning.save()
    page = signed_in(vera).get("/tuning/tune/").text
    assert "No try has a value of the metric yet" in page
    assert "Stop tuning" not in page  # a viewer


def test_one_of_another_person_is_not_stopped_and_many_are(signed_in, alice, bob, ada, tuning, monkeypatch):
    sent = []
    monkeypatch.setattr(stopping, "enqueue", lambda *task: sent.append(task))
    assert signed_in(bob).post("/tuning/tune/stop/").status_code == 403
    signed_in(ada).post("/tuning/-/stop/", {"name": ["tune"]})
    assert sent == [("tuning.stop_tuning_job", tuning.pk)]
    assert TuningJob.objects.get().stop_requested


class SageMaker:
    """What SageMaker says of one tuning job with one try."""

    def __init__(self, status: str):
        self.status, self.stopped = status, []

    def describe_hyper_parameter_tuning_job(self, **_):
        objective = {"Type": "Minimize", "MetricName": "validation:rmse"}
        best = {"TrainingJobName": "t-1", "FinalHyperParameterTuningJobObjectiveMetric": {"Value": 1.5}}
        return {
            "HyperParameterTuningJobArn": "arn",
            "HyperParameterTuningJobStatus": self.status,
            "HyperParameterTuningJobConfig": {
                "Strategy": "Random", "HyperParameterTuningJobObjective": objective,
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 3},
            },
            "TrainingJobStatusCounters": {"Completed": 1, "InProgress": 1},
            "BestTrainingJob": best,
        }  # fmt: skip

    def get_paginator(self, _operation):
        return self

    def paginate(self, **_):
        at = now()
        summary = {
            "TrainingJobName": "t-1", "TrainingJobStatus": "Completed", "TunedHyperParameters": {"eta": "0.1"},
            "TrainingStartTime": at, "TrainingEndTime": at + timedelta(seconds=3),
            "FinalHyperParameterTuningJobObjectiveMetric": {"Value": 1.5},
        }  # fmt: skip
        return [{"TrainingJobSummaries": [summary]}]

    def stop_hyper_parameter_tuning_job(self, HyperParameterTuningJobName):  # noqa: N803
        self.stopped.append(HyperParameterTuningJobName)


def test_a_tuning_job_is_found_followed_and_stopped(db, monkeypatch):
    summary = {
        "HyperParameterTuningJobName": "found", "HyperParameterTuningJobArn": "a", "Strategy": "Random",
        "HyperParameterTuningJobStatus": "InProgress", "CreationTime": now(),
    }  # fmt: skip
    monkeypatch.setattr(tunings, "listed", lambda *_: ([summary], True))
    monkeypatch.setattr(tunings, "learn_tags", lambda *_: None)
    sent = []
    monkeypatch.setattr(tunings, "enqueue", lambda task, pk, **_: sent.append((task, pk)))
    tunings.sweep(1)
    row = TuningJob.objects.get(name="found")
    assert sent == [("sync.follow_tuning", row.pk)]
    sagemaker = SageMaker("InProgress")
    monkeypatch.setattr("models_app.aws.client", lambda _: sagemaker)
    tunings.follow_tuning(row)
    row.refresh_from_db()
    assert (row.goal, row.best, row.best_job, row.tries, row.limit) == ("min", 1.5, "t-1", 1, 3)
    assert row.trials[0]["seconds"] == 3.0
    row.stop_requested = True
    actions.STOPPING.take_step(row)
    assert (sagemaker.stopped, row.status) == (["found"], "Stopping")
    sagemaker.status = "Stopped"
    tunings.follow_tuning(row)
    assert row.status == "Stopped"
    assert "Tuning stopped" in [event.text for event in row.events.all()]


@pytest.mark.parametrize(("words", "drawn"), [(("nan", "inf", "1", "2"), True), (("-1e308", "1e308"), False)])
def test_a_setting_is_drawn_by_what_of_it_has_a_place_on_an_axis(tuning, words, drawn):
    tuning.trials = [trial(number, 0.5, a=word) for number, word in enumerate(words, 1)]
    visible = charts.by_setting(tuning)
    assert bool(visible) == drawn
    assert not any(word in str(chart.svg) for chart in visible for word in ("nan", "inf"))


# Starting one


def answers(uri: str, **changed) -> dict:
    """What a browser sends of a small search."""
    filled = {
        "tune": "1", "intent": str(uuid4()), "name": "search", "algorithm": "xgboost", "of-algorithm": "xgboost",
        "data_uri": uri, "validation_share": "0.2", "instance_type": "ml.m5.large", "max_runtime": "3600",
        "hp-num_round": "20", "strategy": "Random", "max_jobs": "6", "max_parallel": "2",
        "tune-eta": "on", "tune-eta-low": "0.1", "tune-eta-high": "0.4", "tune-eta-scale": "Linear",
        "tune-eta-values": "0.1", "tune-max_depth-low": "2", "tune-max_depth-high": "5",
    }  # fmt: skip
    return filled | changed


def ranges(page: str) -> dict[str, bool]:
    """{hyperparameter: is it tuned} as the page shows it."""
    return {name: "checked" in rest for name, rest in re.findall(r'id="tune-(\w+)" name="tune-\w+"([^>]*)>', page)}


@pytest.mark.stack
def test_a_form_starts_one_tuning_job_however_often_it_is_sent(signed_in, alice, table):
    browser, form = signed_in(alice), answers(table)
    assert [browser.post("/tuning/create/", form).url for _ in range(2)] == ["/tuning/search/"] * 2
    row = TuningJob.objects.get()
    assert (row.owner, row.external, row.status, row.limit) == (alice, False, "Created", 6)
    assert row.search["ranges"] == {"eta": {"low": "0.1", "high": "0.4", "scale": "Linear", "values": ["0.1"]}}
    assert row.template["target"] == "diagnosis" and row.template["hyperparameters"] == {"num_round": "20"}
    assert not row.template["deploy_when_done"] and not Model.objects.exists()
    page = browser.get("/tuning/search/").text
    assert "Preparing the data" in page and "0.1 – 0.4" in page and "/tuning/search/stop/" in page
    copy = browser.get("/tuning/create/?tuning=search").text
    assert 'value="search-b"' in copy and ranges(copy)["eta"] and not ranges(copy)["max_depth"]


@pytest.mark.stack
def test_a_refused_form_names_each_mistake_at_its_field_and_starts_nothing(signed_in, alice, vera, table):
    wrong = {"name": "", "tune-eta-low": "0.9", "max_jobs": "none", "validation": "none"}
    response = signed_in(alice).post("/tuning/create/", answers(table, **wrong))
    assert response.status_code == 422
    for words in (
        "Tuning job name is required", "above its end 0.4", "Enter 1 to 750 tries", "compares its tries on held-out",
    ):  # fmt: skip
        assert words in response.text
    assert 'href="#tune-eta"' in response.text and 'value="0.9"' in response.text
    assert signed_in(vera).post("/tuning/create/", answers(table)).status_code == 403
    assert not TuningJob.objects.exists()


@pytest.mark.stack
def test_the_form_as_code_is_the_request_that_is_sent(signed_in, alice, table):
    text = unescape(signed_in(alice).post("/models/create/code/", answers(table)).text)
    assert "create_hyper_parameter_tuning_job" in text and "aws sagemaker create-hyper-parameter-tuning-job" in text
    assert "validation:auc" in text and '"MaxNumberOfTrainingJobs": 6' in text


def test_a_model_and_a_typed_form_become_a_tuning_job(signed_in, alice, finished):
    browser = signed_in(alice)
    assert "/tuning/create/?from=churn" in browser.get("/models/churn/").text
    page = browser.get("/tuning/create/?from=churn").text
    assert 'value="churn-tune"' in page and ranges(page)["eta"] and not ranges(page)["num_round"]
    assert "Tags of the tuning job and its tries" in page and "Tags of the model" not in page
    typed = {"name": "typed", "algorithm": "lightgbm", "of-algorithm": "lightgbm", "hp-num_boost_round": "77"}
    page = browser.post("/tuning/create/", typed).text
    assert 'value="typed"' in page and 'value="77"' in page and ranges(page)["num_leaves"]
    page = browser.post("/tuning/create/", typed | {"tune": "1", "of-algorithm": "xgboost", "do": "inspect"}).text
    assert ranges(page)["num_leaves"]  # of the algorithm that is chosen now


def test_the_best_try_of_ours_becomes_a_model_that_knows_its_columns(signed_in, alice, tuning, monkeypatch):
    copied = []
    monkeypatch.setattr("models_app.catalog.adoption.s3.copy", lambda *addresses: copied.append(addresses))
    TuningJob.objects.update(
        external=False, search={"ranges": {"eta": {}}}, channels={"train": "s3://b/sagewright/tune/train/"},
        template={"algorithm": "xgboost", "data_uri": "s3://b/t.csv", "hyperparameters": {"num_round": "9"}},
        schema={"target": "y", "classes": ["no", "yes"], "columns": [], "features": []},
    )  # fmt: skip
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://b/sagewright/tune/train/"}}}
    TrainingJob.objects.create(
        name="tune-003", external=True, status="Completed", artifact="s3://b/m.tar.gz", algorithm="xgboost",
        hyperparameters={"eta": "0.3", "num_round": "9"},
        described={"TuningJobArn": "arn:aws:sagemaker:x:1:tuning/tune", "InputDataConfig": [channel]},
    )  # fmt: skip
    assert signed_in(alice).post("/jobs/tune-003/save/").url == "/models/tune/"
    model = Model.objects.get()
    assert model.schema["classes"] == ["no", "yes"] and model.data_uri == "s3://b/t.csv"
    assert model.hyperparameters == {"num_round": "9", "eta": "0.3"}
    assert model.job.channels == {"train": "s3://b/sagewright/tune/train/"}
    assert copied[0][0].endswith("/sagewright/tune/schema.json") and copied[0][1].endswith("tune-003/schema.json")


def test_a_failed_tuning_job_of_ours_is_retried_by_its_owner(signed_in, alice, bob, tuning, monkeypatch):
    monkeypatch.setattr(actions.s3_store, "locate", lambda _: type("Source", (), {"etag": "now"}))
    TuningJob.objects.update(
        external=False, status=Status.FAILED, intent=uuid4(), search=Search({"eta": Range("0.1", "0.2")}).as_json(),
        template={"algorithm": "xgboost", "data_uri": "s3://b/t.csv"},
    )  # fmt: skip
    assert signed_in(bob).post("/tuning/tune/retry/").status_code == 403
    assert signed_in(alice).post("/tuning/tune/retry/").url == "/tuning/tune-b/"
    assert TuningJob.objects.get(name="tune-b").template["data_etag"] == "now"


def test_an_ended_tuning_job_is_deleted_with_its_prepared_data_but_not_with_what_others_use(
    signed_in, alice, tuning, lake, settings, monkeypatch
):
    settings.DEFAULT_BUCKET = lake.bucket
    upload = f"uploads/{lake.folder[:-1]}"
    keys = ["sagewright/tune/train/part-0.csv", f"{upload}/t.csv", "sagewright/tune-003/output/model.tar.gz"]
    for key in keys:
        lake.s3.put_object(Bucket=lake.bucket, Key=key, Body=b"a,b\n")
    TuningJob.objects.filter(pk=tuning.pk).update(
        external=False, arn="arn", template={"data_uri": f"s3://{lake.bucket}/{upload}/t.csv"}
    )
    deleted = []

    class SageMaker:
        def delete_hyper_parameter_tuning_job(self, **named):
            deleted.append(named)

    client = actions.aws.client
    monkeypatch.setattr(actions.aws, "client", lambda name: SageMaker() if name == "sagemaker" else client(name))
    browser = signed_in(alice)
    refused = browser.post("/tuning/tune/delete/", follow=True).text
    assert "it has not ended. Stop it first." in refused and not deleted
    TuningJob.objects.filter(pk=tuning.pk).update(status=Status.COMPLETED)
    page = browser.get("/tuning/tune/delete/").text
    assert f"s3://{lake.bucket}/sagewright/tune/<" in page and f"{upload}/<" in page
    job = TrainingJob.objects.create(name="tune-003", external=True, status="Completed")
    model = Model.objects.create(name="saved", owner=alice, job=job, algorithm="xgboost")
    TrainingJob.objects.filter(pk=job.pk).update(model=model)
    assert "sagewright/tune/<" not in browser.get("/tuning/tune/delete/").text  # the saved model reads it
    TrainingJob.objects.filter(pk=job.pk).update(model=None)
    browser.post("/tuning/tune/delete/", {"files": "on"})
    assert deleted == [{"HyperParameterTuningJobName": "tune"}] and not TuningJob.objects.filter(name="tune").exists()
    left = lake.s3.list_objects_v2(Bucket=lake.bucket).get("Contents", [])
    assert {entry["Key"] for entry in left} & set(keys) == {keys[2]} and TrainingJob.objects.filter(pk=job.pk).exists()
    TuningJob.objects.create(name="old", owner=alice, status=Status.FAILED)
    TuningJob.objects.create(name="busy", owner=alice, status=Status.IN_PROGRESS)
    assert "stay as they are: 1" in browser.get("/tuning/-/delete/?name=old&name=busy").text
    browser.post("/tuning/-/delete/", {"name": ["old", "busy"]})
    assert list(TuningJob.objects.values_list("name", flat=True)) == ["busy"]
