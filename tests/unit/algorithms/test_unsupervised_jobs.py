"""k-means, PCA and Random Cut Forest as jobs: what they read, log, refuse and answer, field by field."""

import json
import signal

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris

import algorithms
from algorithms.formats.recordio import Tensor, read_frames, read_record, write_record
from algorithms.spec import Channel, InvalidHyperparameters, TrainingContext, UserError

from .tables import as_csv

IRIS = load_iris().data.astype(np.float32)
NAMES = ["kmeans", "pca", "randomcutforest"]
MORE = {"kmeans": {"k": "3", "mini_batch_size": "50"}, "pca": {"num_components": "2", "mini_batch_size": "50"}}


@pytest.fixture
def job(tmp_path):
    """Trains on files given by channel, {name: (bytes or text, content type)}; returns a loaded predictor."""

    def run(name: str, train=None, test=None, **hyperparameters):
        channels = {}
        for channel, argument in (("train", train or (as_csv(IRIS), "text/csv;label_size=0")), ("test", test)):
            if argument:
                folder = tmp_path / channel
                folder.mkdir(exist_ok=True)
                content, kind = argument
                (folder / "part").write_bytes(content if isinstance(content, bytes) else content.encode())
                channels[channel] = Channel(channel, folder, kind)
        settings = {"feature_dim": "4", **MORE.get(name, {}), **hyperparameters}
        settings = {setting: value for setting, value in settings.items() if value is not None}
        algorithm = algorithms.get(name)
        ctx = TrainingContext(settings, channels, tmp_path / "model", tmp_path / "output")
        algorithm.load_trainer()(ctx)
        return algorithm.load_predictor().load(ctx.model_dir)

    return run


def sparse(rows) -> bytes:
    """Records that name only the columns that are not 0."""
    records = []
    for row in rows:
        keys = np.flatnonzero(row)
        records.append(write_record({"values": Tensor(row[keys].astype(np.float32), keys, (len(row),))}))
    return b"".join(records)


@pytest.mark.parametrize("name", NAMES)
def test_sparse_records_and_a_label_column_to_pass_over_give_the_same_model(job, name):
    rows = np.where(IRIS > 1, IRIS, 0).astype(np.float32)
    query = as_csv(rows[:5]).encode()
    answers = [
        job(name, (content, kind)).invoke(query, "text/csv", None)
        for content, kind in (
            (as_csv(rows), "text/csv;label_size=0"),
            (as_csv(rows, np.arange(len(rows))), "text/csv"),
            (sparse(rows), "application/x-recordio-protobuf"),
            (sparse(rows), None),
        )
    ]
    assert all(answer == answers[0] for answer in answers)
    long = b'{"instances": [{"data": {"features": {"keys": [0, 2], "shape": [4], "values": [5.1, 1.4]}}}]}'
    assert job(name).invoke(long, "application/json", None) == job(name).invoke(b"5.1,0,1.4,0", "text/csv", None)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_needs_all_its_numbers(job, name):
    rows = IRIS.copy()
    rows[7, 2] = np.nan
    with pytest.raises(UserError, match="Row 8, feature 3 of channel train is missing"):
        job(name, (as_csv(rows), "text/csv;label_size=0"))


@pytest.mark.parametrize("name", NAMES)
def test_what_the_sagemaker_sdk_sends_is_taken(job, name, capfd):
    sent = {
        "kmeans": {"force_dense": "True", "eval_metrics": '["msd", "ssd"]', "epochs": "2"},
        "pca": {"subtract_mean": "True", "algorithm_mode": "randomized", "extra_components": "5"},
        "randomcutforest": {"mini_batch_size": "1000", "eval_metrics": '["accuracy"]', "num_trees": "50"},
    }[name]
    job(name, **sent, _tuning_objective_metric="test:msd")
    log = capfd.readouterr().out
    for h in ("force_dense", "mini_batch_size") if name != "pca" else ():
        if h in sent:
            assert f"Hyperparameter {h} has no effect here: " in log
    assert "Hyperparameter _tuning_objective_metric has no effect here: " in log


