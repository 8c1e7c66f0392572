"""Batch predictions: the list, the form that matches columns, one of them with its result, stopping."""

import uuid

import pytest
from django.utils.timezone import now

from models_app.batch.match import match_table
from models_app.models import Model, Tag, TrainingJob, TransformJob
from models_app.sync import transforms
from models_app.work import stopping
from tables.inspection import Column, Inspection

Status = TransformJob.Status
SCHEMA = {
    "columns": [
        {"name": "radius", "kind": "number", "role": "feature"},
        {"name": "texture", "kind": "number", "role": "feature"},
        {"name": "diagnosis", "kind": "text", "role": "target"},
    ],
    "features": ["radius", "texture"],
    "target": "diagnosis",
}
RESULT = {
    "rows": 60, "answered": 59, "counts": [["malignant", 40], ["benign", 19]], "mean": None,
    "head": ["prediction", "radius"], "preview": [["malignant", "<b>11"]], "reasons": [[7, "row 7: no number"]],
}  # fmt: skip


@pytest.fixture
def model(finished) -> Model:
    """Alice's trained model of two columns."""
    finished.schema = SCHEMA
    finished.save()
    return finished


@pytest.fixture
def done(model, alice) -> TransformJob:
    """Alice's batch prediction, completed."""
    return TransformJob.objects.create(
        name="churn-batch-0001", model=model, owner=alice, status=Status.COMPLETED, algorithm="xgboost", rows=60,
        sent=59, result=RESULT, output_uri="s3://data/sagewright/churn-batch-0001/predictions.csv", started=now(),
        ended=now(), input_uri="s3://data/new.csv", columns={"radius": "r"},
    )  # fmt: skip


@pytest.fixture
def running(model, alice) -> TransformJob:
    """One that SageMaker works on."""
    return TransformJob.objects.create(
        name="churn-batch-0002", model=model, owner=alice, status=Status.IN_PROGRESS, algorithm="xgboost"
    )


def inspection(*names: str, has_header: bool = True) -> Inspection:
    columns = [Column(name, "float", kind="number", missing=name == "texture") for name in names]
    return Inspection("s3://b/t.csv", "e", "csv", ",", has_header, columns, [], 9, 3, True, "", "", 1)


def test_columns_are_matched_by_name_and_what_is_alike_is_offered():
    match = match_table(SCHEMA, inspection("texture", "radius_mm", "id"), {})
    assert [(column.name, column.tone) for column in match.columns] == [
        ("radius", "err"), ("texture", "ok"), ("radius_mm", "info"), ("id", "info"),
    ]  # fmt: skip
    assert match.columns[0].close == "radius_mm"
    assert "1 empty cell" in match.columns[1].note
    assert (match.present, match.needed) == (1, 2)


def test_a_column_that_a_person_names_is_taken():
    match = match_table(SCHEMA, inspection("texture", "r"), {"radius": "r", "diagnosis": "r", "texture": "gone"})
    assert (match.names, match.missing) == ({"radius": "r"}, 0)


def test_a_table_without_names_and_without_the_target_is_matched_by_position():
    columns = [{"name": f"#{n}", "kind": "number", "role": "feature" if n > 1 else "target"} for n in (1, 2, 3)]
    match = match_table({"columns": columns}, inspection("#1", "#2", has_header=False), {})
    assert match.names == {"#2": "#1", "#3": "#2"}
    assert match.missing == 0
    chosen = match_table({"columns": columns}, inspection("#1", "#2", has_header=False), {"#2": "#2", "#3": "#1"})
    assert chosen.names == {"#3": "#1"}


def test_a_wide_table_without_names_does_not_offer_each_column_for_each():
    columns = [{"name": f"c{n}", "kind": "number", "role": "feature" if n else "target"} for n in range(1001)]
    match = match_table({"columns": columns}, inspection(*(f"#{n}" for n in range(1000)), has_header=False), {})
    assert (match.present, sum(column.choice for column in match.columns)) == (1000, 20)


