"""What LightGBM and CatBoost have in common when they train: channels, the task, categories, data that is refused."""

import json
import signal
import subprocess
import sys
import threading

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import algorithms
from algorithms.contract import Facts, InvalidHyperparameters, UserError

from .tables import as_csv
from .tabular import IMAGES, ROUNDS, TabularJob, small

NAMES = ("lightgbm", "catboost")
AUTO = {
    "lightgbm": {"binary": "binary_logloss", "multiclass": "multi_logloss", "regression": "rmse"},
    "catboost": {"binary": "AUC", "multiclass": "MultiClass", "regression": "RMSE"},
}
PROPER = AUTO | {"catboost": AUTO["catboost"] | {"binary": "Logloss"}}


@pytest.fixture(params=NAMES)
def name(request) -> str:
    return request.param


@pytest.fixture
def job(tmp_path, name) -> TabularJob:
    return TabularJob(tmp_path, name)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_fifty_rows_make_a_model_of_the_task_the_label_column_shows(job, task, capsys):
    table = small(50, task)
    job.put_table(table).run(rounds=20)
    text = json.loads((job.model_dir / "model_info.json").read_text())
    assert text["task"] == task and text["features"] == 4
    answer = job.answers(table.x[:5])
    if task == "regression":
        assert list(answer) == ["prediction"] and len(answer["prediction"]) == 5
    else:
        assert list(answer) == ["probabilities"]
        assert np.allclose(np.sum(answer["probabilities"], axis=1), 1)
        assert np.shape(answer["probabilities"]) == (5, len(text["classes"]))
    assert "The label column holds" in capsys.readouterr().out


def test_a_settled_metric_makes_the_task_and_a_few_whole_numbers_can_be_amounts(job, name, capsys):
    table = small(60, "multiclass")
    settled = job.algorithm.settle({}, Facts(task="regression"))
    assert settled == {job.algorithm.settle.__self__.name: AUTO[name]["regression"]}
    job.put_table(table).run(rounds=5, **settled)
    assert list(job.answers(table.x[:3])) == ["prediction"]
    assert "The label column holds" not in capsys.readouterr().out


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_settling_says_what_aws_chooses_and_leaves_what_a_person_chose(name, task):
    algorithm = algorithms.get(name)
    metric = {"lightgbm": "metric", "catboost": "eval_metric"}[name]
    assert algorithm.settle({metric: "auto"}, Facts(task=task))[metric] == AUTO[name][task]
    assert algorithm.settle({}, Facts(task=task))[metric] == PROPER[name][task]
    other = {"lightgbm": "l1", "catboost": "MAE"}[name]
    assert algorithm.settle({metric: other}, Facts(task=task)) == {metric: other}
    assert algorithm.task_of({}, task) == task
    assert algorithm.task_of({metric: other}, task) == "regression"
    assert algorithm.task_of({metric: AUTO[name]["multiclass"]}, "regression") == "multiclass"


def test_auc_of_catboost_is_for_two_classes_or_several():
    catboost = algorithms.get("catboost")
    assert catboost.task_of({"eval_metric": "AUC"}, "binary") == "binary"
    assert catboost.task_of({"eval_metric": "AUC"}, "multiclass") == "multiclass"
    assert catboost.task_of({"eval_metric": "Logloss"}, "multiclass") == "binary"


def test_the_images_name_decides_before_everything_else(job, name):
    table = small(60, "binary")
    job.put_table(table).run(f"{IMAGES}/{name}-regression-model:2.1", rounds=5)
    assert list(job.answers(table.x[:3])) == ["prediction"]
    with pytest.raises(UserError, match="The image is for classification, but .*metric"):
        job.run(f"{IMAGES}/{name}-classification-model:2.1", rounds=5, metric=AUTO[name]["regression"])


def test_every_image_name_means_the_algorithm(name):
    algorithm = algorithms.get(name)
    for repository in (f"sagemaker-{name}", name, f"{name}-classification-model", f"{name}-regression-model"):
        assert algorithms.for_image(f"{IMAGES}/{repository}:1") is algorithm
    assert algorithms.for_image(f"{IMAGES}/pytorch-training:1.9.0-cpu-py38") is None
    assert algorithm.image_uri("eu-west-1").startswith("763104351884.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-")
    assert "JumpStartEstimator" in algorithm.needs_on_aws


def test_sending_every_default_changes_nothing(job, name):
    table = small(80)
    job.put_table(table).put_categories(4).run(rounds=10)
    before = job.answers(table.x)
    job.run(**{h.name: h.default for h in job.algorithm.hyperparameters if h.default is not None} | {ROUNDS[name]: 10})
    assert job.answers(table.x) == before


def test_an_unknown_hyperparameter_and_a_range_are_refused_together(job):
    with pytest.raises(InvalidHyperparameters) as refused:
        job.put_table(small()).run(learning_rate="1.5", colour="red")
    assert [p.message for p in refused.value.problems] == [
        "Hyperparameter learning_rate: 1.5 is not in (0, 1]",
        "Extraneous hyperparameter found: colour",
    ]


