"""IAM: the account's roles, which SageMaker may assume."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

from engine.auth.identity import find_role, role_arns, role_exists, role_id, role_name
from engine.wire.call import Call
from engine.wire.errors import AwsError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
CREATED = datetime(2020, 1, 1, tzinfo=UTC)  # the roles always exist, so their date is a constant


class Iam:
    """Roles: get, list, and simulate what they allow."""

    def get_role(self, call: Call, request: dict) -> dict:
        name = request["RoleName"]
        if arn := find_role(name):
            return {"Role": _role(arn)}
        names = ", ".join(role_name(arn) for arn in role_arns())
        raise AwsError(f"The role with name {name} cannot be found. Those here are: {names}.", "NoSuchEntity", 404)

    def list_roles(self, call: Call, request: dict) -> dict:
        roles = [_role(arn) for arn in role_arns()]
        prefix = request.get("PathPrefix", "/")
        return {"Roles": [role for role in roles if role["Path"].startswith(prefix)], "IsTruncated": False}

    def simulate_principal_policy(self, call: Call, request: dict) -> dict:
        """The account's roles have no policies that deny anything: what a role may do is not restricted here."""
        source = request["PolicySourceArn"]
        if not role_exists(source):
            raise AwsError(f"Principal {source} does not exist here.", "NoSuchEntity", 404)
        results = [
            {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": "allowed"}
            for action in request["ActionNames"]
            for resource in request.get("ResourceArns") or ["*"]
        ]
        return {"EvaluationResults": results, "IsTruncated": False}


def _role(arn: str) -> dict:
    return {
        "Path": arn.partition(":role")[2].removesuffix(role_name(arn)),
        "RoleName": role_name(arn),
        "RoleId": role_id(arn),
        "Arn": arn,
        "CreateDate": CREATED,
        "AssumeRolePolicyDocument": quote(json.dumps(TRUST), safe=""),
        "Description": "What SageMaker runs as in this engine.",
        "MaxSessionDuration": 3600,
    }
