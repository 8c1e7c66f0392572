"""SDK v3: ModelBuilder deploys what ModelTrainer trained, and an artifact by its address."""

import boto3
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData

from data import ROLE, as_csv, cancer, check, unique

session = Session()
bucket = session.default_bucket()
x, y = cancer()
name = unique("v3-builder")
key = f"{name}/train/train.csv"
boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=as_csv(x[:400], y[:400]).encode())
image = image_uris.retrieve("xgboost", session.boto_region_name, "1.7-1")
trainer = ModelTrainer(
    training_image=image,
    compute=Compute(instance_type="ml.m5.large", instance_count=1),
    hyperparameters={"objective": "binary:logistic", "num_round": 20},
    base_job_name="v3-builder",
    role=ROLE,
    sagemaker_session=session,
)
data = InputData(channel_name="train", data_source=f"s3://{bucket}/{key}", content_type="text/csv")
trainer.train(input_data_config=[data], wait=True, logs=False)
job = trainer._latest_training_job
job.refresh()

sources = {"trainer": {"model": trainer}, "artifact": {"s3_model_data_url": job.model_artifacts.s3_model_artifacts}}
for what, source in sources.items():
    builder = ModelBuilder(
        **source, image_uri=image, instance_type="ml.m5.large", role_arn=ROLE, sagemaker_session=session
    )
    builder.build()
    endpoint = builder.deploy(endpoint_name=f"{name}-{what}", initial_instance_count=1)
    body = "\n".join(",".join(f"{value:g}" for value in row) for row in x[400:])
    answer = endpoint.invoke(body=body, content_type="text/csv").body.read().decode()
    scores = [float(score) for score in answer.replace(",", "\n").split()]
    right = sum((score > 0.5) == bool(label) for score, label in zip(scores, y[400:], strict=True))
    check(right > 0.9 * len(scores), f"ModelBuilder deploys a model by its {what}, and it answers")
    boto3.client("sagemaker").delete_endpoint(EndpointName=f"{name}-{what}")
