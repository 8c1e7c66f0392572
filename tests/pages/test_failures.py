"""A failed job's page: cause, rows, place in the file, one press, attempts, and the log at its first error."""

import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from models_app.models import LogLine, TrainingJob
from tests.broken_jobs import table as rows
from tests.pages.lake import Lake

pytestmark = pytest.mark.stack
TEXT = "ClientError: Non-numeric value 'red' found in line 120, column 2 of file 'train.csv'. XGBoost does not accept"


def external(lake: Lake, name: str, reason: str, body: str = "", **more) -> TrainingJob:
    """A failed job of another client; its table is `body`, or was deleted."""
    uri = lake.put("data/train.csv", body) if body else f"s3://{lake.bucket}/{lake.folder}gone/"
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri.rpartition("train.csv")[0] or uri}}
    described = {
        "InputDataConfig": [{"ChannelName": "train", "ContentType": "text/csv", "DataSource": source}],
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 700},
    }
    fields = {"algorithm": "xgboost", "hyperparameters": {"num_round": "7", "eta": "1.5"}, "log_done": True} | more
    fields = {"status": TrainingJob.Status.FAILED, "failure_reason": reason, "described": described} | fields
    return TrainingJob.objects.create(name=name, external=True, arn="arn:x", **fields)


def test_a_failure_shows_its_rows_and_where_they_are(signed_in, vera, lake):
    external(lake, "theirs", TEXT, rows({120: "1,red,4", 200: "0,red,5"}))

    page = unescape(signed_in(vera).get("/jobs/theirs/").text)

    assert "The table has text where a number belongs" in page
    assert re.findall(r'class="mono is-bad">(.*?)</td>', page) == ["red", "red"]
    assert "2 of 2" in page and "train.csv, 240 lines" in page
    assert re.findall(r'wmap__x" x="(\d+)"', page) == [str(1000 * 119 // 240), str(1000 * 199 // 240)]
    assert "Fix and retry" not in page, "a viewer creates nothing"


def test_one_press_opens_a_copy_of_the_job_with_the_fix_in_it(signed_in, alice, lake):
    job = external(lake, "theirs", TEXT, rows({120: "1,red,4"}))
    browser = signed_in(alice)
    page = unescape(browser.get("/jobs/theirs/").text)
    fix = re.search(r'name="fix" value="(\{.*?\}\})"', page)[1]

    form = browser.get(f"/models/create/?{urlencode({'job': job.name, 'fix': fix})}").context["form"]

    spec = form.spec()
    assert json.loads(fix)["changes"]["recipe.prepare"] is True
    assert (spec.recipe.prepare, spec.recipe.bad_cells, spec.recipe.target) == (True, {"#2": "missing"}, "#1")
    assert (spec.hyperparameters["num_round"], spec.instance_type, spec.max_runtime) == ("7", "ml.m5.xlarge", 3600)


def test_a_copy_without_a_fix_takes_the_objects_as_they_are(signed_in, alice, lake):
    external(lake, "theirs", TEXT, rows())

    spec = signed_in(alice).get("/models/create/?job=theirs").context["form"].spec()

    assert (spec.recipe.prepare, spec.recipe.validation, spec.hyperparameters["eta"]) == (False, "none", "1.5")


def test_a_job_of_another_image_is_not_copied(signed_in, alice, lake):
    external(lake, "theirs", "AlgorithmError: Exit Code: 1", algorithm="")
    browser = signed_in(alice)

    assert "runs an image that the Create model form does not know" in browser.get("/jobs/theirs/").text
    assert "runs an image that this form does not know" in unescape(browser.get("/models/create/?job=theirs").text)


def test_rows_that_are_gone_are_not_shown(signed_in, alice, lake):
    external(lake, "theirs", TEXT)

    page = signed_in(alice).get("/jobs/theirs/").text

    assert "The table has text where a number belongs" in page and "wmap" not in page


def test_a_cause_that_is_not_known_says_so_and_shows_the_first_error(signed_in, alice, lake):
    job = external(lake, "theirs", "AlgorithmError: Exit Code: 1")
    texts = ["fine"] * 40 + ["ERROR seven <is> odd"] + ["more"] * 40
    LogLine.objects.bulk_create(LogLine(job=job, number=n, at=job.created, text=t) for n, t in enumerate(texts, 1))

    page = signed_in(alice).get("/jobs/theirs/").text

    assert "Cause not known" in page and "Stopped with exit code 1" in page
    assert "<code>ERROR seven &lt;is&gt; odd</code>" in page and "Choose a fix" not in page
    assert "Opened at the first error" in page
    assert 'id="L41"' in page and 'id="L37"' in page and 'id="L36"' not in page and 'id="L81"' not in page
    assert 'id="L81"' in signed_in(alice).get("/jobs/theirs/?log=all").text


def test_attempts_are_the_jobs_of_the_same_data(signed_in, alice, lake):
    for name, reason in (("one", TEXT), ("two", "ClientError: Seven is odd."), ("three", TEXT)):
        external(lake, name, reason, rows({120: "1,red,4"}))
    external(lake, "other", TEXT, algorithm="kmeans")

    page = signed_in(alice).get("/jobs/three/").text
    attempts = re.search(r'id="h-att".*?</ol>', page, re.DOTALL)[0]

    assert re.findall(r"<b>(?:<a.*?>)?(\w+)", attempts) == ["three", "two", "one"]
    assert attempts.count("Failed for the same cause") == 1


def test_attempts_of_a_model_are_looked_for_without_reading_whole_rows(signed_in, vera, finished):
    job = finished.job
    others = [
        TrainingJob(name=f"again-{n}", model=finished, algorithm=job.algorithm, status="Completed") for n in (1, 2)
    ]
    TrainingJob.objects.bulk_create(others)
    TrainingJob.objects.create(name="unlike", algorithm=job.algorithm, external=True, status="Completed")
    browser = signed_in(vera)

    with CaptureQueriesContext(connection) as queries:
        page = browser.get(f"/jobs/{job.name}/").text

    attempts = re.search(r'id="h-att".*?</ol>', page, re.DOTALL)[0]
    assert "again-1" in attempts and "again-2" in attempts and "unlike" not in attempts
    (looked,) = [query["sql"] for query in queries if "LIMIT 100" in query["sql"] and "data_uri" in query["sql"]]
    assert "described" not in looked and "schema" not in looked


def test_a_job_of_another_client_has_the_actions_that_make_sense(signed_in, ada, vera, lake):
    job = external(lake, "theirs", "", rows(), artifact=f"s3://{lake.bucket}/{lake.folder}model.tar.gz")
    failed = unescape(signed_in(ada).get("/jobs/theirs/").text)
    TrainingJob.objects.update(status=TrainingJob.Status.COMPLETED)
    page = unescape(signed_in(ada).get("/jobs/theirs/").text)

    assert 'href="/models/create/?job=theirs"' in page and 'action="/jobs/theirs/save/"' in page
    assert "Save as model" in page and "Deploy" in page and 'href="/jobs/theirs/delete/"' in page
    assert f"s3://{lake.bucket}/{lake.folder}data/" in page, "its channels"
    assert "Save as model" not in failed and 'href="/jobs/theirs/delete/"' in failed
    assert "Save as model" not in signed_in(vera).get("/jobs/theirs/").text
    assert job.model is None


def test_a_model_is_saved_from_a_job_once(signed_in, alice, lake):
    done = {"status": TrainingJob.Status.COMPLETED, "artifact": "s3://b/model.tar.gz"}
    job = external(lake, "theirs", "", rows(), hyperparameters={"objective": "binary:logistic"}, **done)
    browser = signed_in(alice)

    for _press in range(2):
        assert browser.post("/jobs/theirs/save/")["Location"] == "/models/theirs/"
    job.refresh_from_db()
    assert (job.model.owner, job.model.schema["classes"], job.model.schema["rows"]) == (alice, ["0", "1"], 240)


def test_a_model_that_cannot_be_read_is_not_saved(signed_in, alice, lake):
    external(lake, "theirs", "", status=TrainingJob.Status.COMPLETED, artifact="s3://b/model.tar.gz")

    assert "Failed to save the model of theirs" in signed_in(alice).post("/jobs/theirs/save/", follow=True).text


def test_deleting_a_job_asks_first_and_is_for_who_may(signed_in, alice, ada, lake):
    external(lake, "theirs", TEXT)
    assert signed_in(alice).get("/jobs/theirs/delete/").status_code == 403
    browser = signed_in(ada)

    assert "SageMaker forgets the job" in browser.get("/jobs/theirs/delete/").text
    assert TrainingJob.objects.exists()
    assert browser.post("/jobs/theirs/delete/")["Location"] == "/jobs/"
    assert not TrainingJob.objects.exists()


def test_an_exception_of_peoples_code_is_shown_and_not_called_a_known_cause(signed_in, alice, lake):
    reason = 'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "SevenError: seven is odd"\nCommand "x"'
    external(lake, "theirs", reason, algorithm="")

    page = unescape(signed_in(alice).get("/jobs/theirs/").text)

    assert 'id="h-why">SevenError: seven is odd</h2>' in page and "nown cause" not in page


def test_an_unknown_failure_is_narrowed_down_with_the_line_of_the_persons_own_code(signed_in, alice, lake):
    remaining = ["NotImplementedError: a step of the loop"]
    job = external(lake, "theirs", "AlgorithmError: Exit Code: 1", algorithm="", error_lines=remaining)
    trace = """Traceback (most recent call last):
  File "/opt/ml/code/train.py", line 31, in main
    fit(3)
NotImplementedError: a step of the loop"""
    LogLine.objects.bulk_create(
        LogLine(job=job, number=n, at=job.created, text=t) for n, t in enumerate(trace.splitlines(), 1)
    )

    page = unescape(signed_in(alice).get("/jobs/theirs/").text)

    assert "Narrowed down: The code" in page and "The exact cause is not known." in page
    assert "It was raised in line 31 of train.py, in main." in page and "Look at the line of your own code" in page
    assert "Choose a fix" not in page and "Known cause" not in page and "Cause not known" not in page


def test_a_general_cause_has_the_line_of_the_persons_own_code(signed_in, alice, lake):
    remaining = ["TypeError: object of type 'int' has no len()"]
    job = external(lake, "theirs", "AlgorithmError: Exit Code: 1", algorithm="", error_lines=remaining)
    trace = """Traceback (most recent call last):
  File "/opt/ml/code/train.py", line 31, in main
    fit(len(3))
TypeError: object of type 'int' has no len()"""
    LogLine.objects.bulk_create(
        LogLine(job=job, number=n, at=job.created, text=t) for n, t in enumerate(trace.splitlines(), 1)
    )

    page = unescape(signed_in(alice).get("/jobs/theirs/").text)

    assert 'id="h-why">A value has another type than the code expects</h2>' in page and "Known cause" in page
    assert "It was raised in line 31 of train.py, in main." in page


def test_a_likely_cause_is_marked_as_such_and_has_no_fix_to_press(signed_in, alice, lake):
    external(lake, "theirs", "ValueError: Shape of passed values is (2, 3), indices imply (2, 4)")

    page = unescape(signed_in(alice).get("/jobs/theirs/").text)

    assert "Likely cause" in page and "Arrays do not fit together" in page and "by the words of the error" in page
    assert "Choose a fix" not in page and "Known cause" not in page