def test_the_list_filters_by_file_status_and_rows_and_shows_other_clients_jobs(signed_in, vera, done, running):
    TransformJob.objects.create(name="sdk-transform", external=True, status=Status.FAILED, failure_reason="x")
    page = signed_in(vera).get("/batch/").text
    assert "sdk-transform" in page and "churn-batch-0001" in page and "external" in page

    def names_listed(query: str) -> set[str]:
        text = signed_in(vera).get(f"/batch/?{query}").text
        return {name for name in ("sdk-transform", "churn-batch-0001", "churn-batch-0002") if f">{name}<" in text}

    assert names_listed("f=file~new") == {"churn-batch-0001"}
    assert names_listed("f=rows>=60") == {"churn-batch-0001"}
    assert names_listed("view=running") == {"churn-batch-0002"}
    assert names_listed("q=predicting") == {"churn-batch-0002"}
    assert "No job has a property auc" in signed_in(vera).get("/batch/?f=auc>0.5").text


def test_the_lists_file_columns_and_views_work_as_those_of_jobs(signed_in, alice, done):
    browser = signed_in(alice)
    text = b"".join(browser.get("/batch/-/list.csv").streaming_content).decode()
    assert "churn-batch-0001,Completed,churn,s3://data/new.csv,60,1" in text
    assert "Metrics" not in browser.get("/batch/-/columns/").text
    browser.post("/batch/-/columns/", {"column": ["name", "owner"]})
    assert "new.csv" not in browser.get("/batch/").text
    assert browser.post("/batch/-/views/", {"name": "mine", "query": "view=mine"}).status_code == 302


def test_a_result_is_shown_with_its_answers_and_the_rows_without_one(signed_in, vera, done):
    page = signed_in(vera).get("/batch/churn-batch-0001/").text
    assert "malignant" in page and "67.8" in page
    assert "&lt;b&gt;11" in page
    assert "row 7: no number" in page
    assert "/buckets/data/download/?key=sagewright/churn-batch-0001/predictions.csv" in page
    assert "Taken from r" in page
    assert "Predict another file" not in page  # a viewer


def test_a_row_of_the_preview_that_was_not_read_says_so_with_its_reason(signed_in, vera, done):
    done.result = RESULT | {"preview": [["", "x"], ["benign", "9"]], "not_read": ["row 1: <x> is no number", ""]}
    done.save()
    page = signed_in(vera).get("/batch/churn-batch-0001/").text
    assert page.count("not read") == 1 and "row 1: &lt;x&gt; is no number" in page
    assert page.index("not read") < page.index("row 1: &lt;x&gt;") < page.index(">benign<")


def test_a_model_or_a_table_in_the_address_that_is_none_is_told(signed_in, alice, model, broken, lake):
    browser, uri = signed_in(alice), lake.put("new.csv", "radius,texture\n10,20\n")
    for name in ("none", "labels"):
        page = browser.get("/batch/create/", {"model": name}).text
        assert f"There is no model {name} that can predict a file." in page and 'class="ferr"' in page
    assert browser.get("/batch/create/", {"model": "\0"}).status_code == 200
    for bad in ("ftp://x", "s3://nobody-has-this/x.csv", "nonsense"):
        for query in ({"uri": bad}, {"uri": bad, "model": "churn"}):
            assert 'class="ferr"' in browser.get("/batch/create/", query).text
    assert 'class="ferr"' not in browser.get("/batch/create/", {"uri": uri}).text
    assert "2 of 2 columns found" in browser.get("/batch/create/", {"uri": uri, "model": "churn"}).text


