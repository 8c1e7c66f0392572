"""SageMaker's endpoint-configuration operations."""

from common import capture_tags
from engine.models import EndpointConfig, Model
from engine.services import resources
from engine.services.models import container_of, model_data
from engine.wire.call import Call
from engine.wire.errors import ValidationException
from engine.wire.paging import paginate
from tables.masking import Mask

ECHOED = ("ProductionVariants", "DataCaptureConfig", "ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation")
SERVERLESS_MEMORY = (1024, 2048, 3072, 4096, 5120, 6144)  # MB
UNSUPPORTED = {
    "AsyncInferenceConfig": "asynchronous inference",
    "ExplainerConfig": "explanations",
    "ShadowProductionVariants": "shadow variants",
    "KmsKeyId": "KMS keys",
    "MetricsConfig": "detailed metrics",
    "CrossRegionTrafficConfig": "traffic across Regions",
}


class EndpointConfigs:
    """Create, describe, list and delete."""

    def create_endpoint_config(self, call: Call, request: dict) -> dict:
        name = request["EndpointConfigName"]
        arn = EndpointConfig.arn_of(call.region, name)
        conflict = ValidationException(f'Cannot create already existing endpoint configuration "{arn}".')
        resources.check_name_free(EndpointConfig, call, name, conflict)
        _check_offered(request)
        variants_of(call, request)
        stored = request | _mask(request)
        return {"EndpointConfigArn": resources.create(EndpointConfig, call, name, stored, conflict).arn}

    def describe_endpoint_config(self, call: Call, request: dict) -> dict:
        config = resources.find(EndpointConfig, call, request["EndpointConfigName"])
        variants = [{"InitialVariantWeight": 1.0, **v} for v in config.request["ProductionVariants"]]
        return {name: config.request[name] for name in ECHOED if name in config.request} | {
            "EndpointConfigName": config.name,
            "EndpointConfigArn": config.arn,
            "ProductionVariants": variants,
            "CreationTime": config.created,
        }

    def list_endpoint_configs(self, call: Call, request: dict) -> dict:
        configs, next_token = paginate(EndpointConfig.objects.filter(region=call.region), request)
        summaries = [
            {"EndpointConfigName": c.name, "EndpointConfigArn": c.arn, "CreationTime": c.created} for c in configs
        ]
        return {"EndpointConfigs": summaries, **next_token}

    def delete_endpoint_config(self, call: Call, request: dict) -> dict:
        """Endpoints that use it go on: they have their own copy."""
        resources.find(EndpointConfig, call, request["EndpointConfigName"]).delete()
        return {}


def capture_of(config: EndpointConfig) -> dict | None:
    """The DataCaptureConfig of a configuration, with its encoded mask of columns as "Mask"; None without one."""
    capture = config.request.get("DataCaptureConfig")
    return capture | {"Mask": config.request.get("Mask", "")} if capture else None


def variants_of(call: Call, request: dict) -> list[dict]:
    """The variants of a configuration with all an endpoint needs to serve them, as `Endpoint.variants` keeps them.

    Raises ValidationException when a variant's model is not there.
    """
    variants = request["ProductionVariants"]
    check_unique_variants(variants, "ProductionVariants")
    resolved = [_resolved(call, variant) for variant in variants]
    if not any(variant["DesiredWeight"] for variant in resolved):
        raise ValidationException("At least one variant must have a weight above 0; otherwise none gets traffic.")
    return resolved


def check_unique_variants(variants: list[dict], member: str) -> None:
    """Raise ValidationException when the list `member` of a request names a variant twice."""
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) < len(names):
        raise ValidationException(f"Variant names must be unique; {member} has: {', '.join(names)}.")


def _resolved(call: Call, variant: dict) -> dict:
    name = variant["VariantName"]
    if "ModelName" not in variant:
        raise ValidationException(f"Variant {name!r}: ModelName is required.")
    model = resources.find(Model, call, variant["ModelName"])
    container = container_of(model.request)
    serverless = variant.get("ServerlessConfig")
    if serverless is None and not ("InstanceType" in variant and "InitialInstanceCount" in variant):
        raise ValidationException(f"Variant {name!r}: give InstanceType and InitialInstanceCount, or ServerlessConfig.")
    if serverless is not None:
        _check_serverless(name, variant, serverless)
    weight, count = variant.get("InitialVariantWeight", 1.0), variant.get("InitialInstanceCount", 0)
    resolved = {
        "VariantName": name,
        "ModelName": model.name,
        "Image": container["Image"],
        "ModelDataUrl": model_data(container),
        "Environment": container.get("Environment", {}),
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
        "InstanceType": variant.get("InstanceType", ""),
        "ServerlessConfig": serverless,
        "StartupTimeout": variant.get("ContainerStartupHealthCheckTimeoutInSeconds"),
    }
    return {member: value for member, value in resolved.items() if value is not None}


def _check_serverless(name: str, variant: dict, serverless: dict) -> None:
    """The rules of ServerlessConfig that the service model does not state (API reference, ServerlessConfig)."""
    if "InstanceType" in variant or "InitialInstanceCount" in variant:
        raise ValidationException(
            f"Variant {name!r}: ServerlessConfig takes the place of InstanceType and InitialInstanceCount. "
            "Give one or the other."
        )
    memory = serverless["MemorySizeInMB"]
    if memory not in SERVERLESS_MEMORY:
        sizes = ", ".join(map(str, SERVERLESS_MEMORY))
        raise ValidationException(
            f"Variant {name!r}: ServerlessConfig.MemorySizeInMB is {memory}; it must be one of {sizes}."
        )
    concurrency, provisioned = serverless["MaxConcurrency"], serverless.get("ProvisionedConcurrency", 0)
    if provisioned > concurrency:
        raise ValidationException(
            f"Variant {name!r}: ServerlessConfig.ProvisionedConcurrency is {provisioned}; it must be at most "
            f"MaxConcurrency, {concurrency}."
        )


def _mask(request: dict) -> dict:
    """The mask of captured columns that the tags of a request carry, checked; {} for none."""
    mask = capture_tags.of_tags({tag["Key"]: tag["Value"] for tag in request.get("Tags", [])})
    if not mask:
        return {}
    try:
        Mask.decode(mask)
    except ValueError as e:
        raise ValidationException(f"Tags: {capture_tags.MASK_TAG}-1 cannot be read: {e}.") from None
    return {"Mask": mask}


def _check_offered(request: dict) -> None:
    for member, feature in UNSUPPORTED.items():
        if request.get(member):
            raise ValidationException(f"{member}: this engine does not offer {feature}. Leave it out.")
    if request.get("DataCaptureConfig", {}).get("KmsKeyId"):
        raise ValidationException("DataCaptureConfig.KmsKeyId: this engine does not offer KMS keys. Leave it out.")
