"""Tags of jobs, models and endpoints: their page, the lists, and what SageMaker is asked."""

import pytest

from models_app import aws
from models_app.aws import ownership, requests
from models_app.models import Endpoint, Tag, TrainingJob, TransformJob, TuningJob
from models_app.tagging import actions
from models_app.templatetags.lists import tag_list
from models_app.training import actions as job_actions


class SageMaker:
    """Keeps the tags of ARNs as SageMaker does; `away` makes it fail."""

    def __init__(self):
        self.tags, self.away = {}, False

    def add_tags(self, arn, added):
        self._check()
        self.tags.setdefault(arn, {}).update(added)

    def delete(self, arn, keys):
        self._check()
        for key in keys:
            self.tags.setdefault(arn, {}).pop(key, None)

    def all_of(self, arn):
        self._check()
        return self.tags.get(arn, {})

    def _check(self):
        if self.away:
            raise aws.Unavailable("No answer from SageMaker.")


@pytest.fixture
def sagemaker(monkeypatch) -> SageMaker:
    fake = SageMaker()
    monkeypatch.setattr(actions.tags, "add", fake.add_tags)
    monkeypatch.setattr(actions.tags, "delete", fake.delete)
    monkeypatch.setattr(actions.tags, "all_of", fake.all_of)
    return fake


@pytest.fixture
def job(finished) -> TrainingJob:
    finished.job.arn = "arn:aws:sagemaker:us-east-1:1:training-job/churn-0001"
    finished.job.save()
    return finished.job


def test_tags_are_added_changed_and_removed_at_sagemaker_and_on_the_page(signed_in, alice, job, sagemaker):
    browser, page = signed_in(alice), f"/jobs/{job.name}/tags/"
    sagemaker.tags[job.arn] = {"aws:createdBy": "x", "sagewright:owner": "alice", "old": "1", "team": "a"}
    text = browser.get(page).text
    assert "old" in text and "createdBy" not in text
    assert Tag.of(job) == {"old": "1", "team": "a"}
    answers = {"key": ["old", "team", "cost"], "value": ["1", "b", "42"], "remove": ["old", "sagewright:owner"]}
    assert browser.post(page, answers).status_code == 302
    assert Tag.of(job) == {"team": "b", "cost": "42"}
    assert sagemaker.tags[job.arn] == {"aws:createdBy": "x", "sagewright:owner": "alice", "team": "b", "cost": "42"}
    assert "/jobs/?f=tag%3Ateam%3Db" in browser.get(f"/jobs/{job.name}/").text


def test_a_refused_tag_is_told_and_nothing_is_changed(signed_in, alice, job, sagemaker):
    answer = signed_in(alice).post(f"/jobs/{job.name}/tags/", {"key": ["aws:x", "ok"], "value": ["1", "2"]})
    assert answer.status_code == 422 and "reserved" in answer.text and 'value="aws:x"' in answer.text
    sagemaker.away = True
    answer = signed_in(alice).post(f"/jobs/{job.name}/tags/", {"key": "ok", "value": "2"})
    assert answer.status_code == 422 and "No answer from SageMaker." in answer.text
    assert not Tag.objects.exists() and not sagemaker.tags


def test_only_the_owner_and_administrators_change_tags(signed_in, bob, job, sagemaker):
    assert signed_in(bob).get(f"/jobs/{job.name}/tags/").status_code == 403
    assert "/tags/" not in signed_in(bob).get(f"/jobs/{job.name}/").text


def test_what_is_not_at_sagemaker_yet_is_created_with_its_tags(finished, sagemaker):
    job = TrainingJob.objects.create(name="new", model=finished, owner=finished.owner, status="Created")
    actions.change(job, {"team": "a"}, ())
    assert {"Key": "team", "Value": "a"} in requests.tags(job) and not sagemaker.tags
    TrainingJob.objects.filter(pk=job.pk).update(status="Launching")
    with pytest.raises(actions.Problem, match="Change its tags in a moment"):
        actions.change(job, {"team": "b"}, ())
    assert Tag.of(job) == {"team": "a"}