def test_the_channel_may_be_called_training_and_hold_several_files(tmp_path, name):
    table = small(90)
    one, other = TabularJob(tmp_path / "one", name), TabularJob(tmp_path / "other", name)
    one.put_table(table).run(rounds=8)
    rows = as_csv(table.x[~table.held], table.y[~table.held]).splitlines(keepends=True)
    other.put("training", "".join(rows[:20]), "a.csv")
    other.put("training", "".join(rows[20:]), "more/b.csv")
    other.put("validation", as_csv(table.x[table.held], table.y[table.held]))
    other.run(rounds=8)
    assert other.answers(table.x) == one.answers(table.x)


def test_one_channel_may_hold_both_parts_in_folders(tmp_path, name):
    table = small(90)
    one, other = TabularJob(tmp_path / "one", name), TabularJob(tmp_path / "other", name)
    one.put_table(table).put_categories(4).run(rounds=8)
    other.put("training", as_csv(table.x[~table.held], table.y[~table.held]), "train/data.csv")
    other.put("training", as_csv(table.x[table.held], table.y[table.held]), "validation/data.csv")
    other.put_categories(4, channel="training").run(rounds=8)
    assert other.answers(table.x) == one.answers(table.x)


def test_parquet_and_gzip_give_the_same_model(tmp_path, name):
    import gzip

    table = small(90)
    jobs = [TabularJob(tmp_path / kind, name) for kind in ("csv", "parquet", "gzip")]
    jobs[0].put("train", as_csv(table.x, table.y))
    columns = {str(i): column for i, column in enumerate(np.column_stack([table.y, table.x]).T)}
    path = jobs[1].put("train", b"", "a.parquet", "application/x-parquet")
    pq.write_table(pa.table(columns), path)
    jobs[2].put("train", gzip.compress(as_csv(table.x, table.y).encode()), "a.csv.gz", compression="Gzip")
    for job in jobs:
        job.run(rounds=8)
    first, *others = (job.answers(table.x) for job in jobs)
    assert others == [first, first]


def test_without_a_validation_channel_a_fifth_is_drawn_and_always_the_same(job, capsys):
    table = small(100)
    job.put_table(table, validation=False).run(rounds=8)
    first = job.answers(table.x)
    out = capsys.readouterr().out
    assert "20% of training data is randomly selected as validation data" in out
    assert f"Beginning training: {round(len(table.y[~table.held]) * 0.8)} rows" in out
    job.run(rounds=8)
    assert job.answers(table.x) == first


def test_the_number_of_threads_changes_nothing(job):
    table = small(400)
    job.put_table(table).put_categories(4).run(rounds=15, threads=1)
    first = job.answers(table.x)
    job.run(rounds=15, threads=2)
    assert job.answers(table.x) == first


def test_categories_are_not_amounts(tmp_path, name):
    """Codes in an order that means nothing: as a category one column says it all, as a number it takes many splits."""
    random = np.random.default_rng(1)
    codes = random.integers(0, 40, 1200)
    wanted = random.permutation(40) % 2
    x = np.column_stack([codes, random.normal(size=1200)]).astype(np.float32)
    y = wanted[codes].astype(np.float32)
    losses = {}
    for kind in ("category", "number"):
        job = TabularJob(tmp_path / kind, name)
        job.put("train", as_csv(x[:800], y[:800]))
        if kind == "category":
            job.put_categories(1)
        # Not AUC: as soon as the order is right, CatBoost keeps no further tree.
        log_loss = {"lightgbm": "binary_logloss", "catboost": "Logloss"}[name]
        job.run(rounds=12, learning_rate=0.3, early_stopping_rounds=0, metric=log_loss)
        p = np.array(job.answers(x[800:])["probabilities"])[:, 1]
        losses[kind] = -np.mean(np.where(y[800:] == 1, np.log(p), np.log(1 - p)))
    assert losses["category"] < 0.5 * losses["number"]


def test_an_empty_category_and_one_never_seen_are_answered(job):
    table = small(200)
    table.x[::9, 3] = np.nan
    job.put_table(table).put_categories(4).run(rounds=10)
    rows = np.array([[0.1, np.nan, 0.2, np.nan], [0.1, 0.3, 0.2, 77]], np.float32)
    assert np.isfinite(job.answers(rows)["probabilities"]).all()


@pytest.mark.parametrize(
    "content, words",
    [
        ({"cat_index_list": [0]}, "Found index for categorical feature smaller than 1 or more than the index of last"),
        ({"cat_index_list": [5]}, "more than the index of last feature 4"),
        ({"cat_index_list": ["4"]}, "Found non-integer index for categorical feature"),
        ({"cat_index_list": 4}, "a list of column numbers"),
        ([4], "a list of column numbers"),
        ({"cat_index_list": [1]}, "Column 1 of channel train is named in categorical_index.json, but row 1 holds"),
    ],
    ids=["the label", "no such column", "text", "no list", "no object", "a column of amounts"],
)
def test_a_wrong_list_of_categories_is_refused(job, content, words):
    job.put_table(small())
    job.put("train", json.dumps(content), "categorical_index.json")
    with pytest.raises(UserError, match=words):
        job.run(rounds=3)


