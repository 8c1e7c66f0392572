"""The context of the sidebar of the Create model page: time, cost, differences, the link."""

from django.urls import reverse

from jobs.code.kinds import ALGORITHM as CODE
from jobs.differences import differences
from jobs.estimate import estimate
from models_app.aws import job_spec
from models_app.create.form import CreateForm
from models_app.create.form_links import query_string
from models_app.data.inspection import inspect_table
from models_app.models import Model
from models_app.text import formats
from tables import Inspection


def sidebar_context(request, form: CreateForm, table: Inspection | None = None) -> dict:
    """What the sidebar needs: time, cost, differences, link; `table` is that of the form where it was inspected."""
    spec = form.spec()
    origin = Model.objects.filter(name=form["origin"].value() or "").first()
    is_code = spec.algorithm == CODE  # which does not fit into an address
    query = "" if is_code else query_string(form)
    address = reverse("model_create") + (f"?{query}" if query else "")
    return {
        "estimate": estimate(spec, table or table_of(form)),
        "origin": origin,
        "differences": differences(job_spec.of_model(origin), spec, formats.metric_name) if origin else [],
        "share": "" if is_code else request.build_absolute_uri(address),
    }


def table_of(form: CreateForm) -> Inspection | None:
    """The table as the form reads it; None where there is none to be read."""
    spec = form.spec()
    if not spec.data_uri:
        return None
    return inspect_table(spec.data_uri, spec.recipe, form.selected_algorithm.supervised).get("inspection")
