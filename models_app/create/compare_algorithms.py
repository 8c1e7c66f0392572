"""One press of Create model that creates a model of each algorithm worth a comparison, and leads to the comparison."""

from uuid import uuid4, uuid5

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from algorithms.spec import Algorithm
from common.messages import _
from jobs import JobSpec
from jobs.hyperparameters import carry_over, changed
from models_app.aws import names
from models_app.create import checks, drafts, submit
from models_app.create.algorithm_choices import hint
from models_app.create.form import CreateForm
from models_app.create.submission import inspected_etag
from models_app.data.inspection import inspect_table
from models_app.problems import Invalid, Problem


def compare_algorithms(request, form: CreateForm) -> HttpResponse | None:
    """Create a model of each: the way to their comparison. None if one is refused; then `form` has the problems.

    All models are created, or none. A second press of the same form leads to the models of the first.
    """
    if not form.is_valid():
        return None
    try:
        if form.recipe_problems:
            raise Invalid(form.recipe_problems)
        specs = _specs(form, request)
        intent = form.cleaned_data["intent"] or uuid4()
        with transaction.atomic():
            models = [submit.create(request.user, spec, uuid5(intent, spec.algorithm)) for spec in specs]
    except Invalid as invalid:
        form.add_problems(invalid.problems)
    except Problem as problem:
        form.add_problems([problem])
    else:
        drafts.discard(request.user, str(form["intent"].value()))
        query = QueryDict(mutable=True)
        query.setlist("name", [model.name for model in models])
        return redirect(f"{reverse('models_compare')}?{query.urlencode()}")
    drafts.save(request.user, request.POST)
    return None


def _specs(form: CreateForm, request) -> list[JobSpec]:
    """The job of each algorithm, the one suggested first. Raises Problem where there is nothing to compare."""
    spec = form.spec()
    spec.data_etag = inspected_etag(request, spec.data_uri)
    if not spec.name:
        checks.model_name(spec.name)
    inspected = inspect_table(spec.data_uri, spec.recipe)
    if "data_problem" in inspected:
        raise inspected["data_problem"]
    chosen, table = form.selected_algorithm, inspected["inspection"]
    suggested = hint(table, chosen, chosen.task_of(spec.hyperparameters, table.task))
    if suggested is None or len(suggested.compared) < 2:
        raise Problem(_("Only one algorithm suits this table. Choose it and create a model."), "algorithm")
    return [_spec_of(form, spec, algorithm) for algorithm in suggested.compared]


def _spec_of(form: CreateForm, spec: JobSpec, algorithm: Algorithm) -> JobSpec:
    values = form.values
    if algorithm != form.selected_algorithm:
        values = carry_over(form.selected_algorithm, algorithm, form.values)
    name = f"{spec.name[: names.LONGEST - 1 - len(algorithm.name)]}-{algorithm.name}"
    return spec.but(
        name=name, algorithm=algorithm.name, hyperparameters=changed(algorithm, values), deploy_when_done=False,
        endpoint_name="",
    )  # fmt: skip
