"""What a role may do on a page of the console, its key may do at the engine, and no more: operation by operation."""

import itertools

import pytest

from common.db.person import Person
from common.permissions import ROLES, may
from engine.auth.permissions import check_invoke, check_operation, check_s3
from engine.auth.sigv4 import Caller
from engine.models import (
    AccessKey,
    Endpoint,
    EndpointConfig,
    HyperParameterTuningJob,
    Model,
    NotebookInstance,
    NotebookInstanceLifecycleConfig,
    TrainingJob,
    TransformJob,
)
from engine.s3.allowed import PASSED
from engine.s3.operations import by_name
from engine.s3.own_answers import ANSWERS
from engine.services import SERVICES
from engine.services.dispatch import find_method
from engine.wire import contract
from engine.wire.errors import AwsError
from models_app.account.roles import Action
from tests.addresses import addresses
from tests.pages.test_roles import OWN_THINGS_ONLY, role_of_view

pytestmark = pytest.mark.django_db

# A page and what it asks the engine for. The role that the page needs is the role that a key needs.
SAME = [
    ("models", "sagemaker", "ListModels"),
    ("model", "sagemaker", "DescribeModel"),
    ("model_create", "sagemaker", "CreateTrainingJob"),
    ("model_create", "sagemaker", "CreateModel"),
    ("model_stop", "sagemaker", "StopTrainingJob"),
    ("model_delete", "sagemaker", "DeleteModel"),
    ("models_delete", "sagemaker", "DeleteTrainingJob"),
    ("jobs", "sagemaker", "ListTrainingJobs"),
    ("job", "sagemaker", "DescribeTrainingJob"),
    ("job", "cloudwatch", "GetMetricData"),
    ("job", "cloudwatch", "ListMetrics"),
    ("job_log", "logs", "GetLogEvents"),
    ("job_log", "logs", "FilterLogEvents"),
    ("job_log", "logs", "DescribeLogStreams"),
    ("job_log", "logs", "DescribeLogGroups"),
    ("job_stop", "sagemaker", "StopTrainingJob"),
    ("endpoints", "sagemaker", "ListEndpoints"),
    ("endpoints", "sagemaker", "ListEndpointConfigs"),
    ("endpoint", "sagemaker", "DescribeEndpoint"),
    ("endpoint", "sagemaker", "DescribeEndpointConfig"),
    ("endpoint", "sagemaker", "ListTags"),
    ("endpoint_invoke", "sagemaker-runtime", "InvokeEndpoint"),
    ("endpoint_delete", "sagemaker", "DeleteEndpoint"),
    ("endpoint_delete", "sagemaker", "DeleteEndpointConfig"),
    ("notebooks", "sagemaker", "ListNotebookInstances"),
    ("notebook", "sagemaker", "DescribeNotebookInstance"),
    ("notebook_create", "sagemaker", "CreateNotebookInstance"),
    ("notebook_create", "sagemaker", "CreateNotebookInstanceLifecycleConfig"),
    ("notebook_start", "sagemaker", "StartNotebookInstance"),
    ("notebook_stop", "sagemaker", "StopNotebookInstance"),
    ("notebook_settings", "sagemaker", "UpdateNotebookInstance"),
    ("notebook_settings", "sagemaker", "UpdateNotebookInstanceLifecycleConfig"),
    ("notebook_delete", "sagemaker", "DeleteNotebookInstance"),
    ("notebook_delete", "sagemaker", "DeleteNotebookInstanceLifecycleConfig"),
    ("buckets", "s3", "ListBuckets"),
    ("bucket", "s3", "ListObjectsV2"),
    ("object_download", "s3", "GetObject"),
    ("bucket_create", "s3", "CreateBucket"),
    ("bucket_delete", "s3", "DeleteBucket"),
    ("objects_upload", "s3", "PutObject"),
    ("objects_delete", "s3", "DeleteObjects"),
    ("upload_begin", "s3", "CreateMultipartUpload"),
    ("upload_part", "s3", "UploadPart"),
    ("upload_finish", "s3", "CompleteMultipartUpload"),
    ("upload_cancel", "s3", "AbortMultipartUpload"),
    ("keys", "iam", "ListAccessKeys"),
    ("key_create", "iam", "CreateAccessKey"),
    ("key_create", "iam", "TagUser"),
    ("key_stop", "iam", "UpdateAccessKey"),
    ("key_start", "iam", "UpdateAccessKey"),
    ("key_delete", "iam", "DeleteAccessKey"),
]
# Their pages ask the engine whose an instance is: tests/wire/test_notebook_pages.py.
NOTEBOOKS = {"notebook_start", "notebook_stop", "notebook_settings", "notebook_delete"}
PERSONAL = {
    "ListAccessKeys",
    "CreateAccessKey",
    "TagUser",
    "UpdateAccessKey",
    "DeleteAccessKey",
}  # of a person's account
# Operations that no page offers, and the role that they need: for what one owns, and for what another owns.
WITHOUT_A_PAGE = {
    # The page deploys a model of one's own, which it changes; a key hosts any artifact at an endpoint of its owner.
    "CreateEndpointConfig": ("editor", "editor"),
    "CreateEndpoint": ("editor", "editor"),
    "AddTags": ("editor", "administrator"),
    "DeleteTags": ("editor", "administrator"),
    "UpdateEndpoint": ("editor", "administrator"),
    "UpdateEndpointWeightsAndCapacities": ("editor", "administrator"),
    # Only the owner, not even an administrator: the operation itself says so (tests/wire/test_control_notebooks.py).
    "CreatePresignedNotebookInstanceUrl": ("editor", "editor"),
    "DescribeNotebookInstanceLifecycleConfig": ("viewer", "viewer"),
    "ListNotebookInstanceLifecycleConfigs": ("viewer", "viewer"),
    "CreateTransformJob": ("editor", "editor"),
    "DescribeTransformJob": ("viewer", "viewer"),
    "ListTransformJobs": ("viewer", "viewer"),
    "StopTransformJob": ("editor", "administrator"),
    "CreateHyperParameterTuningJob": ("editor", "editor"),
    "DescribeHyperParameterTuningJob": ("viewer", "viewer"),
    "ListHyperParameterTuningJobs": ("viewer", "viewer"),
    "ListTrainingJobsForHyperParameterTuningJob": ("viewer", "viewer"),
    "StopHyperParameterTuningJob": ("editor", "administrator"),
    "DeleteHyperParameterTuningJob": ("editor", "administrator"),
    "GetMetricStatistics": ("viewer", "viewer"),
    "GetCallerIdentity": ("viewer", "viewer"),
    "GetRole": ("viewer", "viewer"),
    "ListRoles": ("viewer", "viewer"),
    "SimulatePrincipalPolicy": ("viewer", "viewer"),
    "GetAccessKeyLastUsed": ("viewer", "administrator"),
    "ListUserTags": ("viewer", "administrator"),
    **dict.fromkeys(("GetQueueUrl", "GetQueueAttributes", "ListQueues"), ("viewer", "viewer")),
    # What one receiver takes out of the queue is not there for another: for the console.
    **dict.fromkeys(("ReceiveMessage", "DeleteMessage", "DeleteMessageBatch"), ("administrator", "administrator")),
}


