"""Reasons of a prediction on the pages of a model and of an endpoint."""

import json
import re
import threading

import pytest

from models_app.catalog import explain_row, row_process
from models_app.catalog.figures.effects import disagreement
from models_app.catalog.figures.explanation import context_of
from models_app.endpoints.actions import Invocation
from models_app.endpoints.reasons import ACCEPT
from models_app.models import Evaluation
from models_app.problems import Declined, Problem
from tests.pages.evaluations import document_of
from tests.unit.models_app.test_fall import DOCUMENT

HTMX = {"HX-Request": "true"}
SENTENCE = "Together they lead from 0.27 to 0.83, the probability of yes."


@pytest.fixture
def explained(finished, settings, monkeypatch) -> list[str]:
    """The Accept headers that the endpoint of a model with a schema got; it answers with reasons when asked."""
    settings.BACKEND = "engine"
    finished.schema |= {"version": 2, "algorithm": "xgboost", "classes": ["no", "yes"], "target": "churned"}
    finished.schema |= {"task": "binary", "score_kind": "probability"}
    finished.schema["columns"][0] |= {"encoding": "number", "features": ["age"]}
    finished.save()
    observed: list[str] = []

    def invoke(endpoint, body, content_type="text/csv", accept="text/csv"):
        observed.append(accept)
        content = json.dumps({"predictions": [DOCUMENT]}).encode() if accept == ACCEPT else b"0.83"
        return Invocation(200, content, accept.partition(";")[0], 12.4, "AllTraffic", {})

    monkeypatch.setattr("models_app.endpoints.actions.invoke", invoke)
    return observed


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


EFFECTS = {
    "rows": 600,
    "scale": "log-odds",
    "sampled": 0,
    "columns": {"plan": 0.9, "age": 0.4},
    "dots": [{"column": "age", "points": [[-0.4, 0], [-0.2, 0], [0.1, 1], [0.5, 2]]}],
}


@pytest.fixture
def explained_rows(finished, settings, monkeypatch) -> list[tuple]:
    """The rows that were asked for of an evaluated model whose rows 7 and 12 have reasons."""
    document = document_of("binary")
    pairs = [{"columns": ["plan", "age"], "share": 0.31}]
    document = document | {"explain": document["explain"] | {"effects": EFFECTS, "interactions": pairs}}
    uri = "s3://data/evaluation/predictions.csv"
    Evaluation.objects.create(job=finished.job, status="Done", document=document, predictions_uri=uri)
    calls: list[tuple] = []

    def call(function, _store, position, _again, uri, number, count, reads):
        calls.append((function, uri, number))
        assert reads == [uri]
        around = {"previous": 7, "next": 0, "columns": 7, "sampled": 0, "label": "yes", "prediction": "no"}
        return {"row": number or 7, "reasons": DOCUMENT, **around} if number in (0, 7, 12) else {}

    monkeypatch.setattr("models_app.catalog.one_row.s3_store.readers.call", call)
    return calls


def test_effects_stand_beside_the_losses_with_dots_and_pairs(signed_in, vera, explained_rows):
    page = signed_in(vera).get("/models/churn/explain/").text
    assert "Mean effect (SHAP)" in page and "0.9</span>" in page
    assert "High values of age push up, low ones down." in page and page.count('<path class="be') == 3
    assert "The effect of plan depends on age: 31% of how the answer varies" in page
    assert '<td class="num">-0.3</td>' in page  # the mean of the low third, in the table of the dots
    worst = document_of("binary")["worst"]["rows"][0]["row"]
    assert [number for _reader, _uri, number in explained_rows] == [worst] and 'style="' not in page


def test_a_test_row_is_chosen_by_its_number(signed_in, vera, explained_rows):
    browser = signed_in(vera)
    page = browser.get("/models/churn/explain/?row=12").text
    assert SENTENCE in page and 'value="12"' in page and 'href="?row=7#h-one"' in page
    browser.get("/models/churn/explain/?row=first")
    uri = "s3://data/evaluation/effects.csv"
    reader = "evaluation.row_effects:row_effects"
    assert explained_rows == [(reader, uri, 12), (reader, uri, 0)]
    assert "Row 13 is no test row with reasons" in browser.get("/models/churn/explain/?row=13").text
    for text in ("-1", "0", "x", "٣", "9" * 400, "1e9"):
        assert "Enter the number of a row" in browser.get("/models/churn/explain/", {"row": text}).text


def test_the_rows_that_are_most_wrong_lead_to_their_reasons(signed_in, vera, explained_rows):
    page = signed_in(vera).get("/models/churn/evaluation/").text
    assert re.search(r'href="/models/churn/explain/\?row=\d+#h-one"', page)
    Evaluation.objects.update(document=document_of("binary"))
    assert "explain/?row=" not in signed_in(vera).get("/models/churn/evaluation/").text


def test_dots_that_are_of_different_classes_are_not_drawn_as_one():
    for kind, is_drawn in (("binary", True), ("multiclass", False), ("regression", True)):
        document = document_of(kind)
        context = context_of(document | {"explain": document["explain"] | {"effects": EFFECTS}}, everything=False)
        assert bool(context["bees"]) == is_drawn


