"""Training jobs: the list, one job's page, its log, stopping it."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from models_app.aws import archive
from models_app.models import LogLine, TrainingJob
from models_app.problems import Problem
from models_app.sync.logs import keep_error_lines


@pytest.fixture
def stopped(monkeypatch) -> list[str]:
    calls: list[str] = []

    def stop(job) -> bool:
        calls.append(job.name)
        return True

    monkeypatch.setattr("models_app.training.actions.STOPPING.stop", stop)
    return calls


@pytest.fixture
def running(finished) -> TrainingJob:
    job = finished.job
    job.status, job.ended, job.log_done = TrainingJob.Status.IN_PROGRESS, None, False
    job.secondary_status = "Training"
    job.save()
    return job


def test_a_try_of_a_tuning_job_names_it_in_the_list(signed_in, alice):
    arn = "arn:aws:sagemaker:us-east-1:123456789012:hyper-parameter-tuning-job/tune"
    TrainingJob.objects.create(name="tune-001", external=True, described={"TuningJobArn": arn})
    page = signed_in(alice).get("/jobs/").text
    assert '<a href="/tuning/tune/">Try of tune</a>' in page
    assert ">external<" not in page


def test_a_job_made_elsewhere_is_listed_as_external(signed_in, alice):
    TrainingJob.objects.create(name="sdk-job", external=True, algorithm="")
    page = signed_in(alice).get("/jobs/").text
    assert "sdk-job" in page
    assert "external" in page
    assert "Started by another client" in signed_in(alice).get("/jobs/sdk-job/").text


def test_the_page_shows_curve_log_events_tuning_and_artifact(signed_in, vera, finished):
    page = signed_in(vera).get("/jobs/churn-0001/").text
    assert page.count('class="pl-line') == 2
    assert "Best AUC 0.6900 at round 10." in page
    assert 'id="L3"' in page
    assert "[3] round &lt;3&gt;" in page
    assert "Training completed" in page
    assert "s3://data/out/model.tar.gz" in page
    assert "0.3</s>" in page  # eta was given, so its default is struck through


def test_a_failed_job_says_why_what_to_do_and_keeps_the_raw_words(signed_in, alice, broken):
    page = signed_in(alice).get("/jobs/labels-0001/").text
    assert "The table has text where a number belongs" in page
    assert "Prepare the table" in page
    assert "could not convert string to float: &#x27;unknown&#x27;" in page
    assert 'href="/models/create/?from=labels"' in page


def test_a_finished_job_stops_asking_and_a_running_one_goes_on(signed_in, alice, running):
    browser = signed_in(alice)
    page = browser.get("/jobs/churn-0001/").text
    assert f"live:job-{running.pk} from:body, every 5s" in page
    assert "Stop training" in page
    running.move_to(TrainingJob.Status.COMPLETED, log_done=True)
    response = browser.get("/jobs/churn-0001/", headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"
    page = browser.get("/jobs/churn-0001/").text
    assert "live:job-" not in page
    assert "Stop training" not in page


def test_the_log_grows_from_where_the_page_left_off(signed_in, alice, running):
    browser = signed_in(alice)
    LogLine.objects.create(job=running, number=4, at=running.created, text="WARNING late")
    part = browser.get("/jobs/churn-0001/log/?after=3").text
    assert 'id="L4"' in part
    assert "ln--warn" in part
    assert 'id="L3"' not in part
    assert "?after=4" in part


@pytest.fixture
def long_log(finished) -> TrainingJob:
    """Alice's finished job with 3,000 lines; each hundredth holds the word Blue."""
    job = finished.job
    job.lines.all().delete()
    LogLine.objects.bulk_create(
        LogLine(job=job, number=n, at=now(), text=f"line {n}{' Blue <b>' if n % 100 == 0 else ''}")
        for n in range(1, 3001)
    )
    return job


def line_range(page: str) -> tuple[int, int]:
    numbers = [int(number) for number in re.findall(r'id="L(\d+)"', page)]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    return numbers[0], numbers[-1]


