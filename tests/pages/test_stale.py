"""A tab that was left open: each of its buttons says what became of the thing, and what to do next."""

import importlib

import pytest

from models_app.account.scripts import PERSON
from models_app.aws import s3_store
from models_app.models import Endpoint, Model, TrainingJob
from tests.addresses import addresses, url_of
from tests.pages.test_roles import ARGUMENTS

HTMX = {"HX-Request": "true"}
ACTS = [pattern for pattern in addresses() if getattr(pattern.callback, "method", "")]
OF_A_ROW = {
    "model": ("There is no model churn.", "/models/"),
    "model_stop": ("There is no model churn.", "/models/"),
    "model_deploy": ("There is no model churn.", "/models/"),
    "model_delete": ("There is no model churn.", "/models/"),
    "job_stop": ("There is no training job churn-0001.", "/jobs/"),
    "endpoint_invoke": ("There is no endpoint churn.", "/endpoints/"),
    "endpoint_delete": ("There is no endpoint churn.", "/endpoints/"),
    "person_role": ("There is no such person.", "/people/"),
    "person_disable": ("There is no such person.", "/people/"),
    "person_remove": ("There is no such person.", "/people/"),
    "key_start": ("There is no such key.", "/keys/"),
    "key_delete": ("There is no such key.", "/keys/"),
    "upload_cancel": ("This upload was cancelled, or is complete.", "/buckets/"),
    "upload_finish": ("This upload was cancelled, or is complete.", "/buckets/"),
}


def of_names(names):
    return [pytest.param(p, id=p.name) for p in addresses() if p.name in names]


@pytest.mark.parametrize("pattern", of_names(OF_A_ROW))
def test_a_button_of_a_thing_that_is_gone_says_so_and_leads_on(signed_in, ada, pattern):
    browser, url = signed_in(ada), url_of(pattern, ARGUMENTS)
    words, next_page = OF_A_ROW[pattern.name]
    page = browser.post(url)
    assert page.status_code == 404
    assert words in page.text and "Nothing was changed." in page.text
    assert f'<a class="btn btn--primary" href="{next_page}">' in page.text
    part = browser.post(url, headers=HTMX)
    assert "<html" not in part.text and words in part.text and f'href="{next_page}"' in part.text
    assert (part["HX-Retarget"], part["HX-Reselect"]) == ("#flash", ".flash")
    script = browser.post(url, headers={PERSON: str(ada.pk)})
    assert script.json()["message"].startswith(words)


@pytest.mark.parametrize("pattern", [pytest.param(p, id=p.name) for p in ACTS])
def test_an_address_that_only_acts_leads_a_get_to_a_page(signed_in, ada, finished, pattern):
    """A person comes to it by signing in on the way, or from the history. Nothing happens."""
    response = signed_in(ada).get(url_of(pattern, ARGUMENTS))
    assert response.status_code == 302
    assert not response.url.startswith("/login/")
    finished.refresh_from_db()
    assert not finished.deleting
    assert signed_in(ada).delete(url_of(pattern, ARGUMENTS)).status_code == 405


def test_a_model_that_is_being_deleted_is_not_deployed(signed_in, alice, finished):
    Endpoint.objects.all().delete()
    Model.objects.update(deleting=True, endpoint=None)
    page = signed_in(alice).post("/models/churn/deploy/", follow=True).text
    assert "Failed to deploy churn: churn is being deleted. Create it again to deploy it." in page
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("address", ["/jobs/churn-0001/stop/", "/models/churn/stop/"])
def test_stop_on_a_job_that_has_ended_does_not_claim_to_stop_it(signed_in, alice, finished, address):
    page = signed_in(alice).post(address, follow=True).text
    assert "Training job churn-0001 had ended before: Ready. Nothing was stopped." in page
    assert "Stopping" not in page
    assert not TrainingJob.objects.get().stop_requested


def test_a_row_is_not_sent_to_an_endpoint_that_is_gone(signed_in, alice, finished):
    Endpoint.objects.all().delete()
    words = "Nothing was sent: no endpoint of churn is in service any more."
    assert words in signed_in(alice).post("/models/churn/", {"f0": "1"}, headers=HTMX).text
    assert words in signed_in(alice).post("/models/churn/", {"f0": "1"}, follow=True).text


