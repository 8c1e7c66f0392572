import json

import pytest

import algorithms
from tables import predictions

IRIS = {"classes": ["setosa", "versicolor", "virginica"]}
BINARY = {"classes": ["no", "yes"]}
NUMBER = {"classes": []}


def one(schema, body, kind="application/json") -> dict:
    return predictions.parse_response(schema, body if isinstance(body, str) else json.dumps(body), kind)[0].as_json()


@pytest.mark.parametrize(
    ("schema", "body", "answer"),
    [
        (
            BINARY,
            {"predictions": [{"score": 0.75}]},
            {"label": "yes", "probability": 0.75, "probabilities": {"yes": 0.75, "no": 0.25}},
        ),
        (
            BINARY,
            {"predictions": [{"score": 0.25, "predicted_label": 0}]},
            {"label": "no", "probability": 0.75, "probabilities": {"no": 0.75, "yes": 0.25}},
        ),
        (BINARY, {"predictions": [{"score": -1.5, "predicted_label": 0}]}, {"label": "no", "score": -1.5}),
        (
            IRIS,
            {"predictions": [{"score": [0.1, 0.7, 0.2], "predicted_label": 1}]},
            {
                "label": "versicolor",
                "probability": 0.7,
                "probabilities": {"versicolor": 0.7, "virginica": 0.2, "setosa": 0.1},
            },
        ),
        (IRIS, {"predictions": [{"predicted_label": 2.0}]}, {"label": "virginica"}),
        (
            IRIS,
            {"probabilities": [[0.5, 0.25, 0.25]]},
            {
                "label": "setosa",
                "probability": 0.5,
                "probabilities": {"setosa": 0.5, "versicolor": 0.25, "virginica": 0.25},
            },
        ),
        (NUMBER, {"prediction": [12.5]}, {"value": 12.5}),
        (NUMBER, {"predictions": [{"score": 4.5}]}, {"value": 4.5}),
        (
            NUMBER,
            {"predictions": [{"closest_cluster": 1.0, "distance_to_cluster": 3.0}]},
            {"cluster": 1, "distance": 3.0},
        ),
        (NUMBER, {"projections": [{"projection": [1.0, -2.0]}]}, {"projection": [1.0, -2.0]}),
        ({"algorithm": "randomcutforest"}, {"scores": [{"score": 0.02}]}, {"score": 0.02}),
        (NUMBER, {"predictions": [{"predicted_label": 3.5}]}, {"value": 3.5}),
    ],
)
def test_json_answers_of_every_algorithm_are_read(schema, body, answer):
    assert one(schema, body) == answer


@pytest.mark.parametrize(
    ("schema", "line", "answer"),
    [
        (BINARY, "0.25", ("no", 0.75)), (IRIS, "0.1,0.7,0.2", ("versicolor", 0.7)), (IRIS, "2.0", ("virginica", None)),
        (BINARY, "1.5", ("yes", None)),
    ],
)  # fmt: skip
def test_csv_answers_are_read(schema, line, answer):
    prediction = predictions.parse_response(schema, line + "\n", "text/csv")[0]
    assert (prediction.label, prediction.probability) == answer


@pytest.mark.parametrize(
    ("kind", "score", "beside_a_label"),
    [
        ("margin", {"label": "yes", "score": 0.3}, {"label": "no", "score": 0.3}),
        ("value", {"label": "no", "value": 0.3}, {"label": "no", "score": 0.3}),
        ("probability", {"label": "no", "probability": 0.7, "probabilities": {"no": 0.7, "yes": 0.3}}, None),
    ],
)
def test_a_score_between_0_and_1_is_what_the_schema_says_and_no_guess(kind, score, beside_a_label):
    schema = BINARY | {"score_kind": kind, "algorithm": "xgboost"}
    assert one(schema, "0.3", "text/csv") == one(schema, {"predictions": [{"score": 0.3}]}) == score
    assert one(schema, {"predictions": [{"score": 0.3, "predicted_label": 0}]}) == (beside_a_label or score)


