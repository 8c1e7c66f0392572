"""Reasons in an endpoint's answer: what is asked for how, what is answered, what is refused."""

import asyncio
import dataclasses
import json
import tarfile

import numpy as np
import pytest

import algorithms
from algorithms.contract import InvocationError
from algorithms.library_imports import import_xgboost
from common.model_archive import unpack
from engine.serving import model_process, reasons
from engine.serving.answering import Answering, TimedOut
from engine.serving.in_process import InProcessModel
from engine.serving.reasons import MAX_ROWS, answer_with_reasons
from engine.serving.schema_document import SchemaDocument
from evaluation import files
from models_app.web.fall import fall_of
from tests.unit.evaluation.trained import train

JSON, CSV = "application/json", "text/csv"
ROW = {"age": 40, "plan": "b", "since": "2024-03-05", "note": None}
COLUMNS = ["age", "plan", "since", "note"]


def table(rows: int = 120) -> str:
    random = np.random.default_rng(0)
    lines = ["age,plan,since,note,churned"]
    for _ in range(rows):
        age, plan = int(random.integers(18, 80)), "abc"[random.integers(3)]
        churned = age + 20 * (plan == "b") + random.normal(0, 8) > 55
        note = "" if random.random() < 0.4 else f"{random.normal():.2f}"
        lines.append(
            f"{age},{plan},2024-0{random.integers(1, 9)}-1{random.integers(9)},{note},{'yes' if churned else 'no'}"
        )
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An XGBoost model of `table`, with its schema."""
    root = tmp_path_factory.mktemp("reasons")
    train(root, table(), "xgboost", {"num_round": "8"}, target="churned")
    (root / "model").mkdir()
    unpack(root / files.ARTIFACT, root / "model")
    return root


@pytest.fixture
def answering(folder) -> Answering:
    predictor = algorithms.get("xgboost").load_predictor().load(folder / "model", {})
    loaded = Answering(predictor, "")
    loaded.use_schema(json.loads((folder / files.SCHEMA).read_text()))
    return loaded


def ask(answering, rows, accept: str = "application/json; reasons=10", kind: str = JSON) -> list[dict]:
    body = rows if isinstance(rows, bytes) else json.dumps({"instances": rows}).encode()
    content, content_type = answer_with_reasons(answering, body, kind, accept)
    assert content_type == accept.partition(";")[0]
    return json.loads(content)["predictions"] if content_type == JSON else list(map(json.loads, content.splitlines()))


def test_reasons_name_the_columns_of_the_table_and_add_up_to_the_librarys_score(answering, folder):
    xgb, row = import_xgboost(), ROW | {"plan": "z"}
    [answer] = ask(answering, [row])
    assert {reason["column"]: reason["value"] for reason in answer["reasons"]} == row
    sizes = [abs(reason["effect"]) for reason in answer["reasons"]]
    assert sizes == sorted(sizes, reverse=True)
    booster = xgb.Booster(model_file=str(folder / "model" / "xgboost-model"))
    encoded = answering.schema.encoder.encode([row], strict=False)
    schema = json.loads((folder / files.SCHEMA).read_text())
    values = booster.predict(xgb.DMatrix(encoded), pred_contribs=True)[0].astype(float)
    at = 0
    for column in schema["columns"][:-1]:
        [effect] = [reason["effect"] for reason in answer["reasons"] if reason["column"] == column["name"]]
        assert abs(effect - values[at : at + len(column["features"])].sum()) < 1e-9
        at += len(column["features"])
    assert (answer["base"], answer["rest"], answer["scale"], answer["class"]) == (values[-1], 0.0, "log-odds", "yes")
    total = answer["base"] + sum(reason["effect"] for reason in answer["reasons"])
    assert 1 / (1 + np.exp(-total)) == pytest.approx(answer["score"], abs=1e-6)
    assert 1 / (1 + np.exp(-answer["base"])) == pytest.approx(answer["start"])
    # The test form shows the same figures.
    steps = fall_of(answer, len(COLUMNS)).steps
    visible = [(reason["column"], f"{reason['effect']:+.3g}") for reason in answer["reasons"]]
    assert [(step.name, step.figure) for step in steps] == visible


def test_the_rest_stands_for_the_columns_that_are_not_named(answering):
    [whole], [two] = ask(answering, [ROW]), ask(answering, [ROW], "application/jsonlines; reasons=2")
    assert two["reasons"] == whole["reasons"][:2]
    assert two["rest"] == pytest.approx(sum(reason["effect"] for reason in whole["reasons"][2:]))


def test_rows_by_position_and_csv_are_explained_in_the_same_columns(answering):
    encoded = answering.schema.encoder.encode([ROW], strict=False)
    body = answering.schema.encoder.as_csv(encoded)
    [by_name], [by_number] = ask(answering, [ROW]), ask(answering, body, kind=CSV)
    same = ("base", "score", "scale", "class")
    assert [by_name[key] for key in same] == [by_number[key] for key in same]
    effects = [{reason["column"]: reason["effect"] for reason in answer["reasons"]} for answer in (by_name, by_number)]
    assert effects[0] == effects[1]
    values = {reason["column"]: reason["value"] for reason in by_number["reasons"]}
    assert values == {"age": 40, "plan": "b", "since": None, "note": None}
    [by_cells] = ask(answering, b"40,b,2024-03-05,\n", kind=CSV)
    assert {reason["column"]: reason["value"] for reason in by_cells["reasons"]} == {**ROW, "age": "40"}


def test_labels_and_reasons_come_together_and_rows_stay_in_order(answering):
    rows = [ROW | {"age": age} for age in (20, 75, 40)]
    together = ask(answering, rows, "application/json; labels=true; reasons=3")
    assert [answer["label"] for answer in together[:2]] == ["no", "yes"]
    assert together[1]["reasons"] == ask(answering, [rows[1]])[0]["reasons"][:3]


def test_a_model_without_a_schema_names_its_columns_by_their_place(answering):
    alone = Answering(answering.predictor, "")
    [answer] = ask(alone, b"40" + b",1" * (answering.predictor.n_features - 1) + b"\n", kind=CSV)
    assert {reason["column"] for reason in answer["reasons"]} <= {
        f"#{n}" for n in range(1, answering.predictor.n_features + 1)
    }
    assert "class" not in answer


@pytest.mark.parametrize(
    ("accept", "status", "words"),
    [
        ("application/json; reasons=-1", 400, "reasons=-1 in the Accept header is no whole number from 1 to 100"),
        ("application/json; reasons=1e9", 400, "no whole number"),
        ("application/json; reasons=101", 400, "no whole number"),
        ("application/json; reasons=", 400, "no whole number"),
        (f"application/json; reasons={'9' * 4000}", 400, "no whole number"),
        ("text/csv; reasons=5", 406, "text/csv has no place for reasons"),
        ("application/x-recordio-protobuf; reasons=5", 406, "no place for reasons"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_number_of_reasons_or_has_no_place_for_them_is_refused(answering, accept, status, words):
    with pytest.raises(InvocationError, match=words) as refused:
        ask(answering, [ROW], accept)
    assert refused.value.status == status
    assert len(refused.value.message) < 300


def test_more_rows_than_the_limit_are_refused(answering):
    assert len(ask(answering, [ROW] * MAX_ROWS)) == MAX_ROWS
    with pytest.raises(InvocationError, match="at most 100 rows in one request, and this one has 101") as refused:
        ask(answering, [ROW] * (MAX_ROWS + 1))
    assert refused.value.status == 400


def test_an_algorithm_without_contributions_says_so(answering, monkeypatch):
    monkeypatch.setattr(type(answering.predictor), "contributions", algorithms.predictor.Predictor.contributions)
    with pytest.raises(InvocationError, match="no contributions") as refused:
        ask(answering, [ROW])
    assert refused.value.status == 406


def test_blocks_of_few_numbers_answer_the_same(answering, monkeypatch):
    rows = [ROW | {"age": age} for age in range(20, 50)]
    whole = ask(answering, rows)
    monkeypatch.setattr(reasons, "_MAX_NUMBERS", 7 * answering.predictor.n_features)
    assert ask(answering, rows) == whole


def test_a_slow_model_is_asked_row_by_row_until_its_time_is_over(answering, monkeypatch):
    clock, calls = [0.0], []
    contributions = type(answering.predictor).contributions

    def slow(self, rows):
        calls.append(len(rows))
        clock[0] += 0.2 * len(rows)
        return contributions(self, rows)

    monkeypatch.setattr(type(answering.predictor), "contributions", slow)
    monkeypatch.setattr(reasons.time, "monotonic", lambda: clock[0])
    assert len(ask(answering, [ROW] * 5)) == 5 and calls == [1, 2, 2]
    monkeypatch.setattr(reasons, "INVOCATION_SECONDS", 0.3)
    with pytest.raises(TimedOut):
        ask(answering, [ROW] * 5)


def test_a_served_model_answers_reasons_only_when_asked(answering, monkeypatch):
    served = InProcessModel(dataclasses.replace(answering), 0, SchemaDocument({}))
    served.answering = answering
    body = json.dumps({"instances": [ROW]}).encode()

    def answer(accept: str) -> bytes:
        return asyncio.run(served.answer({"content-type": JSON, "accept": accept}, body))[0]

    document = json.loads(answer("application/json; reasons=2"))["predictions"][0]
    monkeypatch.setattr("engine.serving.in_process.answer_with_reasons", None)
    assert json.loads(answer("application/json")) == {"predictions": [{"score": document["score"]}]}
    assert len(document["reasons"]) == 2


def test_the_process_of_an_isolated_model_answers_the_same(answering):
    head = {"op": "invoke", "content_type": JSON, "accept": "application/json; reasons=4"}
    reply, content = model_process.reply(answering, head, json.dumps([ROW]).encode())
    assert reply["status"] == 200
    assert json.loads(content)["predictions"] == ask(answering, [ROW], head["accept"])
    reply, _ = model_process.reply(answering, head | {"accept": "application/json; reasons=x"}, b"[]")
    assert reply["status"] == 400


@pytest.mark.parametrize("name", ["lightgbm", "catboost", "linear-learner"])
def test_answers_of_other_algorithms_get_their_reasons_row_by_row(name, tmp_path):
    train(tmp_path, table(), name, target="churned")
    (tmp_path / "model").mkdir()
    with tarfile.open(tmp_path / files.ARTIFACT) as archive:
        archive.extractall(tmp_path / "model", filter="data")
    algorithm = algorithms.get(name)
    loaded = Answering(algorithm.load_predictor().load(tmp_path / "model", {}), algorithm.accept_header)
    loaded.use_schema(json.loads((tmp_path / files.SCHEMA).read_text()))
    answers = ask(loaded, [ROW, ROW | {"age": 79}], "application/json; reasons=10")
    for answer in answers:
        total = answer["base"] + sum(reason["effect"] for reason in answer["reasons"]) + answer["rest"]
        share = answer["probabilities"][1] if "probabilities" in answer else answer["score"]
        assert 1 / (1 + np.exp(-total)) == pytest.approx(share, abs=1e-9)
        assert sorted(reason["column"] for reason in answer["reasons"]) == sorted(COLUMNS)
    assert answers[0]["reasons"] != answers[1]["reasons"]
