"""Drafts of the Create model form: saved as they are typed, deleted once the model is created."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.http import QueryDict
from django.utils.timezone import now

from models_app.models import Draft, Model, TuningJob

NOT_SAVED = ("csrfmiddlewaretoken", "files", "do", "fix", "undo", "preset", "reset", "find", "looked")
IDENTIFYING = ("name", "data_uri")  # a form with neither of these is not worth saving
MAX_DRAFTS = 5  # of one person, the latest
RETENTION = timedelta(days=30)


def save(user, data: QueryDict) -> Draft | None:
    """Save the form in `data`; None when there is nothing to save, or its model exists already."""
    intent = _uuid(data.get("intent", ""))
    if intent is None or not any(data.get(name, "").strip() for name in IDENTIFYING):
        return None
    if any(rows.objects.filter(intent=intent).exists() for rows in (Model, TuningJob)):
        return None
    fields: dict[str, Any] = {name: data[name] for name in data if name not in NOT_SAVED}
    try:
        draft, _created = Draft.objects.update_or_create(
            intent=intent, owner=user, defaults={"fields": fields, "updated": now()}
        )
    except IntegrityError:  # somebody else's form has this key
        return None
    old = Draft.objects.filter(owner=user).order_by("-updated").values_list("pk", flat=True)[MAX_DRAFTS:]
    Draft.objects.filter(pk__in=list(old)).delete()
    return draft


def load(user, intent: str) -> QueryDict | None:
    """The fields of the draft `intent`, as a POST would bring them."""
    key = _uuid(intent)
    draft = Draft.objects.filter(owner=user, intent=key).first() if key else None
    if draft is None:
        return None
    data = QueryDict(mutable=True)
    data.update(draft.fields)
    return data


def created(user, intent: str) -> Model | None:
    """The model that `user` created of the form `intent`."""
    key = _uuid(intent)
    return Model.objects.filter(owner=user, intent=key, deleting=False).first() if key else None


def recent(user) -> list[Draft]:
    """The drafts of `user`, the latest first."""
    return list(Draft.objects.filter(owner=user)[:MAX_DRAFTS])


def discard(user, intent: str) -> None:
    """Delete the draft `intent`. Repeatable."""
    if key := _uuid(intent):
        Draft.objects.filter(owner=user, intent=key).delete()


def sweep() -> None:
    """Delete the drafts that nobody came back to for a month."""
    Draft.objects.filter(updated__lt=now() - RETENTION).delete()


def _uuid(text: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