def test_a_models_tags_go_to_its_next_job_and_to_the_model_at_sagemaker(finished, sagemaker):
    Endpoint.objects.filter(pk=finished.endpoint_id).update(
        arn="arn:aws:sagemaker:us-east-1:1:endpoint/churn", sagemaker_model="Churn-1"
    )
    finished.endpoint.refresh_from_db()
    actions.change(finished, {"team": "a"}, ())
    assert sagemaker.tags == {"arn:aws:sagemaker:us-east-1:1:model/churn-1": {"team": "a"}}
    TrainingJob.objects.filter(pk=finished.job_id).update(status="Failed")
    finished.job.refresh_from_db()
    finished.job.model = finished
    assert Tag.of(job_actions.retry(finished.job)) == {"team": "a"}


def test_tags_of_a_job_of_others_are_read_with_its_creator(job, alice, sagemaker):
    by = "AssumedRole:AROA:alice"
    sagemaker.tags[job.arn] = {"aws:createdBy": by, "sagewright:class": "Ridge", "team": "growth"}
    assert ownership.learn_tags(job, job.arn) == alice and Tag.of(job) == {"team": "growth"}


LISTS = {"jobs": "job", "models": "model", "batch": "transform", "tuning": "tuning"}


@pytest.fixture
def tagged(finished) -> dict:
    """A row of each kind by its field of Tag, with the same tags."""
    rows = {
        "job": finished.job,
        "model": finished,
        "endpoint": finished.endpoint,
        "transform": TransformJob.objects.create(name="churn-batch", model=finished, owner=finished.owner),
        "tuning": TuningJob.objects.create(name="churn-tuning", owner=finished.owner),
    }
    for row in rows.values():
        Tag.write(row, {"team": "fraud 2", "stage": "Ü", "a=b": "c=d"})
    return rows


@pytest.mark.parametrize("of", [*LISTS, "endpoints"])
def test_every_list_filters_by_a_tag(signed_in, alice, tagged, of):
    browser, field = signed_in(alice), "q" if of == "endpoints" else "f"

    def count(text: str) -> int:
        return len(browser.get(f"/{of}/", {field: text}).context["list"].rows)

    assert count("tag:team=fraud 2") == count("tag:stage~Ü") == count(r"tag:a\=b=c=d") == 1
    (tag,) = Tag.objects.filter(key="a=b", **{f"{LISTS.get(of, 'endpoint')}__isnull": False})
    assert len(browser.get(tag_list(of, tag)).context["list"].rows) == 1
    assert count("tag:team=fraud") == count("tag:stage!=Ü") == count("tag:none=x") == 0


@pytest.mark.parametrize("of", LISTS)
def test_a_tag_is_a_column_that_sorts_and_is_in_the_file(signed_in, alice, tagged, of):
    browser = signed_in(alice)
    query = {"cols": "name,tag:team,tag:none", "sort": "-tag:team"}
    assert "fraud 2" in browser.get(f"/{of}/", query).text
    head, row = b"".join(browser.get(f"/{of}/-/list.csv", query).streaming_content).decode().splitlines()
    assert head.endswith(",tag:team,tag:none") and row.endswith(",fraud 2,")
    assert 'value="tag:stage"' in browser.get(f"/{of}/-/columns/", query).text


@pytest.mark.parametrize("of", [*LISTS, "endpoints"])
def test_selected_rows_are_tagged_at_once(signed_in, alice, tagged, sagemaker, of):
    browser, row = signed_in(alice), tagged[LISTS.get(of, "endpoint")]
    page = browser.get(f"/{of}/-/tag/", {"name": row.name})
    assert row.name in page.text
    wrong = browser.post(f"/{of}/-/tag/", {"name": row.name, "tags": "x"})
    assert wrong.status_code == 422 and "x is no tag" in wrong.text
    done = browser.post(f"/{of}/-/tag/", {"name": row.name, "tags": "team=b", "remove": "stage\na=b"}, follow=True)
    assert "Tagged: 1." in done.text and Tag.of(row) == {"team": "b"}


def test_tags_go_with_their_row(tagged):
    tagged["transform"].delete()
    assert not Tag.objects.filter(transform__isnull=False).exists() and Tag.objects.count() == 12
