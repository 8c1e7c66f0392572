"""Reasons of a prediction on the pages of a model and of an endpoint."""

import json

import pytest

from models_app.endpoints.actions import Invocation
from models_app.endpoints.reasons import ACCEPT
from models_app.problems import Declined
from tests.unit.models_app.test_fall import DOCUMENT

HTMX = {"HX-Request": "true"}
SENTENCE = "Together they lead from 0.27 to 0.83, the probability of yes."


@pytest.fixture
def explained(finished, settings, monkeypatch) -> list[str]:
    """The Accept headers that the endpoint of a model with a schema got; it answers with reasons when asked."""
    settings.BACKEND = "engine"
    finished.schema |= {"version": 2, "algorithm": "xgboost", "classes": ["no", "yes"], "target": "churned"}
    finished.schema["columns"][0] |= {"encoding": "number", "features": ["age"]}
    finished.save()
    seen: list[str] = []

    def invoke(endpoint, body, content_type="text/csv", accept="text/csv"):
        seen.append(accept)
        content = json.dumps({"predictions": [DOCUMENT]}).encode() if accept == ACCEPT else b"0.83"
        return Invocation(200, content, accept.partition(";")[0], 12.4, "AllTraffic", {})

    monkeypatch.setattr("models_app.endpoints.actions.invoke", invoke)
    return seen


def test_the_test_form_of_a_model_shows_why(signed_in, alice, explained):
    part = signed_in(alice).post("/models/churn/", {"f0": "40"}, headers=HTMX).text
    assert explained == [ACCEPT]
    assert SENTENCE in part and "&lt;b&gt;plan&lt;/b&gt; = empty" in part and "+2.5" in part
    assert "83.0%" in part  # and the answer is read as ever


def test_a_model_without_reasons_is_asked_again_without_them(signed_in, alice, explained, monkeypatch):
    from models_app.endpoints import actions

    answer = actions.invoke

    def refuse(endpoint, body, content_type, accept):
        if accept == ACCEPT:
            raise Declined("The answer is the mean of 2 models.", 424, "", 406)
        return answer(endpoint, body, content_type, accept)

    monkeypatch.setattr("models_app.endpoints.actions.invoke", refuse)
    part = signed_in(alice).post("/models/churn/", {"f0": "40"}, headers=HTMX).text
    assert "83.0%" in part and "Together they lead" not in part


def test_an_endpoints_page_offers_answers_with_reasons_and_its_code_says_how(signed_in, alice, explained):
    browser = signed_in(alice)
    page = browser.get("/endpoints/churn/").text
    assert f"<option>{ACCEPT}</option>" in page and "reasons=5" in page
    ask = {"body": "40", "content_type": "text/csv", "accept": ACCEPT}
    assert SENTENCE in browser.post("/endpoints/churn/invoke/", ask, headers=HTMX).text


def test_on_amazon_whose_containers_know_no_reasons_none_are_asked_for(signed_in, alice, explained, settings):
    settings.BACKEND = "aws"
    browser = signed_in(alice)
    assert ACCEPT not in browser.get("/endpoints/churn/").text
    browser.post("/models/churn/", {"f0": "40"}, headers=HTMX)
    assert explained == ["text/csv"]
