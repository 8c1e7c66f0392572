"""The part of a model card that a person writes, stored in the model's row."""

from typing import Any

from django import forms
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from models_app.models import Model

MAX_TEXT = 2048  # characters, as SageMaker's model cards have it
MAX_CONTACT = 200


class CardForm(forms.Form):
    """The model's purpose, its limits, and a contact."""

    intended_use = forms.CharField(
        label=_("What it is for"), required=False, max_length=MAX_TEXT,
        help_text=_("Who uses its answers for what, and what they must not be used for."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
    )  # fmt: skip
    limits = forms.CharField(
        label=_("Limits"), required=False, max_length=MAX_TEXT,
        help_text=_("Where it is known to be weak, and what would make it wrong."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
    )  # fmt: skip
    contact = forms.CharField(
        label=_("Whom to ask"), required=False, max_length=MAX_CONTACT,
        widget=forms.TextInput(attrs={"class": "input"}),
    )  # fmt: skip


def store(model: Model, texts: dict[str, str], person: str) -> None:
    """Store `texts`, the cleaned fields of a `CardForm`, with `person` as their author and the present time."""
    card: dict[str, Any] = {name: text for name, text in texts.items() if text}
    if card:
        card |= {"by": person, "at": now().isoformat()}
    Model.objects.filter(pk=model.pk).update(card=card)
    model.card = card
    model.changed()
