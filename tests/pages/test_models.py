"""SageMaker Models: what the list says, finds, sorts and deletes."""

import pytest
from django.utils.timezone import now

from models_app.models import Endpoint, Model, TrainingJob
from models_app.web.listing import PAGE


@pytest.fixture
def gone(monkeypatch) -> list[str]:
    """The names of the models the delete verb was asked for."""
    asked: list[str] = []
    monkeypatch.setattr("models_app.catalog.actions.delete", lambda model: asked.append(model.name))
    return asked


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
    ("view", "shown"),
    [
        ("all", {"churn", "labels", "bobs"}),
        ("attention", {"labels"}),
        ("deployed", {"churn"}),
        ("mine", {"bobs"}),
        ("running", set()),
    ],
)
def test_a_view_shows_its_models_and_every_view_its_count(signed_in, bob, finished, broken, view, shown):
    make(bob, "bobs")
    listing = signed_in(bob).get(f"/models/?view={view}").context["list"]
    assert {model.name for model in listing.rows} == shown
    assert {v.key: v.count for v in listing.views} == {
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
        seen, token, pages = [], "", []
        while True:
            listing = browser.get("/models/", {"sort": sort} | ({"after": token} if token else {})).context["list"]
            pages.append([m.name for m in listing.rows])
            seen += pages[-1]
            if not listing.next_token:
                break
            token = listing.next_token
        assert seen == expected
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
