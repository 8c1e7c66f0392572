"""What LightGBM and CatBoost have in common when they serve: what is read, refused and answered."""

import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import algorithms
from algorithms.contract import InvocationError, UserError
from algorithms.formats.recordio import Tensor, write_record

from .tables import as_csv
from .tabular import TabularJob, small

TABLES = {task: small(120, task) for task in ("binary", "multiclass", "regression")}
MODEL_FILE = {"lightgbm": "model.txt", "catboost": "model"}


@pytest.fixture(scope="module", params=["lightgbm", "catboost"])
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def jobs(name, tmp_path_factory) -> dict[str, TabularJob]:
    """A trained job for each task; the last column is a category."""
    created = {}
    for task, table in TABLES.items():
        created[task] = job = TabularJob(tmp_path_factory.mktemp(f"{name}-{task}"), name)
        job.put_table(table).put_categories(4).run(rounds=10)
    return created


@pytest.fixture
def predictor(jobs):
    return jobs["multiclass"].predictor()


ROWS = TABLES["multiclass"].x[:6]


def bodies(rows: np.ndarray) -> dict[str, bytes]:
    lists = [[None if np.isnan(v) else float(v) for v in row] for row in rows]
    return {
        "text/csv": as_csv(rows).encode(),
        "text/csv; label_size=0": as_csv(rows).encode(),
        "application/json": json.dumps({"instances": lists}).encode(),
        "application/jsonlines": "".join(json.dumps({"features": row}) + "\n" for row in lists).encode(),
        "application/x-recordio-protobuf": b"".join(write_record({"values": Tensor(row)}, {}) for row in rows),
    }


@pytest.mark.parametrize("content_type", bodies(ROWS))
def test_every_content_type_gives_the_same_answer(predictor, content_type):
    wanted = predictor.predict(ROWS)
    body, kind = predictor.invoke(bodies(ROWS)[content_type], content_type, None)
    assert kind == "application/json"
    assert np.array_equal(json.loads(body)["probabilities"], wanted)


def test_every_content_type_of_the_declaration_is_tested(predictor, name):
    tested = {content_type.split(";")[0] for content_type in bodies(ROWS)}
    assert tested == set(predictor.content_types) == set(algorithms.get(name).content_types)


@pytest.mark.parametrize("task", TABLES)
def test_every_accept_of_the_declaration_is_answered(jobs, task):
    predictor = jobs[task].predictor()
    assert predictor.accepts == jobs[task].algorithm.accepts
    rows = TABLES[task].x[:3]
    scores = predictor.predict(rows).tolist()
    key = "prediction" if task == "regression" else "probabilities"
    for accept in jobs[task].algorithm.accepts:
        body, kind = predictor.invoke(as_csv(rows).encode(), "text/csv", accept)
        assert kind == accept
        if accept == "text/csv":
            lines = [[float(cell) for cell in line.split(",")] for line in body.decode().splitlines()]
            assert lines == [row if isinstance(row, list) else [row] for row in scores]
        elif accept == "application/jsonlines":
            assert [json.loads(line)[key] for line in body.splitlines()] == scores
        else:
            answer = json.loads(body)
            assert answer[key] == scores
            verbose = accept.endswith("verbose") and key == "probabilities"
            assert set(answer) == ({key, "predicted_label", "labels"} if verbose else {key})
            if verbose:
                assert answer["predicted_label"] == np.argmax(scores, axis=1).tolist()
                assert answer["labels"] == list(range(len(scores[0])))


@pytest.mark.parametrize(
    "accept, kind",
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("image/png, text/csv;q=0.5", "text/csv"),
        ("application/json; verbose", "application/json;verbose"),
        ("text/*", "text/csv"),
    ],
)
def test_the_first_type_we_can_make_wins(predictor, accept, kind):
    assert predictor.response_type(accept) == kind


@pytest.mark.parametrize(
    "body, content_type, accept, status, words",
    [
        (b"", "text/csv", None, 204, ""),
        (b"1,2,3,4", "text/plain", None, 415, "unsupported content type text/plain"),
        (b"1,2,3,red", "text/csv", None, 415, "Loading csv data failed"),
        (b"1,2,3,4\n1,2", "text/csv", None, 415, "line 2 has 2 columns"),
        (b"1,2,inf,4", "text/csv", None, 415, "a value too large"),
        (b"1,2,3", "text/csv", None, 400, "data 3 is not consistent with feature size of trained model 4"),
        (b"1,2,3,4,5", "text/csv", None, 400, "data 5 is not consistent"),
        (b"1,2,3,1.5", "text/csv", None, 400, "column 4 is a category, a whole number from 0 up, and not 1.5"),
        (b"{", "application/json", None, 415, "Loading json data failed"),
        (b"1,2,3,4", "text/csv", "image/png", 406, "Accept type image/png is not supported"),
    ],
    ids=["empty", "type", "text", "ragged", "inf", "narrow", "wide", "half a category", "json", "accept"],
)
def test_what_cannot_be_answered_is_refused_in_words(predictor, body, content_type, accept, status, words):
    with pytest.raises(InvocationError) as refused:
        predictor.invoke(body, content_type, accept)
    assert refused.value.status == status and words in refused.value.message