def test_the_log_opens_at_its_end_and_at_any_line(signed_in, vera, long_log):
    browser = signed_in(vera)
    browser.cookies["zone"] = "Asia/Seoul"
    end = browser.get("/jobs/churn-0001/").text
    assert line_range(end) == (2001, 3000) and "Times in Asia/Seoul" in end
    page = browser.get("/jobs/churn-0001/?line=1700").text
    assert line_range(page) == (1200, 2199) and 'is-at" id="L1700"' in page and "Lines 1,200 to 2,199 of 3,000" in page
    assert line_range(browser.get("/jobs/churn-0001/?line=1").text) == (1, 1000)
    assert line_range(browser.get("/models/churn/?line=1").text) == (1, 1000)
    assert line_range(browser.get("/jobs/churn-0001/?line=999999999").text)[1] == 3000
    assert browser.get("/jobs/churn-0001/?line=9999999999999999999999").status_code == 200


def test_a_search_goes_over_the_whole_log_and_from_match_to_match(signed_in, vera, long_log):
    browser = signed_in(vera)
    page = browser.get("/jobs/churn-0001/?find=blue+<b").text
    assert "1 of 30 lines that hold “blue &lt;b”" in page and 'is-at" id="L100"' in page
    assert "<mark> Blue &lt;b</mark>" not in page and "line 100 <mark>Blue &lt;b</mark>&gt;" in page
    assert "?find=blue%20%3Cb&amp;line=200#L200" in page and "Previous match" not in page
    page = browser.get("/jobs/churn-0001/?find=blue+<b&line=2950").text
    assert "30 of 30" in page and "line=2900#L2900" in page and "Next match" not in page
    assert "No line holds" in browser.get("/jobs/churn-0001/?find=zzz").text


def test_a_failed_jobs_log_opens_at_the_first_error_of_all_lines(signed_in, vera, long_log):
    TrainingJob.objects.update(status="Failed", failure_reason="AlgorithmError: no")
    LogLine.objects.filter(number=30).update(text="train-error:0.5")
    LogLine.objects.filter(number=40).update(text="ValueError: this is it")
    page = signed_in(vera).get("/jobs/churn-0001/").text
    assert line_range(page) == (36, 52) and "Opened at the first error" in page
    assert line_range(signed_in(vera).get("/jobs/churn-0001/?log=all").text) == (2001, 3000)


class Logs:
    """CloudWatch's log of 3,004 lines, of which the console has the first 3,000."""

    def __init__(self, at: int):
        self.request: dict = {}
        self.events = [{"timestamp": at + (n > 3001), "message": f"line {n} Blue"} for n in range(2995, 3005)]

    def filter_log_events(self, **request) -> dict:
        self.request = request
        return {"events": [e for e in self.events if e["timestamp"] >= request["startTime"]]}

    def get_log_events(self, **request) -> dict:
        done = "nextToken" in request
        return {"events": [] if done else self.events, "nextForwardToken": "f/1"}


def test_beyond_the_kept_lines_cloudwatch_is_searched_and_downloaded(signed_in, vera, long_log, monkeypatch):
    at = datetime(2026, 5, 14, 12, tzinfo=UTC)
    LogLine.objects.filter(number__gte=2995).update(at=at)
    TrainingJob.objects.update(log_stream="churn-0001/algo-1")
    logs = Logs(round(at.timestamp() * 1000))
    monkeypatch.setattr(LogLine, "MOST", 3000)
    monkeypatch.setattr("models_app.aws.client", lambda service: logs)

    page = signed_in(vera).get('/jobs/churn-0001/?find=say+"Blue').text
    assert logs.request["filterPattern"] == '"say \\"Blue"' and logs.request["logStreamNames"] == ["churn-0001/algo-1"]
    assert "line 3004 Blue" in page and "line 2995 Blue" not in page
    lines = signed_in(vera).get("/jobs/churn-0001/log/?download").getvalue().decode().splitlines()
    assert len(lines) == 3004 and [line.split()[2] for line in lines[2998:]] == [str(n) for n in range(2999, 3005)]


