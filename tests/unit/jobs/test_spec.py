"""A job's options are declared once: rows, requests and JSON follow the declaration and lose nothing."""

import pytest

from jobs import JobSpec
from jobs.request import request_part, spec_of_request
from jobs.spec import OPTIONS
from models_app.models import Model
from tables import Recipe

FULL = JobSpec(
    name="churn",
    algorithm="kmeans",
    data_uri="s3://team/churn.csv",
    data_etag="e1",
    recipe=Recipe(target="y", excluded=["id"]),
    hyperparameters={"k": "3"},
    instance_type="ml.m5.xlarge",
    instance_count=2,
    volume_gb=50,
    max_runtime=600,
    cost_limit=1.5,
    deploy_when_done=False,
    deploy_metric="auc",
    deploy_threshold=0.9,
    idle_hours=4,
)


@pytest.mark.parametrize("option", [o for o in OPTIONS if o.row], ids=lambda o: o.name)
def test_a_model_has_a_column_with_the_same_default(option):
    column = Model._meta.get_field(option.name)
    if option.name not in ("algorithm", "recipe"):
        assert column.get_default() == option.default
    assert column.null == (option.default is None)


def test_a_row_keeps_every_option_that_has_a_column():
    row = Model(name="churn", **FULL.as_row())
    assert JobSpec.from_row(row, name="churn") == FULL


def test_json_keeps_every_option_and_only_what_differs():
    assert JobSpec.from_json(FULL.as_json()) == FULL
    assert JobSpec().as_json() == {}
    assert JobSpec(max_runtime=600).as_json() == {"max_runtime": 600}
    assert JobSpec.from_json({"max_runtime": 600, "no_such_option": 1}) == JobSpec(max_runtime=600)


def test_a_request_is_read_as_it_is_written():
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    request = request_part(FULL)
    request["AlgorithmSpecification"]["TrainingImage"] = image
    read = spec_of_request(request)
    written = [o.name for o in OPTIONS if o.request]
    assert {name: getattr(read, name) for name in written} == {name: getattr(FULL, name) for name in written}
    assert (read.algorithm, read.image_tag, read.region) == ("xgboost", "1.7-1", "us-east-1")


def test_what_a_request_leaves_out_is_what_aws_assumes():
    specification = {"TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"}
    read = spec_of_request({"AlgorithmSpecification": specification, "ResourceConfig": {}})
    assert (read.max_runtime, read.instance_count, read.volume_gb, read.instance_type) == (86400, 1, 0, "")
