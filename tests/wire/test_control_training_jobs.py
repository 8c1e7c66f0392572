"""Training jobs as boto3 sees them: made, described, listed, stopped, deleted, and refused in AWS's words."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from django.utils.timezone import now

from engine.models import Tag, TrainingJob
from tests.wire import asks
from tests.wire.conftest import BUCKET, IMAGE, ROLE
from tests.wire.refusals import refused

ARN = "arn:aws:sagemaker:us-east-1:123456789012:training-job/"
TAKEN = (
    "Training job names must be unique within an AWS account and region, and a training job with this name already "
    "exists ({})"
)


def finish(name: str, status: str = "Completed") -> None:
    TrainingJob.objects.get(name=name).move_to(
        status, secondary_status=status, started=now(), ended=now(), modified=now()
    )


def test_a_new_job_is_in_progress_and_echoes_its_request(sm):
    ask = asks.training_job("first-Job", Tags=[{"Key": "suite", "Value": "wire"}])
    arn = sm.create_training_job(**ask)["TrainingJobArn"]
    assert arn == ARN + "first-job"
    job = sm.describe_training_job(TrainingJobName="first-Job")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("InProgress", "Starting")
    for member in ("HyperParameters", "InputDataConfig", "ResourceConfig", "StoppingCondition", "RoleArn"):
        assert job[member] == ask[member]
    assert job["AlgorithmSpecification"]["TrainingImage"] == IMAGE
    assert "validation:auc" in [m["Name"] for m in job["AlgorithmSpecification"]["MetricDefinitions"]]
    assert job["OutputDataConfig"]["KmsKeyId"] == ""
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{BUCKET}/out/first-Job/output/model.tar.gz"
    assert [t["Status"] for t in job["SecondaryStatusTransitions"]] == ["Starting"]
    assert job["CreationTime"].tzinfo is not None
    assert not {"TrainingEndTime", "FailureReason", "FinalMetricDataList", "VpcConfig"} & set(job)
    assert sm.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "suite", "Value": "wire"}]


def test_a_finished_job_tells_its_times_and_metrics(sm):
    sm.create_training_job(**asks.training_job())
    metric = {"MetricName": "validation:auc", "Value": 0.98, "Timestamp": now().timestamp()}
    finish("job")
    TrainingJob.objects.update(final_metrics=[metric])
    job = sm.describe_training_job(TrainingJobName="job")
    assert job["TrainingJobStatus"] == "Completed"
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"] == 1
    assert job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"]
    assert job["FinalMetricDataList"][0]["Value"] == pytest.approx(0.98)


def test_what_sdks_always_send_is_accepted_and_echoed(sm):
    hook = {"S3OutputPath": f"s3://{BUCKET}/debug", "CollectionConfigurations": []}
    ask = asks.training_job(DebugHookConfig=hook, ProfilerConfig={"DisableProfiler": False}, Environment={"A": "b"})
    sm.create_training_job(**ask)
    job = sm.describe_training_job(TrainingJobName="job")
    assert job["DebugHookConfig"] == hook
    assert job["ProfilerConfig"] == {"DisableProfiler": False}
    assert job["Environment"] == {"A": "b"}


def test_a_name_is_given_once_whatever_its_case(sm):
    sm.create_training_job(**asks.training_job("Job"))
    with refused("ResourceInUse", TAKEN.format(ARN + "job")) as caught:
        sm.create_training_job(**asks.training_job("Job"))
    assert isinstance(caught.error, sm.exceptions.ResourceInUse)
    with refused("ResourceInUse"):
        sm.create_training_job(**asks.training_job("jOB"))


def test_sixteen_at_once_make_one_job(sm):
    def make(_):
        try:
            sm.create_training_job(**asks.training_job("race", Tags=[{"Key": "k", "Value": "v"}]))
        except ClientError as e:
            return e.response["Error"]["Code"]
        return "made"

    with ThreadPoolExecutor(16) as pool:
        outcomes = sorted(pool.map(make, range(16)))
    assert outcomes == ["ResourceInUse"] * 15 + ["made"]
    assert TrainingJob.objects.count() == Tag.objects.count() == 1


def test_the_same_name_in_another_region_is_another_job(engine, sm):
    sm.create_training_job(**asks.training_job())
    there = engine.client("sagemaker", region="eu-west-1")
    assert ":eu-west-1:" in there.create_training_job(**asks.training_job())["TrainingJobArn"]
    assert len(there.list_training_jobs()["TrainingJobSummaries"]) == 1


@pytest.mark.parametrize("operation", ["describe_training_job", "stop_training_job", "delete_training_job"])
def test_a_job_that_is_not_there(sm, operation):
    with refused("ValidationException", "Requested resource not found."):
        getattr(sm, operation)(TrainingJobName="nobody")


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopped"])
def test_a_finished_job_cannot_be_stopped(sm, status):
    sm.create_training_job(**asks.training_job())
    finish("job", status)
    with refused("ValidationException", f"The request was rejected because the training job is in status {status}"):
        sm.stop_training_job(TrainingJobName="job")


def test_stopping_a_job_twice_is_no_error(sm):
    sm.create_training_job(**asks.training_job())
    sm.stop_training_job(TrainingJobName="job")
    sm.stop_training_job(TrainingJobName="job")
    job = sm.describe_training_job(TrainingJobName="job")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopping", "Stopping")
    assert [t["Status"] for t in job["SecondaryStatusTransitions"]] == ["Starting", "Stopping"]
    assert "EndTime" in job["SecondaryStatusTransitions"][0]


def test_only_a_finished_job_can_be_deleted_and_its_tags_go_with_it(sm):
    arn = sm.create_training_job(**asks.training_job(Tags=[{"Key": "a", "Value": "b"}]))["TrainingJobArn"]
    with refused("ValidationException", "The request was rejected because the training job is in status InProgress"):
        sm.delete_training_job(TrainingJobName="job")
    finish("job")
    sm.delete_training_job(TrainingJobName="job")
    assert not TrainingJob.objects.exists()
    assert not Tag.objects.exists()
    with refused("ValidationException", "Requested resource not found."):
        sm.list_tags(ResourceArn=arn)
    sm.create_training_job(**asks.training_job())
    assert sm.list_tags(ResourceArn=arn)["Tags"] == []


def test_input_that_is_not_there(sm):
    ask = asks.training_job()
    for url, bucket in (
        (f"s3://{BUCKET}/nothing/here", BUCKET),
        ("s3://no-such-bucket/in", "no-such-bucket"),
        ("s3://Not a Bucket!/in", "Not a Bucket!"),
    ):
        ask["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = url
        text = (
            f'No S3 objects found under S3 URL "{url}" given in input data source. Please ensure that the bucket '
            f"exists in the selected region (us-east-1), that objects exist under that S3 prefix, and that the role "
            f'"{ROLE}" has "s3:ListBucket" permissions on bucket "{bucket}".'
        )
        with refused("ValidationException", text):
            sm.create_training_job(**ask)
    assert not TrainingJob.objects.exists()


def test_a_manifest_must_be_there_be_readable_and_name_what_is_there(sm, object_store):
    ask = asks.training_job()
    source = ask["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    source |= {"S3DataType": "ManifestFile", "S3Uri": f"s3://{BUCKET}/in/list.manifest"}
    object_store.delete_object(Bucket=BUCKET, Key="in/list.manifest")
    for body, text in (
        (None, "No S3 objects found under S3 URL"),
        (b'[{"prefix": "s3://%s/in/"}, "gone.csv"]' % BUCKET.encode(), "No S3 objects found under S3 URL"),
        (b"not a list", "cannot be read. It must be JSON such as"),
        (b'[{"prefix": 3}, 4]', "cannot be read. It must be JSON such as"),
    ):
        if body:
            object_store.put_object(Bucket=BUCKET, Key="in/list.manifest", Body=body)
        with refused("ValidationException") as caught:
            sm.create_training_job(**ask)
        assert text in caught.message
    body = b'[{"prefix": "s3://%s/in/"}, "train/train.csv"]' % BUCKET.encode()
    object_store.put_object(Bucket=BUCKET, Key="in/list.manifest", Body=body)
    sm.create_training_job(**ask)


def test_an_https_url_of_s3_is_an_s3_location(sm):
    ask = asks.training_job()
    source = ask["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    source["S3Uri"] = f"https://{BUCKET}.s3.us-east-1.amazonaws.com/in/train/"
    sm.create_training_job(**ask)
    source["S3Uri"] = "https://example.com/in/train/"
    with refused("ValidationException") as caught:
        sm.create_training_job(**ask | {"TrainingJobName": "other"})
    assert "Write it as s3://bucket/key" in caught.message


def test_an_https_output_path_has_the_model_in_its_bucket(sm):
    ask = asks.training_job()
    ask["OutputDataConfig"]["S3OutputPath"] = f"https://s3-us-east-1.amazonaws.com/{BUCKET}/out/"
    sm.create_training_job(**ask)
    assert TrainingJob.objects.get().artifact == f"s3://{BUCKET}/out/job/output/model.tar.gz"


def test_an_https_channel_is_read(sm, object_store, settings):
    from engine.workloads.channels import objects_of

    ask = asks.training_job()
    channel = ask["InputDataConfig"][0]
    for url in (
        f"https://{BUCKET}.s3.us-east-1.amazonaws.com/in/train/",
        f"https://{BUCKET}.s3.amazonaws.com/in/train/",
        f"https://{BUCKET}.s3.dualstack.us-east-1.amazonaws.com/in/train/train.csv",
        f"https://s3.us-east-1.amazonaws.com/{BUCKET}/in/train/",
        f"https://s3-us-east-1.amazonaws.com/{BUCKET}/in/tr%61in/train.csv",
    ):
        channel["DataSource"]["S3DataSource"]["S3Uri"] = url
        assert [item.key for item in objects_of(channel, ask, "us-east-1")] == ["in/train/train.csv"], url


def test_a_tag_that_aws_does_not_have_is_not_found(sm):
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-9"
    with refused("ValidationException") as caught:
        sm.create_training_job(
            **asks.training_job(AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"})
        )
    assert caught.message.startswith(
        f"Cannot find the requested image: {image} with tag: 1.7-9 and digest: null. Please check if your ECR image "
        "exists and role arn:aws:iam::123456789012:role/SageMakerRole has proper pull permissions"
    )


def test_a_record_wrapper_is_not_ignored(sm):
    ask = asks.training_job()
    ask["InputDataConfig"][0]["RecordWrapperType"] = "RecordIO"
    with refused("ValidationException") as caught:
        sm.create_training_job(**ask)
    assert "RecordWrapperType RecordIO" in caught.message
    ask["InputDataConfig"][0]["RecordWrapperType"] = "None"
    sm.create_training_job(**ask)


@pytest.mark.parametrize("role", ["arn:aws:iam::999999999999:role/SageMakerRole", "arn:aws:iam::123456789012:role/No"])
def test_a_role_that_does_not_exist(sm, role):
    with refused("ValidationException") as caught:
        sm.create_training_job(**asks.training_job(RoleArn=role))
    assert caught.message.startswith(
        f"Could not assume role {role}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role."
    )


UNSERVED = {
    "image": ({"AlgorithmSpecification": {"TrainingImage": "1.dkr/ntm:1", "TrainingInputMode": "File"}}, "XGBoost"),
    "mode": (
        {"AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "FastFile"}},
        "File and Pipe.",
    ),
    "script": ({"HyperParameters": {"sagemaker_program": '"x.py"'}}, "lacks the hyperparameter"),
    "instances": ({"ResourceConfig": {"InstanceType": "ml.m5.large"}}, "give InstanceType and InstanceCount"),
    "key": ({"OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/o", "KmsKeyId": "k"}}, "no KMS keys"),
    "output": ({"OutputDataConfig": {"S3OutputPath": "s3://no-such-bucket/o"}}, "'no-such-bucket'"),
    "spot": ({"EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds"),
    "tags": ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]}, "Duplicate tag keys found."),
}


@pytest.mark.parametrize("changes,text", UNSERVED.values(), ids=UNSERVED)
def test_what_we_cannot_do_is_refused_and_nothing_is_left(sm, changes, text):
    with refused("ValidationException") as caught:
        sm.create_training_job(**asks.training_job(**changes))
    assert text in caught.message
    assert not TrainingJob.objects.exists()
    assert not Tag.objects.exists()


@pytest.mark.parametrize("member", ["AlgorithmSpecification", "ResourceConfig", "StoppingCondition"])
def test_what_the_model_calls_optional_is_needed_to_train(sm, member):
    ask = asks.training_job()
    del ask[member]
    with refused("ValidationException") as caught:
        sm.create_training_job(**ask)
    assert member in caught.message
