"""SageMaker Models: what the list says, finds, sorts and deletes."""

import pytest
from django.utils.timezone import now

from models_app.catalog import actions as model_actions
from models_app.data import left_in_s3
from models_app.models import Endpoint, Model, TrainingJob, TuningJob
from models_app.web.listing import PAGE


@pytest.fixture
def gone(monkeypatch) -> list[str]:
    """The names of the models the delete verb was asked for."""
    calls: list[str] = []
    monkeypatch.setattr("models_app.catalog.actions.delete", lambda model, with_files: calls.append(model.name))
    return calls


def make(owner, *names: str) -> None:
    Model.objects.bulk_create(
        Model(name=name, owner=owner, algorithm="xgboost", data_uri="s3://b/k.csv") for name in names
    )


def test_a_row_tells_status_stages_metric_curve_endpoint_and_owner(signed_in, alice, finished):
    page = signed_in(alice).get("/models/").text
    for part in (
        "Deployed",
        "0.6900",
        "AUC",
        "XGBoost",
        'class="rail__done"',
        'class="spark',
        "1,000 rows",
        "train.csv",
    ):
        assert part in page
    assert 'href="/models/churn/"' in page
    assert 'href="/endpoints/churn/"' in page


def test_no_model_yet_says_what_to_do(signed_in, alice, vera):
    assert 'href="/models/create/"' in signed_in(alice).get("/models/").text
    assert "needs the role Editor" in signed_in(vera).get("/models/").text


def test_no_match_is_not_the_empty_page(signed_in, alice, finished):
    page = signed_in(alice).get("/models/?q=nothing-like-it").text
    assert "No matches" in page
    assert "Clear filter" in page
    assert "No models" not in page


@pytest.mark.parametrize(
    ("view", "visible"),
    [
        ("all", {"churn", "labels", "bobs"}),
        ("attention", {"labels"}),
        ("deployed", {"churn"}),
        ("mine", {"bobs"}),
        ("running", set()),
    ],
)
def test_a_view_shows_its_models_and_every_view_its_count(signed_in, bob, finished, broken, view, visible):
    make(bob, "bobs")
    context = signed_in(bob).get(f"/models/?view={view}").context
    assert {model.name for model in context["list"].rows} == visible
    assert {v.key: v.count or context["mine_count"] for v in context["list"].views} == {
        "all": "3",
        "running": "0",
        "attention": "1",
        "deployed": "1",
        "mine": "1",
    }


def test_pages_follow_each_other_both_ways_in_every_order(signed_in, alice):
    names = [f"m{i:02}" for i in range(PAGE * 2 + 3)]
    make(alice, *names)
    browser = signed_in(alice)
    for sort, expected in (("name", names), ("-name", names[::-1]), ("algorithm", names), ("-created", names[::-1])):
        observed, token, pages = [], "", []
        while True:
            listing = browser.get("/models/", {"sort": sort} | ({"after": token} if token else {})).context["list"]
            pages.append([m.name for m in listing.rows])
            observed += pages[-1]
            if not listing.next_token:
                break
            token = listing.next_token
        assert observed == expected
        back = browser.get("/models/", {"sort": sort, "before": listing.previous_token}).context["list"]
        assert [m.name for m in back.rows] == pages[-2]
        assert back.next_token
        assert back.previous_token


@pytest.mark.parametrize("token", ["x", "!!!", "bnVsbA", "WzEsMl0", "e30", "WyJub3QgYSBkYXRlIiwxXQ"])
def test_a_broken_page_token_shows_the_first_page(signed_in, alice, token):
    make(alice, "a", "b")
    response = signed_in(alice).get("/models/", {"after": token, "sort": "-created"})
    assert response.status_code == 200
    assert len(response.context["list"].rows) == 2


