"""Training XGBoost: the models are good, the same as the library's own, and written as AWS writes them."""

import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import xgboost as xgb
from sklearn import metrics as sk

import algorithms
from algorithms.xgboost.custom_metrics import score
from algorithms.xgboost.metrics import CUSTOM

from .tables import as_csv


def booster(path) -> xgb.Booster:
    fresh = xgb.Booster()
    fresh.load_model(str(path))
    return fresh


def test_breast_cancer_is_told_apart(job, breast_cancer):
    model = job.put_table(breast_cancer).train(objective="binary:logistic", num_round=50)
    held = breast_cancer.held
    assert sk.roc_auc_score(breast_cancer.y[held], booster(model).predict(xgb.DMatrix(breast_cancer.x[held]))) > 0.98


def test_irises_are_named(job, iris):
    model = job.put_table(iris).train(objective="multi:softprob", num_class=3, num_round=30)
    named = booster(model).predict(xgb.DMatrix(iris.x[iris.held])).argmax(axis=1)
    assert (named == iris.y[iris.held]).mean() > 0.93


def test_diabetes_is_foreseen(job, diabetes):
    model = job.put_table(diabetes).train(objective="reg:squarederror", num_round=40, eta=0.1, max_depth=3)
    error = booster(model).predict(xgb.DMatrix(diabetes.x[diabetes.held])) - diabetes.y[diabetes.held]
    assert np.sqrt((error**2).mean()) < 62


def test_the_model_file_is_ubjson_without_an_extension(job, iris):
    path = job.put_table(iris).train(objective="multi:softmax", num_class=3)
    assert path.name == "xgboost-model" and path.read_bytes()[:2] == b"{L"
    assert [p.name for p in job.model_dir.iterdir()] == ["xgboost-model"]
    assert booster(path).num_features() == 4


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"tree_method": "hist", "max_bin": "32", "subsample": "0.7", "seed": "5"},
        {"tree_method": "exact"},
        {"tree_method": "approx"},
        {"booster": "dart", "rate_drop": "0.3", "seed": "1"},
        {"booster": "gblinear", "updater": "coord_descent"},
        {"grow_policy": "lossguide", "max_leaves": "7"},
        {"num_parallel_tree": "3", "colsample_bynode": "0.5"},
        {"tree_method": "hist", "monotone_constraints": "(" + ",".join(["1"] + ["0"] * 29) + ")"},
        {"tree_method": "hist", "interaction_constraints": "[[1,2],[3,4,5]]"},
    ],
    ids=lambda s: " ".join(f"{k}={v[:9]}" for k, v in s.items()) or "defaults",
)
def test_the_model_is_bit_for_bit_the_librarys_own(job, breast_cancer, settings):
    table = breast_cancer
    path = job.put_table(table).train(objective="binary:logistic", num_round=8, **settings)
    params = {"objective": "binary:logistic", "nthread": 1, **settings}
    held = table.held
    plain = xgb.train(
        params,
        xgb.DMatrix(table.x[~held], table.y[~held]),
        8,
        evals=[(xgb.DMatrix(table.x[held], table.y[held]), "validation")],
        verbose_eval=False,
    )
    matrix = xgb.DMatrix(table.x)
    assert np.array_equal(booster(path).predict(matrix), plain.predict(matrix))


def test_sending_every_default_changes_nothing(job, breast_cancer):
    h = algorithms.get("xgboost").hyperparameters
    defaults = {p.name: str(p.default) for p in h if p.default is not None and p.name not in ("objective", "verbosity")}
    dart_only = {p.name for p in h if p.needs[:1] == ("booster",)}
    defaults = {name: value for name, value in defaults.items() if name not in dart_only}
    defaults = {n: v for n, v in defaults.items() if not n.startswith(("aft_", "tweedie_"))}
    job.put_table(breast_cancer)
    bare = job.train(objective="binary:logistic").read_bytes()
    assert len(defaults) > 20
    sent = job.train(objective="binary:logistic", verbosity="0", **defaults)
    x = xgb.DMatrix(breast_cancer.x)
    assert np.array_equal(booster(sent).predict(x), xgb.Booster(model_file=bytearray(bare)).predict(x))


