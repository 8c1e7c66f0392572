"""SDK v3: ModelBuilder deploys a Python object, pickled, with the SDK's own serving code and its requirements."""

import io
import tempfile
from importlib.metadata import version

import boto3
import numpy as np
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session
from sagemaker.serve import ModelBuilder, ModelServer
from sagemaker.serve.builder.schema_builder import SchemaBuilder
from sklearn.linear_model import LogisticRegression

from data import ROLE, cancer, check, unique

session = Session()
x, y = cancer()
model = LogisticRegression(max_iter=5000).fit(x[:400], y[:400])
packages = ("cloudpickle", "numpy", "sagemaker-core", "sagemaker-serve", "scikit-learn")
builder = ModelBuilder(
    model=model,
    schema_builder=SchemaBuilder(x[:2], model.predict(x[:2])),
    # Without it the SDK looks for an image by versions that its own parser refuses ("1.4-2-py312").
    image_uri=image_uris.retrieve("sklearn", session.boto_region_name, "1.2-1"),
    model_server=ModelServer.TORCHSERVE,
    dependencies={"auto": False, "custom": [f"{name}=={version(name)}" for name in packages]},
    model_path=tempfile.mkdtemp(),
    instance_type="ml.m5.large",
    role_arn=ROLE,
    sagemaker_session=session,
)
builder.build()
name = unique("v3-object")
endpoint = builder.deploy(endpoint_name=name, initial_instance_count=1)
body = io.BytesIO()
np.save(body, x[400:])
answer = endpoint.invoke(body=body.getvalue(), content_type="application/x-npy", accept="application/x-npy")
predicted = np.load(io.BytesIO(answer.body.read()))
check((predicted == model.predict(x[400:])).all(), "ModelBuilder deploys a Python object, and it answers as at home")
boto3.client("sagemaker").delete_endpoint(EndpointName=name)
