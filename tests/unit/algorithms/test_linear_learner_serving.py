"""Linear Learner answers: every content type in and out, refusals, and a process that only answers."""

import json
import subprocess
import sys

import numpy as np
import pytest

import algorithms
from algorithms.formats.recordio import read_frames, read_record, write_table
from algorithms.spec import InvocationError

from .amazon_jobs import RECORDIO, ask, put, settled, trained
from .tables import as_csv

LL = "linear-learner"
ALGORITHM = algorithms.get(LL)


@pytest.fixture(scope="module")
def served(make_job, breast_cancer, iris, diabetes):
    """A model of each kind of prediction, and rows to ask about."""
    created = {}
    for name, table, task in (("binary", breast_cancer, "binary"), ("classes", iris, "multiclass"),
                              ("number", diabetes, "regression")):  # fmt: skip
        created[name] = trained(LL, put(make_job(name), table), **settled(LL, table, task)), table.x[:4]
    return created


@pytest.mark.parametrize("accept", ALGORITHM.accepts)
@pytest.mark.parametrize("content_type", ALGORITHM.content_types)
@pytest.mark.parametrize("kind", ["binary", "classes", "number"])
def test_every_content_type_in_and_out(served, kind, content_type, accept):
    predictor, x = served[kind]
    body = {
        "text/csv": as_csv(x).encode(), "application/json": json.dumps({"instances": x.tolist()}).encode(),
        "application/jsonlines": "\n".join(json.dumps({"features": row}) for row in x.tolist()).encode(),
        RECORDIO: write_table(x),
    }[content_type]  # fmt: skip
    answer, answered = predictor.invoke(body, content_type, accept)
    assert answered == accept
    if accept == RECORDIO:
        label = [{name: t.values for name, t in read_record(frame).label.items()} for frame in read_frames(answer)]
        messages = [{name: v.tolist() if len(v) > 1 else v[0] for name, v in one.items()} for one in label]
    else:
        messages = json.loads(answer)["predictions"] if accept == "application/json" else [
            json.loads(line) for line in answer.splitlines()
        ]  # fmt: skip
    for ours, exact in zip(messages, ask(predictor, x), strict=True):
        assert set(ours) == set(exact)
        assert ours["score"] == pytest.approx(exact["score"], rel=1e-6)
        assert ("predicted_label" in ours) == (kind != "number")


def test_bad_requests_are_refused(served):
    predictor, _ = served["binary"]
    for body, content_type, accept, status in (
        (b"1,2", "text/csv", None, 400), (b"x", "application/json", None, 400), (b"1", "text/libsvm", None, 415),
        (as_csv(np.ones((1, 30))).encode(), "text/csv", "text/csv", 406),
    ):  # fmt: skip
        with pytest.raises(InvocationError) as e:
            predictor.invoke(body, content_type, accept)
        assert e.value.status == status


def test_a_model_loads_and_answers_in_a_fresh_process(job, breast_cancer):
    predictor = trained(LL, put(job, breast_cancer), **settled(LL, breast_cancer, "binary"))
    predictor.probe()
    row = as_csv(breast_cancer.x[:1]).strip()
    code = (
        "import sys, pathlib, algorithms; p = algorithms.get('linear-learner').load_predictor().load("
        "pathlib.Path(sys.argv[1])); print(p.invoke(sys.argv[2].encode(), 'text/csv', None)[0].decode()); "
        "assert 'sklearn' not in sys.modules"
    )
    output = subprocess.check_output([sys.executable, "-c", code, str(job.model_dir), row], text=True)
    assert json.loads(output)["predictions"] == ask(predictor, breast_cancer.x[:1])