def test_htmx_gets_the_rows_alone_and_the_back_button_the_page(signed_in, alice, finished):
    browser = signed_in(alice)
    part = browser.get("/models/", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert 'id="list"' in part.text
    assert "HX-Request" in part["Vary"]
    for boosted in ({"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}):
        assert "<html" in browser.get("/models/", headers={"HX-Request": "true"} | boosted).text


def test_the_list_asks_often_only_while_something_happens(signed_in, alice, finished):
    browser = signed_in(alice)
    assert "every 60s" in browser.get("/models/").text
    finished.job.status = TrainingJob.Status.IN_PROGRESS
    finished.job.save()
    assert "every 10s" in browser.get("/models/").text


def test_a_page_of_models_costs_the_same_with_one_row_or_many(
    signed_in, alice, finished, django_assert_max_num_queries
):
    for i in range(20):
        model = Model.objects.create(name=f"m{i}", owner=alice, algorithm="xgboost", data_uri="s3://b/k.csv")
        model.job = TrainingJob.objects.create(name=f"j{i}", model=model, owner=alice, created=now())
        model.endpoint = Endpoint.objects.create(name=f"e{i}", model=model, owner=alice)
        model.save()
    browser = signed_in(alice)
    with django_assert_max_num_queries(18):
        browser.get("/models/")


def test_deleting_asks_first_and_names_what_stops_answering(signed_in, alice, finished, gone):
    browser = signed_in(alice)
    page = browser.get("/models/-/delete/?name=churn").text
    assert "endpoint churn stops answering" in page
    assert gone == []
    response = browser.post("/models/-/delete/", {"name": "churn"}, follow=True)
    assert gone == ["churn"]
    assert "Deleting model churn." in response.text


def test_deleting_several_deletes_all_or_is_refused_as_a_whole(signed_in, alice, bob, gone):
    make(alice, "one", "two")
    make(bob, "three")
    browser = signed_in(alice)
    assert browser.post("/models/-/delete/", {"name": ["one", "three"]}).status_code == 403
    assert gone == []
    browser.post("/models/-/delete/", {"name": ["one", "two"]})
    assert sorted(gone) == ["one", "two"]


def test_deleting_nothing_says_so(signed_in, alice, gone):
    assert "No model is selected" in signed_in(alice).post("/models/-/delete/", follow=True).text


def test_what_a_person_typed_is_shown_not_run(signed_in, alice, finished):
    page = signed_in(alice).get("/models/", {"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


def test_a_page_of_a_number_is_that_page_as_far_as_rows_are_counted(signed_in, alice):
    make(alice, *(f"m-{i:03}" for i in range(60)))
    browser = signed_in(alice)

    def names(**query) -> list[str]:
        return [m.name for m in browser.get("/models/", {"sort": "name"} | query).context["list"].rows]

    assert names(page="2") == [f"m-{i:03}" for i in range(25, 50)]
    second = browser.get("/models/", {"sort": "name", "page": "2"})
    listing = second.context["list"]
    assert "page=2" not in second.text.partition('aria-label="Pagination"')[2].partition("</nav>")[0]
    assert names(after=listing.next_token) == [f"m-{i:03}" for i in range(50, 60)]
    assert names(before=listing.previous_token) == [f"m-{i:03}" for i in range(25)]
    for none in ("0", "-1", "4", "99", "9999999", "x", ""):
        assert names(page=none) == [f"m-{i:03}" for i in range(25)]


def test_deleting_says_what_stays_in_s3_and_deletes_it_when_asked(signed_in, alice, finished, lake, settings):
    settings.DEFAULT_BUCKET = lake.bucket
    upload, shared = f"uploads/{lake.folder[:-1]}", f"uploads/{lake.folder[:-1]}-shared"
    keys = [f"sagewright/churn-0001/{name}" for name in ("train/part-0.csv", "output/model.tar.gz")]
    keys += [f"{upload}/t.csv", f"{shared}/v.csv", "sagewright/churn-00012/not-its-own"]
    for key in keys:
        lake.s3.put_object(Bucket=lake.bucket, Key=key, Body=b"a,b\n")
    finished.data_uri, finished.recipe = (
        f"s3://{lake.bucket}/{keys[2]}",
        {"validation_uri": f"s3://{lake.bucket}/{keys[3]}"},
    )
    finished.save()
    make(alice, "other")
    Model.objects.filter(name="other").update(data_uri=f"s3://{lake.bucket}/{shared}/v.csv")
    folders = [f"s3://{lake.bucket}/sagewright/churn-0001/", f"s3://{lake.bucket}/{upload}/"]
    assert left_in_s3.folders_of(finished) == folders
    tuning = TuningJob.objects.create(name="tune", template={"data_uri": finished.data_uri})
    assert left_in_s3.folders_of(finished) == folders[:1]  # it may be repeated
    tuning.delete()
    browser = signed_in(alice)
    page = browser.get("/models/churn/delete/").text
    assert all(f">{folder}</a>" in page for folder in folders) and shared not in page
    browser.post("/models/churn/delete/")
    finished.refresh_from_db()
    assert finished.deleting and not finished.delete_files
    browser.post("/models/churn/delete/", {"files": "on"})
    finished.refresh_from_db()
    finished.endpoints.all().delete()
    model_actions.remove(finished)
    assert not Model.objects.filter(name="churn").exists()
    there = [o["Key"] for o in lake.s3.list_objects_v2(Bucket=lake.bucket)["Contents"]]
    assert not {*keys[:3]} & {*there} and {*keys[3:]} <= {*there}
