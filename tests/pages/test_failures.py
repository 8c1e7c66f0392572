"""A failed job's page: cause, rows, place in the file, one press, attempts, and the log at its first error."""

import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest

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
    fields = {"algorithm": "xgboost", "hyperparameters": {"num_round": "7", "eta": "1.5"}} | more
    return TrainingJob.objects.create(
        name=name, external=True, status=TrainingJob.Status.FAILED, failure_reason=reason, described=described,
        arn="arn:x", log_done=True, **fields,
    )  # fmt: skip


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
