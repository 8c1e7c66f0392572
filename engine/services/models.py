"""SageMaker's model operations."""

from engine.frameworks.images import serves_script
from engine.models import Model
from engine.services import resources, validation
from engine.wire.call import Call
from engine.wire.errors import ValidationException
from engine.wire.paging import paginate

ECHOED = ("ExecutionRoleArn", "VpcConfig", "Containers", "PrimaryContainer")


class Models:
    """Create, describe, list and delete."""

    def create_model(self, call: Call, request: dict) -> dict:
        name = request["ModelName"]
        conflict = ValidationException(f'Cannot create already existing model "{Model.arn_of(call.region, name)}".')
        resources.check_name_free(Model, call, name, conflict)
        if "ExecutionRoleArn" in request:
            validation.check_role(request["ExecutionRoleArn"])
        _check(container_of(request))
        model = resources.create(Model, call, name, request, conflict)
        return {"ModelArn": model.arn}

    def describe_model(self, call: Call, request: dict) -> dict:
        model = resources.find(Model, call, request["ModelName"])
        answer = {name: model.request[name] for name in ECHOED if name in model.request} | {
            "ModelName": model.name,
            "ModelArn": model.arn,
            "CreationTime": model.created,
            "EnableNetworkIsolation": model.request.get("EnableNetworkIsolation", False),
        }
        if "PrimaryContainer" in answer:
            answer["PrimaryContainer"] = {"Mode": "SingleModel", **answer["PrimaryContainer"]}
        return answer

    def list_models(self, call: Call, request: dict) -> dict:
        models, next_token = paginate(Model.objects.filter(region=call.region), request)
        summaries = [{"ModelName": m.name, "ModelArn": m.arn, "CreationTime": m.created} for m in models]
        return {"Models": summaries, **next_token}

    def delete_model(self, call: Call, request: dict) -> dict:
        resources.find(Model, call, request["ModelName"]).delete()
        return {}


def container_of(request: dict) -> dict:
    """The one container of a CreateModel request; ValidationException when there is none, or a pipeline of them."""
    containers = [request["PrimaryContainer"]] if "PrimaryContainer" in request else []
    containers += request.get("Containers", [])
    if not containers:
        raise ValidationException("PrimaryContainer is required: it names the image and the model's data.")
    if len(containers) > 1:
        raise ValidationException("This engine does not offer inference pipelines. Give PrimaryContainer alone.")
    return containers[0]


def model_data(container: dict) -> str:
    """Where a container's model.tar.gz is, as s3://bucket/key."""
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source and (source["S3DataType"], source["CompressionType"]) != ("S3Object", "Gzip"):
        raise ValidationException("ModelDataSource: this engine takes an S3Object with CompressionType Gzip.")
    url = container.get("ModelDataUrl") or (source or {}).get("S3Uri")
    if not url:
        raise ValidationException("ModelDataUrl is required: the algorithms of this engine serve a model.tar.gz.")
    return validation.s3_uri(url)


def _check(container: dict) -> None:
    if "ModelPackageName" in container:
        raise ValidationException("This engine does not offer model packages. Give Image and ModelDataUrl.")
    if container.get("Mode", "SingleModel") != "SingleModel":
        raise ValidationException("This engine does not offer multi-model endpoints. Leave out Mode.")
    if serves_script(container.get("Image") or "", container.get("Environment", {})):
        validation.check_own_code()
    else:
        validation.check_hosting_image(container.get("Image"))
    uri = model_data(container)
    if not validation.object_exists(uri):
        raise ValidationException(f"Could not find model data at {uri}.")
