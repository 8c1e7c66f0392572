"""What the form's buttons and changes do to the page without leaving it."""

from urllib.parse import urlencode

from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from models_app.account.roles import Action, may, requires
from models_app.create.actions import apply_action, cancel_scan, changes_hyperparameters
from models_app.create.context import form_context, problems_of
from models_app.create.hyperparameters import PREFIX
from models_app.web.render import render_page


@require_http_methods(["GET", "POST"])
@requires(Action.READ)
def s3_inspect(request):
    """What the form's buttons and changes do to the page without leaving it: the Training data part for what was sent.

    With it come the parts elsewhere that follow from the data. Without htmx, the form itself.
    """
    data = request.POST if request.method == "POST" else request.GET
    if not request.htmx:
        query = {"data": data.get("data_uri", ""), "target": data.get("target", "")}
        return redirect(f"{reverse('model_create')}?{urlencode(query)}")
    cancel_scan(request.user, data.get("cancel", ""))
    form, done = apply_action(data)
    context = form_context(form, request.user, rescan="rescan" in data and may(request.user, Action.CREATE))
    if "preview" in context and not context["preview"].target_is_known:  # it was a column of the file before
        form = form.unbound(target="")
        context = form_context(form, request.user)
    context |= {"form": form, "done": done, "alone": True, "hp_alone": changes_hyperparameters(data)}
    if not context["hp_alone"]:
        form.note(problem for problem in problems_of(context["report"]) if problem.field.startswith(PREFIX))
    response = render_page(request, "create/_live.html", context, part="create/_live.html")
    response["HX-Trigger-After-Settle"] = "looked"  # the sidebar follows from the data too
    return response
