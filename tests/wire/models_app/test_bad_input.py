"""Each bad input has its words at its field, and leaves nothing behind."""

import uuid

import pytest

from models_app import aws
from models_app.create import submit
from models_app.models import Model, TrainingJob

pytestmark = pytest.mark.stack


@pytest.fixture
def problems(worker, alice, draft):
    """{field: message} of a draft with these changes; checks that nothing was made."""

    def ask(**changes) -> dict[str, str]:
        findings = submit.check(alice, draft(**changes))
        assert not Model.objects.exists() and not TrainingJob.objects.filter(external=False).exists()
        return {problem.field: problem.message for problem in findings}

    return ask


def test_a_good_draft_has_no_problems(problems):
    assert problems() == {}


@pytest.mark.parametrize("name", ["-x", "x-", "a b", "ü", "x" * 64, "a_b", ""])
def test_ill_formed_names(problems, name):
    assert set(problems(name=name)) == {"name"}


def test_a_pages_address_is_no_name(problems):
    assert "address of a page" in problems(name="create")["name"]


def test_data_that_is_not_there(problems):
    assert "no bucket called nowhere-at-all" in problems(data_uri="s3://nowhere-at-all/x.csv")["location"]
    assert problems(data_uri="").keys() == {"location"}


def test_no_such_column(problems):
    assert "There is no column 'colour'" in problems(target="colour")["target"]


def test_hyperparameters_all_at_once_in_the_containers_words(problems):
    messages = problems(hyperparameters={"eta": "1.5", "n_estimators": "10", "max_depth": "6.5"})
    assert "Hyperparameter eta: 1.5 is not in [0" in messages["hp-eta"]
    assert "Extraneous hyperparameter found: n_estimators" in messages["hp-n_estimators"]
    assert "could not parse value" in messages["hp-max_depth"]


def test_everything_is_told_at_once(problems):
    messages = problems(name="", target="x", hyperparameters={"eta": "7"}, instance_type="ml.none", algorithm="xgboost")
    assert set(messages) == {"name", "target", "hp-eta", "instance_type"}


def test_an_unknown_algorithm_instance_and_run_time(problems):
    assert set(problems(algorithm="magic")) == {"algorithm"}
    messages = problems(instance_type="ml.toaster.large", max_runtime=0, validation_share=2)
    assert messages.keys() >= {"instance_type", "max_runtime", "validation_share"}


def test_a_text_label_for_a_regression(problems, table):
    bucket = table.split("/")[2]
    rows = "x,y\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(40))
    aws.client("s3").put_object(Bucket=bucket, Key="words.csv", Body=rows.encode())
    parameters = {"data_uri": f"s3://{bucket}/words.csv", "hyperparameters": {"objective": "reg:squarederror"}}
    assert "Column y holds 2 text values, but reg:squarederror predicts a number" in problems(**parameters)["target"]


def test_ill_formed_endpoint_names(problems):
    assert set(problems(endpoint_name="no_underscores")) == {"endpoint_name"}
    assert problems(endpoint_name=f"fine-{uuid.uuid4().hex[:6]}") == {}
