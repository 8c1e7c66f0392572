"""Lists of jobs and models: filters, sorts, columns, saved views, files, actions on many."""

import base64
import json
from html import unescape
from urllib.parse import urlencode

import pytest
from django.utils.timezone import now
from django.utils.translation import override

from models_app.models import ListChoice, Model, SavedView, TrainingJob
from models_app.problems import Problem
from models_app.sync import values


@pytest.fixture
def jobs(alice, bob) -> list[TrainingJob]:
    """Five jobs of two people: one that runs, one without a value, one of another client."""
    rows = []
    for number, (name, owner, status, algorithm, eta, auc) in enumerate(
        (
            ("iris-a", alice, "Completed", "knn", "0.1", 0.9),
            ("iris-b", bob, "Completed", "xgboost", "0.3", 0.8),
            ("spend-c", alice, "InProgress", "xgboost", "0.3", None),
            ("spend-d", bob, "InProgress", "knn", "auto", 0.95),
            ("spend-e", None, "Failed", "", "", None),
        )
    ):
        row = TrainingJob.objects.create(
            name=name,
            owner=owner,
            status=status,
            algorithm=algorithm,
            external=owner is None,
            arn=f"arn:{name}",
            hyperparameters={"eta": eta} if eta else {},
            final_metrics={"validation:auc": auc} if auc else {},
            started=now(),
            ended=now() if status == "Completed" else None,
        )
        values.store_job(row)
        rows.append(row)
        assert number < 5
    return rows


def names(response) -> list[str]:
    return [row.name for row in response.context["list"].rows]


@pytest.mark.parametrize(
    ("query", "visible"),
    [
        ({"q": "iris knn"}, ["iris-a"]),
        ({"q": "alice xgboost"}, ["spend-c"]),
        ({"q": "training spend"}, ["spend-c", "spend-d"]),
        ({"q": "auc > 0.85"}, ["iris-a", "spend-d"]),
        ({"f": "auc>=0.8", "q": "iris"}, ["iris-a", "iris-b"]),
        ({"f": ["validation:auc>=0.8", "auc<0.9"]}, ["iris-b"]),
        ({"f": "eta=auto"}, ["spend-d"]),
        ({"f": "eta!=0.3"}, ["iris-a", "spend-d", "spend-e"]),
        ({"f": "status=Failed,Ready"}, ["iris-a", "iris-b", "spend-e"]),
        ({"f": "status!=Failed", "view": "mine"}, ["iris-a", "spend-c"]),
        ({"f": "owner=bob"}, ["iris-b", "spend-d"]),
        ({"f": "owner!=bob"}, ["iris-a", "spend-c", "spend-e"]),
        ({"f": "algorithm=k-nearest neighbors"}, ["iris-a", "spend-d"]),
        ({"f": "created>=1d", "q": "iris"}, ["iris-a", "iris-b"]),
        ({"f": "created<2020-01-01"}, []),
        ({"f": "ran<1h"}, ["iris-a", "iris-b"]),
    ],
    ids=str,
)
def test_a_filter_leaves_what_it_says(signed_in, alice, jobs, query, visible):
    assert sorted(names(signed_in(alice).get("/jobs/", query))) == visible


@pytest.mark.parametrize(
    ("sort", "visible"),
    [
        ("-auc", ["spend-d", "iris-a", "iris-b", "spend-e", "spend-c"]),
        ("auc", ["iris-b", "iris-a", "spend-d", "spend-c", "spend-e"]),
        ("eta", ["iris-a", "iris-b", "spend-c", "spend-d", "spend-e"]),
        ("owner", ["iris-a", "spend-c", "iris-b", "spend-d", "spend-e"]),
        ("nonsense", ["spend-e", "spend-d", "spend-c", "iris-b", "iris-a"]),
    ],
)
def test_a_list_is_sorted_by_any_column_and_what_has_no_value_comes_last(signed_in, alice, jobs, sort, visible):
    assert names(signed_in(alice).get("/jobs/", {"sort": sort})) == visible


