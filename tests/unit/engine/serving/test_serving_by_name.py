"""Rows by column name at an endpoint: what is untouched, what is encoded, what is refused and how."""

import json

import numpy as np
import pytest

from algorithms.spec import InvocationError, ScoreKind
from engine.serving import model_process, model_schema
from engine.serving.answering import Answering
from engine.serving.model_schema import ModelSchema, SchemaError, accepts_labels
from tables.unseen import UnseenCategories

SCHEMA = {
    "version": 2,
    "algorithm": "xgboost",
    "columns": [
        {"name": "age", "role": "feature", "kind": "number", "encoding": "number", "features": ["age"]},
        {
            "name": "plan",
            "role": "feature",
            "kind": "category",
            "encoding": "one-hot",
            "features": ["plan=a", "plan=b"],
            "values": ["a", "b"],
        },
        {"name": "churned", "role": "target", "kind": "category", "classes": ["no", "yes"]},
    ],
    "features": ["age", "plan=a", "plan=b"],
    "target": "churned",
    "task": "binary",
    "classes": ["no", "yes"],
}


class Model:
    """Stands for a predictor that answers which of its steps the rows came through."""

    score_quantiles: dict[str, float] = {}
    score_kind: ScoreKind | None = None

    def __init__(self, features: int = 3):
        self.n_features = features

    def read(self, body, content_type):
        return ("read", body, content_type)

    def check(self, rows):
        return ("check", rows.tolist())


def named(features: int = 3) -> ModelSchema:
    return ModelSchema(SCHEMA, Model(features), "")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"40,1,0", "text/csv"),
        (b"40,1,0\n-1.5e3,,0\n", "text/csv"),
        (b"1,2", "text/csv;label_size=1"),
        (b'{"instances": [{"features": [40, 1, 0]}]}', "application/json"),
        (b'{"instances": [{"data": {"features": {"values": [40, 1, 0]}}}]}', "application/json"),
        (b"[[40, 1, 0]]", "application/json"),
        (b'{"features": [40, 1, 0]}\n{"features": [41, 1, 0]}', "application/jsonlines"),
        (b"0 0:40", "text/libsvm"),
        (b"\x0a\x23\xd7\xce", "application/x-recordio-protobuf"),
        (b"", "text/csv"),
        (b"{broken", "application/json"),
        (b"40,1,0", None),
    ],
)
def test_numbers_by_position_are_left_to_the_predictor(body, content_type):
    assert named().read(body, content_type) == ("read", body, content_type)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"instances": [{"age": 40, "plan": "b"}]}', "application/json"),
        (b'{"age": 40, "plan": "b"}', "application/json"),
        (b'[{"age": "40", "plan": "b", "churned": "yes"}]', "application/json; charset=utf-8"),
        (b'{"age": 40, "plan": "b"}\n', "application/jsonlines"),
        (b"plan,age\nb,40\n", "text/csv"),
        (b"40,b\n", "text/csv"),
        (b"40,b,yes\n", "text/csv"),
        (b'{"instances": [{"features": [40, "b"]}]}', "application/json"),
    ],
)
def test_rows_by_name_or_as_the_table_has_them_are_encoded_as_a_matrix(body, content_type):
    assert named().read(body, content_type) == ("check", [[40.0, 0.0, 1.0]])


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b'{"instances": [{"age": 40, "colour": "b"}]}', "application/json", "There is no column 'colour'. The model"),
        (b'{"instances": [{"age": 40}]}', "application/json", "Column plan is missing in row 1"),
        (b"age,colour\n40,b", "text/csv", "There is no column 'colour'"),
        (b"1,2,3,4", "text/csv", "A row has 4 values. The model takes age, plan: 2 values, or the 3 numbers"),
        (b'{"instances": [{"features": [1]}]}', "application/json", "A row has 1 value. The model takes age, plan"),
        (b'{"age": "forty", "plan": "b"}', "application/json", "age must be a number"),
        (b'{"age": [40], "plan": "b"}', "application/json", "no plain value"),
    ],
)
def test_wrong_columns_widths_and_values_are_refused_by_name(body, content_type, words):
    with pytest.raises(InvocationError, match=words) as refused:
        named().read(body, content_type)
    assert refused.value.status == 400


def test_a_category_that_training_did_not_have_is_counted_or_refused_by_a_strict_schema():
    unseen = UnseenCategories()
    body = b'[{"age": 40, "plan": "c"}, {"age": 41, "plan": "b"}]'
    assert named().read(body, "application/json", unseen) == ("check", [[40.0, 0.0, 0.0], [41.0, 0.0, 1.0]])
    assert unseen.counts == {"plan": 1}
    strict = ModelSchema(SCHEMA | {"unseen": "refuse"}, Model(), "")
    with pytest.raises(InvocationError, match="plan is 'c', which the training data did not have") as refused:
        strict.read(body, "application/json")
    assert refused.value.status == 400


def test_the_process_of_a_model_answers_what_it_counted():
    class Double(Model):
        def response_type(self, accept):
            return "text/csv"

        def check(self, rows):
            return rows

        def predict(self, rows):
            return rows[:, 0]

        def write(self, predictions, content_type):
            return str(predictions.tolist()).encode()

    answering = Answering(Double(), "text/csv")
    answering.use_schema(SCHEMA)
    head = {"op": "invoke", "content_type": "text/csv", "accept": None}
    answer, body = model_process.reply(answering, head, b"plan,age\nc,40\na,41\n")
    assert (answer["unseen"], body) == ({"plan": 1}, b"[40.0, 41.0]")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'[{"age": 1}, {"age": 1}, {"age": 1}]', "application/json"),
        (b'{"age": 1}\n{"age": 1}\n{"age": 1}', "application/jsonlines"),
        (b"age,plan\n1,a\n1,a", "text/csv"),
    ],
)
def test_rows_by_name_cannot_become_more_numbers_than_fit(body, content_type, monkeypatch):
    monkeypatch.setattr(model_schema, "MAX_CELLS", 8)
    with pytest.raises(InvocationError, match="A row becomes 3 numbers. Send at most 2 rows at once") as refused:
        named().read(body, content_type)
    assert refused.value.status == 400


def test_original_labels_are_answered():
    body, kind = named().label_response(b"0.9\n0.2\n", "text/csv")
    assert kind == "application/json; labels=true"
    document = json.loads(body)["predictions"]
    assert [one["label"] for one in document] == ["yes", "no"]
    assert np.allclose([one["probability"] for one in document], [0.9, 0.8])


def test_a_loaded_model_says_what_its_scores_mean_whatever_the_stored_schema_says():
    model = Model()
    model.score_kind = ScoreKind.MARGIN
    schema = ModelSchema(SCHEMA | {"score_kind": "probability"}, model, "")
    body, _kind = schema.label_response(b"0.3\n", "text/csv")
    assert json.loads(body) == {"predictions": [{"label": "yes", "score": 0.3}]}


def test_labels_are_wanted_when_the_accept_header_says_so():
    assert accepts_labels("application/json; labels=true") and accepts_labels("application/json;labels=true")
    assert not accepts_labels("application/json") and not accepts_labels(None)


def test_a_schema_that_does_not_fit_is_not_used():
    with pytest.raises(SchemaError, match="it makes 3 numbers of a row, and the model takes 4"):
        named(features=4)
    with pytest.raises(SchemaError, match="it is none of ours"):
        ModelSchema({"columns": [{}]}, Model(1), "")