def test_a_list_of_measures_may_be_written_in_several_ways():
    parse = algorithms.get("kmeans").hyperparameter("eval_metrics").parse
    for text in ('["msd","ssd"]', "['msd', 'ssd']", '"[\\"msd\\", \\"ssd\\"]"', ["msd", "ssd"]):
        assert parse(text) == ["msd", "ssd"]
    assert parse("ssd") == ["ssd"] and parse('["msd"]') == ["msd"]
    for text in ("[]", '["mse"]', "msd ssd", "{}", "7", "[1]"):
        with pytest.raises(ValueError, match="eval_metrics"):
            parse(text)


# k-means


def test_kmeans_tells_its_figures_per_epoch_and_on_the_test_channel(job, capfd):
    loaded = job("kmeans", test=(as_csv(IRIS[::2]), "text/csv;label_size=0"), epochs="3", eval_metrics='["msd", "ssd"]')
    log = capfd.readouterr().out
    for epoch in range(3):
        assert f"#quality_metric: host=algo-1, epoch={epoch}, train msd <loss>=" in log
    answer = loaded.invoke(as_csv(IRIS[::2]).encode(), "text/csv", "text/csv")[0].decode().split()
    squared = [float(line.split(",")[1]) ** 2 for line in answer]
    figure = dict(
        line.rpartition("test ")[2].split(" <loss>=")
        for line in log.splitlines()
        if "test " in line and "<loss>" in line
    )
    assert float(figure["msd"]) == pytest.approx(np.mean(squared), rel=1e-5)
    assert float(figure["ssd"]) == pytest.approx(np.sum(squared), rel=1e-5)


def test_kmeans_answers_the_closest_center_and_its_distance(job):
    loaded = job("kmeans", epochs="5")
    answer = json.loads(loaded.invoke(as_csv(IRIS).encode(), "text/csv", "application/json")[0])["predictions"]
    assert [set(one) for one in answer[:2]] == [{"closest_cluster", "distance_to_cluster"}] * 2
    groups = np.array([one["closest_cluster"] for one in answer])
    kinds = load_iris().target
    assert len(set(groups[kinds == 0])) == 1 and set(groups[kinds == 0]).isdisjoint(groups[kinds != 0])
    assert loaded.invoke(b"5,3,1,0.2", "text/csv", "text/csv")[0].split(b",")[0] == b"%.1f" % groups[0]
    (frame,) = read_frames(loaded.invoke(b"5,3,1,0.2", "text/csv", "application/x-recordio-protobuf")[0])
    label = read_record(frame).label
    assert set(label) == {"closest_cluster", "distance_to_cluster"} and label["distance_to_cluster"].values[0] > 0


@pytest.mark.parametrize(("value", "size"), [("151", 151), (None, 5000)], ids=["given", "by default"])
def test_kmeans_needs_a_mini_batch_as_aws_does(job, value, size):
    with pytest.raises(UserError, match=f"mini-batch size is too high.*{size}, the rows are 150"):
        job("kmeans", mini_batch_size=value)


def test_kmeans_with_more_groups_than_rows_is_refused_and_than_different_rows_is_told(job, capfd):
    with pytest.raises(UserError, match="k is 151, and the train channel has 150 rows"):
        job("kmeans", k="151")
    few = np.repeat(IRIS[[0, 60]], 75, axis=0)
    loaded = job("kmeans", (as_csv(few), "text/csv;label_size=0"), k="5")
    assert "2 different rows, so there are 2 groups instead of 5" in capfd.readouterr().out
    assert (
        json.loads(loaded.invoke(as_csv(IRIS[:1]).encode(), "text/csv", None)[0])["predictions"][0][
            "distance_to_cluster"
        ]
        == 0
    )


def test_kmeans_stopped_keeps_the_centers_it_has(job, tmp_path, monkeypatch):
    from algorithms.kmeans import clusters

    update, calls = clusters.WebScaleKMeans.update, []

    def stop_in_the_second_epoch(self, rows):
        calls.append(len(rows))
        if len(calls) == 5:
            signal.raise_signal(signal.SIGTERM)
        return update(self, rows)

    monkeypatch.setattr(clusters.WebScaleKMeans, "update", stop_in_the_second_epoch)
    with pytest.raises(SystemExit) as caught:
        job("kmeans", epochs="1000")
    assert caught.value.code == 0 and len(calls) == 5
    loaded = algorithms.get("kmeans").load_predictor().load(tmp_path / "model")
    loaded.probe()


