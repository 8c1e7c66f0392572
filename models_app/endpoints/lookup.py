"""Finds the endpoint that an address names."""

from django.utils.translation import gettext as _

from models_app.models import Endpoint
from models_app.web.errors import Gone


def find_endpoint(name: str) -> Endpoint:
    """The endpoint `name` with its owner, model and job. Raises Gone, which names the next step."""
    if endpoint := Endpoint.objects.select_related("owner", "model", "model__job").filter(name=name).first():
        return endpoint
    words = _("There is no endpoint %(name)s. It was deleted, or its name is spelled differently.")
    raise Gone(words % {"name": name}, ("endpoints", _("View endpoints")))