def test_two_lists_of_categories_are_one_too_many(job):
    job.put_table(small()).put_categories(4)
    job.put("train", "{}", "other.json")
    with pytest.raises(UserError, match="Found json files for categorical indexes more than 1"):
        job.run(rounds=3)


GOOD = "1,2,3\n0,4,5\n1,6,7\n0,8,1\n" * 6


@pytest.mark.parametrize(
    "content, words",
    [
        ("label,a,b\n" + GOOD, "found in the header line 'label,a,b"),
        (GOOD + "1,red,3\n", "Non-numeric value 'red' found in line 25, column 2"),
        (GOOD + "1,2\n", "line 25 of file 'part.csv' has 2 columns, the first line has 3"),
        (GOOD + ",2,3\n", "Row 25 of channel train has no label in its first column \\(1 such rows\\)"),
        (GOOD + "1,inf,3\n", "Input data contains `inf` or a value too large, first in row 25"),
        ("1,2,3\n" * 5, "holds one value only, 1, so there is nothing to learn"),
        ("1\n0\n" * 5, "(?s)Could not determine delimiter|has one column only"),
        ("", "No data in channel train: /opt/ml/input/data/train holds no file"),
    ],
    ids=["header", "text", "ragged", "no label", "inf", "one label", "no features", "empty"],
)
def test_bad_data_is_refused_in_words(job, content, words):
    job.put("train", content)
    with pytest.raises(UserError, match=words):
        job.run(rounds=3)


def test_the_words_name_the_algorithm(job):
    job.put("train", GOOD + "1,red,3\n")
    with pytest.raises(UserError, match=f"{job.algorithm.title} does not accept non-numeric value"):
        job.run(rounds=3)


def test_channels_that_do_not_fit_are_refused(job):
    with pytest.raises(UserError, match="Missing required channel: train"):
        job.run()
    job.put("train", GOOD)
    job.put("validation", "1,2\n0,3\n")
    with pytest.raises(UserError, match="The train channel has 2 columns of features, the validation channel 1"):
        job.run(rounds=3)
    job.put("test", GOOD)
    with pytest.raises(UserError, match="Extraneous channel found: test"):
        job.run(rounds=3)
    job.channels = {"train": job.channels["train"]}
    job.put("training", GOOD)
    with pytest.raises(UserError, match="two names of the same channel"):
        job.run(rounds=3)


@pytest.mark.parametrize("content_type", ["text/libsvm", "text/csv;label_size=0", "application/json"])
def test_other_content_types_are_refused(job, content_type):
    job.put("train", GOOD, content_type=content_type)
    with pytest.raises(UserError, match="is not an accepted ContentType for channel train: text/csv"):
        job.run(rounds=3)


def test_a_metric_of_two_classes_does_not_judge_three(job, name):
    job.put_table(small(60, "multiclass"))
    with pytest.raises(UserError, match="judges two classes, but the label column holds 3"):
        job.run(rounds=3, metric={"lightgbm": "auc", "catboost": "Logloss"}[name])


def test_a_metric_of_classes_refuses_amounts(job, name):
    job.put_table(small(60, "regression"))
    with pytest.raises(UserError, match="A classification needs whole numbers as labels"):
        job.run(rounds=3, metric={"lightgbm": "auc", "catboost": "AUC"}[name])


STOPPABLE = """
import sys, pathlib
import algorithms
from algorithms.spec import Channel, TrainingContext
folder, name, rounds = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
settings = {rounds: "1000000", "early_stopping_rounds": "0", "learning_rate": "0.001"}
channels = {"train": Channel("train", folder / "data" / "train", "text/csv")}
context = TrainingContext(settings, channels, folder / "model", folder / "output", None, 1)
algorithms.get(name).load_trainer()(context)
"""


def test_a_stopped_job_ends_well_and_without_a_model(job, name):
    job.put_table(small(200), validation=False)
    command = [sys.executable, "-c", STOPPABLE, str(job.folder), name, ROUNDS[name]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = threading.Timer(60, process.kill)
        watch.start()
        for line in process.stdout:
            if line.startswith(("[4]\t", "3:\t")):
                process.send_signal(signal.SIGTERM)
                break
        process.stdout.read()
        assert process.wait(30) == 0
        watch.cancel()
    assert not job.model_dir.exists()


def test_the_signal_handler_of_the_process_is_put_back(job):
    before = signal.getsignal(signal.SIGTERM)
    job.put_table(small()).run(rounds=2)
    assert signal.getsignal(signal.SIGTERM) is before


LEAN = """
import os, sys
import algorithms
algorithms.get(sys.argv[1]).load_trainer()
threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
print(threads, [m for m in ("pandas", "polars", "sklearn", "pyarrow") if m in sys.modules])
"""


def test_loading_the_trainer_starts_no_thread_and_drags_nothing_in(name):
    environment = {"PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"}
    output = subprocess.check_output([sys.executable, "-c", LEAN, name], text=True, env=environment)
    assert output == "1 []\n"