def test_a_filter_that_is_not_understood_says_what_is_right(signed_in, alice, jobs):
    page = signed_in(alice).get("/jobs/", {"f": ["auk>1", "owner>1", "auc>high", "status=Bad", "xyz"]})
    text = unescape(page.text)
    assert "No job has a property auk." in text
    assert "Owner has the operators = != ~." in text
    assert "validation:auc is compared with a number, such as 0.85." in text
    assert "Status is compared with Queued, Training, Stopping, Ready, Failed, Stopped." in text
    assert text.count("token--err") == 5 and len(names(page)) == 5
    assert "Select all 5" not in text


BEYOND = {
    "a 13th filter": {"f": ["name!=x"] * 12 + ["name=iris-a"]},
    "a filter in the line": {"f": ["name!=x"] * 12, "q": "auc>0.94"},
    "a 9th word": {"q": "training spend s p e n d a iris"},
    "a long line": {"q": "spend" + 295 * " " + "iris"},
    "a long filter": {"f": "name!=" + "x" * 300},
}


@pytest.mark.parametrize("query", BEYOND.values(), ids=BEYOND)
def test_what_is_more_than_a_list_reads_is_told_and_nothing_acts_on_the_wider_set(signed_in, alice, jobs, query):
    browser, address = signed_in(alice), urlencode(query, doseq=True)
    page = browser.get("/jobs/", query)
    assert "token--err" in page.text and "Select all" not in page.text.replace("Select all on this page", "")
    assert browser.get("/jobs/" + page.context["list"].tokens[-1].without).context["list"].is_understood
    file = browser.get("/jobs/-/list.csv", query)
    assert file.status_code == 302 and file.url == f"/jobs/?{address}"
    stopped = browser.get("/jobs/-/stop/", {"query": address, "all": "1"}, follow=True)
    assert "A filter is not understood" in stopped.text
    sent = browser.get("/jobs/", query | {"tokens": ""}, follow=True)
    assert "token--err" in sent.text, "a search line that is sent loses nothing"


def test_the_link_that_sorts_keeps_its_id_so_that_it_keeps_the_focus(signed_in, alice, jobs):
    browser = signed_in(alice)
    for sort in ("-auc", "auc", "name"):
        page = browser.get("/jobs/", {"sort": sort, "cols": "name,validation:auc"}).text
        assert page.count('<a id="sort-name"') == page.count('<a id="sort-validation%3Aauc"') == 1


def test_a_column_that_is_shown_under_a_short_name_is_not_offered_again(signed_in, alice, jobs):
    page = signed_in(alice).get("/jobs/-/columns/", {"query": "cols=name,auc"}).text
    assert 'value="auc" checked' in page and 'value="validation:auc"' not in page and 'value="eta"' in page


def test_a_search_line_that_is_sent_becomes_tokens(signed_in, alice, jobs):
    response = signed_in(alice).get("/jobs/", {"q": "iris auc > 0.85", "tokens": "", "f": "eta>0", "after": "x"})
    assert response.status_code == 302
    assert response.url == "/jobs/?q=iris&f=eta%3E0&f=auc%3E0.85"
    page = signed_in(alice).get(response.url)
    assert names(page) == ["iris-a"]
    assert 'href="?q=iris&amp;f=auc%3E0.85"' in page.text


def test_pages_by_a_metric_stay_while_rows_are_added(signed_in, alice):
    def add(name: str, auc: float | None) -> None:
        job = TrainingJob.objects.create(name=name, final_metrics={"validation:auc": auc} if auc else {})
        values.store_job(job)

    for n in range(20):
        add(f"v{n:02}", 0.5 + n / 100)
        add(f"n{n:02}", None)
    browser = signed_in(alice)
    expected = [f"v{n:02}" for n in reversed(range(20))] + [f"n{n:02}" for n in reversed(range(20))]
    first = browser.get("/jobs/", {"sort": "-auc"}).context["list"]
    assert [row.name for row in first.rows] == expected[:25]
    add("late-best", 0.99)
    add("late-none", None)
    second = browser.get("/jobs/", {"sort": "-auc", "after": first.next_token}).context["list"]
    assert [row.name for row in second.rows] == expected[25:]
    back = browser.get("/jobs/", {"sort": "-auc", "before": second.previous_token}).context["list"]
    assert [row.name for row in back.rows] == expected[1:20] + ["late-none"] + expected[20:25]


