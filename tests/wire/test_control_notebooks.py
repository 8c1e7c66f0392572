"""Notebook instances and lifecycle configurations as boto3 sees them. test_notebook_life proves what runs them."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError
from django.contrib.auth import get_user_model

from common.db.person import Person
from engine.models import AccessKey, NotebookInstance, NotebookInstanceLifecycleConfig
from engine.notebooks import access, links, rows
from tests.wire.conftest import ROLE, Engine

ASK = {"InstanceType": "ml.t3.medium", "RoleArn": ROLE}
Status = NotebookInstance.Status


class Caller:
    """A person and a client with their key."""

    def __init__(self, engine: Engine, name: str, role: str):
        self.user = get_user_model().objects.create_user(name)
        Person.objects.create(user=self.user, role=role)
        key, secret = AccessKey.issue(self.user, role, access_key_id=f"SWKIA{name.upper()}", secret=f"{name}-secret")
        self.sm = engine.client("sagemaker", key=key.access_key_id, secret=secret)

    def create(self, name: str, **more) -> NotebookInstance:
        self.sm.create_notebook_instance(NotebookInstanceName=name, **ASK | more)
        return NotebookInstance.objects.get(name=name)


@pytest.fixture
def kim(engine) -> Caller:
    return Caller(engine, "kim", "editor")


@pytest.fixture
def ada(engine) -> Caller:
    return Caller(engine, "ada", "administrator")


def refused(verb, code="ValidationException", **request) -> str:
    with pytest.raises(ClientError) as refusal:
        verb(**request)
    assert refusal.value.response["Error"]["Code"] == code
    return refusal.value.response["Error"]["Message"]


def serving(row: NotebookInstance) -> NotebookInstance:
    rows.enter_service(row.pk)
    return NotebookInstance.objects.get(pk=row.pk)


def test_an_instance_is_described_as_it_was_asked_for(kim):
    row = kim.create("work", VolumeSizeInGB=7, Tags=[{"Key": "team", "Value": "growth"}])
    described = kim.sm.describe_notebook_instance(NotebookInstanceName="work")
    assert described["NotebookInstanceArn"] == row.arn
    assert described["NotebookInstanceArn"].endswith(":notebook-instance/work")
    assert (described["NotebookInstanceStatus"], described["VolumeSizeInGB"]) == ("Pending", 7)
    assert described["Url"].endswith("/notebook/us-east-1/work/")
    assert row.owner == kim.user
    tags = {tag["Key"]: tag["Value"] for tag in kim.sm.list_tags(ResourceArn=row.arn)["Tags"]}
    assert tags["team"] == "growth"
    assert tags["aws:createdBy"].endswith(":kim")


def test_what_was_measured_is_read_from_tags_that_nobody_sets(kim):
    row = serving(kim.create("work"))
    rows.save_activity(row.pk, {"disk": 12, "stops-at": 99})
    tags = {tag["Key"]: tag["Value"] for tag in kim.sm.list_tags(ResourceArn=row.arn)["Tags"]}
    assert (tags["aws:sagewright:disk"], tags["aws:sagewright:stops-at"]) == ("12", "99")
    forged = [{"Key": "aws:sagewright:disk", "Value": "1"}]
    assert "reserved" in refused(kim.sm.add_tags, ResourceArn=row.arn, Tags=forged)


def test_names_are_taken_once_in_whatever_case(kim):
    kim.create("work")
    assert refused(kim.sm.create_notebook_instance, NotebookInstanceName="WORK", **ASK) == (
        "Cannot create a duplicate Notebook Instance (arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/work)"
    )


def test_what_is_not_there_is_not_found(kim):
    for verb in ("describe", "start", "stop", "delete"):
        assert refused(getattr(kim.sm, f"{verb}_notebook_instance"), NotebookInstanceName="none") == "RecordNotFound"


def test_a_key_of_nobody_makes_no_instance(sm):
    assert "is nobody's" in refused(sm.create_notebook_instance, NotebookInstanceName="work", **ASK)
    assert not NotebookInstance.objects.exists()


def test_the_statuses_are_aws_s(kim):
    row = kim.create("work")
    assert refused(kim.sm.delete_notebook_instance, NotebookInstanceName="work") == (
        "Status (Pending) not in ([Stopped, Failed]). Unable to transition to (Deleting) for Notebook Instance "
        f"({row.arn})"
    )
    serving(row)
    assert "Status (InService) not in" in refused(kim.sm.start_notebook_instance, NotebookInstanceName="work")
    kim.sm.stop_notebook_instance(NotebookInstanceName="work")
    assert not NotebookInstance.objects.get().at_once
    kim.sm.stop_notebook_instance(NotebookInstanceName="work")  # again: what runs is to be killed
    assert NotebookInstance.objects.get().at_once
    rows.finish(row.pk, Status.FAILED, "it was killed")
    described = kim.sm.describe_notebook_instance(NotebookInstanceName="work")
    assert (described["NotebookInstanceStatus"], described.get("FailureReason")) == ("Stopped", None)
    kim.sm.start_notebook_instance(NotebookInstanceName="work")
    assert NotebookInstance.objects.get().status == Status.PENDING


def test_a_volume_grows_and_never_shrinks(kim):
    row = kim.create("work", VolumeSizeInGB=10)
    rows.finish(row.pk, Status.FAILED, "no room")
    update = kim.sm.update_notebook_instance
    assert "can only grow" in refused(update, NotebookInstanceName="work", VolumeSizeInGB=5)
    update(NotebookInstanceName="work", VolumeSizeInGB=20, InstanceType="ml.m5.xlarge")
    rows.finish_update(row.pk)
    described = kim.sm.describe_notebook_instance(NotebookInstanceName="work")
    assert (described["NotebookInstanceStatus"], described["VolumeSizeInGB"]) == ("Stopped", 20)
    assert (described["InstanceType"], described.get("FailureReason")) == ("ml.m5.xlarge", None)


def test_lists_are_filtered_by_status_and_name(kim):
    serving(kim.create("one"))
    kim.create("two")
    listed = kim.sm.list_notebook_instances(StatusEquals="InService")["NotebookInstances"]
    assert [row["NotebookInstanceName"] for row in listed] == ["one"]
    listed = kim.sm.list_notebook_instances(NameContains="tw")["NotebookInstances"]
    assert [row["NotebookInstanceName"] for row in listed] == ["two"]


def test_only_its_owner_opens_an_instance_not_even_an_administrator(kim, ada, engine):
    serving(kim.create("work"))
    url = kim.sm.create_presigned_notebook_instance_url(NotebookInstanceName="work")["AuthorizedUrl"]
    allowed = links.read_link(parse_qs(urlsplit(url).query)["authToken"][0])
    assert allowed and allowed.user == kim.user.pk
    other = Caller(engine, "lee", "editor")
    for caller in (ada, other):
        message = refused(
            caller.sm.create_presigned_notebook_instance_url, "AccessDeniedException", NotebookInstanceName="work"
        )
        assert "its owner, kim, who alone can open it" in message


def test_an_instance_that_does_not_run_has_no_link(kim):
    kim.create("work")
    message = refused(kim.sm.create_presigned_notebook_instance_url, NotebookInstanceName="work")
    assert "Status (Pending) not in ([InService])" in message


def test_an_editor_stops_only_their_own_and_an_administrator_any(kim, ada, engine):
    serving(kim.create("work"))
    lee = Caller(engine, "lee", "editor")
    refused(lee.sm.stop_notebook_instance, "AccessDeniedException", NotebookInstanceName="work")
    ada.sm.stop_notebook_instance(NotebookInstanceName="work")
    assert NotebookInstance.objects.get().status == Status.STOPPING


def test_a_key_is_issued_for_a_start_and_gone_after_it(kim):
    row = kim.create("work")
    first, _secret = rows.issue_key(row.pk)
    second, _secret = rows.issue_key(row.pk)
    assert set(kim.user.access_keys.values_list("access_key_id", flat=True)) == {"SWKIAKIM", second}
    assert first != second
    rows.revoke_key(row.pk)
    rows.revoke_key(row.pk)
    assert kim.user.access_keys.count() == 1
    assert NotebookInstance.objects.get().key is None


def test_what_runs_inside_makes_no_key_that_outlives_it(kim, engine):
    row = kim.create("work")
    key, secret = rows.issue_key(row.pk)
    iam = engine.client("iam", key=key, secret=secret)
    assert "ends with the stop" in refused(iam.create_access_key, "AccessDenied")
    assert "ends with the stop" in refused(iam.update_access_key, "AccessDenied", AccessKeyId=key, Status="Active")
    assert kim.user.access_keys.count() == 2


def test_an_instance_that_has_ended_has_no_key_even_if_it_was_not_taken_then(kim):
    row = serving(kim.create("work"))
    rows.issue_key(row.pk)
    rows.finish(row.pk, Status.STOPPED, "")
    assert kim.user.access_keys.count() == 1


def test_a_key_of_fewer_rights_opens_starts_and_changes_no_instance_of_more(ada, engine):
    row = serving(ada.create("work"))
    key, secret = AccessKey.issue(ada.user, "editor")
    limited = engine.client("sagemaker", key=key.access_key_id, secret=secret)
    name = {"NotebookInstanceName": "work"}
    message = refused(limited.create_presigned_notebook_instance_url, "AccessDeniedException", **name)
    assert "acts with the role Administrator" in message
    rows.finish(row.pk, Status.STOPPED, "")
    refused(limited.start_notebook_instance, "AccessDeniedException", **name)
    refused(limited.update_notebook_instance, "AccessDeniedException", **name, VolumeSizeInGB=9)
    assert ada.sm.start_notebook_instance(**name)


def test_whose_notebook_is_stopped_is_not_told_to_sign_in(kim):
    row = serving(kim.create("work"))
    kim.sm.stop_notebook_instance(NotebookInstanceName="work")
    answer = access.look_up(row.pk, kim.user.pk)
    assert (answer.name, answer.runs) == (("us-east-1", "work"), False)


def test_who_is_disabled_or_demoted_loses_access(kim):
    row = serving(kim.create("work"))
    name = ("us-east-1", "work")
    assert access.look_up(row.pk, kim.user.pk).name == name
    assert access.look_up(row.pk, kim.user.pk).runs
    assert access.look_up(row.pk, kim.user.pk + 1).name is None
    kim.user.person.role = "viewer"
    kim.user.person.save()
    assert access.look_up(row.pk, kim.user.pk).name is None
    assert not rows.state(row.pk).allowed
    kim.user.person.role = "editor"
    kim.user.person.save()
    kim.user.is_active = False
    kim.user.save()
    assert access.look_up(row.pk, kim.user.pk).name is None
    assert not rows.state(row.pk).allowed


def test_after_a_restart_what_ran_begins_again_and_no_key_is_left(kim):
    running, stopping = serving(kim.create("running")), serving(kim.create("stopping"))
    rows.issue_key(running.pk)
    kim.sm.stop_notebook_instance(NotebookInstanceName="stopping")
    rows.repair()
    status = dict(NotebookInstance.objects.values_list("name", "status"))
    assert status == {"running": "Pending", "stopping": "Stopped"}
    assert kim.user.access_keys.count() == 1
    assert stopping.pk


def test_lifecycle_configurations_keep_their_scripts(kim):
    script = base64.b64encode(b"#!/bin/bash\r\necho hello\r\n").decode()
    name = {"NotebookInstanceLifecycleConfigName": "setup"}
    kim.sm.create_notebook_instance_lifecycle_config(**name, OnStart=[{"Content": script}])
    described = kim.sm.describe_notebook_instance_lifecycle_config(**name)
    assert described["OnStart"] == [{"Content": script}]
    assert "already exists" in refused(kim.sm.create_notebook_instance_lifecycle_config, **name)
    again = refused(kim.sm.update_notebook_instance_lifecycle_config, **name, OnStart=[{"Content": "not base64!"}])
    assert "Base64" in again
    kim.create("work", LifecycleConfigName="setup")
    assert "in use by: work" in refused(kim.sm.delete_notebook_instance_lifecycle_config, **name)
    NotebookInstance.objects.update(status=Status.DELETING)
    kim.sm.delete_notebook_instance_lifecycle_config(**name)
    assert not NotebookInstanceLifecycleConfig.objects.exists()
    assert "does not exist" in refused(kim.sm.describe_notebook_instance_lifecycle_config, **name)


def test_a_configuration_that_is_not_there_cannot_be_attached(kim):
    request = {"NotebookInstanceName": "work", "LifecycleConfigName": "none", **ASK}
    assert "does not exist" in refused(kim.sm.create_notebook_instance, **request)
