"""SDK v3: ModelTrainer with SourceCode, its drivers and a requirements file; then the failure of a script."""

import os
import time

import boto3
from sagemaker.core.helper.session_helper import Session
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, SourceCode

from data import ROLE, as_csv, cancer, check, unique

session = Session()
bucket = session.default_bucket()
x, y = cancer()
key = f"{unique('v3')}/train/train.csv"
boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=as_csv(x[:400], y[:400]).encode())
source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sdk3_source")


def trainer(**hyperparameters):
    return ModelTrainer(
        training_image="763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.3.0-cpu-py311",
        source_code=SourceCode(source_dir=source, entry_script="train.py", requirements="requirements.txt"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters=hyperparameters,
        base_job_name="v3",
        role=ROLE,
        sagemaker_session=session,
    )


data = [InputData(channel_name="train", data_source=f"s3://{bucket}/{key}")]
began = time.time()
first = trainer(c=1.0)
first.train(input_data_config=data, wait=True, logs=True)
print(f"     train took {time.time() - began:.1f} s")
job = first._latest_training_job
job.refresh()
check(job.training_job_status == "Completed", "ModelTrainer's job completes")
artifact = job.model_artifacts.s3_model_artifacts
head = boto3.client("s3").head_object(Bucket=bucket, Key=artifact.split("/", 3)[3])
check(head["ContentLength"] > 200, "its model is in S3")

second = trainer(c=-1.0)
try:
    second.train(input_data_config=data, wait=True, logs=False)
    check(False, "a failing script fails its job")
except Exception as e:
    check("AlgorithmError" in str(e), "a failing script fails its job")