def _token(*entry) -> str:
    return base64.urlsafe_b64encode(json.dumps(entry).encode()).decode()


@pytest.mark.parametrize(
    ("sort", "entry"),
    [
        ("-created", ("", "2000-01-01T00:00:00+00:00", 1)),  # all that came after it was deleted
        ("-created", ("", "0001-01-01T00:00:00+14:00", 1)),
        ("name", ("", "\ud800", 1)),
        ("-auc", ("number", 10**400, 1)),
    ],
    ids=str,
)
def test_a_token_beyond_which_there_is_nothing_leads_to_the_first_page(signed_in, alice, jobs, sort, entry):
    page = signed_in(alice).get("/jobs/", {"sort": sort, "after": _token(*entry)}).context["list"]
    assert len(page.rows) == 5 and not page.is_empty and not page.previous_token


def test_a_metric_is_shown_and_not_a_setting_or_figure_of_its_name(signed_in, alice, jobs):
    stored = values.values_of({"lr": "7"}, {"lr": 0.5, "best": 0.25}, {"best": 0.75})
    values.store(jobs[0].pk, stored)
    file = signed_in(alice).get("/jobs/-/list.csv", {"cols": "lr,best", "f": "lr<1"}).getvalue().decode()
    assert file.splitlines()[1:] == ["0.5,0.25"]


def test_many_are_acted_on_by_the_whole_filter_however_long(signed_in, alice, jobs):
    query = urlencode([("f", "name!=" + "안녕" * 60)] * 3 + [("f", "name=spend-c")])
    assert len(query) > 2000
    browser = signed_in(alice)
    page = unescape(browser.get("/jobs/-/stop/", {"query": query, "all": "1"}).text)
    assert "spend-c" in page and "stay as they are: " not in page
    assert browser.post("/jobs/-/views/", {"query": query, "name": "Long"}).status_code == 422


def test_models_are_filtered_and_sorted_by_values_of_their_jobs(signed_in, alice, jobs):
    for job in jobs[:3]:
        job.model = Model.objects.create(
            name=f"m-{job.name}", owner=alice, algorithm="knn", data_uri="s3://b/k.csv", job=job
        )
        job.save()
    browser = signed_in(alice)
    assert names(browser.get("/models/", {"sort": "auc"})) == ["m-iris-b", "m-iris-a", "m-spend-c"]
    assert names(browser.get("/models/", {"f": "eta>0.2", "q": "spend training"})) == ["m-spend-c"]
    assert names(browser.get("/models/", {"f": "status=Ready", "sort": "name"})) == ["m-iris-a", "m-iris-b"]
    assert "0.3" in browser.get("/models/", {"cols": "name,eta", "f": "eta>0.2"}).text


def test_columns_are_kept_for_a_person_and_a_view(signed_in, alice, bob, jobs):
    browser = signed_in(alice)
    page = browser.get("/jobs/-/columns/?view=running").text
    assert 'value="validation:auc"' in page and 'name="position-name"' in page
    sent = {
        "query": "view=running&q=spend&cols=name&after=x",
        "column": ["eta", "name", "nonsense"],
        "position-name": "2",
        "position-eta": "1",
        "size": "50",
    }
    response = browser.post("/jobs/-/columns/", sent)
    assert response.url == "/jobs/?view=running&q=spend"
    listing = browser.get(response.url).context["list"]
    assert [column.key for column in listing.columns] == ["eta", "name"] and listing.list_query.size == 50
    assert [column.key for column in browser.get("/jobs/").context["list"].columns][0] == "name"
    assert len(signed_in(bob).get("/jobs/?view=running").context["list"].columns) == 8
    assert [c.key for c in browser.get("/jobs/?view=running&cols=name").context["list"].columns] == ["name"]
    browser.post("/jobs/-/columns/", sent | {"default": "1"})
    assert ListChoice.objects.get().columns == []