def test_the_headline_names_columns_in_the_order_of_the_list_and_the_first_ones_loss():
    document = document_of("binary")
    columns = [
        {"column": "luck", "kind": "number", "loss": 0.0123, "sd": 0.02},
        {"column": "area", "kind": "number", "loss": 0.0119, "sd": 0.007},
        {"column": "texture", "kind": "number", "loss": 0.008, "sd": 0.001},
    ]
    explain = document["explain"] | {"columns": columns}
    verdict = context_of(document | {"explain": explain}, everything=False)["verdict"]
    assert verdict["title"] == "area, texture decide most" and "With area shuffled" in verdict["text"]
    few, none = (
        context_of(document | {"explain": explain | {"rows": 6, "columns": part}}, everything=False)["verdict"]
        for part in (columns, columns[:1])
    )
    assert few["title"] == none["title"] == "Too few test rows to say which columns decide"


def test_a_column_that_moves_much_and_is_not_missed_is_named():
    explanation = document_of("binary")["explain"]
    columns = [{"column": "a", "loss": 0.0, "sd": 0.001}, {"column": "b", "loss": 0.1, "sd": 0.01}]
    message = disagreement(explanation | {"columns": columns, "effects": EFFECTS | {"columns": {"a": 1.0, "b": 1.0}}})
    assert message.startswith("a moves the answers much, but little is lost")
    columns[0]["loss"] = 0.1
    assert not disagreement(explanation | {"columns": columns, "effects": EFFECTS | {"columns": {"a": 1.0, "b": 1.0}}})


def test_beside_a_container_without_reasons_the_console_explains_the_row(
    signed_in, alice, explained, settings, monkeypatch
):
    settings.BACKEND = "aws"
    calls = []
    monkeypatch.setattr(
        "models_app.catalog.row_process._run",
        lambda model, artifact, request, schema: calls.append(request["row"]) or DOCUMENT,
    )
    browser = signed_in(alice)
    assert "Explain this row" in browser.get("/models/churn/").text
    for _again in range(2):
        part = browser.post("/models/churn/", {"f0": "41", "why": "1"}, headers=HTMX).text
        assert SENTENCE in part and "by the console" in part
    assert calls == [{"age": "41"}] and explained == []  # remembered, and nothing was sent
    assert "age must be a number" in browser.post("/models/churn/", {"f0": "old", "why": "1"}, headers=HTMX).text
    settings.BACKEND = "engine"
    assert "Explain this row" not in browser.get("/models/churn/").text


def test_rows_that_are_explained_at_the_same_time_are_few(finished, monkeypatch):
    monkeypatch.setattr(row_process, "_slots", threading.BoundedSemaphore(1))
    monkeypatch.setattr(row_process, "_run", lambda model, *_request: explain_row.explain_row(model, {"age": "2"}))
    with pytest.raises(Problem, match="Other rows are being explained"):
        explain_row.explain_row(finished, {"age": "1"})
    assert row_process._slots.acquire(blocking=False)


@pytest.fixture
def changed(explained, monkeypatch) -> list[dict]:
    """What the model's process was asked; it answers that calls would change the answer."""
    calls: list[dict] = []
    columns = [{"column": "<b>calls</b>", "from": "6", "to": "2"}]
    document = {"answer": {"label": "yes", "probability": 0.83}, "by": None, "tried": 41}
    document["untried"] = ["<i>when</i>", *(f"text{n}" for n in range(9))]
    document["changes"] = [{"columns": columns, "answer": {"label": "no", "probability": 0.59}}]

    def answer(_model, _artifact, request, _schema):
        calls.append(request)
        return document

    monkeypatch.setattr("models_app.catalog.row_process._run", answer)
    return calls


def test_the_test_form_says_what_would_change_the_answer(signed_in, alice, finished, changed):
    browser = signed_in(alice)
    assert "Columns that stay as they are" in browser.get("/models/churn/").text
    part = browser.post("/models/churn/", {"f0": "40", "change": "1", "lock": ["f0", "f99"]}, headers=HTMX).text
    assert changed == [{"row": {"age": "40"}, "changes": {"locked": ["age"], "by": None}}]
    assert "&lt;b&gt;calls&lt;/b&gt;" in part and "6 to 2" in part and "yes 83.0% to no 59.0%" in part
    assert "Not tried: &lt;i&gt;when&lt;/i&gt;, text0" in part and "text6 and 2 more." in part
    assert "would be another class" in part and "not what happens when something really changes" in part
    assert SENTENCE in part  # beside the answer with its reasons
    assert "What would change it" not in browser.post("/models/churn/", {"f0": "40"}, headers=HTMX).text
    again = browser.post("/models/churn/", {"f0": "40", "change": "1", "by": "-3"}, headers=HTMX).text
    assert "a number above 0" in again and "83.0%" in again


@pytest.mark.parametrize("document", [{}, {"answer": {}, "by": None, "tried": 1, "changes": [{}]}, {"changes": 3}])
def test_a_document_that_makes_no_sense_shows_no_changes(signed_in, alice, explained, monkeypatch, document):
    monkeypatch.setattr("models_app.catalog.row_process._run", lambda *_: document)
    part = signed_in(alice).post("/models/churn/", {"f0": "43", "change": "1"}, headers=HTMX).text
    assert "83.0%" in part and "whatif" not in part


def test_the_test_form_explains_a_refused_request_with_its_column(signed_in, alice, explained, monkeypatch):
    def refuse(*_request):
        raise Declined("no", 424, "could not convert string to float: '40'", 415)

    monkeypatch.setattr("models_app.endpoints.actions.invoke", refuse)
    part = signed_in(alice).post("/models/churn/", {"f0": "40"}, headers=HTMX).text
    assert "Row 1, column age: &#x27;40&#x27; is no number" in part
    assert "424 could not convert string to float" in part  # the container's own words
