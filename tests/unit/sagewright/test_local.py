"""A class in the person's own process: what `fit(..., local=True)` returns, and which classes a job could not make."""

from dataclasses import dataclass

import pytest

from sagewright import Model, S3DataSource


class Mean(Model):
    def train(self, data, *, factor: float = 1.0):
        self.mean = factor * float(data.target.to_numpy().mean())
        self.job = "clerk"
        self.log(mean=self.mean)

    def predict(self, rows):
        return [self.mean] * len(rows)


@pytest.fixture
def source(tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n1,2\n2,4\n")
    return S3DataSource(str(tmp_path / "t.csv"), target="y")


def test_a_local_job_says_what_it_is_and_is_deployed_and_taken_into_service_as_a_job_is(source):
    job = Mean().fit(source, local=True)
    assert repr(job).startswith("LocalJob('Mean-") and "mean=3" in repr(job) and job.artifact in repr(job)
    predictor = job.deploy(name="means")
    assert repr(predictor) == "LocalPredictor('means')" and predictor.predict({"a": 1}) == 3
    assert predictor.update(Mean(factor=2.0).fit(source, local=True)).wait().predict({"a": 1}) == 6


def test_an_attribute_called_job_is_the_persons_own(source):
    model = Mean()
    model.fit(source, local=True)
    assert model.job == "clerk"
    assert model.deploy()._model.job == "clerk"


@dataclass
class Fields(Model):
    depth: int = 3

    def train(self, data):
        pass


class Argument(Model):
    def __init__(self, depth=3, **hyperparameters):
        super().__init__(**hyperparameters)
        self.depth = depth

    def train(self, data):
        pass


class Silent(Model):
    def __init__(self):
        self.depth = 3

    def train(self, data):
        pass


@pytest.mark.parametrize(
    ("cls", "words"),
    [
        (Fields, r"Fields.__init__ takes depth, .* def train\(self, data, \*, depth=\.\.\.\)"),
        (Argument, "Argument.__init__ takes depth"),
        (Silent, "Silent.__init__ does not call super"),
    ],
)
def test_a_class_that_a_job_could_not_make_is_refused_here_too(source, cls, words):
    with pytest.raises(TypeError, match=words):
        cls().fit(source, local=True)
