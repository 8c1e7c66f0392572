"""Which requests bring a script."""

import pytest

from engine.frameworks.images import framework_of, metric_definitions, serves_script, trains_script

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
PYTORCH = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.3.0-cpu-py311"


@pytest.mark.parametrize(
    ("image", "name"),
    [(SKLEARN, "sklearn"), (XGBOOST, "xgboost"), (PYTORCH, "pytorch"), ("python:3.12-slim", "python")],
)
def test_an_images_framework_is_known_by_its_repository(image, name):
    assert framework_of(image).name == name


def test_an_unknown_image_has_no_framework():
    assert framework_of("123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1") is None


def test_xgboosts_image_is_the_built_in_algorithm_unless_a_program_is_named():
    def request(image, **more):
        return {"AlgorithmSpecification": {"TrainingImage": image}, **more}

    assert trains_script(request(SKLEARN))
    assert not trains_script(request(XGBOOST))
    assert trains_script(request(XGBOOST, HyperParameters={"sagemaker_program": '"train.py"'}))
    assert not serves_script(XGBOOST, {}) and serves_script(XGBOOST, {"SAGEMAKER_PROGRAM": "inference.py"})


def test_sagemaker_knows_the_metrics_of_xgboosts_image_also_with_a_script():
    names = [definition["Name"] for definition in metric_definitions({"TrainingImage": XGBOOST})]
    assert {"train:rmse", "validation:rmse"} <= set(names)
    own = {"Name": "validation:rmse", "Regex": "mine (.*)"}
    both = metric_definitions({"TrainingImage": XGBOOST, "MetricDefinitions": [own]})
    assert [one for one in both if one["Name"] == "validation:rmse"] == [own] and len(both) == len(names)
    assert metric_definitions({"TrainingImage": SKLEARN}) == []
