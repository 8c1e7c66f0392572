"""What a request that breaks very many rules costs, and what its error says."""

import time
import tracemalloc

import pytest

from engine.wire import contract
from engine.wire.constraints import MAX_PROBLEMS, SerializationException, validate
from engine.wire.errors import ValidationException

COUNT = 100_000  # in the six megabytes of a request there is room for more


def shape_of(service: str, operation: str):
    return contract.service(service).operation_model(operation).input_shape


def endless() -> list:
    """A list in which sixty items share the next list of sixty, five levels deep."""
    level: list = ["x"]
    for _ in range(5):
        level = [level] * 60
    return level


@pytest.mark.parametrize(
    ("service", "operation", "request_of"),
    [
        ("sagemaker", "CreateTrainingJob", lambda: {f"k{n}": 0 for n in range(COUNT)}),
        ("sagemaker", "CreateTrainingJob", lambda: {"HyperParameters": {f"\n{n}": "" for n in range(COUNT)}}),
        ("sagemaker", "AddTags", lambda: {"ResourceArn": "arn:x", "Tags": [{"Key": "\n", "Value": "\n"}] * COUNT}),
        ("sagemaker", "ListModels", lambda: {"MaxResults": 1000, "NameContains": "-" * 100_000}),
        ("logs", "FilterLogEvents", lambda: {"logGroupName": "g", "logStreamNames": endless() * 100}),
    ],
    ids=["unknown members", "keys of a map", "tags", "a long text", "shared items"],
)
def test_a_request_that_breaks_many_rules_is_refused_soon_and_in_few_words(service, operation, request_of):
    shape, request = shape_of(service, operation), request_of()
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises((ValidationException, SerializationException)) as error:
        validate(shape, request)
    assert time.process_time() - began < 1.0
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    tracemalloc.stop()
    assert len(error.value.message) < MAX_PROBLEMS * 2500


def test_an_error_names_fifty_broken_rules_and_says_that_there_may_be_more():
    request = {f"k{n}": 0 for n in range(COUNT)}
    with pytest.raises(ValidationException, match="^50 validation errors detected and the rest was not read: Value at"):
        validate(shape_of("sagemaker", "ListModels"), request)


@pytest.mark.parametrize("request_of", [lambda: {10**5000: 1}, lambda: {"NextToken": [10**5000]}])
def test_numbers_that_only_cbor_can_write_are_refused(request_of):
    with pytest.raises(SerializationException, match="can not be converted to a String"):
        validate(shape_of("sagemaker", "ListModels"), request_of())
