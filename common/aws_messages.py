"""Failure reasons in SageMaker's own words: the engine sends them, preflight predicts them. No Django."""

from common.s3_uri import normalize_s3_uri, split_s3_uri

NO_S3_OBJECTS = 'No S3 objects found under S3 URL "{uri}" given in input data source.'


def no_s3_objects(uri: str, region: str, role: str) -> str:
    """SageMaker's whole text for a channel without data. `uri` is repeated as the caller wrote it."""
    try:
        bucket = split_s3_uri(normalize_s3_uri(uri)).bucket
    except ValueError:
        bucket = uri
    return (
        f"{NO_S3_OBJECTS.format(uri=uri)} Please ensure that the bucket exists in the selected region ({region}), "
        f'that objects exist under that S3 prefix, and that the role "{role}" has "s3:ListBucket" permissions on '
        f'bucket "{bucket}".'
    )