# PCA


def test_pca_answers_the_strongest_component_last_and_measures_what_is_kept(job, capfd):
    loaded = job("pca", test=(as_csv(IRIS[::3]), "text/csv;label_size=0"))
    answer = json.loads(loaded.invoke(as_csv(IRIS).encode(), "text/csv", None)[0])["projections"]
    spread = np.var([one["projection"] for one in answer], axis=0)
    whole = np.var(IRIS, axis=0).sum()
    assert spread[1] > 10 * spread[0]
    log = capfd.readouterr().out
    reply = float(log.partition("train explained_variance <score>=")[2].split()[0])
    assert reply == pytest.approx(spread.sum() / whole, rel=1e-5)
    assert 0.9 < float(log.partition("test explained_variance <score>=")[2].split()[0]) < 1


def test_pca_cannot_make_more_components_than_columns():
    with pytest.raises(InvalidHyperparameters, match="num_components is 5, but a row has 4 columns"):
        algorithms.get("pca").parse({"feature_dim": "4", "num_components": "5", "mini_batch_size": "10"})


def test_pca_without_subtracting_the_mean_projects_zeros_to_zeros(job):
    answer = job("pca", subtract_mean="false").invoke(b"0,0,0,0", "text/csv", "application/jsonlines")[0]
    assert json.loads(answer)["projection"] == [0, 0]


# Random Cut Forest


def cancer() -> tuple[np.ndarray, np.ndarray]:
    table = load_breast_cancer()
    x = (table.data - table.data.mean(axis=0)) / table.data.std(axis=0)
    return x[:, :4].astype(np.float32), (table.target == 0).astype(np.float32)


def test_a_forest_is_measured_by_the_three_sigma_rule(job, capfd):
    x, odd = cancer()
    usual = x[odd == 0]
    held = np.concatenate([usual[1::2], np.full((4, 4), 15, np.float32)])
    marks = np.r_[np.zeros(len(held) - 4), np.ones(4)]
    loaded = job(
        "randomcutforest", (as_csv(usual[::2]), "text/csv;label_size=0"), (as_csv(held, marks), "text/csv;label_size=1")
    )
    log = capfd.readouterr().out
    score = {name: float(log.partition(f"test {name} <score>=")[2].split()[0]) for name in ("f1", "recall", "accuracy")}
    assert score["recall"] == 1 and score["f1"] > 0.6 and score["accuracy"] > 0.97
    answer = json.loads(loaded.invoke(as_csv(held).encode(), "text/csv", None)[0])["scores"]
    result = np.array([one["score"] for one in answer])
    called = result > result.mean() + 3 * result.std()
    assert score["accuracy"] == pytest.approx((called == (marks == 1)).mean())


def test_only_the_measures_asked_for_are_told(job, capfd):
    test = (as_csv(IRIS, np.zeros(150)), "text/csv;label_size=1")
    job("randomcutforest", test=test, eval_metrics='["accuracy"]')
    log = capfd.readouterr().out
    assert "test accuracy <score>=" in log and "test f1" not in log
    job("randomcutforest", test=test, eval_metrics="precision_recall_fscore")
    log = capfd.readouterr().out
    assert "test f1 <score>=0.0" in log and "test accuracy" not in log


def test_a_test_channel_marks_rows_with_0_and_1_alone(job):
    with pytest.raises(UserError, match="must be 1 for an odd row and 0 for a usual one"):
        job("randomcutforest", test=(as_csv(IRIS, np.full(150, 2.0)), "text/csv;label_size=1"))
    with pytest.raises(UserError, match="has no labels"):
        job("randomcutforest", test=(as_csv(IRIS), "text/csv;label_size=0"))


def test_numbers_as_large_as_a_float_still_have_a_score(job):
    rows = IRIS.copy()
    rows[0], rows[1] = 3e38, -3e38
    loaded = job("randomcutforest", (as_csv(rows), "text/csv;label_size=0"))
    answer = json.loads(loaded.invoke(b"3e38,-3e38,3e38,0\n1,1,1,1\n", "text/csv", None)[0])["scores"]
    assert all(np.isfinite(one["score"]) for one in answer)