def test_the_log_reads_as_the_containers(job, breast_cancer, capsys):
    job.put_table(breast_cancer).train(objective="binary:logistic", eval_metric="logloss,f1")
    lines = capsys.readouterr().out.splitlines()
    rounds = [line for line in lines if "#011" in line]
    assert len(rounds) == 5
    figure = r"\d\.\d{5}"
    expected = rf"\[0\]#011train-logloss:{figure}#011train-f1:{figure}"
    assert re.fullmatch(f"{expected}{expected[5:].replace('train', 'validation')}", rounds[0])
    stamped = [
        re.fullmatch(r"\[\d{4}-\d\d-\d\d:\d\d:\d\d:\d\d:INFO\] (.+)", line)[1] for line in lines if line not in rounds
    ]
    assert "Determined 0 GPU(s) available on the instance." in stamped
    assert "Determined delimiter of CSV input is ','" in stamped
    assert "Train matrix has 379 rows and 30 columns" in stamped and "Validation matrix has 190 rows" in stamped


def test_every_logged_figure_is_found_by_its_metric_definition(job, iris, capsys):
    wanted = "accuracy,balanced_accuracy,f1,f1_macro,precision_macro,recall_micro,merror,mlogloss"
    job.put_table(iris).train(objective="multi:softprob", num_class=3, eval_metric=wanted)
    line = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[4]#011")][0]
    for definition in algorithms.get("xgboost").metric_definitions():
        if definition["Name"].split(":")[1] in wanted.split(","):
            assert 0 <= float(re.search(definition["Regex"], line)[1]) <= 2, definition


SK = {
    "accuracy": sk.accuracy_score, "balanced_accuracy": sk.balanced_accuracy_score, "mse": sk.mean_squared_error,
    "r2": sk.r2_score, "f1": lambda t, p: sk.f1_score(t, p, average="macro"),
    "precision": lambda t, p: sk.precision_score(t, p, zero_division=0),
    "recall": lambda t, p: sk.recall_score(t, p, zero_division=0), "f1_binary": sk.f1_score,
}  # fmt: skip
for _kind in ("f1", "precision", "recall"):
    for _average in ("macro", "micro"):
        SK[f"{_kind}_{_average}"] = lambda t, p, k=_kind, a=_average: getattr(sk, f"{k}_score")(
            t, p, average=a, zero_division=0
        )


@pytest.mark.parametrize("name", CUSTOM)
def test_the_containers_own_figures_are_scikit_learns(name):
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 200).astype("f4")
    p = np.clip(truth * 0.3 + random.random(200) * 0.7, 0, 1).astype("f4")
    by_value = name in ("mse", "r2")
    assert score(name, truth, p, "binary:logistic") == pytest.approx(
        SK[name](truth, p if by_value else p > 0.5), rel=1e-5
    )
    assert score(name, truth, p - 0.5, "binary:logitraw") == pytest.approx(
        SK[name](truth, p - 0.5 if by_value else p > 0.5), rel=1e-5
    )
    if by_value or name in ("f1_binary", "precision", "recall"):
        return
    truth, p = random.integers(0, 4, 200).astype("f4"), random.random((200, 4)).astype("f4")
    assert score(name, truth, p, "multi:softprob") == pytest.approx(SK[name](truth, p.argmax(axis=1)), rel=1e-5)


