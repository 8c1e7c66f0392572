"""IAM: the account's one role, which SageMaker may assume."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

from django.conf import settings

from engine.auth.identity import role_id, role_name
from engine.wire.call import Call
from engine.wire.errors import AwsError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
CREATED = datetime(2020, 1, 1, tzinfo=UTC)  # the role always exists, so its date is a constant


class Iam:
    def get_role(self, call: Call, request: dict) -> dict:
        if request["RoleName"] != role_name():
            text = f"The role with name {request['RoleName']} cannot be found. The one here is {role_name()}."
            raise AwsError(text, "NoSuchEntity", 404)
        return {"Role": _role()}

    def list_roles(self, call: Call, request: dict) -> dict:
        role = _role()
        roles = [role] if role["Path"].startswith(request.get("PathPrefix", "/")) else []
        return {"Roles": roles, "IsTruncated": False}


def _role() -> dict:
    path = settings.ROLE_ARN.partition(":role")[2].removesuffix(role_name())
    return {
        "Path": path,
        "RoleName": role_name(),
        "RoleId": role_id(),
        "Arn": settings.ROLE_ARN,
        "CreateDate": CREATED,
        "AssumeRolePolicyDocument": quote(json.dumps(TRUST), safe=""),
        "Description": "What SageMaker runs as in this engine.",
        "MaxSessionDuration": 3600,
    }