def test_a_view_is_its_owners_and_everybodys_when_an_administrator_shares_it(signed_in, alice, bob, ada, jobs):
    browser = signed_in(alice)
    sent = {"name": "Good ones", "query": "f=auc>=0.85&sort=-auc&after=x", "shared": "1"}
    response = browser.post("/jobs/-/views/", sent)
    view = SavedView.objects.get()
    assert not view.shared
    assert names(browser.get(response.url)) == ["spend-d", "iris-a"]
    assert "Good ones" in browser.get("/jobs/").text
    assert "saved=" not in browser.get(response.url).context["list"].list_query.link(sort="name")
    assert "Good ones" not in signed_in(bob).get("/jobs/").text
    assert "Good ones" not in browser.get("/models/").text
    assert signed_in(bob).post(f"/jobs/-/views/{view.pk}/delete/").status_code == 404
    signed_in(ada).post("/jobs/-/views/", sent | {"name": "Everybody's"})
    assert "Everybody&#x27;s" in signed_in(bob).get("/jobs/").text
    assert browser.post("/jobs/-/views/", {"name": " "}).status_code == 422
    browser.post(f"/jobs/-/views/{view.pk}/delete/")
    assert [row.name for row in SavedView.objects.all()] == ["Everybody's"]


def test_views_that_are_shared_never_crowd_out_a_persons_own(signed_in, alice, ada, jobs):
    shared = [SavedView(owner=ada, of="jobs", name=f"a{n}", query="q=x", shared=True) for n in range(60)]
    SavedView.objects.bulk_create([*shared, SavedView(owner=alice, of="jobs", name="zebra", query="q=x")])
    assert "zebra" in signed_in(alice).get("/jobs/").text


def test_a_file_has_the_lists_columns_in_its_order_and_no_formula(signed_in, vera, jobs):
    TrainingJob.objects.filter(name="iris-b").update(algorithm="=cmd|calc")
    browser = signed_in(vera)
    query = {"sort": "-auc", "cols": "name,algorithm,auc,eta", "f": "auc>0"}
    text = browser.get("/jobs/-/list.csv", query).getvalue().decode()
    assert text.splitlines() == [
        "\ufeffName,Algorithm,validation:auc,eta",
        "spend-d,knn,0.95,auto",
        "iris-a,knn,0.9,0.1",
        "iris-b,'=cmd|calc,0.8,0.3",
    ]
    ticked = browser.get("/jobs/-/list.csv", {"query": "cols=name", "name": ["iris-a"]}).getvalue().decode()
    assert ticked.splitlines() == ["\ufeffName", "iris-a"]
    every = browser.get("/jobs/-/list.csv", {"query": "cols=name&q=iris", "name": ["iris-a"], "all": "1"})
    assert every.getvalue().decode().splitlines() == ["\ufeffName", "iris-b", "iris-a"]


def test_a_file_keeps_its_language_where_another_thread_writes_its_end(signed_in, vera, jobs):
    browser = signed_in(vera)
    browser.cookies["language"] = "ko"
    file = browser.get("/jobs/-/list.csv", {"cols": "name,status", "q": "iris"})
    with override("en"):
        assert file.getvalue().decode().splitlines() == ["\ufeff이름,상태", "iris-b,준비됨", "iris-a,준비됨"]