def test_training_stops_early_on_the_last_metric_and_keeps_the_best(job, breast_cancer, capsys):
    job.put_table(breast_cancer)
    path = job.train(objective="binary:logistic", eval_metric="logloss,auc", num_round=200, early_stopping_rounds=4)
    lines = [line for line in capsys.readouterr().out.splitlines() if "#011" in line]
    auc = [float(re.search(r"validation-auc:(\S+)", line)[1]) for line in lines]
    assert len(lines) < 200 and len(lines) == booster(path).num_boosted_rounds() + 4
    assert auc[booster(path).num_boosted_rounds() - 1] == max(auc)


def test_the_tuners_metric_is_logged_and_watched(job, breast_cancer, capsys):
    job.put_table(breast_cancer).train(
        objective="binary:logistic", _tuning_objective_metric="validation:f1", num_round=200, early_stopping_rounds=3
    )
    out = capsys.readouterr().out
    assert "Setting up HPO optimized metric to be : f1" in out and "validation-f1:" in out and "[199]" not in out


@pytest.mark.parametrize(
    ("objective", "more"),
    [
        ("binary:logistic", {}), ("binary:logitraw", {}), ("binary:hinge", {}), ("count:poisson", {}),
        ("multi:softmax", {"num_class": 2}), ("multi:softprob", {"num_class": 2}), ("rank:pairwise", {}),
        ("rank:ndcg", {"eval_metric": "ndcg@5"}), ("rank:map", {"eval_metric": "map"}), ("reg:squarederror", {}),
        ("reg:logistic", {}), ("reg:gamma", {"eval_metric": "gamma-nloglik,gamma-deviance"}),
        ("reg:pseudohubererror", {"eval_metric": "mphe"}), ("reg:squaredlogerror", {"eval_metric": "rmsle"}),
        ("reg:absoluteerror", {"eval_metric": "mae,mape"}),
        ("reg:tweedie", {"tweedie_variance_power": 1.2}), ("survival:aft", {"eval_metric": "aft-nloglik"}),
        ("survival:aft", {"eval_metric": "interval-regression-accuracy", "aft_loss_distribution": "extreme"}),
        ("survival:cox", {"eval_metric": "cox-nloglik"}), ("binary:logistic", {"booster": "gblinear"}),
        ("binary:logistic", {"booster": "dart", "rate_drop": 0.5}),
        ("binary:logistic", {"eval_metric": "error@0.7,aucpr", "scale_pos_weight": 2}),
    ],
    ids=lambda v: v if isinstance(v, str) else "-".join(map(str, v.values())),
)  # fmt: skip
def test_every_objective_trains_and_serves_what_the_booster_says(job, breast_cancer, objective, more):
    x, y = breast_cancer.x[:150], breast_cancer.y[:150]
    if objective in ("reg:gamma", "survival:aft", "survival:cox"):
        y = y + 1
    job.put("train", as_csv(x, y))
    job.put("validation", as_csv(x, y))
    path = job.train(objective=objective, **more)
    predictor = job.predictor()
    predictor.probe()
    assert predictor.score_kind == algorithms.get("xgboost").score_kind({"objective": objective}, "")
    expected = booster(path).predict(xgb.DMatrix(x))
    got, _ = predictor.invoke(as_csv(x).encode(), "text/csv", "text/csv")
    got = np.array([[float(v) for v in line.split(",")] for line in got.decode().split("\n")[:-1]])
    assert np.abs(got - expected.reshape(got.shape)).max() <= 1e-6


def test_cross_validation_writes_a_model_a_fold_and_the_predictions(job, breast_cancer, capsys):
    job.put_table(breast_cancer)
    job.train(objective="binary:logistic", eval_metric="auc", _kfold=3, _num_cv_round=2)
    assert sorted(p.name for p in job.model_dir.iterdir()) == [f"xgboost-model-{i}" for i in range(6)]
    out = capsys.readouterr().out
    assert "Run 2-round of 3-fold cross validation with 569 rows" in out
    means = re.findall(r"^\[5\]#011train-auc:(\S+)#011validation-auc:(\S+)$", out, re.M)
    assert len(means) == 3 and all(0.9 < float(v) < float(t) <= 1 for t, v in means)
    rows = np.loadtxt(job.output_dir / "data" / "predictions.csv", delimiter=",")
    assert rows.shape == (569, 3) and (rows[:, 0] == rows[:, 2]).mean() > 0.9
    ensemble = job.predictor()
    one, _ = ensemble.invoke(as_csv(breast_cancer.x[:5]).encode(), "text/csv", "text/csv")
    parts = [booster(p).predict(xgb.DMatrix(breast_cancer.x[:5])) for p in sorted(job.model_dir.iterdir())]
    assert np.abs(np.array(one.split(), float) - np.mean(parts, axis=0)).max() <= 1e-6


