"""What can be done to jobs that other clients made: save their model, deploy it, delete the job."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from models_app.account.post_only import post_only
from models_app.account.roles import Action, may_change, requires
from models_app.catalog import actions as model_actions
from models_app.catalog.adoption import save_as_model
from models_app.problems import Problem
from models_app.training import actions as job_actions
from models_app.training.views import find_job
from models_app.web.changes import changes


@post_only("job", "name")
@requires(Action.CREATE)
def job_save(request, name):
    """Add the model that the job made to SageMaker Models; with `deploy`, give it an endpoint, too."""
    job = find_job(name)
    try:
        model = save_as_model(request.user, job)
    except Problem as problem:
        messages.error(request, _("Failed to save the model of %(name)s: %(why)s") % {"name": name, "why": problem})
        return redirect("job", name=name)
    messages.success(request, _("Model %(name)s is saved.") % {"name": model.name})
    if "deploy" in request.POST and may_change(request.user, model):
        try:
            endpoint = model_actions.deploy(model)
        except Problem as problem:
            messages.error(request, _("Failed to deploy %(name)s: %(why)s") % {"name": model.name, "why": problem})
        else:
            messages.info(request, _("Creating endpoint %(name)s.") % {"name": endpoint.name})
    return redirect("model", name=model.name)


@require_http_methods(["GET", "POST"])
@changes(find_job, gettext_lazy("Only the person who started job %(name)s or an administrator can delete it."))
def job_delete(request, job):
    """GET asks; POST deletes the job at SageMaker. Its model and its files stay."""
    name = job.name
    if not (job.external and job.is_final and job.model is None):
        words = _("Job %(name)s cannot be deleted: it runs, or it belongs to a model.")
        messages.error(request, words % {"name": name})
        return redirect("job", name=name)
    if request.method == "GET":
        return render(request, "training/delete.html", {"job": job})
    try:
        job_actions.delete(job)
    except Problem as problem:
        messages.error(request, _("Failed to delete job %(name)s: %(why)s") % {"name": name, "why": problem})
        return redirect("job", name=name)
    messages.success(request, _("Successfully deleted job %(name)s.") % {"name": name})
    return redirect("jobs")
