"""What a new tuning job's form is filled with: a tuning job, or whatever Create model can be filled with."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.utils.translation import gettext as _

from common.tags import as_text
from models_app.create import drafts
from models_app.create.form import CreateForm
from models_app.create.own_code.form import CodeForm
from models_app.create.tuning.form import TuneForm
from models_app.models import Tag, TuningJob
from models_app.tuning.actions import free_name
from models_app.tuning.template import model_of, search_of

NAME = 26  # characters of a model's name that begin the one of its tuning job


def prefilled(request, form_of: Callable[..., CreateForm]) -> TuneForm:
    """From a tuning job (`?tuning=`) of the console, or as a tuning job what `form_of(request)` gives."""
    query = request.GET
    if row := _source_job(request):
        form = CreateForm.from_model(model_of(row))
        form.initial["tags"] = as_text(Tag.of(row))
        return TuneForm.of(form, free_name(row.name), search_of(row))
    if "tuning" in query:
        words = _("There is no tuning job %(name)s of the console to copy, so this form has the defaults.")
        messages.warning(request, words % {"name": query["tuning"]})
    form = form_of(request)
    if isinstance(form, TuneForm):
        return form
    if isinstance(form, CodeForm):
        messages.warning(request, _("Your own code cannot be tuned here, so this form has the defaults."))
        form = CreateForm()
    source = query.get("from", "") or query.get("job", "")
    name = free_name(f"{source[:NAME].rstrip('-')}-tune") if source else form["name"].value() or ""
    return TuneForm.of(form, name)


def _source_job(request) -> TuningJob | None:
    """The tuning job that is to be copied: the one named, or the one that a draft became."""
    name = request.GET.get("tuning", "")
    if name:
        return TuningJob.objects.filter(name=name, external=False).first()
    if drafts.load(request.user, draft := request.GET.get("draft", "")):
        return None
    try:
        return TuningJob.objects.filter(intent=UUID(draft), owner=request.user).first()
    except ValueError:
        return None
