"""Create model forms that were begun and left: kept as they are typed, given back, gone once the model is made."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.http import QueryDict
from django.utils.timezone import now

from models_app.models import KeptForm, Model

NOT_KEPT = ("csrfmiddlewaretoken", "files", "do", "fix", "undo", "preset", "reset", "find", "looked")
TELLING = ("name", "data_uri")  # a form in which neither was filled in is not worth keeping
MOST = 5  # a person's, the latest
FORGOTTEN = timedelta(days=30)


def keep(user, data: QueryDict) -> KeptForm | None:
    """Keep the form as `data` has it; None when there is nothing to keep, or its model is made already."""
    intent = _uuid(data.get("intent", ""))
    if intent is None or not any(data.get(name, "").strip() for name in TELLING):
        return None
    if Model.objects.filter(intent=intent).exists():  # a late word from a page whose form was sent
        return None
    texts: dict[str, Any] = {name: data[name] for name in data if name not in NOT_KEPT}
    try:
        kept, _made = KeptForm.objects.update_or_create(
            intent=intent, owner=user, defaults={"fields": texts, "updated": now()}
        )
    except IntegrityError:  # somebody else's form has this key
        return None
    old = KeptForm.objects.filter(owner=user).order_by("-updated").values_list("pk", flat=True)[MOST:]
    KeptForm.objects.filter(pk__in=list(old)).delete()
    return kept


def of(user, intent: str) -> QueryDict | None:
    """The fields of the kept form `intent`, as a POST would bring them."""
    key = _uuid(intent)
    kept = KeptForm.objects.filter(owner=user, intent=key).first() if key else None
    if kept is None:
        return None
    data = QueryDict(mutable=True)
    data.update(kept.fields)
    return data


def left(user, but: str = "") -> list[KeptForm]:
    """The forms `user` may go on with, the latest first, without the one called `but`."""
    forms = KeptForm.objects.filter(owner=user)
    key = _uuid(but)
    return list((forms.exclude(intent=key) if key else forms)[:MOST])


def discard(user, intent: str) -> None:
    """Forget the form `intent`. Repeatable."""
    if key := _uuid(intent):
        KeptForm.objects.filter(owner=user, intent=key).delete()


def sweep() -> None:
    """Forget what nobody came back to for a month."""
    KeptForm.objects.filter(updated__lt=now() - FORGOTTEN).delete()


def _uuid(text: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
