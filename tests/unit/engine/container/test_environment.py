"""What a training script gets, compared with what AWS's own toolkit gave it."""

import json
from pathlib import Path

import pytest
from script_toolkit import environment

RECORDED = json.loads(Path(__file__).with_name("sagemaker_training.json").read_text())


@pytest.fixture
def job(tmp_path):
    config = tmp_path / "input" / "config"
    config.mkdir(parents=True)
    for name in ("hyperparameters", "inputdataconfig", "resourceconfig"):
        (config / f"{name}.json").write_text(json.dumps(RECORDED[name]))
    job = environment.read(str(tmp_path), {"TRAINING_JOB_NAME": "job-1", "SM_NUM_CPUS": "2"})
    return job._replace(base="/opt/ml")


def test_the_variables_are_those_of_sagemaker_training(job):
    assert environment.variables(job) == RECORDED["environ"]


def test_the_arguments_are_those_of_sagemaker_training(job):
    assert environment.arguments(job.hyperparameters) == RECORDED["argv"][1:]


def test_a_variable_that_no_process_can_have_is_left_out_by_name():
    good, bad = environment.without_nul({"SM_HP_A": "1", "SM_HP_B": "a\0b", "SM_HP_C=D": "1"})
    assert (good, bad) == ({"SM_HP_A": "1"}, ["SM_HP_B", "SM_HP_C=D"])