def test_the_form_shows_how_columns_match_and_begins_once(signed_in, alice, model, lake):
    uri, browser = lake.put("new.csv", "r,texture\n10,20\n11,21\n"), signed_in(alice)
    parameters = {"model": "churn", "uri": uri, "intent": str(uuid.uuid4())}
    refused = browser.post("/batch/create/", parameters)
    assert refused.status_code == 422
    assert "Say which column is meant" in refused.text
    assert 'name="column-radius"' in refused.text
    checked = browser.post("/batch/create/", parameters | {"check": "1", "column-radius": "r"})
    assert "2 of 2 columns found" in checked.text
    for _ in range(2):
        begun = browser.post("/batch/create/", parameters | {"column-radius": "r"})
    row = TransformJob.objects.get()
    assert begun.url == f"/batch/{row.name}/"
    assert (row.status, row.columns, row.owner, row.input_uri) == ("Created", {"radius": "r"}, alice, uri)


def test_the_form_takes_tags_and_a_retry_keeps_them(signed_in, alice, model, lake):
    Tag.write(model, {"team": "fraud", "stage": "test"})
    uri, browser = lake.put("tagged.csv", "radius,texture\n10,20\n"), signed_in(alice)
    given = {"model": "churn", "uri": uri, "intent": str(uuid.uuid4())}
    refused = browser.post("/batch/create/", given | {"tags": "no tag"})
    assert refused.status_code == 422 and "no tag is no tag" in refused.text and ">no tag</textarea>" in refused.text
    browser.post("/batch/create/", given | {"tags": "stage=live\na\\=b=c"})
    row, expected = TransformJob.objects.get(), {"team": "fraud", "stage": "live", "a=b": "c"}
    assert Tag.of(row) == expected
    TransformJob.objects.update(status=Status.FAILED)
    Tag.write(model, {})
    browser.post(f"/batch/{row.name}/retry/")
    assert Tag.of(TransformJob.objects.exclude(pk=row.pk).get()) == expected


@pytest.mark.parametrize("uri", ["", "s3://nobody-has-this/x.csv", "ftp://x", "s3://b\0/x"], ids=repr)
def test_a_table_that_cannot_be_read_is_told_beside_its_field(signed_in, alice, model, lake, uri):
    answer = signed_in(alice).post("/batch/create/", {"model": "churn", "uri": uri})
    assert answer.status_code == 422
    assert 'class="ferr"' in answer.text
    assert not TransformJob.objects.exists()


def test_only_a_trained_model_can_be_chosen(signed_in, alice, broken):
    browser = signed_in(alice)
    assert "labels" not in browser.get("/batch/create/").text.partition('id="model"')[2].partition("</select>")[0]
    assert "Choose a model that is trained" in browser.post("/batch/create/", {"model": "labels"}).text


def test_one_that_waits_is_stopped_at_once_and_another_persons_is_not(signed_in, alice, bob, model):
    row = TransformJob.objects.create(name="waits", model=model, owner=alice)
    assert signed_in(bob).post("/batch/waits/stop/").status_code == 403
    signed_in(alice).post("/batch/waits/stop/")
    row.refresh_from_db()
    assert row.status == Status.STOPPED
    assert "stopped" in row.events.get().text.lower()


def test_a_failed_one_is_retried_once_however_often_it_is_pressed(signed_in, alice, bob, done, lake):
    done.status, done.failure_reason = Status.FAILED, "ClientError: bad row"
    done.input_uri = lake.put("new.csv", "r,texture\n10,20\n")
    done.save()
    browser = signed_in(alice)
    assert "Retry" in browser.get("/batch/churn-batch-0001/").text
    assert signed_in(bob).post("/batch/churn-batch-0001/retry/").status_code == 403
    urls = {browser.post("/batch/churn-batch-0001/retry/").url for _ in range(2)}
    again = TransformJob.objects.exclude(pk=done.pk).get()
    assert urls == {f"/batch/{again.name}/"}
    assert (again.status, again.columns, again.owner) == ("Created", {"radius": "r"}, alice)