def test_the_log_downloads_as_text(signed_in, vera, finished):
    response = signed_in(vera).get("/jobs/churn-0001/log/?download")
    assert response["Content-Disposition"] == 'attachment; filename="churn-0001.log"'
    assert response.getvalue().decode().splitlines()[2].endswith(" [3] round <3>")


def test_another_metric_can_be_chosen_and_a_made_up_one_is_ignored(signed_in, alice, finished):
    assert signed_in(alice).get("/jobs/churn-0001/?metric=auc").context["curve"].key == "auc"
    assert signed_in(alice).get("/jobs/churn-0001/?metric=zzz").context["curve"].key == "auc"


def test_only_its_owner_or_an_administrator_stops_a_job(signed_in, alice, bob, ada, running, stopped):
    assert signed_in(bob).post("/jobs/churn-0001/stop/").status_code == 403
    assert "Stop training" not in signed_in(bob).get("/jobs/churn-0001/").text
    signed_in(alice).post("/jobs/churn-0001/stop/")
    signed_in(ada).post("/jobs/churn-0001/stop/")
    assert stopped == ["churn-0001", "churn-0001"]


def test_a_stop_that_fails_says_why(signed_in, alice, running, monkeypatch):
    def refuse(job):
        raise Problem("SageMaker does not answer.")

    monkeypatch.setattr("models_app.training.actions.STOPPING.stop", refuse)
    page = signed_in(alice).post("/jobs/churn-0001/stop/", follow=True).text
    assert "Failed to stop job churn-0001: SageMaker does not answer." in page


def test_a_job_nobody_knows_is_not_found(signed_in, alice):
    response = signed_in(alice).get("/jobs/none/")
    assert response.status_code == 404
    assert "There is no training job none." in response.text


def test_a_tab_of_the_log_is_a_tab_on_the_page(signed_in, alice, finished):
    LogLine.objects.create(job=finished.job, number=4, at=finished.created, text="[3]#011train-auc:0.9")
    page = signed_in(alice).get("/jobs/churn-0001/").text
    assert "[3]\ttrain-auc:0.9" in page and "#011" not in page


def test_a_cause_that_only_the_log_names_is_on_the_page_and_in_the_list(signed_in, vera, broken):
    TrainingJob.objects.update(failure_reason="AlgorithmError: Exit Code: 1")
    job = TrainingJob.objects.get()
    texts = ["[0] train-auc:0.5", "MemoryError: Unable to allocate 9 GiB", "bye"]
    LogLine.objects.bulk_create(LogLine(job=job, number=n, at=now(), text=text) for n, text in enumerate(texts, 1))
    keep_error_lines(job)

    headline = job.failure.headline
    assert (job.failure.cause, job.error_lines) == ("memory", texts[1:2])
    assert headline in unescape(signed_in(vera).get("/jobs/labels-0001/").text)
    with CaptureQueriesContext(connection) as queries:
        assert headline in unescape(signed_in(vera).get("/jobs/").text)
    assert not any("models_app_logline" in query["sql"] for query in queries)


def test_a_failed_job_is_retried_once_and_another_persons_is_not(signed_in, alice, bob, broken):
    assert "Retry" in signed_in(alice).get("/jobs/labels-0001/").text
    assert signed_in(bob).post("/jobs/labels-0001/retry/").status_code == 403
    browser = signed_in(alice)
    again = browser.post("/jobs/labels-0001/retry/").url
    broken.refresh_from_db()
    assert again == f"/jobs/{broken.job.name}/" != "/jobs/labels-0001/"
    assert (broken.job.status, broken.job.owner, broken.job.algorithm) == ("Created", alice, "xgboost")
    assert "Retried after labels-0001" in browser.get(again).text
    page = browser.post("/jobs/labels-0001/retry/", follow=True).text
    assert "not the latest attempt" in page
    assert TrainingJob.objects.count() == 2


