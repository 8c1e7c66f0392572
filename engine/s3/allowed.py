"""Which operations of S3 go to the store, which the gateway answers, and what it says of the others.

Every operation that is not listed is refused: a store may do something else with it, or more than a caller may.
"""

from engine.auth.errors import RequestError
from engine.s3.operations import Operation

OBJECTS = {
    "GetObject", "HeadObject", "GetObjectAttributes", "PutObject", "CopyObject", "DeleteObject", "DeleteObjects",
    "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload", "AbortMultipartUpload",
    "ListParts", "ListMultipartUploads", "ListObjects", "ListObjectsV2", "ListObjectVersions",
    "GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging", "GetObjectLegalHold", "PutObjectLegalHold",
    "GetObjectRetention", "PutObjectRetention",
}  # fmt: skip
BUCKETS = {
    "ListBuckets", "CreateBucket", "HeadBucket", "DeleteBucket",
    "GetBucketVersioning", "PutBucketVersioning", "GetBucketTagging", "PutBucketTagging", "DeleteBucketTagging",
    "GetObjectLockConfiguration", "PutObjectLockConfiguration",
}  # fmt: skip
# Terraform and the CDK read these of every bucket, and stop at an error other than "there is none".
UNSET = {
    "GetBucketAccelerateConfiguration", "GetBucketLogging", "GetBucketNotificationConfiguration",
    "GetBucketReplication", "GetBucketRequestPayment", "GetBucketWebsite",
    "ListBucketAnalyticsConfigurations", "GetBucketAnalyticsConfiguration",
    "ListBucketIntelligentTieringConfigurations", "GetBucketIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations", "GetBucketInventoryConfiguration",
    "ListBucketMetricsConfigurations", "GetBucketMetricsConfiguration",
}  # fmt: skip
PASSED = OBJECTS | BUCKETS | UNSET


def check(operation: Operation) -> None:
    """Raise RequestError (501 NotImplemented) unless `operation` may go to the store."""
    if operation.name not in PASSED:
        text = f"{operation.name} is not implemented. The reference of operations lists what is."
        raise RequestError(text, "NotImplemented", 501)