def test_deleting_a_selection_names_what_was_no_longer_there(signed_in, alice, finished):
    browser = signed_in(alice)
    page = browser.post("/models/-/delete/", {"name": ["churn", "long-gone"]}, follow=True).text
    assert "No longer there, so not deleted: long-gone." in page
    assert "Deleting model churn." in page
    page = browser.post("/models/-/delete/", {"name": ["long-gone"]}, follow=True).text
    assert "No longer there, so not deleted: long-gone." in page
    assert "No model is selected" not in page


def test_a_copy_of_a_model_that_is_gone_is_an_empty_form_that_says_why(signed_in, alice):
    page = signed_in(alice).get("/models/create/?from=churn").text
    assert "There is no model churn to copy." in page
    page = signed_in(alice).get("/models/create/?draft=00000000-0000-4000-8000-000000000000").text
    assert "This draft was discarded" in page


def test_back_after_create_comes_to_the_form_as_it_was_sent(signed_in, alice, bob, finished):
    page = signed_in(alice).get(f"/models/create/?draft={finished.intent}").text
    assert "Model <b>churn</b> was created from this form." in page
    assert 'value="s3://data/churn/train.csv"' in page
    assert "was created from this form" not in signed_in(bob).get(f"/models/create/?draft={finished.intent}").text


def test_a_failure_is_words_above_the_page_and_not_a_page_in_a_part(signed_in, alice, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("a bug")

    monkeypatch.setattr("models_app.web.lists.view.ListPage.of", broken)
    browser = signed_in(alice)
    browser.raise_request_exception = False
    response = browser.get("/models/", headers=HTMX)
    assert response.status_code == 500
    assert "Something failed on our side." in response.text and "<html" not in response.text
    assert response["HX-Retarget"] == "#flash"


class Panic(BaseException):
    """As a panic of a Rust library, which is no Exception."""


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["part", "page"])
def test_a_panic_of_a_library_is_answered_as_any_other_failure(signed_in, alice, monkeypatch, headers):
    def panic(*_args, **_more):
        raise Panic("index out of bounds")

    monkeypatch.setattr("models_app.web.lists.view.ListPage.of", panic)
    browser = signed_in(alice)
    browser.raise_request_exception = False
    response = browser.get("/models/", headers=headers)
    assert response.status_code == 500 and "Something failed on our side" in response.text


def test_a_table_at_which_a_library_panics_is_told_in_the_part_of_the_page(signed_in, alice, table, monkeypatch):
    def panic(*_args, **_more):
        raise Panic("index out of bounds")

    def call(function, store, name, *args, **more):  # in this process, where it can be made to panic
        module, _, attribute = function.partition(":")
        return getattr(importlib.import_module(module), attribute)(*args, **more)

    monkeypatch.setattr(s3_store.readers, "call", call)
    monkeypatch.setattr("tables.inspector.read_head", panic)
    for path in ("/s3/inspect/", "/models/create/"):
        response = signed_in(alice).get(path, {"data_uri": table, "data": table}, headers=HTMX)
        assert response.status_code == 200
        assert f"{table} could not be used" in response.text and "Panic: index out of bounds" in response.text
        assert "Save the table again" in response.text


def test_what_a_role_may_not_do_is_said_above_the_page(signed_in, bob, finished):
    response = signed_in(bob).post("/models/churn/stop/", headers=HTMX)
    assert response.status_code == 403
    assert "Only the person who made model churn" in response.text and response["HX-Retarget"] == "#flash"


def test_a_part_is_in_the_language_of_its_page(signed_in, vera, finished):
    """Another tab may have changed the language since; half a page in each would be wrong in both."""
    browser = signed_in(vera)
    assert '"X-Language": "en"' in browser.get("/models/").text
    browser.cookies["language"] = "ko"
    assert "All" not in browser.get("/models/", headers=HTMX).text
    assert "All <span>" in browser.get("/models/", headers=HTMX | {"X-Language": "en"}).text
    assert '<html lang="ko"' in browser.get("/models/").text
    assert '<html lang="ko"' in browser.get("/models/", headers={"X-Language": "xx"}).text
