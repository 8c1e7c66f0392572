"""Finds the instance that a request names, and answers in words when SageMaker cannot describe it."""

from contextlib import suppress
from functools import wraps

from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app import aws
from models_app.aws import names
from models_app.notebooks import instances
from models_app.notebooks.notebook import Notebook
from models_app.web.changes import changes
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


changes_notebook = changes(
    find_or_gone, gettext_lazy("Only the person who made notebook %(name)s or an administrator can change it.")
)


def page_url(name: str, wanted: str = "") -> str:
    """The page of an instance; `wanted` names the document that is to open in it."""
    query = f"?{urlencode({'with': wanted})}" if wanted else ""
    return reverse("notebook", args=[name]) + query