def test_cross_validation_of_classes_and_of_values(job, make_job, iris, diabetes):
    job.put_table(iris).train(objective="multi:softprob", num_class=3, _kfold=3)
    rows = np.loadtxt(job.output_dir / "data" / "predictions.csv", delimiter=",")
    assert (rows[:, 0] == rows[:, 2]).mean() > 0.9
    other = make_job("values").put_table(diabetes)
    other.train(objective="reg:squarederror", _kfold=2)
    assert np.loadtxt(other.output_dir / "data" / "predictions.csv", delimiter=",").shape == (442, 2)


def test_a_restarted_job_goes_on_from_its_checkpoint(job, breast_cancer, tmp_path, capsys):
    job.put_table(breast_cancer)
    checkpoints = tmp_path / "checkpoints"
    whole = booster(job.train(objective="binary:logistic", num_round=9))
    job.train(objective="binary:logistic", num_round=4, checkpoint_dir=checkpoints)
    (checkpoints / "xgboost-checkpoint.77").write_bytes(b"{L cut off")
    capsys.readouterr()
    again = booster(job.train(objective="binary:logistic", num_round=9, checkpoint_dir=checkpoints))
    out = capsys.readouterr().out
    assert "Resuming from iteration 4" in out and "[4]#011" in out and "[3]#011" not in out
    x = xgb.DMatrix(breast_cancer.x)
    assert again.num_boosted_rounds() == 9 and np.array_equal(again.predict(x), whole.predict(x))


STOPPABLE = """
import sys, pathlib
import algorithms
from algorithms.spec import Channel, TrainingContext
folder = pathlib.Path(sys.argv[1])
settings = {"num_round": "1000000", "objective": "binary:logistic", "save_model_on_termination": sys.argv[2]}
channels = {"train": Channel("train", folder / "data" / "train", "text/csv")}
context = TrainingContext(settings, channels, folder / "model", folder / "output", None, 1)
algorithms.get("xgboost").load_trainer()(context)
"""


@pytest.mark.parametrize("keep", ["true", "false"])
def test_a_stopped_job_ends_well_and_keeps_its_model_if_asked_to(job, breast_cancer, keep):
    job.put_table(breast_cancer, validation=False)
    command = [sys.executable, "-c", STOPPABLE, str(job.folder), keep]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = threading.Timer(60, process.kill)
        watch.start()
        for line in process.stdout:
            if line.startswith("[3]#011"):
                process.send_signal(signal.SIGTERM)
                break
        process.stdout.read()
        assert process.wait(30) == 0
        watch.cancel()
    if keep == "true":
        assert booster(job.model_dir / "xgboost-model").num_boosted_rounds() >= 4
    else:
        assert not job.model_dir.exists()


def test_the_signal_handler_of_the_process_is_put_back(job, iris):
    before = signal.getsignal(signal.SIGTERM)
    job.put_table(iris).train(objective="multi:softmax", num_class=3)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_tiny_job_takes_well_under_a_second_once_imported(job, breast_cancer):
    job.put_table(breast_cancer)
    took = []
    for _ in range(3):
        start = time.process_time()
        job.train(objective="binary:logistic", num_round=20)
        took.append(time.process_time() - start)
    assert min(took) < 1.0
