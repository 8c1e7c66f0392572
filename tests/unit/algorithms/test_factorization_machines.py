"""Factorization Machines: interactions that no linear model can see, sparse rows, AWS's formats and log."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import StandardScaler

import algorithms
from algorithms.amazon import log, model_file
from algorithms.factorization_machines.machine import Machine, forward, gradients
from algorithms.factorization_machines.optimizer import Optimizer, init_machine
from algorithms.formats.recordio import Tensor, read_frames, read_record, write_record, write_sparse_table, write_table
from algorithms.spec import AlgorithmFailure, Facts, InvalidHyperparameters, InvocationError, UserError

from .amazon_jobs import RECORDIO, ask, context, figures, load, put, settled, trained
from .tables import Job, Table, as_csv

FM = "factorization-machines"
ALGORITHM = algorithms.get(FM)


@pytest.fixture(scope="session")
def likes() -> Table:
    """People and films, one-hot: who likes what depends on both together, never on one alone."""
    rng = np.random.default_rng(1)
    person, film = rng.integers(0, 12, 3000), rng.integers(0, 12, 3000)
    taste, kind = rng.normal(size=(12, 2)), rng.normal(size=(12, 2))
    liking = 2 * (taste[person] * kind[film]).sum(axis=1) + 0.3 * rng.normal(size=3000)
    x = np.zeros((3000, 24), np.float32)
    x[np.arange(3000), person] = x[np.arange(3000), 12 + film] = 1
    return Table(x, (liking > 0).astype(np.float32))


@pytest.fixture(scope="session")
def cancer(breast_cancer) -> Table:
    return Table(StandardScaler().fit_transform(breast_cancer.x).astype(np.float32), breast_cancer.y)


@pytest.fixture(scope="session")
def progress(diabetes) -> Table:
    return Table(StandardScaler().fit_transform(diabetes.x).astype(np.float32), diabetes.y)


def sparse_records(x, y=None) -> bytes:
    return b"".join(
        write_record(
            {"values": Tensor(row[row != 0], np.flatnonzero(row), (len(row),))},
            None if y is None else {"values": Tensor(y[i : i + 1].astype(np.float32))},
        )
        for i, row in enumerate(x)
    )


def put_sparse(job: Job, table: Table) -> Job:
    for channel, rows in (("train", ~table.held), ("test", table.held)):
        job.put(channel, sparse_records(table.x[rows], table.y[rows]), "part", content_type=RECORDIO)
    return job


def accuracy(predictor, table: Table) -> float:
    messages = [answer["predicted_label"] for answer in ask(predictor, table.x[table.held])]
    return float(np.mean(np.array(messages) == table.y[table.held]))


@pytest.mark.parametrize(
    "how", [put_sparse, lambda job, table: put(job, table, "test", RECORDIO)], ids=["sparse", "dense"]
)
def test_interactions_are_learned_that_a_linear_model_cannot_see(job, likes, how, capsys):
    predictor = trained(FM, how(job, likes), **settled(FM, likes, "binary"))
    linear = LogisticRegression().fit(likes.x[~likes.held], likes.y[~likes.held])
    assert accuracy(predictor, likes) >= 0.92 > 0.8 > linear.score(likes.x[likes.held], likes.y[likes.held])
    assert figures(FM, capsys.readouterr().out)["test:binary_classification_accuracy"] == [
        pytest.approx(accuracy(predictor, likes), abs=1e-6)
    ]


def test_sparse_and_dense_rows_make_the_same_model(make_job, likes):
    settings = settled(FM, likes, "binary", epochs=2)
    one = trained(FM, put_sparse(make_job("sparse"), likes), **settings).machine
    two = trained(FM, put(make_job("dense"), likes, "test", RECORDIO), **settings).machine
    np.testing.assert_allclose(one.linear, two.linear, atol=2e-3)
    np.testing.assert_allclose(one.factors, two.factors, atol=2e-3)


@pytest.mark.parametrize("value", [{}, *ALGORITHM.presets.values()], ids=["settled", *ALGORITHM.presets])
def test_real_classes_are_told_apart_nearly_as_well_as_by_a_linear_model(job, cancer, value):
    predictor = trained(FM, put(job, cancer, "test", RECORDIO), **settled(FM, cancer, "binary", **value))
    linear = LogisticRegression(max_iter=1000).fit(cancer.x[~cancer.held], cancer.y[~cancer.held])
    assert accuracy(predictor, cancer) >= linear.score(cancer.x[cancer.held], cancer.y[cancer.held]) - 0.03


@pytest.mark.parametrize("value", [{}, *ALGORITHM.presets.values()], ids=["settled", *ALGORITHM.presets])
def test_real_numbers_are_predicted_as_well_as_by_a_linear_model(job, progress, value):
    predictor = trained(FM, put(job, progress, "test", RECORDIO), **settled(FM, progress, "regression", **value))
    x, y = progress.x[progress.held], progress.y[progress.held]
    linear = LinearRegression().fit(progress.x[~progress.held], progress.y[~progress.held])
    ours = np.mean((np.array([answer["score"] for answer in ask(predictor, x)]) - y) ** 2)
    assert ours <= 1.08 * np.mean((linear.predict(x) - y) ** 2)


def test_a_machine_is_what_its_formula_says():
    rng = np.random.default_rng(3)
    x, w, v = rng.normal(size=(4, 6)), rng.normal(size=6), rng.normal(size=(6, 3))
    pairs = [sum(v[i] @ v[j] * row[i] * row[j] for i in range(6) for j in range(i + 1, 6)) for row in x]
    for rows in (x, csr_matrix(x)):
        np.testing.assert_allclose(Machine(0.5, w, v).outputs(rows), 0.5 + x @ w + pairs)


def test_its_slopes_are_the_slopes_of_its_cost():
    rng = np.random.default_rng(4)
    x, y, w, v = rng.normal(size=(5, 4)), rng.normal(size=5), rng.normal(size=4), rng.normal(size=(4, 2))

    def cost(w, v) -> float:
        return 0.5 * ((forward(x, 0.1, w, v)[0] - y) ** 2).sum()

    outputs, sums, squares = forward(x, 0.1, w, v)
    d_linear, d_factors = gradients(x, outputs - y, sums, squares, v)
    for at in np.ndindex(v.shape):
        moved = v.copy()
        moved[at] += 1e-6
        assert (cost(w, moved) - cost(w, v)) / 1e-6 == pytest.approx(d_factors[at], rel=1e-3, abs=1e-4)
    for i in range(4):
        moved = w.copy()
        moved[i] += 1e-6
        assert (cost(moved, v) - cost(w, v)) / 1e-6 == pytest.approx(d_linear[i], rel=1e-3, abs=1e-4)


def test_a_batch_changes_only_the_features_it_has():
    values = {"feature_dim": 1000, "num_factors": 2}
    machine = init_machine(values, np.random.default_rng(0))
    before = machine.linear.copy()
    x = csr_matrix(([1.0, 1.0], ([0, 1], [5, 900])), shape=(2, 1000), dtype=np.float32)
    Optimizer(machine, values).step(x, np.array([1, 0], np.float32), True)
    assert np.flatnonzero(machine.linear != before).tolist() == [5, 900]


@pytest.mark.parametrize(
    ("value", "of_factors"),
    [
        ({"factors_init_method": "constant", "factors_init_value": 0.25}, lambda v: (v == 0.25).all()),
        ({"factors_init_method": "uniform", "factors_init_scale": 0.5}, lambda v: 0.45 < np.abs(v).max() <= 0.5),
        ({"factors_init_method": "uniform"}, lambda v: 0.06 < np.abs(v).max() <= 0.07),
        ({"factors_init_sigma": 2.0}, lambda v: 1.8 < v.std() < 2.2),
        ({}, lambda v: 0.0009 < v.std() < 0.0011),
    ],
)
def test_first_values_are_drawn_as_asked(value, of_factors):
    values = {"feature_dim": 500, "num_factors": 4, **value}
    assert of_factors(init_machine(values, np.random.default_rng(0)).factors)


@pytest.mark.parametrize(
    "value", [{"clip_gradient": 1e-6, "eps": 1.0}, {"rescale_grad": 1e-9, "eps": 1.0}, {"factors_lr": 0}], ids=str
)
def test_settings_of_the_optimizer_have_their_effect(make_job, likes, value):
    """Each of these holds the factors near where they begin."""
    few = settled(FM, likes, "binary", epochs=1, **value)
    held = trained(FM, put(make_job("held"), likes, "", RECORDIO), **few).machine.factors
    free = trained(FM, put(make_job("free"), likes, "", RECORDIO), **settled(FM, likes, "binary", epochs=1))
    assert np.abs(held).max() < 0.01 < np.abs(free.machine.factors).max()


def test_weight_decay_draws_to_zero(make_job, likes):
    results = [
        np.abs(trained(FM, put(make_job(str(wd)), likes, "", RECORDIO),
                       **settled(FM, likes, "binary", epochs=5, factors_wd=wd)).machine.factors).mean()
        for wd in (0.0, 1.0)
    ]  # fmt: skip
    assert results[1] < 0.2 * results[0]


def test_the_log_is_read_by_awss_patterns(job, likes, capsys):
    trained(FM, put(job, likes, "test", RECORDIO), **settled(FM, likes, "binary", epochs=4))
    out = capsys.readouterr().out
    metrics = figures(FM, out)
    for name in ("binary_classification_accuracy", "binary_classification_cross_entropy", "binary_f_beta"):
        assert len(metrics[f"train:{name}:epoch"]) == 4 and len(metrics[f"test:{name}"]) == 1
    assert metrics["train:progress"] == [25, 50, 75, 100]
    curve = metrics["train:binary_classification_cross_entropy:epoch"]
    assert curve == sorted(curve, reverse=True)


@pytest.fixture(scope="module")
def served(make_job, likes, progress):
    created = {}
    for name, table, task in (("binary", likes, "binary"), ("number", progress, "regression")):
        job = put(make_job(name), table, "", RECORDIO)
        created[name] = trained(FM, job, **settled(FM, table, task)), table.x[:4]
    return created


@pytest.mark.parametrize("accept", ALGORITHM.accepts)
@pytest.mark.parametrize("content_type", [*ALGORITHM.content_types, "sparse json", "sparse recordio"])
@pytest.mark.parametrize("kind", ["binary", "number"])
def test_every_content_type_in_and_out(served, kind, content_type, accept):
    predictor, x = served[kind]
    shape = [x.shape[1]]
    columns = [np.flatnonzero(row) for row in x]
    vectors = [{"keys": c.tolist(), "shape": shape, "values": r[c].tolist()} for r, c in zip(x, columns, strict=True)]
    keyed = [{"data": {"features": vector}} for vector in vectors]
    content_type, body = {
        "application/json": ("application/json", json.dumps({"instances": x.tolist()}).encode()),
        "application/jsonlines": (
            "application/jsonlines", "\n".join(json.dumps({"features": row}) for row in x.tolist()).encode()
        ),
        RECORDIO: (RECORDIO, write_table(x)),
        "sparse json": ("application/json", json.dumps({"instances": keyed}).encode()),
        "sparse recordio": (RECORDIO, sparse_records(x)),
    }[content_type]  # fmt: skip
    answer, answered = predictor.invoke(body, content_type, accept)
    assert answered == accept
    if accept == RECORDIO:
        messages = [{n: t.values[0] for n, t in read_record(f).label.items()} for f in read_frames(answer)]
    elif accept == "application/json":
        messages = json.loads(answer)["predictions"]
    else:
        messages = [json.loads(line) for line in answer.splitlines()]
    for ours, exact in zip(messages, ask(predictor, x), strict=True):
        assert ours["score"] == pytest.approx(exact["score"], rel=1e-5)
        assert ("predicted_label" in ours) == (kind == "binary")


def test_csv_is_refused_as_on_aws(served):
    predictor, x = served["binary"]
    with pytest.raises(InvocationError) as e:
        predictor.invoke(as_csv(x).encode(), "text/csv", None)
    assert e.value.status == 415


def test_wide_models_answer_rows_of_few_features(tmp_path):
    rng = np.random.default_rng(0)
    linear, factors = rng.normal(size=50_000), rng.normal(size=(50_000, 3))
    meta = {"predictor_type": "regressor", "bias": 1.0}
    model_file.save(tmp_path, FM, meta, {"linear": linear, "factors": factors})
    item = {"data": {"features": {"keys": [7, 49_999], "values": [2, 3]}}}
    answer, _ = load(FM, tmp_path).invoke(json.dumps({"instances": [item]}).encode(), "application/json", None)
    expected = 1 + 2 * linear[7] + 3 * linear[49_999] + 6 * factors[7] @ factors[49_999]
    assert json.loads(answer)["predictions"][0]["score"] == pytest.approx(expected)


def test_a_model_loads_and_answers_in_a_fresh_process(job, likes):
    predictor = trained(FM, put(job, likes, "", RECORDIO), **settled(FM, likes, "binary", epochs=1))
    predictor.probe()
    code = (
        "import sys, pathlib, algorithms; p = algorithms.get('factorization-machines').load_predictor().load("
        "pathlib.Path(sys.argv[1])); print(p.invoke(sys.argv[2].encode(), 'application/json', None)[0].decode())"
    )
    body = json.dumps({"instances": likes.x[:1].tolist()})
    output = subprocess.check_output([sys.executable, "-c", code, str(job.model_dir), body], text=True)
    assert json.loads(output)["predictions"] == ask(predictor, likes.x[:1])


def test_fifty_rows_are_enough(job, cancer):
    few = Table(cancer.x[:75], cancer.y[:75])
    predictor = trained(FM, put(job, few, "", RECORDIO), **settled(FM, few, "binary"))
    assert accuracy(predictor, few) >= 0.8


def test_a_stopped_job_keeps_its_model(job, cancer, monkeypatch):
    put(job, cancer, "", RECORDIO)
    epochs = []

    def stop_after_three(done: int, _: int) -> None:
        epochs.append(done)
        if done == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(log, "progress_metric", stop_after_three)
    with pytest.raises(SystemExit) as e:
        ALGORITHM.load_trainer()(context(job, **settled(FM, cancer, "binary", epochs=1_000_000)))
    assert e.value.code == 0 and epochs == [1, 2, 3]
    assert accuracy(load(FM, job.model_dir), cancer) >= 0.85


@pytest.mark.parametrize(
    ("content", "value", "words"),
    [
        (write_table(np.ones((2, 1)), [2.0, 1.0]), {}, "must be 0 or 1. Row 1 of channel train has the label 2"),
        (write_table(np.ones((2, 1)), [0.0, 1.0]), {"feature_dim": 3}, "feature_dim is 3, but the rows of channel"),
        (write_table(np.ones((2, 1)), [0.0, 1.0]), {"mini_batch_size": 3}, "the mini-batch size is too high"),
        (write_table(np.ones((2, 1)), [0.0, 1.0], "<f8"), {}, "Only Float32 tensors are supported"),
        (write_table(np.ones((2, 1))), {}, "has no labels"),
    ],
)  # fmt: skip
def test_bad_data_is_refused(job: Job, content, value, words):
    job.put("train", content, content_type=RECORDIO)
    least = {"predictor_type": "binary_classifier", "mini_batch_size": 2, "feature_dim": 1, "num_factors": 2}
    with pytest.raises(UserError, match=words):
        trained(FM, job, **{**least, **value})


def test_a_csv_channel_is_refused(job: Job):
    job.put("train", "0,1\n1,2\n")
    with pytest.raises(UserError, match="No iterator has been registered for ContentType \\('text/csv', '1.0'\\)"):
        trained(FM, job, predictor_type="regressor", feature_dim=1, num_factors=2)


def test_learning_rates_that_run_off_are_said(job, progress):
    settings = settled(FM, progress, "regression", factors_lr=1e30, linear_lr=1e30)
    with pytest.raises(AlgorithmFailure, match="smaller learning rates"):
        trained(FM, put(job, progress, "", RECORDIO), **settings)


def test_what_is_left_open_is_settled_and_what_is_given_stays():
    facts = Facts("binary", 2, 1000, 7)
    settings = ALGORITHM.settle({}, facts)
    assert settings == {
        "predictor_type": "binary_classifier", "feature_dim": "7", "num_factors": "8", "mini_batch_size": "50",
        "epochs": "30", "linear_lr": "0.01", "factors_lr": "0.01", "linear_wd": "0.0003", "factors_wd": "0.002",
    }  # fmt: skip
    assert ALGORITHM.settle({"epochs": "3", "linear_lr": "0.5"}, facts)["epochs"] == "3"
    assert ALGORITHM.settle({}, Facts("regression", 0, 10**7, 7))["epochs"] == "1"
    assert ALGORITHM.task_of({"predictor_type": "regressor"}, "binary") == "regression"
    values = ALGORITHM.parse(settings)
    assert 0 < ALGORITHM.seconds(values, facts) < 10 and ALGORITHM.memory(values, facts) > 1e7
    with pytest.raises(InvalidHyperparameters, match="'feature_dim' which are required"):
        ALGORITHM.parse({"predictor_type": "regressor", "num_factors": "2"})


@pytest.mark.parametrize("preset", [*ALGORITHM.presets])
def test_ratings_of_items_by_users_come_near_their_noise(job, preset):
    """As MovieLens is: few ratings a user, popular items, users and items with their own means and five tastes."""
    random = np.random.default_rng(0)
    users, items, count = 300, 500, 20_000
    tastes = [random.normal(scale=0.4, size=(n, 5)) for n in (users, items)]
    means = [random.normal(scale=0.45, size=n) for n in (users, items)]
    popular = 1 / np.arange(1, items + 1) ** 0.7
    user, item = random.integers(0, users, count), random.choice(items, count, p=popular / popular.sum())
    y = 3.5 + means[0][user] + means[1][item] + (tastes[0][user] * tastes[1][item]).sum(1)
    y = (y + random.normal(scale=0.8, size=count)).astype(np.float32)
    columns = np.column_stack([user, users + item])
    held = np.arange(count) % 5 == 0
    for channel, rows in (("train", ~held), ("test", held)):
        content = write_sparse_table(np.ones((rows.sum(), 2)), columns[rows], users + items, y[rows])
        job.put(channel, content, "part", content_type=RECORDIO)
    facts = Facts("regression", 0, int((~held).sum()), users + items, True, 2)
    model = trained(FM, job, **ALGORITHM.settle(ALGORITHM.presets[preset], facts))
    machine = model.machine
    answers = (
        machine.bias
        + machine.linear[columns[held]].sum(1)
        + (machine.factors[user[held]] * machine.factors[users + item[held]]).sum(1)
    )
    assert np.sqrt(np.mean((answers - y[held]) ** 2)) < 0.92  # its noise is 0.8, the spread of the ratings 1.1
