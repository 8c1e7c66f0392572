"""Finds the instance that a request names, and answers in words when SageMaker cannot describe it."""

from contextlib import suppress
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from models_app import aws
from models_app.account.roles import may_change
from models_app.aws import names
from models_app.notebooks import instances
from models_app.notebooks.notebook import Notebook
from models_app.web.errors import Gone

TOPIC = "notebooks"  # of the nudge on which the pages read again


def explain_outage(view):
    """Answer with a page in words when SageMaker does not answer, or refuses to say anything about an instance."""

    @wraps(view)
    def guarded(request, name):
        try:
            return view(request, name)
        except (aws.Unavailable, aws.Refused) as problem:
            status = 503 if isinstance(problem, aws.Unavailable) else 422
            return render(request, "notebooks/problem.html", {"name": name, "problem": problem}, status=status)

    return guarded


def find_or_gone(name: str) -> Notebook:
    """The instance called `name`. Raises Gone, which names the next step, and what `aws` raises."""
    if names.is_valid(name):  # SageMaker refuses to look up any other
        with suppress(aws.NotFound):
            return instances.find(name)
    words = _("There is no notebook %(name)s. It was deleted, or its name is spelled differently.")
    raise Gone(words % {"name": name}, ("notebooks", _("View notebooks")))


def find_changeable(request, name: str) -> Notebook:
    """The instance, if the person may change it. Raises PermissionDenied, and what `find_or_gone` raises."""
    row = find_or_gone(name)
    if not may_change(request.user, row):
        raise PermissionDenied(
            _("Only the person who made notebook %(name)s or an administrator can change it.") % {"name": name}
        )
    return row


def page_url(name: str, wanted: str = "") -> str:
    """The page of an instance; `wanted` names the document that is to open in it."""
    query = f"?{urlencode({'with': wanted})}" if wanted else ""
    return reverse("notebook", args=[name]) + query
