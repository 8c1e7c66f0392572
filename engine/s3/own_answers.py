"""The operations that the gateway answers itself, because a store would do harm or say something untrue."""

import aiohttp
from django.conf import settings

from engine.s3 import access_answers, cors_answers, encryption_answers, lifecycle_answers, policy_answers, xml
from engine.s3.answering import Answer, require_bucket, send
from engine.s3.call import Call

# There is nothing to delete, which S3 answers like a deletion.
WITHOUT_EFFECT = (
    "DeleteBucketAnalyticsConfiguration", "DeleteBucketIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration", "DeleteBucketMetricsConfiguration", "DeleteBucketReplication",
    "DeleteBucketWebsite",
)  # fmt: skip


async def _delete_nothing(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    await send(call, 204)


async def _location(call: Call, session: aiohttp.ClientSession) -> None:
    await require_bucket(call, session)
    region = settings.REGION if settings.REGION != "us-east-1" else ""  # S3 has no name for its first Region
    await send(call, 200, xml.document("LocationConstraint", region))


ANSWERS: dict[str, Answer] = {
    **dict.fromkeys(WITHOUT_EFFECT, _delete_nothing),
    "GetBucketLocation": _location,
    **access_answers.ANSWERS,
    **cors_answers.ANSWERS,
    **encryption_answers.ANSWERS,
    **lifecycle_answers.ANSWERS,
    **policy_answers.ANSWERS,
}