def test_stopping_many_asks_with_the_count_and_tells_what_stays(signed_in, alice, bob, ada, jobs):
    browser = signed_in(alice)
    page = unescape(browser.get("/jobs/-/stop/", {"query": "q=spend", "all": "1"}).text)
    assert "Stop training jobs" in page and "spend-c" in page and "spend-d" not in page
    assert "Jobs that have ended stay as they are: 1." in page and "Jobs of other people stay as they are: 1." in page
    stamp = page.partition('name="stamp" value="')[2].partition('"')[0]
    sent = {"query": "q=spend", "all": "1", "stamp": stamp}
    TrainingJob.objects.filter(name="spend-d").update(owner=alice)
    TrainingJob.objects.filter(name="spend-c").update(owner=bob)  # one job again, and another
    assert browser.post("/jobs/-/stop/", sent).url == "/jobs/?q=spend"
    assert not TrainingJob.objects.filter(stop_requested=True).exists()
    TrainingJob.objects.filter(name="spend-c").update(owner=alice)
    TrainingJob.objects.filter(name="spend-d").update(owner=bob)
    page = browser.post("/jobs/-/stop/", sent, follow=True).text
    assert "Stopping 1 job." in page and "2 jobs were left as they are." in page
    assert [job.name for job in TrainingJob.objects.filter(stop_requested=True)] == ["spend-c"]
    TrainingJob.objects.filter(name="spend-d").update(status="Created")
    signed_in(ada).post("/jobs/-/stop/", {"name": ["spend-c", "spend-d"]})
    assert TrainingJob.objects.filter(stop_requested=True).count() == 2
    assert TrainingJob.objects.get(name="spend-d").status == "Stopped", "nothing of it had started"


def test_one_job_of_another_person_among_many_refuses_all(signed_in, alice, vera, jobs):
    browser = signed_in(alice)
    assert browser.post("/jobs/-/stop/", {"name": ["spend-c", "spend-d"]}).status_code == 403
    assert signed_in(vera).post("/jobs/-/stop/", {"name": ["spend-c"]}).status_code == 403
    assert browser.post("/jobs/-/delete/", {"name": ["spend-e"]}).status_code == 403
    assert not TrainingJob.objects.filter(stop_requested=True).exists()
    assert "A filter is not understood" in browser.get("/jobs/-/stop/?query=f=zz>1&all=1", follow=True).text
    assert "No job is selected" in browser.get("/jobs/-/stop/", follow=True).text


def test_ended_jobs_of_other_clients_are_deleted_together(signed_in, ada, jobs, monkeypatch):
    deleted: list[str] = []
    monkeypatch.setattr("models_app.training.actions.delete", lambda job: deleted.append(job.name))
    page = signed_in(ada).post("/jobs/-/delete/", {"all": "1", "query": ""}, follow=True).text
    assert deleted == ["spend-e"]
    assert "Deleted 1 job." in page and "4 jobs were left as they are." in page


def test_failed_jobs_are_retried_together_up_to_a_limit_and_each_refusal_is_a_message(
    signed_in, alice, jobs, monkeypatch
):
    for name in ("spend-c", "iris-a", "retry-f"):
        job, _created = TrainingJob.objects.get_or_create(name=name, defaults={"owner": alice})
        model = Model.objects.create(name=f"model-of-{name}", owner=alice, job=job)
        TrainingJob.objects.filter(pk=job.pk).update(status="Failed", model=model)
    monkeypatch.setattr("models_app.lists.bulk.MAX_RETRIED", 2)
    retried: list[str] = []

    def retry(job: TrainingJob) -> None:
        if retried:
            raise Problem(f"{job.name} was retried by somebody else.")
        retried.append(job.name)

    monkeypatch.setattr("models_app.training.actions.retry", retry)
    page = signed_in(alice).post("/jobs/-/retry/", {"name": ["spend-c", "iris-a", "retry-f"]}, follow=True).text
    assert retried == ["retry-f"], "the newest first"
    assert "Retrying 1 job." in page and "spend-c was retried by somebody else." in page
    assert "1 more jobs are left: 2 are retried at a time." in page
