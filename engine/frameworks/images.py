"""Which images are a framework's, and when a request for such an image brings its own script."""

from collections.abc import Mapping
from dataclasses import dataclass

import algorithms
from algorithms.images import parse_image_uri

PROGRAM, SUBMIT_DIRECTORY = "sagemaker_program", "sagemaker_submit_directory"  # of HyperParameters
SERVED_PROGRAM = "SAGEMAKER_PROGRAM"  # of a container's Environment
REGISTRY = "683313688378.dkr.ecr.us-east-1.amazonaws.com"  # AWS's of scikit-learn and XGBoost


@dataclass(frozen=True)
class Framework:
    """A framework whose images run people's scripts.

    `handlers` says whose default functions serve a model (script_toolkit.handlers). `example` is an image of it.
    """

    name: str
    title: str
    repositories: tuple[str, ...]
    handlers: str
    package: str = ""  # the distribution that the image is about, as the base environment may have it
    module: str = ""  # SM_FRAMEWORK_MODULE in AWS's image
    example: str = ""


FRAMEWORKS = (
    Framework(
        "sklearn", "scikit-learn", ("sagemaker-scikit-learn",), "sklearn", "scikit-learn",
        "sagemaker_sklearn_container.training:main", f"{REGISTRY}/sagemaker-scikit-learn:1.4-2-cpu-py3",
    ),
    Framework(
        "xgboost", "XGBoost", ("sagemaker-xgboost",), "xgboost", "xgboost-cpu",
        "sagemaker_xgboost_container.training:main", f"{REGISTRY}/sagemaker-xgboost:1.7-1",
    ),
    Framework(
        "pytorch", "PyTorch", ("pytorch-training", "pytorch-inference"), "python", "torch",
        "sagemaker_pytorch_container.training:main",
    ),
    Framework(
        "tensorflow", "TensorFlow", ("tensorflow-training", "tensorflow-inference"), "python", "tensorflow",
        "sagemaker_tensorflow_container.training:main",
    ),
    Framework(
        "huggingface", "Hugging Face",
        ("huggingface-pytorch-training", "huggingface-pytorch-inference", "huggingface-pytorch-inference-cpu"),
        "python", "transformers", "sagemaker_pytorch_container.training:main",
    ),
    Framework("python", "Python", ("python",), "python", example="python:3.11"),
)  # fmt: skip


def framework_of(image: str) -> Framework | None:
    """The framework of an image in any registry and with any tag, None if it is none of ours."""
    repository = parse_image_uri(image).repository
    return next((framework for framework in FRAMEWORKS if repository in framework.repositories), None)


def trains_script(request: Mapping) -> bool:
    """Whether a CreateTrainingJob request brings a program of its own, for an image that runs such."""
    specification = request.get("AlgorithmSpecification", {})
    framework = framework_of(specification.get("TrainingImage") or "")
    return framework is not None and (
        framework.name != "xgboost"
        or bool(specification.get("ContainerEntrypoint"))
        or PROGRAM in request.get("HyperParameters", {})
    )


def metric_definitions(specification: Mapping) -> list[dict[str, str]]:
    """The metrics of a job with this AlgorithmSpecification: its own, and those that SageMaker knows the image by.

    XGBoost's image has them with a script of the caller's as well, whose log lines `xgboost.train` prints all the same.
    """
    own = [*specification.get("MetricDefinitions", ())]
    algorithm = algorithms.for_image(specification.get("TrainingImage") or "")
    names = {definition["Name"] for definition in own}
    known = algorithm.metric_definitions() if algorithm else []
    return [*(definition for definition in known if definition["Name"] not in names), *own]


def serves_script(image: str, environment: Mapping[str, str]) -> bool:
    """Whether a model's container has functions of its own to answer with."""
    framework = framework_of(image)
    return framework is not None and (framework.name != "xgboost" or SERVED_PROGRAM in environment)


def titles() -> str:
    """The frameworks by their titles, for a sentence."""
    return ", ".join(f"{f.title} ({f.example or f.repositories[0]})" for f in FRAMEWORKS)
