"""Every algorithm through the running engine by plain boto3: trained, measured, deployed, asked, deleted."""

import uuid

import pytest

import algorithms
from algorithms.spec import Algorithm
from tests.stack import Stack
from tests.unit.algorithms import every
from tests.waiting import wait_for
from tests.wire.conftest import ROLE

pytestmark = pytest.mark.stack
# The suite takes the others to an endpoint of the running engine elsewhere: xgboost in test_journey.py, kmeans in
# test_table_to_answer.py, factorization-machines in test_first_party.py, linear-learner in
# tests/sdk/test_serve_equality.py, randomcutforest in tests/browser/test_every_algorithm.py.
HERE_ALONE = ("lightgbm", "catboost", "knn", "pca")
EVERY = pytest.mark.parametrize(
    "algorithm",
    [
        pytest.param(algorithm, id=name, marks=() if name in HERE_ALONE else pytest.mark.long)
        for name, algorithm in algorithms.ALGORITHMS.items()
    ],
)


@pytest.fixture(scope="module")
def bucket(stack: Stack) -> str:
    name = f"every-{uuid.uuid4().hex[:12]}"
    stack.client("s3").create_bucket(Bucket=name)
    return name


def train(stack: Stack, bucket: str, algorithm: Algorithm, folder, **hyperparameters: str) -> dict:
    """The described job once it has ended; its data is that of `every.job`."""
    ctx = every.job(algorithm, folder, every.tasks(algorithm)[0], **hyperparameters)
    s3, sagemaker = stack.client("s3"), stack.client("sagemaker")
    name, channels = f"{algorithm.name}-{uuid.uuid4().hex[:8]}", []
    for channel in ctx.channels.values():
        for file in channel.path.iterdir():
            s3.upload_file(str(file), bucket, f"{name}/{channel.name}/{file.name}")
        source = {
            "S3DataType": "S3Prefix",
            "S3Uri": f"s3://{bucket}/{name}/{channel.name}/",
            "S3DataDistributionType": "FullyReplicated",
        }
        kind = channel.content_type
        channels.append({"ChannelName": channel.name, "ContentType": kind, "DataSource": {"S3DataSource": source}})
    sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": algorithm.image_uri("us-east-1"), "TrainingInputMode": "File"},
        HyperParameters=ctx.hyperparameters,
        InputDataConfig=channels,
        OutputDataConfig={"S3OutputPath": f"s3://{bucket}/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )

    def ended() -> dict | None:
        job = sagemaker.describe_training_job(TrainingJobName=name)
        return None if job["TrainingJobStatus"] == "InProgress" else job

    return wait_for(ended, f"{name} to end", stack.tail)


@EVERY
def test_it_trains_is_measured_is_deployed_and_answers(stack, bucket, algorithm, tmp_path):
    job = train(stack, bucket, algorithm, tmp_path)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    figures = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    judged = {metric.name for metric in algorithm.metrics if metric.tunable}
    assert figures and (not judged or judged & set(figures)), figures

    sagemaker, name = stack.client("sagemaker"), job["TrainingJobName"]
    image, artifact = job["AlgorithmSpecification"]["TrainingImage"], job["ModelArtifacts"]["S3ModelArtifacts"]
    container = {"Image": image, "ModelDataUrl": artifact}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)

    def in_service() -> bool:
        endpoint = sagemaker.describe_endpoint(EndpointName=name)
        assert endpoint["EndpointStatus"] != "Failed", endpoint["FailureReason"]
        return endpoint["EndpointStatus"] == "InService"

    wait_for(in_service, f"{name} to be in service", stack.tail)
    runtime, (x, _) = stack.client("sagemaker-runtime"), every.table("", rows=3)
    for kind in algorithm.content_types:
        accept = algorithm.accept_header or algorithm.accepts[0]
        answer = runtime.invoke_endpoint(EndpointName=name, ContentType=kind, Accept=accept, Body=every.body(kind, x))
        assert every.answer_length(answer["Body"].read(), answer["ContentType"]) == 3
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName=name, ContentType=kind, Body=every.body(kind, x[:, :-1]))
    assert 400 <= caught.value.response["OriginalStatusCode"] < 500
    sagemaker.delete_endpoint(EndpointName=name)


# They refuse by the same code, which tests/unit/algorithms/test_amazon_shared.py asks.
ALIKE = [pytest.param(name, marks=pytest.mark.long) for name in ("pca", "randomcutforest")]


@pytest.mark.parametrize("name", ["kmeans", *ALIKE])
def test_a_job_that_would_fail_on_aws_fails_with_a_reason(stack, bucket, name, tmp_path):
    job = train(stack, bucket, algorithms.get(name), tmp_path, feature_dim="7")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: ") and "feature_dim" in job["FailureReason"]
    assert "7" in job["FailureReason"] and "4 features" in job["FailureReason"]
