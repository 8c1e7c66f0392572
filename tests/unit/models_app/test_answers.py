"""The test form reads every algorithm's answer, and code sends what the form sends."""

import json

import pytest

from models_app.endpoints.request_form import PredictionRequest, RequestForm, answer_schema, read
from models_app.endpoints.snippets import snippets_for
from models_app.models import Model, TrainingJob
from models_app.problems import Problem
from tests.unit.engine.serving.test_serving_by_name import SCHEMA

JSON = "application/json"


@pytest.mark.parametrize(
    ("result", "text", "content_type", "headline", "note"),
    [
        (SCHEMA, "0.9\n", "text/csv", "yes", "Probability of churned = yes"),
        (SCHEMA, '{"predictions": [{"score": 0.2, "predicted_label": 0}]}', JSON, "no", "Probability of churned = no"),
        (SCHEMA, '{"probabilities": [[0.3, 0.7]]}', JSON, "yes", "Probability of churned = yes"),
        (
            {"algorithm": "kmeans"},
            '{"predictions": [{"closest_cluster": 2.0, "distance_to_cluster": 1.2345678}]}',
            JSON,
            "Cluster 2",
            "Distance to the center of the cluster: 1.235",
        ),
        ({"algorithm": "randomcutforest"}, '{"scores": [{"score": 0.75}]}', JSON, "0.75", "Anomaly score"),
        ({"target": "price"}, '{"predictions": [{"score": 12.5}]}', JSON, "12.5", "Predicted price"),
    ],
    ids=["xgboost", "linear-learner", "lightgbm", "kmeans", "randomcutforest", "regression"],
)
def test_answers_are_told_in_words(result, text, content_type, headline, note):
    answer = read(result, text, content_type)
    assert answer.headline == headline and note in answer.note


@pytest.mark.parametrize(("objective", "share"), [("binary:logistic", 60.0), ("binary:logitraw", None)])
def test_a_model_of_an_earlier_version_answers_as_its_hyperparameters_say(objective, share):
    model = Model(algorithm="xgboost", schema=SCHEMA)
    model.job = TrainingJob(hyperparameters={"objective": objective})
    answer = read(answer_schema(model), "0.6\n", "text/csv")
    assert (answer.headline, answer.share) == ("yes", share)


def test_the_share_of_the_neighbours_is_the_probability():
    body = '{"predictions": [{"predicted_label": 1.0, "distances": [0.1, 0.2, 0.3, 0.4], "labels": [1, 1, 0, 1]}]}'
    answer = read({"algorithm": "knn", "classes": ["no", "yes"], "target": "churned"}, body, JSON)
    assert (answer.headline, answer.share) == ("yes", 75.0) and "Probability of churned = yes" in answer.note
    assert answer.bars == [("yes", 75.0, "75.0%"), ("no", 25.0, "25.0%")]
    regression = read({"algorithm": "knn", "target": "price"}, body, JSON)
    assert (regression.headline, regression.share) == ("1", None)


@pytest.mark.parametrize(("score", "word"), [(1.6, "Anomaly: above 1.5"), (1.5, "Usual: not above 1.5")])
def test_an_anomaly_score_stands_beside_those_of_the_training_rows(score, word):
    model = Model(algorithm="randomcutforest", schema={"algorithm": "randomcutforest"})
    model.job = TrainingJob(final_metrics={"train:score_quantile_0.99": 1.5, "train:score_quantile_0.9": 1.2})
    answer = read(answer_schema(model), json.dumps({"scores": [{"score": score}]}), JSON)
    assert answer.headline == f"{score:g}" and word in answer.note and "99th percentile" in answer.note
    assert [(name, figure) for name, _length, figure in answer.bars] == [
        ("This row", f"{score:g}"), ("90th percentile", "1.2"), ("99th percentile", "1.5"),
    ]  # fmt: skip


