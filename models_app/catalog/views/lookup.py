"""Finds the model that an address names."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from models_app.account.roles import may_change
from models_app.models import Model
from models_app.web.errors import Gone


def model_called(name: str) -> Model:
    """The model `name` with what its pages show of it. Raises Gone."""
    rows = Model.objects.select_related("owner", "job", "job__model__endpoint", "endpoint", "cloned_from")
    if model_row := rows.filter(name=name).first():
        return model_row
    words = _("There is no model %(name)s. It was deleted, or its name is spelled differently.")
    raise Gone(words % {"name": name}, ("models", _("View models")))


def changeable_model(request, name: str) -> Model:
    """The model `name`, which this person may change. Raises Gone and PermissionDenied."""
    model_row = model_called(name)
    if not may_change(request.user, model_row):
        words = _("Only the person who made model %(name)s or an administrator can change it.")
        raise PermissionDenied(words % {"name": name})
    return model_row
