"""Checks of a Create request against the object store, the account and the algorithms.

The shapes themselves are checked by `engine.wire.constraints`, from the service model.
"""

from collections.abc import Callable

from botocore.exceptions import ClientError, ParamValidationError
from django.conf import settings

import algorithms
from algorithms import Algorithm
from algorithms.images import parse_image_uri
from common.aws_messages import no_s3_objects
from common.limits import TRAINING_INSTANCES
from common.s3_uri import normalize_s3_uri, split_s3_uri
from engine import store
from engine.auth.identity import role_arns, role_exists
from engine.data_source import DownloadError, InvalidManifest, list_objects
from engine.frameworks.images import titles
from engine.serving.script import NOT_ALLOWED
from engine.wire.errors import ResourceLimitExceeded, ValidationException
from sandbox.level import available, own_code_allowed, why_not
from sandbox.spec import Level

PULL_ACTIONS = "ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"


def s3_uri(url: str) -> str:
    """Return an S3 location as s3://bucket/key. Raises ValidationException for what is no spelling AWS accepts."""
    try:
        return normalize_s3_uri(url)
    except ValueError as e:
        raise ValidationException(str(e)) from None


def algorithm_of(image: str | None, where: str) -> Algorithm:
    """The algorithm a container image means; ValidationException naming those we have."""
    if image and (algorithm := algorithms.for_image(image)):
        return algorithm
    served = ", ".join(f"{a.title} ({a.image_uri(settings.REGION)})" for a in algorithms.ALGORITHMS.values())
    raise ValidationException(
        f"{where}: this engine has no algorithm for the image {image or '(none)'}, and it runs no containers. It has: "
        f"{served}. Your own code runs with the image of a framework and an entry point: {titles()}."
    )


def check_training_image(image: str | None, role: str) -> None:
    """Raise ValidationException, as AWS does, unless there is such an image. Its algorithm is one of ours."""
    algorithm = algorithm_of(image, "AlgorithmSpecification.TrainingImage")
    if image and not _is_published(algorithm, image):
        tag, digest = parse_image_uri(image).tag or "latest", parse_image_uri(image).digest or "null"
        raise ValidationException(
            f"Cannot find the requested image: {image} with tag: {tag} and digest: {digest}. Please check if your ECR "
            f"image exists and role {role} has proper pull permissions for SageMaker: {PULL_ACTIONS}. "
            f"{_published(algorithm)}"
        )


def check_hosting_image(image: str | None) -> None:
    """Raise ValidationException, as AWS does, unless there is such an image. Its algorithm is one of ours."""
    algorithm = algorithm_of(image, "PrimaryContainer.Image")
    if image and not _is_published(algorithm, image):
        raise ValidationException(f"Requested image {image} not found. {_published(algorithm)}")


def check_own_code() -> None:
    """Raise ValidationException where people's own code may not run."""
    if not own_code_allowed():
        raise ValidationException(NOT_ALLOWED)


def check_instances(request: dict, script: bool) -> None:
    """Raise an error unless a job of this script or algorithm can have as many instances as it asks for."""
    count, kind = request["ResourceConfig"]["InstanceCount"], request["ResourceConfig"]["InstanceType"]
    if count > TRAINING_INSTANCES:
        raise ResourceLimitExceeded(
            f"The account-level service limit '{kind} for training job usage' is {TRAINING_INSTANCES} Instances, with "
            f"current utilization of 0 Instances and a request delta of {count} Instances. Please use AWS Service "
            "Quotas to request an increase for this quota. If AWS Service Quotas is not available, contact AWS support "
            "to request an increase for this quota."
        )
    if count == 1:
        return
    if not script:
        algorithm = algorithm_of(request["AlgorithmSpecification"].get("TrainingImage"), "TrainingImage")
        if not algorithm.distributes:
            several = [one.title for one in algorithms.ALGORITHMS.values() if one.distributes]
            raise ValidationException(
                f"ResourceConfig.InstanceCount: {algorithm.title} trains on one instance here. Give InstanceCount 1. "
                f"Several instances are for: {', '.join([*several, 'scripts of your own'])}."
            )
    if available() is not Level.WALLED:
        raise ValidationException(
            "ResourceConfig.InstanceCount: the members of a job need a network of their own, which only the walled "
            f"sandbox has, and this machine is {available()}: {why_not(Level.WALLED)} Give InstanceCount 1."
        )


def _is_published(algorithm: Algorithm, image: str) -> bool:
    """Whether AWS has the tag. A digest cannot be looked up without the registry, so every digest counts as one."""
    tag = parse_image_uri(image).tag
    return not tag or algorithm.container.version(tag) is not None


def _published(algorithm: Algorithm) -> str:
    tags = ", ".join(algorithm.container.tags) or algorithm.images.tag
    return f"The tags of {algorithm.images.repository} are: {tags}."


def check_role(role: str) -> None:
    """Raise ValidationException, as AWS does, unless the role is one of the account's."""
    if not role_exists(role):
        raise ValidationException(
            f"Could not assume role {role}. Please ensure that the role exists and allows principal "
            f"'sagemaker.amazonaws.com' to assume the role. The roles here are: {', '.join(role_arns())}. "
            "SAGEWRIGHT_ROLES names further ones."
        )


def object_exists(uri: str) -> bool:
    """Whether exactly this object is there."""
    bucket, key = split_s3_uri(uri)
    if not key:
        return False
    return _exists(lambda: store.client().head_object(Bucket=bucket, Key=key))


def check_channel(source: dict, region: str, role: str) -> None:
    """Raise ValidationException unless this S3DataSource has at least one object."""
    s3_uri(source["S3Uri"])
    try:
        has_objects = any(True for _ in list_objects(source))
    except InvalidManifest as e:
        raise ValidationException(str(e)) from None
    except DownloadError:
        has_objects = False
    if not has_objects:
        raise ValidationException(no_s3_objects(source["S3Uri"], region, role))


def check_bucket(uri: str, member: str) -> None:
    """ValidationException unless the bucket of `uri` is there."""
    bucket = split_s3_uri(s3_uri(uri)).bucket
    if not _exists(lambda: store.client().head_bucket(Bucket=bucket)):
        raise ValidationException(
            f"{member}: the bucket {bucket!r} of {uri} does not exist. Create it, or choose another."
        )


def _exists(request: Callable[[], object]) -> bool:
    """Return whether `request` to the store succeeds; False when it answers that there is no such thing."""
    try:
        request()
        return True
    except ParamValidationError:  # what is no name of a bucket names none that is there
        return False
    except ClientError as e:
        if e.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404):
            return False
        raise
