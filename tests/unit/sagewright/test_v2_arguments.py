"""Arguments that version 2 of AWS's SDK has and `sagewright.v2` has not."""

import boto3
import pytest

import sagewright.v2 as sagemaker
from sagewright.v2.sklearn import SKLearnModel
from sagewright.v2.transformer import Transformer

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ROLE = "arn:aws:iam::123456789012:role/SageMakerRole"
MODEL = {"model_data": "s3://b/model.tar.gz", "role": ROLE}


@pytest.fixture
def session() -> sagemaker.Session:
    return sagemaker.Session(boto3.session.Session("a", "b", region_name="us-east-1"), default_bucket="b")


CALLS = {
    "Estimator": lambda session, **extra: sagemaker.Estimator(IMAGE, ROLE, sagemaker_session=session, **extra),
    "Model": lambda session, **extra: sagemaker.Model(IMAGE, **MODEL, sagemaker_session=session, **extra),
    "Model.deploy": lambda session, **extra: sagemaker.Model(IMAGE, **MODEL, sagemaker_session=session).deploy(
        1, "ml.m5.large", **extra
    ),
    "SKLearnModel": lambda session, **extra: SKLearnModel(
        **MODEL, entry_point="i.py", image_uri=IMAGE, sagemaker_session=session, **extra
    ),
    "Predictor": lambda session, **extra: sagemaker.Predictor("e", sagemaker_session=session, **extra),
    "Transformer": lambda session, **extra: Transformer("m", sagemaker_session=session, **extra),
    "transform": lambda session, **extra: Transformer("m", sagemaker_session=session).transform(
        "s3://b/t.csv", **extra
    ),
    "TrainingInput": lambda session, **extra: sagemaker.TrainingInput("s3://b/t.csv", **extra),
    "retrieve": lambda session, **extra: sagemaker.image_uris.retrieve("xgboost", **extra),
    "attach": lambda session, **extra: sagemaker.Estimator.attach("job", session, **extra),
    "upload_data": lambda session, **extra: session.upload_data("file", **extra),
    "upload_string_as_file_body": lambda session, **extra: session.upload_string_as_file_body("", "b", "k", **extra),
    "download_data": lambda session, **extra: session.download_data("folder", "b", **extra),
    "logs_for_job": lambda session, **extra: session.logs_for_job("job", **extra),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_argument_that_would_change_something_is_refused_by_name(name, session):
    with pytest.raises(TypeError, match=f"^{name} has no argument use_spot_instances, subnets in sagewright.v2"):
        CALLS[name](session, use_spot_instances=True, subnets=["subnet-1"], tensorboard_output_config=None)


def test_a_name_of_version_1_is_refused_with_that_of_version_2(session):
    with pytest.raises(TypeError, match=r"train_instance_count \(now instance_count\)"):
        CALLS["Estimator"](session, train_instance_count=2)


def test_what_only_watches_is_ignored_with_a_warning(session):
    with pytest.warns(UserWarning, match="^Estimator ignores disable_profiler, rules: "):
        CALLS["Estimator"](session, disable_profiler=True, rules=[object()])


@pytest.mark.parametrize("extra", [{"use_spot_instances": False}, {"subnets": None}, {"debugger_hook_config": False}])
def test_what_asks_for_nothing_passes(extra, session):
    assert CALLS["Estimator"](session, **extra).instance_count == 1


def test_what_chooses_an_image_for_other_instances_passes(monkeypatch):
    monkeypatch.setattr(sagemaker.image_uris, "default_session", lambda: None)
    monkeypatch.setattr(sagemaker.image_uris, "planner_of", lambda session: _Planner())
    image = sagemaker.image_uris.retrieve(
        "xgboost", "us-east-1", "1.7-1", instance_type="ml.p3.2xlarge", py_version="py3"
    )
    assert image == IMAGE


class _Planner:
    def ask(self, *_, **__) -> str:
        return IMAGE
