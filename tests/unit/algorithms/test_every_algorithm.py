"""What every algorithm of the catalogue keeps to, asked of each in the same way."""

import json
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import algorithms
from algorithms.formats.recordio import write_table
from algorithms.spec import Algorithm, InvalidHyperparameters, InvocationError, UserError

from . import every

ALL = list(algorithms.ALGORITHMS.values())
EVERY = pytest.mark.parametrize("algorithm", ALL, ids=lambda a: a.name)
TASKS = [(a, task) for a in ALL for task in every.tasks(a)]
EVERY_TASK = pytest.mark.parametrize(("algorithm", "task"), TASKS, ids=[f"{a.name}-{t or 'none'}" for a, t in TASKS])
RECORDIO = "application/x-recordio-protobuf"
PIPED = [
    a for a in ALL for s in a.channels
    if s.name == a.data.train and "Pipe" in s.input_modes and RECORDIO in s.content_types
]  # fmt: skip
READ = [(a, kind) for a in ALL for s in a.channels if s.name == a.data.train for kind in s.content_types]
REQUESTS = [(a, kind) for a in ALL for kind in a.content_types]
WRONG_WIDTHS = [
    pytest.param(a, kind, columns, id=f"{a.name}-{kind}-{columns} columns")
    for a, kind in REQUESTS
    for columns in (every.FEATURES - 1, every.FEATURES + 1)
    if columns > every.FEATURES or "libsvm" not in kind  # a sparse row may leave columns out
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A trained model of an algorithm: its folder. Trained once, however many tests ask it."""
    folders = {}

    def model(algorithm: Algorithm):
        if algorithm.name not in folders:
            ctx = every.job(algorithm, tmp_path_factory.mktemp(algorithm.name), every.tasks(algorithm)[0])
            algorithm.load_trainer()(ctx)
            folders[algorithm.name] = ctx.model_dir
        return folders[algorithm.name]

    return model


@pytest.fixture
def predictor(trained):
    return lambda algorithm: algorithm.load_predictor().load(trained(algorithm))


# The declaration


@EVERY
def test_the_declaration_holds_together(algorithm):
    channels = {spec.name: spec for spec in algorithm.channels}
    assert channels[algorithm.data.train].required or algorithm.name in ("lightgbm", "catboost")
    assert algorithm.data.content_type in channels[algorithm.data.train].content_types
    assert not algorithm.data.validation or algorithm.data.validation in channels
    assert algorithm.data.categories in ("one-hot", "native", "sparse", "one-hot-sparse")
    assert algorithm.data.missing in ("native", "filled")
    assert not algorithm.accept_header or algorithm.accept_header.partition(";")[0] in algorithm.accepts
    assert re.fullmatch(r"[A-Z].{14,150}[.]", algorithm.help) and algorithm.title and algorithm.tasks
    assert algorithms.for_image(algorithm.image_uri("us-east-1")) is algorithm
    assert algorithm.image_uri("us-east-1").startswith(algorithm.images.accounts["us-east-1"])
    names = [metric.name for metric in algorithm.metrics]
    assert len(names) == len(set(names)) and all(metric.goal in ("min", "max") for metric in algorithm.metrics)


@EVERY_TASK
def test_settling_completes_what_is_open_and_keeps_what_is_given(algorithm, task):
    facts = every.facts(task)
    settled = algorithm.settle({}, facts)
    values = algorithm.parse(settled)
    assert all(isinstance(text, str) for text in settled.values())
    assert algorithm.settle(settled, facts) == settled
    assert set(algorithm.presets) == {"Fast", "Balanced", "Accurate"}
    for preset in algorithm.presets.values():
        whole = algorithm.settle(preset, facts)
        algorithm.parse(whole)
        assert preset.items() <= whole.items()
    if task:
        assert algorithm.task_of({}, task) == task and algorithm.task_of(settled, task) == task
    for estimate in (algorithm.seconds, algorithm.memory):
        little, much = estimate(values, facts), estimate(values, every.facts(task, rows=1_000_000))
        assert 0 <= little <= much and much < 1e13


@EVERY
def test_every_problem_of_the_hyperparameters_is_told_at_once(algorithm):
    number = next(h for h in algorithm.hyperparameters if getattr(h, "low", None) is not None and h.kind == "integer")
    wrong = {number.name: str(int(number.low) - 1), "no_such_thing": "1"}
    with pytest.raises(InvalidHyperparameters) as caught:
        algorithm.parse(algorithm.settle({}, every.facts(every.tasks(algorithm)[0])) | wrong)
    assert {problem.name for problem in caught.value.problems} >= {number.name, "no_such_thing"}
    assert all(len(problem.message) > 10 for problem in caught.value.problems)


# Training


@EVERY_TASK
def test_fifty_rows_train_and_the_metric_definitions_read_the_log(algorithm, task, tmp_path, capfd):
    ctx = every.job(algorithm, tmp_path, task)
    algorithm.load_trainer()(ctx)
    log = capfd.readouterr().out.splitlines()
    match = {m.name: float(value[1]) for m in algorithm.metrics for line in log if (value := re.search(m.regex, line))}
    assert match and all(np.isfinite(value) for value in match.values())
    held = {algorithm.data.validation, "validation", "test"} & set(ctx.channels)
    assert any(name.partition(":")[0] in held for name in match) or ":" not in "".join(match)
    loaded = algorithm.load_predictor().load(ctx.model_dir)
    loaded.probe()
    if algorithm.supervised:
        assert loaded.score_kind == algorithm.score_kind(ctx.hyperparameters, task) == algorithm.score_kind({}, task)
    assert loaded.n_features == every.FEATURES


@pytest.mark.parametrize(("algorithm", "content_type"), READ, ids=[f"{a.name}-{kind}" for a, kind in READ])
def test_every_training_content_type_makes_the_same_kind_of_model(algorithm, content_type, tmp_path):
    ctx = every.job(algorithm, tmp_path, every.tasks(algorithm)[0], content_type)
    algorithm.load_trainer()(ctx)
    loaded = algorithm.load_predictor().load(ctx.model_dir)
    loaded.probe()
    assert loaded.n_features == every.FEATURES


@pytest.mark.parametrize("algorithm", PIPED, ids=lambda a: a.name)
def test_records_through_a_named_pipe_make_the_same_model(algorithm, tmp_path):
    task, body = every.tasks(algorithm)[0], every.body(RECORDIO, every.table("", rows=5)[0])
    answers = []
    for mode in ("File", "Pipe"):
        (tmp_path / mode).mkdir()
        ctx = every.job(algorithm, tmp_path / mode, task, RECORDIO, held=False)
        (channel,) = ctx.channels.values()
        writer = threading.Thread()
        if mode == "Pipe":
            (file,) = channel.path.iterdir()
            pipe, content = channel.path.with_name(f"{channel.name}_0"), file.read_bytes()
            file.unlink()
            os.mkfifo(pipe)
            channel.input_mode = "Pipe"
            writer = threading.Thread(target=pipe.write_bytes, args=(content,))
        writer.start()
        algorithm.load_trainer()(ctx)
        writer.join()
        answers.append(algorithm.load_predictor().load(ctx.model_dir).invoke(body, RECORDIO, None))
    assert answers[0] == answers[1]


@EVERY
def test_the_train_channel_alone_is_enough(algorithm, tmp_path):
    ctx = every.job(algorithm, tmp_path, every.tasks(algorithm)[0], held=False)
    algorithm.load_trainer()(ctx)
    algorithm.load_predictor().load(ctx.model_dir).probe()


@EVERY
def test_the_same_job_gives_the_same_model(algorithm, tmp_path, trained):
    ctx = every.job(algorithm, tmp_path, every.tasks(algorithm)[0])
    algorithm.load_trainer()(ctx)
    body = every.body("text/csv" if "text/csv" in algorithm.content_types else "application/json", every.table("")[0])
    kind = "text/csv" if "text/csv" in algorithm.content_types else "application/json"
    one, two = (
        algorithm.load_predictor().load(folder).invoke(body, kind, None)
        for folder in (trained(algorithm), ctx.model_dir)
    )
    assert one == two


@EVERY
def test_no_training_data_and_a_channel_nobody_knows_are_refused_in_words(algorithm, tmp_path):
    ctx = every.job(algorithm, tmp_path, every.tasks(algorithm)[0])
    train = ctx.channels.pop(algorithm.data.train)
    with pytest.raises(UserError, match=algorithm.data.train):
        algorithm.load_trainer()(ctx)
    ctx.channels[algorithm.data.train] = train
    for path in train.path.iterdir():
        path.unlink()
    with pytest.raises(UserError, match="(?i)no .*data|empty"):
        algorithm.load_trainer()(ctx)
    ctx.channels["sideways"] = train
    with pytest.raises(UserError, match="sideways"):
        algorithm.load_trainer()(ctx)


@pytest.mark.parametrize(
    "algorithm", [a for a in ALL if a.data.content_type.startswith("text/csv")], ids=lambda a: a.name
)
def test_text_in_the_table_is_refused_with_its_place(algorithm, tmp_path):
    ctx = every.job(algorithm, tmp_path, every.tasks(algorithm)[0])
    (path,) = ctx.channels[algorithm.data.train].path.iterdir()
    lines = path.read_text().splitlines()
    lines[6] = lines[6].rpartition(",")[0] + ",n.v."
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(UserError, match=r"n\.v\..* line 7"):
        algorithm.load_trainer()(ctx)


# Stopping: settings that would take minutes, and what its log says once it is under way.
LONG = {
    "xgboost": ({"num_round": "1000000"}, r"^\[\d+\]#011"),
    "lightgbm": ({"num_boost_round": "1000000"}, r"\[3\]"),
    "catboost": ({"iterations": "1000000"}, r"^3:"),
    "linear-learner": ({"epochs": "1000000", "early_stopping_patience": "1000000"}, "epoch=0, "),
    "factorization-machines": ({"epochs": "1000000"}, "epoch=0, "),
    "kmeans": ({"epochs": "1000000"}, "epoch=3, "),
    "pca": ({"algorithm_mode": "randomized", "mini_batch_size": "1"}, "#progress_metric"),
    "randomcutforest": ({"num_trees": "1000", "num_samples_per_tree": "2048"}, "#progress_metric"),
}
_RUN = """
import sys
sys.path[:0] = {path!r}
import algorithms
from pathlib import Path
from tests.unit.algorithms import every
a = algorithms.get({name!r})
a.load_trainer()(every.job(a, Path({folder!r}), {task!r}, rows={rows}, held=False, **{settings!r}))
print("came to its end", flush=True)
"""


@pytest.mark.parametrize("algorithm", [a for a in ALL if a.name in LONG], ids=lambda a: a.name)  # others have no middle
def test_a_job_in_the_middle_of_it_ends_soon_after_sigterm(algorithm, tmp_path):
    settings, begun = LONG[algorithm.name]
    code = _RUN.format(
        path=[""],
        name=algorithm.name,
        folder=str(tmp_path),
        task=every.tasks(algorithm)[0],
        rows=100_000 if algorithm.name == "pca" else 20_000,  # it takes each row once
        settings=settings,
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        observed = []
        for line in process.stdout:
            observed.append(line)
            if re.search(begun, line):
                break
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
    assert process.returncode == 0, "".join(observed) + rest
    assert "came to its end" not in rest and time.monotonic() - began < 10


# Serving


@pytest.mark.parametrize(("algorithm", "content_type"), REQUESTS, ids=[f"{a.name}-{kind}" for a, kind in REQUESTS])
def test_every_request_type_is_answered_alike_in_every_answer_type(algorithm, content_type, predictor):
    loaded, (x, _) = predictor(algorithm), every.table("", rows=7)
    plain = "text/csv" if "text/csv" in loaded.content_types else "application/json"
    for accept in loaded.accepts:
        answer, kind = loaded.invoke(every.body(content_type, x), content_type, accept)
        assert kind.partition(";")[0] == accept.partition(";")[0]
        assert every.answer_length(answer, kind) == 7
        assert answer == loaded.invoke(every.body(plain, x), plain, accept)[0]
    assert set(loaded.content_types) == set(algorithm.content_types) and set(loaded.accepts) == set(algorithm.accepts)


@EVERY
def test_rows_of_several_requests_predicted_together_are_answered_as_alone(algorithm, predictor):
    """The engine predicts small requests of one moment in one call."""
    loaded, (x, _) = predictor(algorithm), every.table("", rows=5)
    kind, accept = loaded.content_types[0], loaded.accepts[0]
    chosen = loaded.response_type(accept)
    together = loaded.predict(np.concatenate([loaded.read(every.body(kind, row[None]), kind) for row in x]))
    for row, figures in zip(x, np.split(together, 5), strict=True):
        alone = loaded.invoke(every.body(kind, row[None]), kind, accept)[0]
        # A matrix product of one row and of many may differ in the last digit.
        assert numbers_in(loaded.write(figures, chosen)) == pytest.approx(numbers_in(alone), rel=1e-6, abs=1e-9)


def numbers_in(answer: bytes) -> list[float]:
    return [float(number) for number in re.findall(rb"-?\d+\.?\d*(?:[eE][-+]?\d+)?", answer)]


@EVERY
@pytest.mark.parametrize("cell", [-2.5, float("nan"), float("inf"), 1e300], ids=str)
def test_rows_that_come_from_no_body_are_taken_and_refused_as_in_csv(algorithm, predictor, cell):
    loaded = predictor(algorithm)
    rows = every.table("", rows=3)[0].astype(np.float64)
    rows[1, 1] = cell
    text = "".join(",".join("" if cell != cell else repr(float(cell)) for cell in row) + "\n" for row in rows).encode()

    def outcome(step, *value):
        try:
            return step(*value).tolist()
        except InvocationError as e:
            return e.status, e.message

    expected = outcome(loaded.read, text, "text/csv")
    if "text/csv" not in loaded.content_types:  # taken as the others of its kind take it in CSV
        refusal = "unable to evaluate payload provided: feature 2 of row 2 is missing or not a finite number"
        expected = rows.astype(np.float32).tolist() if cell == -2.5 else (400, refusal)
    assert repr(outcome(loaded.check, rows)) == repr(expected)


@EVERY
def test_a_model_answers_the_same_in_a_process_of_its_own(algorithm, trained, predictor):
    kind, accept = predictor(algorithm).content_types[0], predictor(algorithm).accepts[0]
    body = every.body(kind, every.table("", rows=3)[0])
    code = (
        "import sys, algorithms; from pathlib import Path; "
        f"p = algorithms.get({algorithm.name!r}).load_predictor().load(Path({str(trained(algorithm))!r})); p.probe(); "
        f"sys.stdout.buffer.write(p.invoke({body!r}, {kind!r}, {accept!r})[0])"
    )
    assert subprocess.check_output([sys.executable, "-c", code]) == predictor(algorithm).invoke(body, kind, accept)[0]


GARBAGE = [
    b"", b" \n", b"\x00\xff\xfe", b"{", b"[]", b"{}", b"null", b"1", b'"text"', b'{"instances": []}',
    b'{"instances": [{}]}', b'{"instances": [{"features": "abcd"}]}', b'{"instances": [{"features": [1, 2, 3, "x"]}]}',
    b'{"instances": [{"features": [1, [2], 3, 4]}]}', b'{"instances": [{"data": {"features": {"values": {}}}}]}',
    b'{"instances": [{"data": {"features": {"keys": [9], "shape": [4], "values": [1]}}}]}',
    b'{"instances": [{"features": [true, false, null, {}]}]}', b'{"instances": 5}', b"[" * 5000, b"a,b,c,d",
    b"1,2,3,4\n1,2\n", b"1;2;3;4", b",,,", b"1e999,1,1,1", b"\xef\xbb\xbf1,2,3,4", "١,٢,٣,٤".encode(),
    b"1:2 3:4", b"0 99999999999:1",
    b"0 -1:1", write_table(np.ones((1, 4)))[:-3], write_table(np.ones((1, 4)))[4:], b"\x0a\x23\xd7\xce\xff\xff\xff\x1f",
    b"\x0a\x23\xd7\xce\x02\x00\x00\x00\x0a\x00\x00\x00",
]  # fmt: skip


@EVERY
def test_garbage_is_the_callers_error_and_never_ours(algorithm, predictor):
    loaded = predictor(algorithm)
    for content_type in (*loaded.content_types, None, "application/zip", ";", "text/csv; charset=utf-8"):
        for body in GARBAGE:
            try:
                answer, _ = loaded.invoke(body, content_type, None)
            except InvocationError as e:
                assert 400 <= e.status < 500 or (e.status == 204 and not body.strip()), (
                    content_type,
                    body[:60],
                    e.status,
                )
                assert e.status == 204 or len(e.message) > 10, (content_type, body[:60])
            else:
                assert answer, (content_type, body[:60])
    rows = every.body(loaded.content_types[0], every.table("", rows=1)[0])
    with pytest.raises(InvocationError) as caught:
        loaded.invoke(rows, "application/zip", None)
    assert caught.value.status == 415
    with pytest.raises(InvocationError) as caught:
        loaded.invoke(rows, loaded.content_types[0], "image/png")
    assert caught.value.status == 406


@pytest.mark.parametrize(("algorithm", "content_type", "columns"), WRONG_WIDTHS)
def test_a_row_of_the_wrong_width_is_refused_with_both_widths(algorithm, content_type, columns, predictor):
    with pytest.raises(InvocationError) as caught:
        predictor(algorithm).invoke(every.body(content_type, np.ones((2, columns), np.float32)), content_type, None)
    assert 400 <= caught.value.status < 500
    assert str(columns) in caught.value.message and str(every.FEATURES) in caught.value.message


# The artifact


class _Canary:
    def __reduce__(self):
        return print, ("a pickle was opened",)


@EVERY
def test_a_broken_or_pickled_artifact_is_refused_in_words(algorithm, trained, tmp_path, capfd):
    load = algorithm.load_predictor().load
    names = [path.name for path in trained(algorithm).iterdir() if path.is_file()]
    for content in (b"", pickle.dumps(_Canary()), pickle.dumps(_Canary(), protocol=0), b"no model at all" * 50):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name in names:
            (folder / name).write_bytes(content)
        with pytest.raises(UserError, match="(?i)unable to load model"):
            load(folder)
    for name in names:
        whole = (trained(algorithm) / name).read_bytes()
        folder = tmp_path / f"half-{name}"
        folder.mkdir()
        (folder / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(UserError, match="(?i)unable to load model"):
            load(folder)
    (tmp_path / "empty").mkdir()
    for nothing in ("empty", "not there"):
        with pytest.raises(UserError, match="(?i)unable to load model"):
            load(tmp_path / nothing)
    assert "a pickle was opened" not in capfd.readouterr().out


# The others' files are read by their libraries, which a hostile file may crash: the engine tries each in a process of
# its own first (engine/serving/check.py).
OUR_FORMAT = [a for a in ALL if a.name not in ("xgboost", "lightgbm", "catboost")]


@pytest.mark.parametrize("algorithm", OUR_FORMAT, ids=lambda a: a.name)
def test_an_artifact_with_a_wrong_byte_anywhere_is_refused_or_does_no_harm(algorithm, trained, tmp_path):
    draw, refused = np.random.default_rng(0), 0
    (path,) = (path for path in trained(algorithm).iterdir() if path.is_file())
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    for attempt in range(40):
        bad = whole.copy()
        bad[draw.integers(0, len(bad))] ^= 0x55
        folder = tmp_path / str(attempt)
        folder.mkdir()
        (folder / path.name).write_bytes(bad.tobytes())
        try:
            algorithm.load_predictor().load(folder).probe()
        except UserError as e:
            refused += 1
            assert len(str(e)) > 20
    assert refused > 15  # dates and the like in the headers of a small file do not matter


def test_importing_the_catalogue_imports_no_machine_learning():
    code = (
        "import sys, algorithms; from algorithms.contract import Facts; "
        "[a.parse(a.settle({}, Facts('binary', 2, 50, 4))) for a in algorithms.ALGORITHMS.values()]; "
        "print([m for m in 'numpy scipy sklearn pandas polars pyarrow xgboost lightgbm catboost faiss orjson'.split()"
        " if m in sys.modules])"
    )
    assert json.loads(subprocess.check_output([sys.executable, "-c", code], text=True)) == []