def test_a_projection_is_drawn_a_bar_a_component():
    answer = read({"algorithm": "pca"}, '{"projections": [{"projection": [-1.0, 2.0]}]}', JSON)
    assert answer.headline == "2 components"
    assert answer.bars == [("Component 1", 100.0, "2"), ("Component 2", 50.0, "-1")]


@pytest.mark.parametrize("text", ["what?", "", "{}", '{"predictions": []}', "null"])
def test_what_is_no_answer_is_not_read(text):
    assert read(SCHEMA, text, JSON) is None and read(SCHEMA, text, "text/csv") is None


@pytest.fixture
def row(settings, monkeypatch):
    """row(algorithm, backend): age 40, plan b."""
    monkeypatch.setattr("models_app.endpoints.request_form._sample", lambda model: {})

    def make(algorithm: str, backend: str) -> RequestForm:
        settings.BACKEND = backend
        return RequestForm(Model(algorithm=algorithm, schema=SCHEMA), {"f0": "40", "f1": "b"})

    return make


@pytest.mark.parametrize(
    ("algorithm", "backend", "ask"),
    [
        (
            "xgboost",
            "engine",
            PredictionRequest('{"instances": [{"age": 40, "plan": "b"}]}', JSON, "text/csv", explains=True),
        ),
        ("xgboost", "aws", PredictionRequest("40,0,1", "text/csv", "text/csv")),
        ("lightgbm", "aws", PredictionRequest("40,0,1", "text/csv", JSON)),
        (
            "factorization-machines",
            "aws",
            PredictionRequest('{"instances": [{"features": [40.0, 0.0, 1.0]}]}', JSON, JSON),
        ),
    ],
)
def test_a_row_goes_by_name_to_the_engine_and_by_position_to_amazon(row, algorithm, backend, ask):
    assert row(algorithm, backend).request() == ask


def test_code_sends_what_the_form_sends(row):
    ask = row("xgboost", "engine").request()
    for snippet in snippets_for("churn", "us-east-1", "http://127.0.0.1:8002", ask):
        assert '"plan"' in snippet.code.replace('\\"', '"') and JSON in snippet.code
        if snippet.key in ("boto3", "sdk"):
            compile(snippet.code, snippet.key, "exec")
    body = json.loads(ask.body)
    assert body == {"instances": [{"age": 40, "plan": "b"}]}


def test_only_a_number_asks_a_phone_for_its_keys_of_digits(monkeypatch):
    monkeypatch.setattr("models_app.endpoints.request_form._sample", lambda model: {})
    columns = [
        {"name": name, "type": kind, "kind": kind, "role": "feature"}
        for name, kind in (("age", "number"), ("day", "datetime"))
    ]
    query = RequestForm(Model(algorithm="xgboost", schema={"columns": columns, "features": ["age", "day"]}))
    assert {control.name: control.is_number for control in query.controls} == {"age": True, "day": False}


@pytest.mark.parametrize("backend", ["engine", "aws"])
def test_a_category_that_is_not_in_the_list_can_be_typed_and_is_said(row, settings, backend):
    settings.BACKEND = backend
    form = RequestForm(Model(algorithm="xgboost", schema=SCHEMA), {"f0": "40", "f1": "b", "f1-other": " Atlantis "})
    age, plan = form.controls
    assert (age.is_open, plan.is_open, plan.other) == (False, True, "Atlantis")
    ask = form.request()
    assert ask.unseen == (("plan", "Atlantis"),)
    assert ("Atlantis" in ask.body) == (backend == "engine")
    assert row("xgboost", backend).request().unseen == ()


def test_a_strict_model_takes_only_what_is_in_the_list(row):
    row("xgboost", "engine")
    form = RequestForm(
        Model(algorithm="xgboost", schema=SCHEMA | {"unseen": "refuse"}), {"f0": "40", "f1": "b", "f1-other": "c"}
    )
    assert not form.controls[1].is_open
    with pytest.raises(Problem, match="plan is 'c'"):
        form.request()
