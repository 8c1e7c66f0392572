"""Whether an endpoint may have a name."""

from common.messages import _
from models_app import aws
from models_app.aws import names
from models_app.models import Endpoint
from models_app.problems import Problem


def require_free_name(name: str, typed: bool = True) -> None:
    """Raise Problem(field="endpoint_name") unless an endpoint may be called `name`. Asks SageMaker too.

    A name that was not `typed` but taken over from the model is not refused a second time.
    """
    if not names.is_valid(name):
        if typed:
            raise Problem(names.rule(_("An endpoint name"), "churn-live"), "endpoint_name")
        return
    if _endpoint_exists(name):
        free = names.suggest(name, lambda n: Endpoint.objects.filter(name=n).exists())
        raise Problem(
            _(
                "Endpoint name %(name)s already exists. Enter a different name, for example %(free)s.",
                name=name,
                free=free,
            ),
            "endpoint_name",
        )


def _endpoint_exists(name: str) -> bool:
    if Endpoint.objects.filter(name=name).exists():
        return True
    try:
        with aws.plain_errors():
            aws.client("sagemaker").describe_endpoint(EndpointName=name)
    except aws.NotFound:
        return False
    return True
