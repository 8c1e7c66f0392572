"""First-party algorithms on the running engine: boto3 trains, deploys and asks; the console draws the curve."""

import io
import json
import tarfile
import uuid

import numpy as np
import pytest
from django.conf import settings
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

import algorithms
from algorithms.formats.recordio import write_table
from common.s3_uri import split_s3_uri
from models_app import aws, tasks
from models_app.aws.s3 import ensure_bucket
from models_app.models import TrainingJob
from tests.unit.algorithms.tables import as_csv
from tests.waiting import wait_for

pytestmark = pytest.mark.stack
RECORDIO = "application/x-recordio-protobuf"
# algorithm: (content type, held-out channel, hyperparameters, metric to reach 0.95, curve on the job page)
CASES = {
    "linear-learner": (
        "text/csv", "validation", {"mini_batch_size": "50", "feature_dim": "30"},
        "validation:binary_classification_accuracy", ("validation:objective_loss", 15),
    ),
    "knn": ("text/csv", "test", {"k": "10", "sample_size": "400", "feature_dim": "30"}, "test:accuracy",
            ("test:accuracy", 1)),
    "factorization-machines": (
        RECORDIO, "test",
        {"mini_batch_size": "20", "feature_dim": "30", "num_factors": "4", "epochs": "10", "linear_lr": "0.01"},
        "test:binary_classification_accuracy", ("train:binary_classification_cross_entropy", 10),
    ),
}  # fmt: skip
PREDICTOR = {"knn": "classifier"}
IN_SUITE = "factorization-machines"  # records and rounds; test_every_algorithm.py names the tests of the others


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray]:
    x, y = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(x).astype(np.float32), y.astype(np.float32)


@pytest.mark.parametrize("algorithm", [pytest.param(n, marks=() if n == IN_SUITE else pytest.mark.long) for n in CASES])
def test_boto3_trains_deploys_and_asks(worker, rows, algorithm):
    content_type, held, value, metric, (curve, points) = CASES[algorithm]
    ensure_bucket(settings.DEFAULT_BUCKET)
    name = f"{algorithm}-{uuid.uuid4().hex[:8]}"
    s3, sagemaker = aws.client("s3"), aws.client("sagemaker")
    x, y = rows
    channels = []
    for channel, part in (("train", slice(0, 400)), (held, slice(400, None))):
        body = write_table(x[part], y[part]) if content_type == RECORDIO else as_csv(x[part], y[part]).encode()
        s3.put_object(Bucket=settings.DEFAULT_BUCKET, Key=f"{name}/{channel}/part", Body=body)
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{settings.DEFAULT_BUCKET}/{name}/{channel}/"}
        channels.append({"ChannelName": channel, "ContentType": content_type, "DataSource": {"S3DataSource": source}})
    image = algorithms.get(algorithm).image_uri("us-east-1")
    sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=settings.ROLE_ARN,
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        HyperParameters={"predictor_type": PREDICTOR.get(algorithm, "binary_classifier"), **value},
        InputDataConfig=channels,
        OutputDataConfig={"S3OutputPath": f"s3://{settings.DEFAULT_BUCKET}/{name}/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    tasks.sync.find_others.apply(throw=True)
    job = TrainingJob.objects.get(name=name)

    def followed() -> bool:
        job.refresh_from_db()
        assert job.status != "Failed", job.failure_reason
        return job.status == "Completed" and job.log_done

    worker.until(followed, 90)
    assert job.final_metrics[metric] >= 0.95
    assert job.metric.name in (metric, curve)
    assert job.progress["metric"] == curve and 1 <= len(job.curve) <= points
    if algorithm != "knn":
        assert len(job.curve) > 2

    described = sagemaker.describe_training_job(TrainingJobName=name)
    artifact = described["ModelArtifacts"]["S3ModelArtifacts"]
    bucket, key = split_s3_uri(artifact)
    with tarfile.open(fileobj=io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read())) as tar:
        assert tar.getnames() == ["model_algo-1"]

    container = {"Image": image, "ModelDataUrl": artifact}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=settings.ROLE_ARN, PrimaryContainer=container)
    variant = {"VariantName": "AllTraffic", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    try:

        def in_service() -> bool:
            endpoint = sagemaker.describe_endpoint(EndpointName=name)
            assert endpoint["EndpointStatus"] != "Failed", endpoint["FailureReason"]
            return endpoint["EndpointStatus"] == "InService"

        wait_for(in_service, f"{name} in service")
        body = json.dumps({"instances": [{"features": row} for row in x[400:].tolist()]})
        answer = aws.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=name, ContentType="application/json", Accept="application/json", Body=body
        )
        document = [one["predicted_label"] for one in json.loads(answer["Body"].read())["predictions"]]
        assert np.mean(np.array(document) == y[400:]) == pytest.approx(job.final_metrics[metric], abs=0.01)
    finally:
        sagemaker.delete_endpoint(EndpointName=name)