KINDS = (
    *(TrainingJob, TransformJob, HyperParameterTuningJob, Model, EndpointConfig, Endpoint),
    *(NotebookInstance, NotebookInstanceLifecycleConfig),
)


@pytest.fixture
def people(django_user_model):
    """(role, whether the things belong to them) -> a person; the things of everybody else are theirs."""

    def create(name: str, role: str):
        user = django_user_model.objects.create_user(name)
        Person.objects.create(user=user, role=role)
        return user

    return {role: create(role, role) for role in ROLES}


@pytest.mark.parametrize(("page", "service", "operation"), SAME, ids=lambda value: value)
def test_a_key_may_what_the_page_may(people, page, service, operation):
    pattern = next(pattern for pattern in addresses() if pattern.name == page)
    needs, is_owners = role_of_view(pattern), page in OWN_THINGS_ONLY | NOTEBOOKS
    for role, owner in itertools.product(ROLES, people.values()):
        others = owner != people[role]
        on_page = ROLES.index(role) >= ROLES.index(needs)
        if others and is_owners:
            on_page = on_page and may(role, Action.CHANGE_OTHERS)
        if others and operation in PERSONAL:
            on_page = may(role, Action.ADMINISTER)
        assert key_may(people[role], owner, service, operation) is on_page, (role, owner)


@pytest.mark.parametrize("operation", WITHOUT_A_PAGE)
def test_an_operation_without_a_page_needs_its_role(people, operation):
    service = next(service for service in SERVICES if operation in contract.service(service).operation_names)
    own, others = WITHOUT_A_PAGE[operation]
    for role, owner in itertools.product(ROLES, people.values()):
        needs = own if owner == people[role] else others
        expected = ROLES.index(role) >= ROLES.index(needs)
        assert key_may(people[role], owner, service, operation) is expected, (role, owner)


def test_no_operation_is_left_out():
    for service in SERVICES:
        served = {name for name in contract.service(service).operation_names if find_method(service, name)}
        assert served <= {name for _, of, name in SAME if of == service} | set(WITHOUT_A_PAGE)


def test_every_operation_of_s3_that_is_served_reads_or_needs_the_role_editor():
    for name in {*PASSED, *ANSWERS}:
        assert by_name()[name].kind == ("read" if name.startswith(("Get", "List", "Head")) else "write"), name


def key_may(user, owner, service: str, operation: str) -> bool:
    """Whether a key of `user` may call `operation` on a thing that belongs to `owner`."""
    key, _ = AccessKey.issue(user, AccessKey.Role.ADMINISTRATOR)
    caller = Caller(key=key, service=service, region="us-east-1", role=key.effective_role)
    members: dict[str, object] = {}
    for kind in KINDS:
        kind.objects.update_or_create(region="us-east-1", name="thing", defaults={"owner": owner})
        members[f"{kind.__name__}Name"] = "thing"
    if operation in ("AddTags", "DeleteTags", "ListTags"):
        members = {"ResourceArn": Model.objects.get(name="thing").arn}
    if service == "iam":
        other, _ = AccessKey.issue(owner, AccessKey.Role.ADMINISTRATOR)
        last_used = operation == "GetAccessKeyLastUsed"
        members = {"AccessKeyId": other.access_key_id} if last_used else {"UserName": owner.get_username()}
    try:
        if service == "s3":
            check_s3(caller, operation, by_name()[operation].kind)
        elif service == "sagemaker-runtime":
            check_invoke(caller, "thing")
        else:
            check_operation(caller, contract.operation(service, operation), members)
    except AwsError as refused:
        assert "needs the role" in str(refused)
        return False
    return True
