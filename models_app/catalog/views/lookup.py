"""Finds the model that an address names."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.models import Model
from models_app.web.changes import changes
from models_app.web.errors import Gone


def model_called(name: str) -> Model:
    """The model `name` with what its pages show of it. Raises Gone."""
    rows = Model.objects.select_related("owner", "job", "job__model__endpoint", "endpoint", "cloned_from")
    if model_row := rows.filter(name=name).first():
        return model_row
    words = _("There is no model %(name)s. It was deleted, or its name is spelled differently.")
    raise Gone(words % {"name": name}, ("models", _("View models")))


changes_model = changes(
    model_called, gettext_lazy("Only the person who made model %(name)s or an administrator can change it.")
)
