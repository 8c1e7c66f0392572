"""The account behind boto3 clients. botocore's stubs answer, so that requests and answers have the real shape."""

import json

import pytest
from botocore.stub import Stubber

from preflight.account import AccountQueryError, Usage
from preflight.aws_account import AwsAccount
from tests.boto import make_client

ROLE = "arn:aws:iam::123456789012:role/service-role/Trainer"


class StubbedClients:
    """Clients that give only the stubbed answers."""

    def __init__(self):
        self.stubs = {}
        for service in ("s3", "iam", "sagemaker", "service-quotas"):
            client = make_client(service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
            self.stubs[service] = Stubber(client)
            self.stubs[service].activate()

    def __call__(self, service):
        return self.stubs[service].client


@pytest.fixture
def clients():
    return StubbedClients()


@pytest.fixture
def account(clients):
    return AwsAccount(clients)


def role(principal, action="sts:AssumeRole"):
    policy = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": action}]}
    return {
        "Role": {
            "Path": "/service-role/",
            "RoleName": "Trainer",
            "RoleId": "AROA1234567890123456",
            "Arn": ROLE,
            "CreateDate": "2026-01-01T00:00:00Z",
            "AssumeRolePolicyDocument": json.dumps(policy),
        }
    }


def test_the_region_of_a_bucket(clients, account):
    clients.stubs["s3"].add_response("head_bucket", {"BucketRegion": "eu-west-1"}, {"Bucket": "team"})
    assert account.bucket_region("team") == "eu-west-1"
    clients.stubs["s3"].add_client_error("head_bucket", "404", http_status_code=404)
    assert account.bucket_region("team") is None
    clients.stubs["s3"].add_client_error("head_bucket", "403", http_status_code=403)
    with pytest.raises(AccountQueryError):
        account.bucket_region("team")


@pytest.mark.parametrize(
    ("principal", "action", "trusts"),
    [
        ({"Service": "sagemaker.amazonaws.com"}, "sts:AssumeRole", True),
        ({"Service": ["ec2.amazonaws.com", "sagemaker.amazonaws.com"]}, ["sts:AssumeRole"], True),
        ({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole", False),
        ({"AWS": "arn:aws:iam::123456789012:root"}, "sts:AssumeRole", False),
        ({"Service": "sagemaker.amazonaws.com"}, "sts:TagSession", False),
    ],
)
def test_whether_a_role_trusts_sagemaker(clients, account, principal, action, trusts):
    clients.stubs["iam"].add_response("get_role", role(principal, action), {"RoleName": "Trainer"})
    assert account.role_trusts_sagemaker(ROLE) is trusts


def test_a_role_under_another_path_is_not_this_one(clients, account):
    clients.stubs["iam"].add_response("get_role", role({"Service": "sagemaker.amazonaws.com"}))
    assert account.role_trusts_sagemaker("arn:aws:iam::123456789012:role/Trainer") is None


def test_the_role_is_simulated_and_not_the_caller(clients, account):
    parameters = {"PolicySourceArn": ROLE, "ActionNames": ["s3:GetObject"], "ResourceArns": ["arn:aws:s3:::team/a.csv"]}
    denied = {"EvaluationResults": [{"EvalActionName": "s3:GetObject", "EvalDecision": "implicitDeny"}]}
    clients.stubs["iam"].add_response("simulate_principal_policy", denied, parameters)
    assert account.denied(ROLE, ("s3:GetObject",), "arn:aws:s3:::team/a.csv") == ["s3:GetObject"]
    clients.stubs["iam"].add_client_error("simulate_principal_policy", "AccessDenied", http_status_code=403)
    with pytest.raises(AccountQueryError, match="Trainer"):
        account.denied(ROLE, ("s3:GetObject",), "arn:aws:s3:::team/a.csv")


def test_the_key_of_an_encrypted_object(clients, account):
    answer = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:aws:kms:us-east-1:123456789012:key/k"}
    clients.stubs["s3"].add_response("head_object", answer, {"Bucket": "team", "Key": "a.csv"})
    assert account.kms_key("team", "a.csv").endswith("key/k")
    assert account.kms_key("team", "prefix/") == ""


def test_names_that_are_taken(clients, account):
    missing = {"service_error_code": "ValidationException", "service_message": "Requested resource not found."}
    clients.stubs["sagemaker"].add_client_error("describe_training_job", http_status_code=400, **missing)
    assert not account.training_job_exists("churn")
    text = 'Could not find endpoint "arn:aws:sagemaker:us-east-1:1:endpoint/x".'
    clients.stubs["sagemaker"].add_client_error("describe_endpoint", "ValidationException", text, http_status_code=400)
    assert not account.endpoint_exists("x")
    clients.stubs["sagemaker"].add_client_error("describe_endpoint", "AccessDeniedException", http_status_code=400)
    with pytest.raises(AccountQueryError):
        account.endpoint_exists("x")


def test_the_quota_and_what_is_in_use(clients, account):
    quota = {"Quotas": [{"QuotaName": "ml.m5.large for training job usage", "Value": 3.0}]}
    clients.stubs["service-quotas"].add_response("list_service_quotas", quota, {"ServiceCode": "sagemaker"})
    running = {
        "TrainingJobSummaries": [
            {
                "TrainingJobName": "a",
                "TrainingJobArn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/a",
                "CreationTime": "2026-01-01T00:00:00Z",
                "TrainingJobStatus": "InProgress",
            }
        ]
    }
    stub = clients.stubs["sagemaker"]
    stub.add_response("list_training_jobs", running, {"StatusEquals": "InProgress"})
    stub.add_response("list_training_jobs", {"TrainingJobSummaries": []}, {"StatusEquals": "Stopping"})
    about = {
        "TrainingJobName": "a",
        "TrainingJobArn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/a",
        "ModelArtifacts": {"S3ModelArtifacts": "s3://team/m"},
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Training",
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1},
        "StoppingCondition": {},
        "CreationTime": "2026-01-01T00:00:00Z",
    }
    stub.add_response("describe_training_job", about, {"TrainingJobName": "a"})
    assert account.training_instances("ml.m5.large") == Usage(3.0, 2)


def test_quotas_that_may_not_be_read(clients, account):
    clients.stubs["service-quotas"].add_client_error(
        "list_service_quotas", "AccessDeniedException", http_status_code=403
    )
    with pytest.raises(AccountQueryError, match="Quotas may not be read here"):
        account.training_instances("ml.m5.large")


def test_instance_types_are_those_of_the_service_model(account):
    assert "ml.m5.large" in account.instance_types() and len(account.instance_types()) > 100