def test_failed_jobs_are_retried_together_and_the_others_stay(signed_in, alice, broken, finished):
    browser, names = signed_in(alice), {"name": ["labels-0001", "churn-0001"]}
    text = browser.get("/jobs/-/retry/", names).text
    assert "Retry training jobs" in text and "stay as they are: 1" in text
    page = browser.post("/jobs/-/retry/", names, follow=True).text
    assert "Retrying 1 job." in page and "1 job was left as it is." in page
    broken.refresh_from_db()
    assert broken.job.name != "labels-0001"
    assert broken.job.status == "Created"


def test_a_job_of_several_instances_shows_the_log_of_each(signed_in, vera, finished, monkeypatch):
    class Logs:
        def describe_log_streams(self, logStreamNamePrefix: str, **_) -> dict:
            return {"logStreams": [{"logStreamName": f"{logStreamNamePrefix}1"}]}

        def get_log_events(self, logStreamName: str, **_) -> dict:
            return {"events": [{"timestamp": 1_790_000_000_000, "message": f"<of {logStreamName}>"}]}

    monkeypatch.setattr("models_app.aws.client", lambda service: Logs())
    assert "members/?host=" not in signed_in(vera).get("/jobs/churn-0001/").text
    TrainingJob.objects.update(described={"ResourceConfig": {"InstanceCount": 2, "InstanceType": "ml.m5.large"}})
    page = signed_in(vera).get("/jobs/churn-0001/").text
    assert "/jobs/churn-0001/members/?host=algo-2" in page and "2 × " in unescape(page)
    log = signed_in(vera).get("/jobs/churn-0001/members/?host=algo-2").text
    assert "&lt;of churn-0001/algo-2-1&gt;" in log and "of churn-0001/algo-1" not in log
    assert "&lt;of churn-0001/algo-1-1&gt;" in signed_in(vera).get("/jobs/churn-0001/members/?host=../x").text


@pytest.mark.parametrize("is_away", [False, True], ids=["the store answers", "the store is away"])
def test_the_page_of_an_expired_job_reads_log_and_events_from_the_archive(
    signed_in, vera, finished, monkeypatch, is_away
):
    job = finished.job
    job.lines.all().delete()
    job.events.all().delete()
    job.archive, job.expired = "s3://bucket/old/jobs/2025/01/churn-0001-1", now()
    job.save(update_fields=["archive", "expired"])

    def lines(folder, most=0):
        if is_away:
            raise Problem("The store is away.")
        assert folder == job.archive
        yield from ((now(), f"archived line {number}") for number in range(1, 1501))

    def events(folder):
        next(lines(folder))
        return [
            {"at": "2025-01-02T03:04:05+00:00", "was": "InProgress", "became": "Completed", "text": "Archived word"}
        ]

    monkeypatch.setattr(archive, "log_lines", lines)
    monkeypatch.setattr(archive, "events", events)
    browser = signed_in(vera)
    page = browser.get("/jobs/churn-0001/").content.decode()
    assert job.archive in page
    downloaded = b"".join(browser.get("/jobs/churn-0001/log/?download").streaming_content).decode()
    if is_away:
        assert "The store is away." in page and "The store is away." in downloaded
        return
    assert "archived line 1500" in page and "archived line 500<" not in page and "Archived word" in page
    assert downloaded.count("\n") == 1500
    found = browser.get("/jobs/churn-0001/?find=LINE+77").content.decode()
    assert "1 of 11 lines" in found


def test_the_page_of_an_expired_job_without_an_archive_says_so(signed_in, vera, finished):
    finished.job.lines.all().delete()
    TrainingJob.objects.filter(pk=finished.job.pk).update(expired=now())
    page = signed_in(vera).get("/jobs/churn-0001/").content.decode()
    assert "SAGEWRIGHT_TELEMETRY_DAYS" in page and "left no log" not in page
