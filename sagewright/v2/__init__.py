"""The names of version 2 of AWS's SageMaker Python SDK over this SDK, for programs that its version 3 left behind.

`import sagewright.v2 as sagemaker`, and a notebook that trains, hosts and calls models goes on as it is:
docs/v2.md lists what is here. What is not here is no attribute, so that nothing passes in silence.
"""

from sagewright.v2 import (
    deserializers,
    estimator,
    exceptions,
    image_uris,
    inputs,
    model,
    predictor,
    serializers,
    session,
    sklearn,
    transformer,
    xgboost,
)
from sagewright.v2.estimator import Estimator
from sagewright.v2.inputs import TrainingInput
from sagewright.v2.model import Model
from sagewright.v2.predictor import Predictor
from sagewright.v2.session import Session, get_execution_role
from sagewright.v2.transformer import Transformer

__all__ = [
    "Estimator", "Model", "Predictor", "Session", "TrainingInput", "Transformer", "deserializers", "estimator",
    "exceptions", "get_execution_role", "image_uris", "inputs", "model", "predictor", "serializers", "session",
    "sklearn", "transformer", "xgboost",
]  # fmt: skip