def test_requests_of_one_turn_can_be_put_together(predictor):
    together = predictor.predict(np.concatenate([ROWS[:2], ROWS[2:]]))
    alone = np.concatenate([predictor.predict(row[None]) for row in ROWS])
    assert np.array_equal(together, alone)


def test_threads_do_not_disturb_one_another(predictor):
    rows = TABLES["multiclass"].x
    wanted = predictor.predict(rows)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda i: predictor.predict(rows[i : i + 1]), list(range(len(rows))) * 5))
    assert np.array_equal(np.concatenate(answers), np.concatenate([wanted] * 5))


FRESH = """
import pathlib, sys
import algorithms
predictor = algorithms.get(sys.argv[1]).load_predictor().load(pathlib.Path(sys.argv[2]))
predictor.probe()
body, kind = predictor.invoke(sys.argv[3].encode(), "text/csv", None)
sys.stdout.write(body.decode())
"""


@pytest.mark.parametrize("task", TABLES)
def test_the_artifact_answers_the_same_in_a_fresh_process(jobs, name, task):
    job, rows = jobs[task], TABLES[task].x[:3]
    command = [sys.executable, "-c", FRESH, name, str(job.model_dir), as_csv(rows)]
    output = subprocess.check_output(command, text=True)
    assert json.loads(output) == job.answers(rows)


def test_the_artifact_is_the_librarys_own_format_and_a_small_json(jobs, name):
    for job in jobs.values():
        assert sorted(path.name for path in job.model_dir.iterdir()) == sorted([MODEL_FILE[name], "model_info.json"])
    content = (jobs["binary"].model_dir / MODEL_FILE[name]).read_bytes()
    assert content.startswith({"lightgbm": b"tree\n", "catboost": b"CBM1"}[name])


def test_a_model_without_its_json_is_served_all_the_same(jobs, name, tmp_path):
    """Numbers only: of categories, LightGBM's text says nothing that is needed."""
    table = TABLES["multiclass"]
    job = TabularJob(tmp_path, name)
    job.put_table(table).run(rounds=5)
    before = job.answers(table.x, "application/json;verbose")
    (job.model_dir / "model_info.json").unlink()
    assert job.answers(table.x, "application/json;verbose") == before


class Nasty:
    def __reduce__(self):
        return (print, ("code in the model ran",))


@pytest.mark.parametrize(
    "content, words",
    [
        (pickle.dumps(Nasty()), "is a Python pickle"),
        (b"", "is not a model that"),
        (b"\x7fELF", "is not a model that"),
    ],
    ids=["pickle", "empty", "program"],
)
def test_anything_but_the_librarys_own_format_is_refused(name, tmp_path, capsys, content, words):
    (tmp_path / MODEL_FILE[name]).write_bytes(content)
    with pytest.raises(UserError, match=words):
        algorithms.get(name).load_predictor().load(tmp_path)
    assert "code in the model ran" not in capsys.readouterr().out


def test_a_pickle_under_awss_name_is_refused_with_the_way_out(name, tmp_path):
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(Nasty()))
    (tmp_path / "__models_info__.json").write_text("{}")
    with pytest.raises(UserError, match=r"'model.pkl' is a Python pickle.*save_model\('model"):
        algorithms.get(name).load_predictor().load(tmp_path)


def test_a_damaged_model_and_a_foreign_json_are_refused(jobs, name, tmp_path):
    load = algorithms.get(name).load_predictor().load
    source = jobs["binary"].model_dir
    whole = (source / MODEL_FILE[name]).read_bytes()
    (tmp_path / MODEL_FILE[name]).write_bytes(whole[: len(whole) // 3])
    with pytest.raises(UserError, match="damaged or incomplete"):
        load(tmp_path)
    (tmp_path / MODEL_FILE[name]).write_bytes(whole)
    (tmp_path / "model_info.json").write_bytes((jobs["regression"].model_dir / "model_info.json").read_bytes())
    with pytest.raises(UserError, match=r"'model_info.json' does not belong to"):
        load(tmp_path)
    (tmp_path / "model_info.json").write_text('{"task": "binary"}')
    with pytest.raises(UserError, match=r"'model_info.json' cannot be used"):
        load(tmp_path)


def test_an_archive_without_a_model_says_what_is_expected(name, tmp_path):
    (tmp_path / "readme.md").write_text("nothing")
    with pytest.raises(UserError, match=f"Expected a file named {MODEL_FILE[name]}"):
        algorithms.get(name).load_predictor().load(tmp_path)
