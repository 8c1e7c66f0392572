"""Linear Learner, and k-NN where it does the same, on sparse records."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse import random as random_sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from algorithms.formats.recordio import Tensor, write_record

from .amazon_jobs import RECORDIO, trained
from .tables import as_csv

LL = "linear-learner"


@pytest.mark.parametrize("name", [LL, "knn"])
@pytest.mark.parametrize("dim", ["auto", "4"])
def test_sparse_records_without_a_shape_are_as_wide_as_feature_dim(job, name, dim):
    """The last feature is 0 in every row that is held out, so the records there do not name it."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4)).astype(np.float32)
    x[:20, 3] = 0
    y = (x[:, 0] > 0).astype(np.float32)

    def records(rows) -> bytes:
        return b"".join(
            write_record({"values": Tensor(x[i][x[i] != 0], np.flatnonzero(x[i]))}, {"values": Tensor(y[i : i + 1])})
            for i in rows
        )

    job.put("train", records(range(20, 60)), content_type=RECORDIO)
    job.put("test", records(range(20)), content_type=RECORDIO)
    if name == LL:
        predictor = trained(LL, job, predictor_type="binary_classifier", feature_dim=dim, mini_batch_size=10)
    else:
        predictor = trained("knn", job, predictor_type="classifier", feature_dim=4, k=3, sample_size=40)
    assert predictor.n_features == 4


def _sparse_records(x, y) -> bytes:
    """Records that name the numbers of CSR rows that are there."""
    return b"".join(
        write_record(
            {"values": Tensor(x[i].data.astype(np.float32), x[i].indices, (x.shape[1],))},
            {"values": Tensor(np.array([label], np.float32))},
        )
        for i, label in enumerate(y)
    )


def test_rows_too_wide_to_be_written_out_stay_sparse(job):
    """5,000 rows of 2^18 features would take 5 GB; three of the features tell the classes apart."""
    rng = np.random.default_rng(0)
    width, rows = 2**18, 5000
    position = rng.integers(0, 3, rows)
    columns = np.column_stack([position * 80_000 + 5, rng.integers(300, width - 1, rows)])
    y = (rng.random(rows) < np.array([0.1, 0.5, 0.9])[position]).astype(np.float32)
    values, starts = np.ones(columns.size, np.float32), np.arange(0, columns.size + 1, 2)
    x = csr_matrix((values, columns.ravel(), starts), shape=(rows, width))
    job.put("train", _sparse_records(x, y), content_type=RECORDIO)
    hyperparameters = {"predictor_type": "binary_classifier", "feature_dim": width, "mini_batch_size": 500}
    predictor = trained(LL, job, **hyperparameters, epochs=4, num_models=2)
    body = np.zeros((3, width), np.float32)
    body[np.arange(3), np.arange(3) * 80_000 + 5] = 1
    scores = predictor.predict(body)[:, 0]
    assert scores[0] < 0.3 < scores[1] < 0.7 < scores[2]


@pytest.mark.parametrize("held", [RECORDIO, "text/csv"])
def test_sparse_records_are_learned_as_well_as_dense_ones(job, tmp_path, held):
    """A number with a large mean, named in every row, and 40 features of which a row names few."""
    rng = np.random.default_rng(1)
    rare = random_sparse(3000, 40, density=0.05, random_state=1, format="csr").toarray().astype(np.float32)
    x = np.column_stack([2000 + 5 * rng.normal(size=3000), rare]).astype(np.float32)
    z = (x[:, 0] - 2000) / 5 + rare @ rng.normal(scale=3, size=40)
    y = (z + rng.logistic(size=3000) > 0).astype(np.float32)
    train, test = slice(0, 2000), slice(2000, None)
    job.put("train", _sparse_records(csr_matrix(x[train]), y[train]), content_type=RECORDIO)
    content = _sparse_records(csr_matrix(x[test]), y[test]) if held == RECORDIO else as_csv(x[test], y[test])
    job.put("validation", content, content_type=held)
    hyperparameters = {"predictor_type": "binary_classifier", "mini_batch_size": 100, "epochs": 15, "num_models": 4}
    auc = roc_auc_score(y[test], trained(LL, job, **hyperparameters).predict(x[test])[:, 0])
    reference = make_pipeline(StandardScaler(), LogisticRegression()).fit(x[train], y[train])
    assert auc > roc_auc_score(y[test], reference.predict_proba(x[test])[:, 1]) - 0.01


def test_a_dense_train_channel_takes_sparse_records_beside_it(job, breast_cancer):
    x, y = breast_cancer.x, breast_cancer.y
    job.put("train", as_csv(x[:400], y[:400]), content_type="text/csv")
    job.put("test", _sparse_records(csr_matrix(x[400:]), y[400:]), content_type=RECORDIO)
    predictor = trained(LL, job, predictor_type="binary_classifier", mini_batch_size=50)
    assert roc_auc_score(y[400:], predictor.predict(x[400:])[:, 0]) > 0.98