@pytest.mark.parametrize(
    ("algorithm", "hyperparameters", "task", "kind"),
    [
        ("xgboost", {}, "binary", "probability"), ("xgboost", {}, "regression", "value"),
        ("xgboost", {"objective": "multi:softmax"}, "multiclass", "class"),
        ("xgboost", {"objective": "binary:logitraw"}, "binary", "margin"),
        ("linear-learner", {"loss": "hinge_loss"}, "binary", "margin"),
        ("linear-learner", {"predictor_type": "regressor"}, "binary", "value"), ("knn", {}, "multiclass", "class"),
    ],
    ids=str,
)  # fmt: skip
def test_what_scores_mean_follows_from_the_hyperparameters(algorithm, hyperparameters, task, kind):
    assert algorithms.get(algorithm).score_kind(hyperparameters, task) == kind


def test_classes_that_are_answered_as_numbers_have_no_probability():
    hinge = {"algorithm": "xgboost", "task": "binary", "score_kind": "class"} | BINARY
    assert one(hinge, "1.0", "text/csv") == {"label": "yes"} and one(hinge, "0.0", "text/csv") == {"label": "no"}
    selected = {"predictions": [{"predicted_label": 1, "labels": [0, 1]}]}  # of SAGEMAKER_INFERENCE_OUTPUT, no votes
    assert one(hinge, selected) == {"label": "yes"}


def test_bare_numbers_mean_what_the_algorithm_says():
    assert one({"algorithm": "kmeans"}, "1.0,3.0", "text/csv") == {"cluster": 1, "distance": 3.0}
    assert one({"algorithm": "pca"}, "1.0,3.0", "text/csv") == {"projection": [1.0, 3.0]}
    assert one({"algorithm": "randomcutforest"}, "0.9", "text/csv") == {"score": 0.9}
    assert one({"algorithm": "knn"} | IRIS, "1.0", "text/csv") == {"label": "versicolor"}


def test_several_rows_and_json_lines():
    assert [r.label for r in predictions.parse_response(BINARY, b"0.1\n0.9\n", "text/csv")] == ["no", "yes"]
    assert [
        r.label
        for r in predictions.parse_response(BINARY, b'{"score": 0.1}\n{"score": 0.9}\n', "application/jsonlines")
    ] == [
        "no",
        "yes",
    ]
    document = json.loads(
        predictions.label_response(IRIS, b'{"predictions": [{"predicted_label": 0}, {"predicted_label": 1}]}')
    )
    assert document == {"predictions": [{"label": "setosa"}, {"label": "versicolor"}]}


@pytest.mark.parametrize("body", ["", "nonsense", '{"predictions": ["x"]}', '{"a": 1}'])
def test_what_is_no_answer_raises(body):
    with pytest.raises(ValueError):
        predictions.parse_response(IRIS, body, "application/json")


@pytest.mark.parametrize(
    ("body", "low", "high"),
    [
        ([0.4], "yes", "no"),
        ([[0.6, 0.4]], "yes", "no"),
        ({"predictions": [{"score": 0.4, "predicted_label": 0}]}, "yes", "no"),
        ({"predictions": [{"predicted_label": 0, "labels": [0, 0, 0, 1, 1]}]}, "yes", "no"),
        ({"predictions": [{"score": 0.4}]}, "yes", "no"),
    ],
    ids=["share", "shares", "share and label", "neighbours", "score"],
)
def test_labels_of_two_classes_follow_the_threshold_that_is_kept_and_shares_stay(body, low, high):
    schema = BINARY | ({"algorithm": "knn"} if "labels" in str(body) else {})
    own = one(schema, body)
    for threshold, label in ((0.4, low), (0.41, high)):
        answer = one(schema | {"threshold": threshold}, body)
        assert answer["label"] == label and answer["threshold"] == threshold
        assert answer["probabilities"] == own["probabilities"]
        assert answer["probability"] == pytest.approx({"yes": 0.4, "no": 0.6}[label])
    assert own["label"] == "no" and "threshold" not in own


@pytest.mark.parametrize("body", [{"predictions": [{"score": 1.5, "predicted_label": 1}]}, [1.5]])
def test_a_threshold_of_margins_moves_labels_and_no_score(body):
    assert one(BINARY | {"threshold": 1.6}, body) == {"label": "no", "score": 1.5, "threshold": 1.6}
    assert one(BINARY | {"threshold": 1.5}, body)["label"] == "yes"
    assert one(BINARY, body) == {"label": "yes", "score": 1.5}


def test_a_threshold_says_nothing_of_more_classes():
    body = {"probabilities": [[0.5, 0.25, 0.25]]}
    assert one(IRIS | {"threshold": 0.9}, body) == one(IRIS, body)
