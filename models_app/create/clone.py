"""The Create model form as a copy of a job that another client made, with a fix applied."""

from collections.abc import Mapping
from typing import Any

from jobs.hyperparameters import preset_values
from models_app.aws import job_spec
from models_app.create import options
from models_app.create.form import CreateForm
from models_app.data.inspection import inspect_table
from models_app.models import TrainingJob
from models_app.tuning.template import model_of_trial


def form_of_job(job: TrainingJob, changes: Mapping[str, Any]) -> CreateForm:
    """The form that asks for what `job` asked for, with the `changes` of a fix. Only if `job_spec.can_be_cloned`.

    The label is the first column, as SageMaker's algorithms read CSV. A required hyperparameter that `job` did not have
    gets the form's own value.
    """
    if model := model_of_trial(job):
        form = CreateForm.from_model(model)
        return form.with_fix(options.resolve(dict(changes), model.instance_type)) if changes else form
    spec = job_spec.of_described(job)
    form = CreateForm.from_spec(spec)
    required = {h.name for h in form.selected_algorithm.hyperparameters if h.required}
    form.values = {n: v for n, v in preset_values(form.selected_algorithm).items() if n in required} | form.values
    if changes:
        form = form.with_fix(options.resolve(dict(changes), spec.instance_type))
    if form.selected_algorithm.supervised and not form.recipe.target:
        inspected = inspect_table(spec.data_uri, form.recipe, supervised=False)
        if "inspection" in inspected and inspected["inspection"].columns:
            first = inspected["inspection"].columns[0].name
            form = form.with_fix({"recipe.target": first})
    return form
