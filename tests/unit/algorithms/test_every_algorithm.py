"""What every algorithm of the catalogue keeps to, asked of each in the same way: its declaration, and its training."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import algorithms
from algorithms.spec import InvalidHyperparameters, UserError
from tests.waiting import STEP

from . import every
from .every import ALL, EVERY

TASKS = [(a, task) for a in ALL for task in every.tasks(a)]
EVERY_TASK = pytest.mark.parametrize(("algorithm", "task"), TASKS, ids=[f"{a.name}-{t or 'none'}" for a, t in TASKS])
RECORDIO = "application/x-recordio-protobuf"
PIPED = [
    a for a in ALL for s in a.channels
    if s.name == a.data.train and "Pipe" in s.input_modes and RECORDIO in s.content_types
]  # fmt: skip
READ = [(a, kind) for a in ALL for s in a.channels if s.name == a.data.train for kind in s.content_types]


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
    assert "came to its end" not in rest and time.monotonic() - began < STEP


def test_importing_the_catalogue_imports_no_machine_learning():
    code = (
        "import sys, algorithms; from algorithms.contract import Facts; "
        "[a.parse(a.settle({}, Facts('binary', 2, 50, 4))) for a in algorithms.ALGORITHMS.values()]; "
        "print([m for m in 'numpy scipy sklearn pandas polars pyarrow xgboost lightgbm catboost faiss orjson'.split()"
        " if m in sys.modules])"
    )
    assert json.loads(subprocess.check_output([sys.executable, "-c", code], text=True)) == []
