"""The contract with AWS's models: every pattern compiles, every served operation is AWS's and fits its shape."""

from datetime import UTC, datetime

import pytest
from botocore import xform_name

from engine.services import SERVICES
from engine.services.dispatch import find_method
from engine.wire import contract
from engine.wire.constraints import compiled, validate
from engine.wire.errors import ValidationException
from engine.wire.responses import InvalidResponse, shape_response

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model/m"
SERVED = [
    (service, operation)
    for service in SERVICES
    for operation in contract.service(service).operation_names
    if find_method(service, operation)
]


@pytest.mark.parametrize("service", SERVICES)
def test_every_pattern_of_aws_compiles(service):
    model = contract.service(service)
    patterns = {p for name in model.shape_names if (p := model.shape_for(name).metadata.get("pattern"))}
    for pattern in patterns:
        compiled(pattern)


@pytest.mark.parametrize("service", SERVICES)
def test_every_public_method_is_an_operation_of_aws(service):
    known = {xform_name(name) for name in contract.service(service).operation_names}
    methods = {name for family in SERVICES[service] for name in vars(family) if not name.startswith("_")}
    assert methods <= known


@pytest.mark.parametrize("service", SERVICES)
def test_no_two_families_offer_the_same(service):
    methods = [name for family in SERVICES[service] for name in vars(family) if not name.startswith("_")]
    assert len(methods) == len(set(methods))


def test_what_the_first_slice_promises_is_served():
    promised = {
        "sagemaker": "CreateTrainingJob DescribeTrainingJob ListTrainingJobs StopTrainingJob DeleteTrainingJob "
        "CreateModel DescribeModel ListModels DeleteModel CreateEndpointConfig DescribeEndpointConfig "
        "ListEndpointConfigs DeleteEndpointConfig CreateEndpoint DescribeEndpoint ListEndpoints UpdateEndpoint "
        "DeleteEndpoint UpdateEndpointWeightsAndCapacities AddTags ListTags DeleteTags",
        "sts": "GetCallerIdentity",
        "iam": "GetRole ListRoles",
        "logs": "DescribeLogGroups DescribeLogStreams GetLogEvents FilterLogEvents",
        "cloudwatch": "GetMetricData GetMetricStatistics ListMetrics",
    }
    wanted = {(service, name) for service, names in promised.items() for name in names.split()}
    assert wanted <= set(SERVED)


def example(shape, depth: int = 0):
    """A small value of `shape`, with every member down to the fourth level and as much as its minimum asks for."""
    kind, least = shape.type_name, shape.metadata.get("min") or 0
    if kind == "structure":
        wanted = shape.members if depth < 4 else shape.required_members
        return {name: example(shape.members[name], depth + 1) for name in wanted}
    if kind == "list":
        return [example(shape.member, depth + 1)] * max(least, 1)
    if kind == "map":
        return {"key": example(shape.value, depth + 1)}
    if kind == "string":
        return shape.enum[0] if shape.enum else "t" * max(least, 1)
    return {"timestamp": 1.5, "boolean": True, "blob": b"bytes"}.get(kind, max(least, 1))


@pytest.mark.parametrize("service,name", SERVED)
def test_an_answer_of_every_served_operation_fits_its_shape(service, name):
    operation = contract.operation(service, name)
    shape = operation.output_shape
    if shape is None:
        assert shape_response(operation, {"anything": 1}) == {}
        return
    answer = shape_response(operation, {**example(shape), "Stranger": 1})
    assert "Stranger" not in answer
    for member in shape.required_members:
        with pytest.raises(InvalidResponse):
            shape_response(operation, {**example(shape), member: None})


@pytest.mark.parametrize("service,name", SERVED)
def test_every_served_operation_refuses_what_it_does_not_know(service, name):
    with pytest.raises(ValidationException) as refused:
        validate(contract.operation(service, name).input_shape, {"Stranger": 1}) or pytest.fail("no shape")
    assert "'stranger'" in refused.value.message


def test_empty_structures_and_nothings_are_left_out():
    operation = contract.operation("sagemaker", "DescribeModel")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    parameters = {
        "ModelName": "m",
        "ModelArn": ARN,
        "CreationTime": at.timestamp(),
        "VpcConfig": {},
        "PrimaryContainer": None,
    }
    assert shape_response(operation, parameters) == {"ModelName": "m", "ModelArn": ARN, "CreationTime": at}


@pytest.mark.parametrize("wrong", [{"ModelArn": 3}, {"CreationTime": "soon"}, {"Containers": {}}])
def test_an_answer_of_the_wrong_type_is_a_bug(wrong):
    operation = contract.operation("sagemaker", "DescribeModel")
    with pytest.raises(InvalidResponse):
        shape_response(operation, {"ModelName": "m", "ModelArn": ARN, "CreationTime": 1.0} | wrong)
