"""STS: who the caller is."""

from django.conf import settings

from engine.auth.identity import identity_arn, role_id, session_name
from engine.wire.call import Call


class Sts:
    """Who calls."""

    def get_caller_identity(self, call: Call, request: dict) -> dict:
        return {
            "UserId": f"{role_id()}:{session_name(call.key)}",
            "Account": settings.ENGINE_ACCOUNT,
            "Arn": identity_arn(call.key),
        }
