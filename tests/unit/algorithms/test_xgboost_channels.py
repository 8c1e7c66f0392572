"""Training data of XGBoost: every format, file and weight makes the model that the library makes of the same rows."""

import gzip
import os
import threading

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xgboost as xgb

from algorithms.formats.recordio import Tensor, write_record, write_table
from algorithms.xgboost.channel_data import TrainingRows, as_matrix

from .tables import as_csv, as_libsvm


def loaded(path) -> xgb.Booster:
    return xgb.Booster(model_file=str(path))


def test_a_quantised_matrix_gives_the_same_model_with_weights_and_gaps():
    random = np.random.default_rng(3)
    x = random.normal(size=(4000, 12)).astype("f4")
    y = (x[:, 0] * x[:, 1] > 0).astype("f4")
    x[random.random(x.shape) < 0.2] = np.nan
    w = random.random(len(y)).astype("f4")
    params = {"objective": "binary:logistic", "nthread": 2, "max_bin": 64, "subsample": 0.8, "eval_metric": "auc"}
    quantised = as_matrix(TrainingRows(y, x, w), params)
    assert isinstance(quantised, xgb.QuantileDMatrix)
    observed = [{}, {}]
    models = [
        xgb.train(params, m, 6, evals=[(m, "train")], evals_result=log, verbose_eval=False)
        for m, log in ((quantised, observed[0]), (xgb.DMatrix(x, y, weight=w), observed[1]))
    ]
    assert models[0].save_raw("ubj") == models[1].save_raw("ubj") and observed[0] == observed[1]


@pytest.mark.parametrize("name", ["csv", "libsvm", "parquet", "recordio", "recordio-sparse", "csv.gz"])
def test_every_format_gives_the_same_model(job, breast_cancer, name):
    x, y = breast_cancer.x[:200], breast_cancer.y[:200]
    more = {}
    if name.startswith("csv"):
        content, kind = as_csv(x, y).encode(), "text/csv"
        if name == "csv.gz":
            content, more = gzip.compress(content), {"compression": "Gzip"}
    elif name == "libsvm":
        content, kind = as_libsvm(x, y).encode(), None
    elif name == "parquet":
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table({"y": y, **{f"f{i}": x[:, i] for i in range(x.shape[1])}}), sink, row_group_size=64)
        content, kind = sink.getvalue().to_pybytes(), "application/x-parquet"
    elif name == "recordio":
        content, kind = write_table(x, y), "application/x-recordio-protobuf"
    else:
        keys = np.arange(x.shape[1])
        content = b"".join(
            write_record({"values": Tensor(row, keys, (30,))}, {"values": Tensor(np.array([v], "<f4"))})
            for row, v in zip(x, y, strict=True)
        )
        kind = "recordio-protobuf"
    job.put("train", content, name=f"data.{name}", content_type=kind, **more)
    model = loaded(job.train(objective="binary:logistic"))
    plain = xgb.train({"objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(x, y), 5)
    assert np.array_equal(model.predict(xgb.DMatrix(x)), plain.predict(xgb.DMatrix(x)))


def test_several_files_in_folders_are_one_table(job, iris):
    job.put("train", as_csv(iris.x[:60], iris.y[:60]), name="a.csv")
    job.put("train", as_csv(iris.x[60:], iris.y[60:]).rstrip("\n"), name="sub/b.csv")
    job.put("train", "not data", name="_SUCCESS")
    job.put("train", "not data", name=".DS_Store")
    model = loaded(job.train(objective="multi:softprob", num_class=3))
    plain = xgb.train({"objective": "multi:softprob", "num_class": 3, "nthread": 1}, xgb.DMatrix(iris.x, iris.y), 5)
    assert np.array_equal(model.predict(xgb.DMatrix(iris.x)), plain.predict(xgb.DMatrix(iris.x)))


def test_several_libsvm_files_are_one_table(job, iris):
    job.put("train", as_libsvm(iris.x[:60], iris.y[:60]), name="a b?.txt", content_type="libsvm")
    job.put("train", as_libsvm(iris.x[60:], iris.y[60:]).rstrip("\n"), name="sub/b#.txt")
    model = loaded(job.train(objective="multi:softprob", num_class=3))
    plain = xgb.train({"objective": "multi:softprob", "num_class": 3, "nthread": 1}, xgb.DMatrix(iris.x, iris.y), 5)
    assert np.array_equal(model.predict(xgb.DMatrix(iris.x)), plain.predict(xgb.DMatrix(iris.x)))


@pytest.mark.parametrize("kind", ["csv", "libsvm"])
def test_weights_count(job, breast_cancer, kind):
    x, y = breast_cancer.x[:200], breast_cancer.y[:200]
    w = np.random.default_rng(1).integers(1, 5, 200).astype("f4")
    if kind == "csv":
        job.put("train", as_csv(np.column_stack([w, x]), y))
    else:
        lines = zip(as_libsvm(x).splitlines(), y, w, strict=True)
        job.put("train", "\n".join(f"{v:g}:{s:g} {line}" for line, v, s in lines), content_type="text/libsvm")
    model = loaded(job.train(objective="binary:logistic", **({"csv_weights": 1} if kind == "csv" else {})))
    plain = xgb.train({"objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(x, y, weight=w), 5)
    assert model.num_features() == 30
    assert np.array_equal(model.predict(xgb.DMatrix(x)), plain.predict(xgb.DMatrix(x)))


def test_recordio_through_a_named_pipe(job, breast_cancer):
    x, y = breast_cancer.x[:100], breast_cancer.y[:100]
    job.put("train", "", content_type="application/x-recordio-protobuf", input_mode="Pipe")
    pipe = job.folder / "data" / "train_0"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(write_table(x, y)))
    writer.start()
    model = loaded(job.train(objective="binary:logistic"))
    writer.join()
    plain = xgb.train({"objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(x, y), 5)
    assert np.array_equal(model.predict(xgb.DMatrix(x)), plain.predict(xgb.DMatrix(x)))