def test_a_retry_that_failed_is_retried_anew_from_the_first_one_too(signed_in, alice, done, lake):
    done.status, done.input_uri = Status.FAILED, lake.put("new.csv", "r,texture\n10,20\n")
    done.save()
    browser, page = signed_in(alice), f"/batch/{done.name}/retry/"
    browser.post(page)
    first = TransformJob.objects.exclude(pk=done.pk).get()
    assert f"It was retried before, as {first.name}." in browser.post(page, follow=True).text
    TransformJob.objects.filter(pk=first.pk).update(status=Status.FAILED)
    text = browser.post(page, follow=True).text
    second = TransformJob.objects.exclude(pk__in=[done.pk, first.pk]).get()
    assert f"The earlier retry {first.name} ended without success. Retrying as {second.name}." in text
    assert browser.post(f"/batch/{first.name}/retry/").url == f"/batch/{second.name}/"
    assert TransformJob.objects.count() == 3


def test_one_whose_model_trains_anew_is_not_retried(signed_in, alice, done, lake):
    done.status, done.input_uri = Status.FAILED, lake.put("new.csv", "r,texture\n10,20\n")
    done.save()
    done.model.job = TrainingJob.objects.create(name="again", model=done.model, owner=alice, algorithm="xgboost")
    done.model.save()
    assert signed_in(alice).post("/batch/churn-batch-0001/retry/").url == "/batch/churn-batch-0001/"
    assert TransformJob.objects.count() == 1


def test_many_are_stopped_from_the_list(signed_in, alice, running, done, monkeypatch):
    sent = []
    monkeypatch.setattr(stopping, "enqueue", lambda *task: sent.append(task))
    browser, names = signed_in(alice), {"name": [running.name, done.name]}
    assert "Stop batch predictions" in browser.get("/batch/-/stop/", names).text
    browser.post("/batch/-/stop/", names)
    assert sent == [("batch.stop_transform_job", running.pk)]
    assert TransformJob.objects.get(stop_requested=True) == running


class SageMaker:
    """What SageMaker says of one transform job."""

    def __init__(self, **described):
        self.described, self.deleted = described, []

    def describe_transform_job(self, **_):
        common = {"TransformJobArn": "arn:x", "TransformResources": {"InstanceType": "ml.m5.large"}}
        return common | {"TransformInput": {}, "TransformOutput": {"S3OutputPath": "s3://b/out"}} | self.described

    def delete_model(self, ModelName):  # noqa: N803
        self.deleted.append(ModelName)


@pytest.mark.parametrize(
    ("answer", "status"), [("Completed", "Collecting"), ("Failed", "Failed"), ("Stopped", "Stopped")]
)
def test_one_of_ours_follows_sagemaker_and_leaves_no_model_there(running, monkeypatch, answer, status):
    sagemaker = SageMaker(TransformJobStatus=answer, FailureReason="ClientError: bad row")
    monkeypatch.setattr("models_app.aws.client", lambda _: sagemaker)
    running.sagemaker_model = "churn-batch-0002"
    running.save()
    transforms.follow_transform(running)
    running.refresh_from_db()
    assert running.status == status
    assert sagemaker.deleted == ["churn-batch-0002"]


def test_a_job_of_another_client_is_found_and_described(db, monkeypatch):
    summary = {"TransformJobName": "sdk", "TransformJobArn": "a", "CreationTime": now(), "TransformJobStatus": "Failed"}
    monkeypatch.setattr(transforms, "listed", lambda *_: ([summary], True))
    followed = []
    monkeypatch.setattr(transforms, "enqueue", lambda task, pk, **_: followed.append((task, pk)))
    transforms.sweep(1)
    row = TransformJob.objects.get(name="sdk")
    assert followed == [("sync.follow_transform", row.pk)]
    sagemaker = SageMaker(TransformJobStatus="Failed", ModelName="theirs")
    monkeypatch.setattr("models_app.aws.client", lambda _: sagemaker)
    monkeypatch.setattr(transforms, "learn_tags", lambda *_: None)
    transforms.follow_transform(row)
    row.refresh_from_db()
    assert (row.external, row.sagemaker_model, row.output_uri) == (True, "theirs", "s3://b/out")
    assert sagemaker.deleted == []
