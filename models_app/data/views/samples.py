"""Sample tables: one press puts one into the default bucket and opens the form on it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.aws import names
from models_app.data import sample_tables
from models_app.models import Model
from models_app.problems import Problem


@post_only("model_create")
@requires(Action.WRITE_DATA)
def sample_use(request, sample):
    """Put the table `sample` into the default bucket, and open Create model with it filled in.

    The form's own button sends the whole form along; what was filled in already is kept.
    """
    if not sample_tables.is_offered(sample):
        raise Http404(_("There is no sample table of this name."))
    try:
        uri, table = sample_tables.put(sample)
    except Problem as problem:
        messages.error(request, str(problem))
        return redirect("model_create")
    query = {"name": _free_name(table.name)}
    query |= {name: request.POST[name] for name in ("name", "algorithm") if request.POST.get(name)}
    query |= {"data": uri, "target": table.target}
    return redirect(f"{reverse('model_create')}?{urlencode(query)}")


def _free_name(name: str) -> str:
    """`name`, or the first one like it that no model has."""

    def is_taken(candidate: str) -> bool:
        return Model.objects.filter(name=candidate).exists()

    return names.suggest(name, is_taken) if is_taken(name) else name
