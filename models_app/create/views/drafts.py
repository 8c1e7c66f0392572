"""What goes along with the Create model form while it is filled in: kept, estimated, compared, shared, as code."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from models_app.account.roles import editor
from models_app.create import code, differences, drafts, estimates, form_links
from models_app.create.form import CreateForm
from models_app.create.page import look
from models_app.models import Model
from models_app.web.render import render_page


@require_POST
@editor
def create_aside(request):
    """Keep the form, and say about it: time, cost, limits, what it changes, its link. For htmx; else the page."""
    form = CreateForm(request.POST).unchecked()
    kept = drafts.keep(request.user, request.POST)
    if not request.htmx:
        return redirect(f"{reverse('model_create')}?{form_links.query(form)}")
    stale = form["deploy_metric"].value() not in {metric.name for metric in form.chosen.metrics}
    if stale:  # it was one of the algorithm chosen before
        form = form.unchecked(deploy_metric="")
    context = beside(request, form) | {"form": form, "kept": kept, "gate_alone": stale}
    return render(request, "create/_aside_in.html", context)


@require_POST
@editor
def draft_discard(request, intent):
    """Forget a form that was begun."""
    drafts.discard(request.user, str(intent))
    messages.success(request, _("The draft is discarded."))
    return redirect("model_create")


@require_http_methods(["GET", "POST"])
@editor
def create_code(request):
    """The form as programs: a dialog to htmx, a page to everyone else. A GET takes the query of a shared link."""
    form = CreateForm(request.POST).unchecked() if request.method == "POST" else form_links.filled(request.GET)
    found = look_at(form)
    plan = code.plan_of(form.spec(), found)
    context = {"plan": plan, "snippets": code.snippets(plan), "query": form_links.query(form)}
    return render_page(request, "create/code.html", context, part="create/_code_dialog.html")


def beside(request, form: CreateForm, found=None) -> dict:
    """What the part beside the form needs; `found` is the table where it was looked at already."""
    spec = form.spec()
    origin = Model.objects.filter(name=form["origin"].value() or "").first()
    query = form_links.query(form)
    address = reverse("model_create") + (f"?{query}" if query else "")
    return {
        "estimate": estimates.of(spec, found or look_at(form)),
        "origin": origin,
        "differences": differences.between(origin, spec) if origin else [],
        "share": request.build_absolute_uri(address),
    }


def look_at(form: CreateForm):
    """The table as the form reads it; None where there is none to be read."""
    spec = form.spec()
    return look(spec.data_uri, spec.recipe, form.chosen.supervised).get("inspection") if spec.data_uri else None
